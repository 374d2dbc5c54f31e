/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wild: a module whose start does something forbidden. The including file
 * defines `static enum sfp_status misbehave(struct wild_state *)` and ends with
 * WILD_MODULE(name).
 */
#ifndef WILD_H
#define WILD_H

#include "nano/nano.h"

struct wild_state {
	volatile uint64_t words[64];
};

static enum sfp_status wild_check(void *state)
{
	(void)state;
	return SFP_OK;
}

#define WILD_MODULE(module) \
	static enum sfp_status module##_start(void *state) \
	{ \
		return misbehave(state); \
	} \
	NANO_MODULE(module, \
		.version = 1, \
		.summary = "does what it must not, when it starts", \
		.state_size = sizeof(struct wild_state), \
		.state_version = 1, \
		.start = module##_start, \
		.check = wild_check, \
	)

/* A function of its own, so that the report can name it. */
#ifdef __clang__
#define WILD static __attribute__((noinline)) /* it makes no clones under other names */
#else
#define WILD static __attribute__((noinline, noclone))
#endif

#endif /* WILD_H */
