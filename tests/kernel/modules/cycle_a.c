/* SPDX-License-Identifier: BSD-2-Clause */
/* cycle_a: needs cycle_b, which needs cycle_a. */
#include "nano/nano.h"

#define cycle_a_VERSION 1u

struct cycle_a_nothing {
	unsigned unused;
};
struct cycle_a_state {
	unsigned unused;
};

static enum sfp_status nothing(struct cycle_a_state *state, struct cycle_a_nothing *args)
{
	(void)state;
	(void)args;
	return SFP_OK;
}

static enum sfp_status check(struct cycle_a_state *state)
{
	(void)state;
	return SFP_OK;
}

enum { cycle_a_nothing_NUMBER = 0 };
NANO_OPERATION(cycle_a, nothing, nothing)
NANO_INTERFACE(cycle_a, NANO_ENTRY(cycle_a, nothing));
NANO_HOOK(cycle_a, check, check)

static const char *const needs[] = { "cycle_b", NULL };

NANO_MODULE(cycle_a,
	.version = 1,
	.summary = "one half of a cycle",
	.needs = needs,
	.interface = &cycle_a_interface_,
	.check = cycle_a_check_hook_,
);
