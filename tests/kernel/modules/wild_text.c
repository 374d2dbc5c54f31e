/* SPDX-License-Identifier: BSD-2-Clause */
/* wild_text: writes to its own code, which is executable and therefore not writable. */
#include "wild.h"

WILD enum sfp_status misbehave(struct wild_state *state)
{
	volatile uint8_t *const code = (volatile uint8_t *)(uintptr_t)misbehave;

	(void)state;
	code[0] = 0x90;
	return SFP_OK;
}

WILD_MODULE(wild_text);
