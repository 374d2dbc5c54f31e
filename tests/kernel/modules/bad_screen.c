/* SPDX-License-Identifier: BSD-2-Clause */
/* bad_screen: stands in for the screen and traps at every write. */
#include "screen.h"

struct screen_state;
struct bad_screen_state;

static enum sfp_status write(struct screen_state *state, struct screen_write *args)
{
	(void)state;
	(void)args;
	__builtin_trap();
}

static enum sfp_status check(struct bad_screen_state *state)
{
	(void)state;
	return SFP_OK;
}

NANO_OPERATION(screen, write, write)
NANO_INTERFACE(screen, NANO_ENTRY(screen, write));
NANO_HOOK(bad_screen, check, check)

NANO_MODULE(bad_screen,
	.version = 1,
	.summary = "traps at every write",
	.interface = &screen_interface_,
	.check = bad_screen_check_hook_,
);
