/* SPDX-License-Identifier: BSD-2-Clause */
/* late is started by whoever needs it, and not before. Its interrupt is not for others. */
#include "small.h"

#define VECTOR 0x90

static void handler(void *state)
{
	((struct small_head *)state)->calls++;
}

static enum sfp_status start(void *state)
{
	nano_log("late", "started");
	return nano_interrupt_bind(VECTOR, handler, state);
}

SMALL_MODULE(late, nobody, NANO_LAZILY, start);
