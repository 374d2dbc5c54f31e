/* SPDX-License-Identifier: BSD-2-Clause */
/* outlaw: takes the gate away that would contain its fault, and traps. Only a panic is left. */
#include "wild.h"

WILD enum sfp_status misbehave(struct wild_state *state)
{
	(void)state;
	sfp_port_context()->gate = NULL;
	__builtin_trap();
}

WILD_MODULE(outlaw);
