/* SPDX-License-Identifier: BSD-2-Clause */
/* wild_divide: divides by zero. */
#include "wild.h"

WILD enum sfp_status misbehave(struct wild_state *state)
{
	state->words[1] = 42 / state->words[0];
	return SFP_OK;
}

WILD_MODULE(wild_divide);
