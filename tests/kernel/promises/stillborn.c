/* SPDX-License-Identifier: BSD-2-Clause */
/* stillborn binds an interrupt in its start, and then traps there. */
#include "small.h"

#define VECTOR 0x91

static void handler(void *state)
{
	((struct small_head *)state)->calls++;
}

static enum sfp_status start(void *state)
{
	SFP_TRY(nano_interrupt_bind(VECTOR, handler, state));
	__asm__ __volatile__("ud2");
	return SFP_OK;
}

SMALL_MODULE(stillborn, late, NANO_FIRST, start);
