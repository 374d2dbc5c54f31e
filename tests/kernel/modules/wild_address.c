/* SPDX-License-Identifier: BSD-2-Clause */
/* wild_address: reads at an address that no x86-64 has. */
#include "wild.h"

WILD enum sfp_status misbehave(struct wild_state *state)
{
	state->words[0] = *(volatile uint64_t *)0x8000000000000000ul;
	return SFP_OK;
}

WILD_MODULE(wild_address);
