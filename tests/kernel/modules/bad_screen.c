/* SPDX-License-Identifier: BSD-2-Clause */
/* bad_screen: stands in for the screen and traps at every write. */
#include "screen.h"

struct bad_screen_state;

static enum sfp_status serve_write(struct bad_screen_state *state, const char *text, size_t length)
{
	(void)state;
	(void)text;
	(void)length;
	__builtin_trap();
}
SFP_PROVIDER(serve, struct bad_screen_state, screen, SCREEN_OPS);

static enum sfp_status check(struct bad_screen_state *state)
{
	(void)state;
	return SFP_OK;
}

NANO_HOOK(bad_screen, check, check)

NANO_MODULE(bad_screen,
	.version = 1,
	.summary = "traps at every write",
	NANO_OFFERS(serve, screen),
	.check = bad_screen_check_hook_,
);
