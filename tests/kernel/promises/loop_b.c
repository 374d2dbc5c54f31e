/* SPDX-License-Identifier: BSD-2-Clause */
/* loop_b: see loop_a. */
#include "small.h"

static enum sfp_status start(void *state);

SMALL_MODULE(loop_b, loop_a, NANO_LAZILY, start);

static enum sfp_status start(void *state)
{
	return loop_a_call(&((struct loop_b_state *)state)->loop_a);
}
