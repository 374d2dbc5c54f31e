/* SPDX-License-Identifier: BSD-2-Clause */
/* cycle_b: needs cycle_a, which needs cycle_b. */
#include "nano/nano.h"

#define cycle_b_VERSION 1u

struct cycle_b_nothing {
	unsigned unused;
};
struct cycle_b_state {
	unsigned unused;
};

static enum sfp_status nothing(struct cycle_b_state *state, struct cycle_b_nothing *args)
{
	(void)state;
	(void)args;
	return SFP_OK;
}

static enum sfp_status check(struct cycle_b_state *state)
{
	(void)state;
	return SFP_OK;
}

enum { cycle_b_nothing_NUMBER = 0 };
NANO_OPERATION(cycle_b, nothing, nothing)
NANO_INTERFACE(cycle_b, NANO_ENTRY(cycle_b, nothing));
NANO_HOOK(cycle_b, check, check)

static const char *const needs[] = { "cycle_a", NULL };

NANO_MODULE(cycle_b,
	.version = 1,
	.summary = "one half of a cycle",
	.needs = needs,
	.interface = &cycle_b_interface_,
	.check = cycle_b_check_hook_,
);
