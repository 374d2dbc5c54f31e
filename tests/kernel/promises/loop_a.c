/* SPDX-License-Identifier: BSD-2-Clause */
/* loop_a calls loop_b in its start, and the other way round. */
#include "small.h"

static enum sfp_status start(void *state);

SMALL_MODULE(loop_a, loop_b, NANO_LAZILY, start);

static enum sfp_status start(void *state)
{
	return loop_b_call(&((struct loop_a_state *)state)->loop_b);
}
