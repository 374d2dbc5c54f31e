/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A module with every kind of reference that compilers make: code to code, code
 * to constants by number and by distance, constants to code, to constants and
 * to what the nano-core offers.
 */
#include "fixture.h"

static const char *const words[] = { "zero", "one", "two", "three" };
static const unsigned weights[] = { 3, 5, 7, 11 };
static void (*const wake)(void) = nano_wake;

static enum sfp_status start(struct fixture_state *state)
{
	state->started++;
	nano_log("fixture", "started");
	return SFP_OK;
}
NANO_HOOK(fixture, start, start)

static enum sfp_status check(struct fixture_state *state)
{
	return state->started == 1 ? SFP_OK : SFP_INVALID;
}
NANO_HOOK(fixture, check, check)

/* Seen by the tests under its local name. */
static __attribute__((noinline)) unsigned apply(unsigned rule, unsigned value)
{
	switch (rule) {
	case 0: return value + weights[value % 4];
	case 1: return value * 77;
	case 2: return value ^ 0x5a5a;
	case 3: return value / 3;
	case 4: return value - 1;
	case 5: return value << 3;
	case 6: return ~value;
	case 7: return value % 1000;
	default: return 0;
	}
}

static enum sfp_status compute(struct fixture_state *state, struct fixture_compute *arguments)
{
	if (arguments->rule > 7)
		return SFP_INVALID;
	arguments->result = apply(arguments->rule, arguments->value);
	state->computed++;
	return SFP_OK;
}
NANO_OPERATION(fixture, compute, compute)

static enum sfp_status word(struct fixture_state *state, struct fixture_word *arguments)
{
	(void)state;
	if (arguments->number >= sizeof(words) / sizeof(words[0]))
		return SFP_NOT_FOUND;
	arguments->text = words[arguments->number];
	return SFP_OK;
}
NANO_OPERATION(fixture, word, word)

static enum sfp_status report(struct fixture_state *state, struct fixture_report *arguments)
{
	nano_wake();
	wake();
	arguments->calls = 2;
	arguments->sum = fixture_sum(weights, 4) + (unsigned)state->computed;
	return SFP_OK;
}
NANO_OPERATION(fixture, report, report)

NANO_INTERFACE(fixture,
	NANO_ENTRY(fixture, compute),
	NANO_ENTRY(fixture, word),
	NANO_ENTRY(fixture, report));

static const char *const needs[] = { "console", "interrupts", NULL };

NANO_MODULE(fixture,
	.version = 2,
	.summary = "what the loader's tests run",
	.state_size = sizeof(struct fixture_state),
	.state_version = 1,
	.needs = needs,
	.interface = &fixture_interface_,
	.start = fixture_start_hook_,
	.check = fixture_check_hook_,
);
