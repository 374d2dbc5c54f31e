/* SPDX-License-Identifier: BSD-2-Clause */
/* wild_null: reads at address 0. */
#include "wild.h"

WILD enum sfp_status misbehave(struct wild_state *state)
{
	volatile uint64_t *nowhere = NULL;

	__asm__("" : "+r"(nowhere)); /* or the compiler would know, and trap in another way */
	state->words[0] = *nowhere;
	return SFP_OK;
}

WILD_MODULE(wild_null);
