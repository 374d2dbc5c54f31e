/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * leaky: what no module may be. Each interaction with it (its check is one)
 * leaves something behind: in a byte of a field that is said to be lasting, in
 * a byte that no field covers, and in an aggregate, where it may.
 */
#include "nano/nano.h"

struct leaky_state {
	uint32_t visits;
	char visitor[8];     /* the fourth character is the latest visitor's */
	uint16_t mood;
};

static enum sfp_status check(struct leaky_state *state)
{
	state->visits++;
	state->visitor[3] = (char)('a' + state->visits % 26);
	state->mood ^= 0x100;
	return SFP_OK;
}

NANO_HOOK(leaky, check, check)

static const struct nano_field fields[] = {
	NANO_FIELD(leaky, visits, NANO_AGGREGATE),
	NANO_FIELD(leaky, visitor, NANO_LASTING),
	NANO_FIELDS_END
};

NANO_MODULE(leaky,
	.version = 1,
	.summary = "keeps something of each visitor",
	.state_size = sizeof(struct leaky_state),
	.state_version = 1,
	.fields = fields,
	.check = leaky_check_hook_,
);
