/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fragile: stands in for the keyboard with a handler that traps on the key F,
 * before it has done anything else, and types an m for every other one.
 */
#include "console.h"
#include "i8042.h"
#include "interrupts.h"

#define LINE 1u
#define KEY_F 0x21

struct fragile_state {
	struct console_ref console;
	struct interrupts_ref interrupts;
	struct input_pool pool;
};

static void on_interrupt(void *data)
{
	struct fragile_state *const state = data;
	struct input_queue *queue;
	uint8_t byte;

	if (!i8042_read(&byte) || (byte & 0x80))
		return;
	if (byte == KEY_F)
		__builtin_trap();
	if (console_inputs(&state->console, &queue) != SFP_OK ||
	    input_send(&state->pool, queue, INPUT_KEYBOARD, INPUT_CHARACTER, 'm') != SFP_OK)
		input_lose(&state->pool, 1);
}

static enum sfp_status start(struct fragile_state *state)
{
	unsigned vector;

	SFP_TRY(interrupts_vector(&state->interrupts, LINE, &vector));
	SFP_TRY(i8042_start());
	SFP_TRY(nano_interrupt_bind(vector, on_interrupt, state));
	SFP_TRY(interrupts_enable(&state->interrupts, LINE));
	return i8042_interrupt_on();
}

static enum sfp_status check(struct fragile_state *state)
{
	return input_check(&state->pool);
}

NANO_HOOK(fragile, start, start)
NANO_HOOK(fragile, check, check)

static const struct nano_use uses[] = {
	NANO_USE(fragile, interrupts, interrupts, NANO_FIRST),
	NANO_USE(fragile, console, console, NANO_LAZILY),
	NANO_USES_END
};

NANO_MODULE(fragile,
	.version = 1,
	.summary = "traps in the interrupt handler of one key",
	.state_size = sizeof(struct fragile_state),
	.state_version = 1,
	.uses = uses,
	.start = fragile_start_hook_,
	.check = fragile_check_hook_,
);
