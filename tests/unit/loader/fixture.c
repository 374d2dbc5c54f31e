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

static enum sfp_status serve_compute(struct fixture_state *state, unsigned rule, unsigned value, unsigned *result)
{
	if (rule > 7)
		return SFP_INVALID;
	*result = apply(rule, value);
	state->computed++;
	return SFP_OK;
}

static enum sfp_status serve_word(struct fixture_state *state, unsigned number, const char **text)
{
	(void)state;
	if (number >= sizeof(words) / sizeof(words[0]))
		return SFP_NOT_FOUND;
	*text = words[number];
	return SFP_OK;
}

static enum sfp_status serve_report(struct fixture_state *state, struct fixture_report *report)
{
	nano_wake();
	wake();
	report->calls = 2;
	report->sum = fixture_sum(weights, 4) + (unsigned)state->computed;
	return SFP_OK;
}
SFP_PROVIDER(serve, struct fixture_state, fixture, FIXTURE_OPS);

static const struct nano_use uses[] = {
	NANO_USE(fixture, console, console, NANO_FIRST),
	NANO_USE(fixture, interrupts, interrupts, NANO_LAZILY, .provider = "pic"),
	NANO_USES_END
};

static const struct nano_field fields[] = {
	NANO_FIELD(fixture, computed, NANO_AGGREGATE),
	NANO_FIELDS_END
};

NANO_MODULE(fixture,
	.version = 2,
	.summary = "what the loader's tests run",
	.state_size = sizeof(struct fixture_state),
	.state_version = 1,
	.uses = uses,
	.fields = fields,
	NANO_OFFERS(serve, fixture),
	.start = fixture_start_hook_,
	.check = fixture_check_hook_,
);
