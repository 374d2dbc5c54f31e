/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyboard: owns the keyboard controller and a pool of input events. Retains
 * the events that are on their way to the console, which modifier keys are
 * down, and counters. Called by interrupt 1.
 */
#include "keyboard.h"

#include "console.h"
#include "i8042.h"
#include "interrupts.h"
#include "lib/turn.h"
#include "scancode.h"

#define LINE 1u
#define BYTES_AN_INTERRUPT 32u

struct keyboard_state {
	struct sfp_lock lock; /* of all below, and of the controller */
	struct console_ref console;
	struct interrupts_ref interrupts;
	struct scancode_keys keys;
	uint64_t bytes;
	struct input_pool pool;
};

/* NULL: there is no console yet, and the key is lost. */
static void send(struct keyboard_state *state, struct input_queue *queue, struct scancode_press press)
{
	if (press.kind == INPUT_LOST)
		input_lose(&state->pool, press.value);
	else if (press.kind != 0 &&
		 (!queue || input_send(&state->pool, queue, INPUT_KEYBOARD, (enum input_kind)press.kind,
				       press.value) != SFP_OK))
		input_lose(&state->pool, 1);
}

static enum sfp_status receive(struct keyboard_state *state)
{
	struct input_queue *queue;
	struct turn turn;
	uint8_t byte;

	if (console_inputs(&state->console, &queue) != SFP_OK)
		queue = NULL;
	SFP_TRY(turn_take(&state->lock, &turn));
	for (unsigned i = 0; i < BYTES_AN_INTERRUPT && i8042_read(&byte); i++) {
		state->bytes++;
		send(state, queue, scancode_decode(&state->keys, byte));
	}
	if (state->pool.lost > 0)
		nano_wake(); /* poll tells the console as soon as there is a place */
	turn_end(&turn);
	return SFP_OK;
}

static void on_interrupt(void *data)
{
	SFP_IGNORE(receive(data), "a handler that interrupts its own turn: what came is the turn's");
}

static enum sfp_status poll(struct keyboard_state *state)
{
	struct input_queue *queue;
	enum sfp_status status;
	struct turn turn;

	if (state->pool.lost == 0 && state->pool.sending == 0)
		return SFP_EMPTY;
	SFP_TRY(console_inputs(&state->console, &queue));
	SFP_TRY(turn_take(&state->lock, &turn));
	status = input_mend(&state->pool, queue);
	if (status == SFP_EMPTY || status == SFP_AGAIN)
		status = input_tell(&state->pool, queue, INPUT_KEYBOARD);
	turn_end(&turn);
	return status;
}

static enum sfp_status serve_counts(struct keyboard_state *state, struct keyboard_counts *counts)
{
	counts->sent = state->pool.sent;
	counts->lost = state->pool.lost_ever;
	counts->bytes = state->bytes;
	return SFP_OK;
}

static enum sfp_status start(struct keyboard_state *state)
{
	unsigned vector;

	SFP_TRY(interrupts_vector(&state->interrupts, LINE, &vector));
	SFP_TRY(i8042_start());
	SFP_TRY(nano_interrupt_bind(vector, on_interrupt, state));
	SFP_TRY(interrupts_enable(&state->interrupts, LINE));
	return i8042_interrupt_on();
}

/* A key that was pressed while nobody was bound waits in the controller, and no edge will tell of it. */
static enum sfp_status takeover(struct keyboard_state *state)
{
	unsigned vector;

	SFP_TRY(interrupts_vector(&state->interrupts, LINE, &vector));
	SFP_TRY(nano_interrupt_bind(vector, on_interrupt, state));
	return receive(state);
}

static enum sfp_status check(struct keyboard_state *state)
{
	enum sfp_status status;
	struct turn turn;

	SFP_TRY(turn_take(&state->lock, &turn));
	status = input_check(&state->pool);
	if (!scancode_sound(&state->keys))
		status = nano_broken("the keys that are down can be down");
	if (!i8042_sound())
		status = nano_broken("the controller answers");
	if (state->pool.sent > 2 * state->bytes)
		status = nano_broken("no more events were sent than bytes can mean");
	turn_end(&turn);
	return status;
}

SFP_PROVIDER(serve, struct keyboard_state, keyboard, KEYBOARD_OPS);
NANO_HOOK(keyboard, start, start)
NANO_HOOK(keyboard, check, check)
NANO_HOOK(keyboard, poll, poll)
NANO_HOOK(keyboard, takeover, takeover)

static const struct nano_use uses[] = {
	NANO_USE(keyboard, interrupts, interrupts, NANO_FIRST),
	NANO_USE(keyboard, console, console, NANO_LAZILY),
	NANO_USES_END
};

static const struct nano_field fields[] = {
	NANO_FIELD(keyboard, console, NANO_AGGREGATE), /* where it was found */
	NANO_FIELD(keyboard, interrupts, NANO_AGGREGATE), /* the same */
	NANO_FIELD(keyboard, keys, NANO_AGGREGATE), /* which keys are down: the device's */
	NANO_FIELD(keyboard, bytes, NANO_AGGREGATE),
	NANO_FIELD(keyboard, pool.next, NANO_AGGREGATE), /* a place in a ring */
	NANO_FIELD(keyboard, pool.lost, NANO_LASTING),
	NANO_FIELD(keyboard, pool.sending, NANO_LASTING),
	NANO_FIELD(keyboard, pool.sent, NANO_AGGREGATE),
	NANO_FIELD(keyboard, pool.lost_ever, NANO_AGGREGATE),
	NANO_FIELD(keyboard, pool.events, NANO_LASTING),
	NANO_FIELDS_END
};

NANO_MODULE(keyboard,
	.version = 1,
	.summary = "the PS/2 keyboard",
	.state_size = sizeof(struct keyboard_state),
	.state_version = 1,
	.uses = uses,
	.fields = fields,
	NANO_OFFERS(serve, keyboard),
	.start = keyboard_start_hook_,
	.check = keyboard_check_hook_,
	.poll = keyboard_poll_hook_,
	.takeover = keyboard_takeover_hook_,
);
