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
#include "scancode.h"

#define LINE 1u
#define BYTES_AN_INTERRUPT 32u

struct keyboard_state {
	struct nano_ref console;
	struct nano_ref interrupts;
	struct scancode_keys keys;
	uint64_t bytes;
	struct input_pool pool;
};

static enum sfp_status send(struct keyboard_state *state, struct scancode_press press)
{
	struct console_inputs to = { .queue = NULL };

	SFP_TRY(console_inputs(&state->console, &to));
	return input_send(&state->pool, to.queue, INPUT_KEYBOARD, (enum input_kind)press.kind, press.value);
}

static void on_interrupt(void *data)
{
	struct keyboard_state *const state = data;
	uint8_t byte;

	for (unsigned i = 0; i < BYTES_AN_INTERRUPT && i8042_read(&byte); i++) {
		const struct scancode_press press = scancode_decode(&state->keys, byte);

		state->bytes++;
		if (press.kind == INPUT_LOST)
			input_lose(&state->pool, press.value);
		else if (press.kind != 0 && send(state, press) != SFP_OK)
			input_lose(&state->pool, 1);
	}
	if (state->pool.lost > 0)
		nano_wake(); /* poll tells the console as soon as there is a place */
}

static enum sfp_status poll(struct keyboard_state *state)
{
	struct console_inputs to = { .queue = NULL };
	enum sfp_status status;
	sfp_port_irq_t irq;

	if (state->pool.lost == 0)
		return SFP_EMPTY;
	SFP_TRY(console_inputs(&state->console, &to));
	irq = sfp_port_irq_save();
	status = input_tell(&state->pool, to.queue, INPUT_KEYBOARD);
	sfp_port_irq_restore(irq);
	return status;
}

static enum sfp_status counts(struct keyboard_state *state, struct keyboard_counts *args)
{
	args->sent = state->pool.sent;
	args->lost = state->pool.lost_ever;
	args->bytes = state->bytes;
	return SFP_OK;
}

static enum sfp_status start(struct keyboard_state *state)
{
	struct interrupts_vector where = { .line = LINE };
	struct interrupts_enable enable = { .line = LINE };

	state->console = (struct nano_ref)NANO_REF(console);
	state->interrupts = (struct nano_ref)NANO_REF(interrupts);
	SFP_TRY(interrupts_vector(&state->interrupts, &where));
	SFP_TRY(i8042_start());
	SFP_TRY(nano_interrupt_bind(where.vector, on_interrupt, state));
	SFP_TRY(interrupts_enable(&state->interrupts, &enable));
	return i8042_interrupt_on();
}

static enum sfp_status check(struct keyboard_state *state)
{
	const sfp_port_irq_t irq = sfp_port_irq_save();
	enum sfp_status status = input_check(&state->pool);

	if (!scancode_sound(&state->keys))
		status = nano_broken("the keys that are down can be down");
	if (!i8042_sound())
		status = nano_broken("the controller answers");
	if (state->pool.sent > 2 * state->bytes)
		status = nano_broken("no more events were sent than bytes can mean");
	sfp_port_irq_restore(irq);
	return status;
}

NANO_OPERATION(keyboard, counts, counts)
NANO_INTERFACE(keyboard, NANO_ENTRY(keyboard, counts));
NANO_HOOK(keyboard, start, start)
NANO_HOOK(keyboard, check, check)
NANO_HOOK(keyboard, poll, poll)

static const char *const needs[] = { "interrupts", NULL };

static const struct nano_field fields[] = {
	NANO_FIELD(keyboard, console, NANO_AGGREGATE), /* where it was found */
	NANO_FIELD(keyboard, interrupts, NANO_AGGREGATE), /* the same */
	NANO_FIELD(keyboard, keys, NANO_AGGREGATE), /* which keys are down: the device's */
	NANO_FIELD(keyboard, bytes, NANO_AGGREGATE),
	NANO_FIELD(keyboard, pool.next, NANO_AGGREGATE), /* a place in a ring */
	NANO_FIELD(keyboard, pool.lost, NANO_LASTING),
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
	.fields = fields,
	.needs = needs,
	.interface = &keyboard_interface_,
	.start = keyboard_start_hook_,
	.check = keyboard_check_hook_,
	.poll = keyboard_poll_hook_,
);
