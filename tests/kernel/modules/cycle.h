/* SPDX-License-Identifier: BSD-2-Clause */
/* cycle: two modules, each of which needs the other. */
#ifndef CYCLE_H
#define CYCLE_H

#include "nano/nano.h"

#define CYCLE_A_OPS(OP) OP(nothing)
SFP_INTERFACE(cycle_a, 1, CYCLE_A_OPS);
#define CYCLE_B_OPS(OP) OP(nothing)
SFP_INTERFACE(cycle_b, 1, CYCLE_B_OPS);

static enum sfp_status half_nothing(void *state)
{
	(void)state;
	return SFP_OK;
}

#define CYCLE_HALF(module, ops, other) \
	struct module##_state { \
		struct other##_ref other; \
	}; \
	SFP_PROVIDER(half, struct module##_state, module, ops); \
	static const struct nano_use uses[] = { NANO_USE(module, other, other, NANO_FIRST), NANO_USES_END }; \
	NANO_MODULE(module, .version = 1, .summary = "one half of a cycle", \
		    .state_size = sizeof(struct module##_state), .state_version = 1, .uses = uses, \
		    NANO_OFFERS(half, module), .check = half_nothing)

#endif /* CYCLE_H */
