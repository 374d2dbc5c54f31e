/* SPDX-License-Identifier: BSD-2-Clause */
/* wild_data: runs its own state, which is writable and therefore not executable. */
#include "wild.h"

WILD enum sfp_status misbehave(struct wild_state *state)
{
	state->words[0] = 0xc3; /* ret */
	((void (*)(void))(uintptr_t)state->words)();
	return SFP_OK;
}

WILD_MODULE(wild_data);
