/* SPDX-License-Identifier: BSD-2-Clause */
/* wild_interrupt: traps in an interrupt handler; its start itself does no wrong. */
#include "wild.h"

#define VECTOR 0x60
#define CALLS 6u /* for three interrupts: a handler that traps is called once more */

static void on_interrupt(void *data)
{
	struct wild_state *const state = data;

	state->words[0]++;
	__builtin_trap();
}

static enum sfp_status misbehave(struct wild_state *state)
{
	SFP_TRY(nano_interrupt_bind(VECTOR, on_interrupt, state));
	for (unsigned i = 0; i < 3; i++)
		__asm__ __volatile__("int %0" : : "i"(VECTOR) : "memory");
	return state->words[0] == CALLS ? SFP_OK : SFP_INVALID;
}

WILD_MODULE(wild_interrupt);
