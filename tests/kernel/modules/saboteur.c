/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * saboteur: has each operation of each module trap at its first instruction
 * while it calls it, and calls it again. Its check is the trigger. It also is
 * the sink of all fault records, and looks whether they say what happened.
 */
#include "console.h"
#include "interrupts.h"
#include "keyboard.h"
#include "lib/text.h"
#include "screen.h"
#include "serial.h"

#define LINE 13u /* nobody's */

struct saboteur_state {
	struct interrupts_ref interrupts;
	struct serial_ref serial;
	struct keyboard_ref keyboard;
	struct screen_ref screen;
	struct console_ref console;
	bool wanted;
	uint32_t contained, wrong;
	uint64_t records, unfit; /* of the sink */
};

typedef enum sfp_status attempt(struct saboteur_state *state);

static enum sfp_status vector(struct saboteur_state *state)
{
	unsigned at;

	return interrupts_vector(&state->interrupts, LINE, &at);
}

static enum sfp_status enable(struct saboteur_state *state)
{
	return interrupts_enable(&state->interrupts, LINE);
}

static enum sfp_status disable(struct saboteur_state *state)
{
	return interrupts_disable(&state->interrupts, LINE);
}

static enum sfp_status spurious(struct saboteur_state *state)
{
	struct interrupts_counts counts;

	return interrupts_counts(&state->interrupts, &counts);
}

static enum sfp_status send(struct saboteur_state *state)
{
	size_t written;

	return serial_write(&state->serial, ".", 1, &written);
}

static enum sfp_status received(struct saboteur_state *state)
{
	struct serial_counts counts;

	return serial_counts(&state->serial, &counts);
}

static enum sfp_status pressed(struct saboteur_state *state)
{
	struct keyboard_counts counts;

	return keyboard_counts(&state->keyboard, &counts);
}

static enum sfp_status show(struct saboteur_state *state)
{
	return screen_write(&state->screen, ".", 1);
}

static enum sfp_status inputs(struct saboteur_state *state)
{
	struct input_queue *queue;

	return console_inputs(&state->console, &queue);
}

static enum sfp_status edit(struct saboteur_state *state)
{
	char text[2];
	struct console_line line = { .prompt = "", .text = text, .size = sizeof(text), .phase = CONSOLE_OPEN };
	const enum sfp_status status = console_edit(&state->console, &line);

	return status == SFP_EMPTY || status == SFP_AGAIN ? SFP_OK : status;
}

static enum sfp_status write(struct saboteur_state *state)
{
	return console_write(&state->console, ".", 1);
}

static enum sfp_status queues(struct saboteur_state *state)
{
	struct console_queue row;

	return console_queues(&state->console, 0, &row);
}

static enum sfp_status unwritten(struct saboteur_state *state)
{
	uint64_t bytes;

	return console_unwritten(&state->console, &bytes);
}

static const struct {
	const char *module;
	const char *symbol;
	attempt *call;
} operations[] = {
	{ "interrupts", "serve_interrupts_vector_shim_", vector },
	{ "interrupts", "serve_interrupts_enable_shim_", enable },
	{ "interrupts", "serve_interrupts_disable_shim_", disable },
	{ "interrupts", "serve_interrupts_counts_shim_", spurious },
	{ "serial", "serve_serial_write_shim_", send },
	{ "serial", "serve_serial_counts_shim_", received },
	{ "keyboard", "serve_keyboard_counts_shim_", pressed },
	{ "screen", "serve_screen_write_shim_", show },
	{ "console", "serve_console_inputs_shim_", inputs },
	{ "console", "serve_console_edit_shim_", edit },
	{ "console", "serve_console_write_shim_", write },
	{ "console", "serve_console_queues_shim_", queues },
	{ "console", "serve_console_unwritten_shim_", unwritten },
};

#define COUNT (sizeof(operations) / sizeof(operations[0]))

static void sabotage(struct saboteur_state *state, unsigned i)
{
	struct sfp_fault why;
	const enum sfp_status armed = nano_fault_inject(operations[i].module, operations[i].symbol, &why);
	const enum sfp_status first = operations[i].call(state);
	const enum sfp_status second = operations[i].call(state);
	char line[120];

	if (armed == SFP_OK && first == SFP_FAULT && second == SFP_OK) {
		state->contained++;
		return;
	}
	state->wrong++;
	text_format(line, sizeof(line), "FAILED: %s: armed %s, then %s, then %s", operations[i].symbol,
		    sfp_status_name(armed), sfp_status_name(first), sfp_status_name(second));
	nano_log("saboteur", line);
}

static enum sfp_status poll(struct saboteur_state *state)
{
	char line[100];

	if (!state->wanted)
		return SFP_EMPTY;
	state->wanted = false;
	for (unsigned i = 0; i < COUNT; i++)
		sabotage(state, i);
	text_format(line, sizeof(line), "%u contained, %u wrong", state->contained, state->wrong);
	nano_log("saboteur", line);
	return SFP_OK;
}

/* Each record names the place of some operation above, and who called it. */
static void sink(void *data, const struct nano_fault_record *record)
{
	struct saboteur_state *const state = data;
	char line[100];
	bool fits = false;

	for (unsigned i = 0; i < COUNT && !fits; i++) {
		text_format(line, sizeof(line), "%s:%s+0x0", operations[i].module, operations[i].symbol);
		fits = text_equal(line, record->place) && text_equal(operations[i].module, record->module);
	}
	fits = fits && record->contained && record->chain_count >= 3 && record->registers.rip == record->fault.ip;
	*(fits ? &state->records : &state->unfit) += 1;
	text_format(line, sizeof(line), "%lu records fit, %lu do not, %lu lost", state->records, state->unfit,
		    nano_trace_lost());
	nano_log("saboteur", line);
}

static enum sfp_status start(struct saboteur_state *state)
{
	return nano_trace_bind(sink, state);
}

static enum sfp_status check(struct saboteur_state *state)
{
	state->wanted = true;
	nano_wake();
	return SFP_OK;
}

NANO_HOOK(saboteur, start, start)
NANO_HOOK(saboteur, check, check)
NANO_HOOK(saboteur, poll, poll)

static const struct nano_use uses[] = {
	NANO_USE(saboteur, interrupts, interrupts, NANO_LAZILY),
	NANO_USE(saboteur, serial, serial, NANO_LAZILY),
	NANO_USE(saboteur, keyboard, keyboard, NANO_LAZILY),
	NANO_USE(saboteur, screen, screen, NANO_LAZILY),
	NANO_USE(saboteur, console, console, NANO_LAZILY, .provider = "console"),
	NANO_USES_END
};

NANO_MODULE(saboteur,
	.version = 1,
	.summary = "has every operation trap once",
	.state_size = sizeof(struct saboteur_state),
	.state_version = 1,
	.uses = uses,
	.start = saboteur_start_hook_,
	.check = saboteur_check_hook_,
	.poll = saboteur_poll_hook_,
);
