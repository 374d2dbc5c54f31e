/* SPDX-License-Identifier: BSD-2-Clause */
/* wild_constant: writes to a constant. */
#include "wild.h"

static const uint64_t constant = 42;

WILD enum sfp_status misbehave(struct wild_state *state)
{
	volatile uint64_t *at = (volatile uint64_t *)(uintptr_t)&constant;

	(void)state;
	__asm__("" : "+r"(at)); /* or the compiler would know that it is a constant */
	*at = 43;
	return SFP_OK;
}

WILD_MODULE(wild_constant);
