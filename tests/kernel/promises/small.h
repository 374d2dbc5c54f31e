/* SPDX-License-Identifier: BSD-2-Clause */
/* small: the shortest module that can be started, or not; for modules of that kind. */
#ifndef SMALL_H
#define SMALL_H

#include <nano/nano.h>

/* One interface a module, all alike: only their names differ. */
#define SMALL_OPS(OP) OP(call)
SFP_INTERFACE(ring_a, 1, SMALL_OPS);
SFP_INTERFACE(ring_b, 1, SMALL_OPS);
SFP_INTERFACE(ring_c, 1, SMALL_OPS);
SFP_INTERFACE(loop_a, 1, SMALL_OPS);
SFP_INTERFACE(loop_b, 1, SMALL_OPS);
SFP_INTERFACE(lonely, 1, SMALL_OPS);
SFP_INTERFACE(stillborn, 1, SMALL_OPS);
SFP_INTERFACE(late, 1, SMALL_OPS);
SFP_INTERFACE(sleeper, 1, SMALL_OPS);
SFP_INTERFACE(nobody, 1, SMALL_OPS);

struct small_head {
	uint32_t calls;
};

SFP_GENERATED enum sfp_status small_check(void *state)
{
	(void)state;
	return SFP_OK;
}

/* A module `name` that uses interface `used`, `when`, and runs `hook` (or NULL) at its start. */
#define SMALL_MODULE(module, used, when, hook) \
	struct module##_state { \
		struct small_head head; \
		struct used##_ref used; \
	}; \
	static enum sfp_status small_call(struct module##_state *state) \
	{ \
		state->head.calls++; \
		return SFP_OK; \
	} \
	SFP_PROVIDER(small, struct module##_state, module, SMALL_OPS); \
	static const struct nano_use uses[] = { NANO_USE(module, used, used, when), NANO_USES_END }; \
	NANO_MODULE(module, .version = 1, .summary = "small", .state_size = sizeof(struct module##_state), \
		    .state_version = 1, .uses = uses, NANO_OFFERS(small, module), .start = hook, \
		    .check = small_check)

#endif /* SMALL_H */
