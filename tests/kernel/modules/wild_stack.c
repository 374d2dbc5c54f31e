/* SPDX-License-Identifier: BSD-2-Clause */
/* wild_stack: uses up its stack. */
#include "wild.h"

WILD uint64_t deeper(struct wild_state *state, uint64_t depth)
{
	volatile uint64_t room[32];

	room[depth % 32] = depth;
	if (depth == ~0ul)
		return 0;
	return deeper(state, depth + 1) + room[(depth + 1) % 32] + state->words[0];
}

static enum sfp_status misbehave(struct wild_state *state)
{
	state->words[1] = deeper(state, 0);
	return SFP_OK;
}

WILD_MODULE(wild_stack);
