/* SPDX-License-Identifier: BSD-2-Clause */
/* wild_call: calls address 0. */
#include "wild.h"

WILD enum sfp_status misbehave(struct wild_state *state)
{
	void (*nowhere)(void) = NULL;

	(void)state;
	__asm__("" : "+r"(nowhere));
	nowhere();
	return SFP_OK;
}

WILD_MODULE(wild_call);
