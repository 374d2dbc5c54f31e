/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * breaker: a client of the console whose line lies where no memory is, so that
 * the console traps in the middle of handling an event. Its check is the
 * trigger; it lets go when the console has given the event up.
 */
#include "console.h"
#include "nano/nano.h"

#define NOWHERE ((char *)0x10000)

struct breaker_state {
	struct console_ref console;
	uint64_t failed_before;
	bool wanted;
};

static uint64_t failed(struct breaker_state *state)
{
	struct console_queue row;

	return console_queues(&state->console, 0, &row) == SFP_OK ? row.failed : 0;
}

static enum sfp_status poll(struct breaker_state *state)
{
	struct console_line line = { .prompt = "", .text = NOWHERE, .size = 64, .phase = CONSOLE_OPEN };

	if (!state->wanted)
		return SFP_EMPTY;
	do { /* at once, or the shell would have the event, or its next attempt */
		SFP_IGNORE(console_edit(&state->console, &line), "it faults when there is something");
	} while (failed(state) == state->failed_before);
	state->wanted = false;
	nano_log("breaker", "the console has given it up");
	return SFP_OK;
}

static enum sfp_status check(struct breaker_state *state)
{
	state->wanted = true;
	state->failed_before = failed(state);
	nano_wake();
	return SFP_OK;
}

NANO_HOOK(breaker, check, check)
NANO_HOOK(breaker, poll, poll)

static const struct nano_use uses[] = { NANO_USE(breaker, console, console, NANO_LAZILY), NANO_USES_END };

NANO_MODULE(breaker,
	.version = 1,
	.summary = "makes the console trap on an event",
	.state_size = sizeof(struct breaker_state),
	.state_version = 1,
	.uses = uses,
	.check = breaker_check_hook_,
	.poll = breaker_poll_hook_,
);
