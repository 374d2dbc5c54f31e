/* SPDX-License-Identifier: BSD-2-Clause */
/* small: the shortest module that can be started, or not; for modules of that kind. */
#ifndef SMALL_H
#define SMALL_H

#include <nano/nano.h>

struct small_state {
	uint32_t calls;
};

static enum sfp_status small_call(void *state, void *arguments)
{
	(void)arguments;
	((struct small_state *)state)->calls++;
	return SFP_OK;
}

static enum sfp_status small_check(void *state)
{
	(void)state;
	return SFP_OK;
}

/* A module `name` that needs `need` (a string) and runs `hook` (or NULL) at its start. */
#define SMALL_MODULE(module, need, hook) \
	enum { module##_VERSION = 1 }; \
	static const char *const needs[] = { need, NULL }; \
	NANO_INTERFACE(module, small_call); \
	NANO_MODULE(module, .version = 1, .summary = "small", .state_size = sizeof(struct small_state), \
		    .state_version = 1, .needs = needs, .interface = &module##_interface_, .start = hook, \
		    .check = small_check)

#endif /* SMALL_H */
