/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serial: owns the first 16550 and a pool of input events. Retains the events
 * that are on their way to the console, whether the line is held, bytes that
 * arrived before it was started, and counters; nothing of its callers.
 * Called by the console to write, and by interrupt 4.
 */
#include "serial.h"

#include "console.h"
#include "interrupts.h"
#include "lib/turn.h"

#define LINE 4u
#define BASE 0x3f8
#define BUFFER (BASE + 0)           /* receive and transmit; divisor low */
#define INTERRUPTS (BASE + 1)       /* enable bits; divisor high */
#define FIFO (BASE + 2)
#define FORMAT (BASE + 3)
#define MODEM (BASE + 4)
#define STATUS (BASE + 5)
#define SCRATCH (BASE + 7)

#define INTERRUPT_RECEIVED 0x01
#define FIFO_OFF 0x00
#define FIFO_ON_AT_8 0x81
#define FORMAT_8N1 0x03
#define FORMAT_DIVISOR 0x80
#define MODEM_READY 0x0b            /* DTR, RTS, and OUT2, which lets the interrupt out */
#define STATUS_RECEIVED 0x01
#define STATUS_OVERRUN 0x02
#define STATUS_EMPTY 0x20           /* the transmitter takes a whole FIFO */

#define FIFO_BYTES 16u
#define WAIT_TURNS 2000000u         /* for the transmitter: more than an emulator on a busy host needs */

struct serial_state {
	struct sfp_lock lock;       /* of all below, and of the device but for what is sent */
	struct console_ref console;
	struct interrupts_ref interrupts;
	bool held;                  /* the receive interrupt is off; poll goes on */
	uint8_t early_count;        /* bytes that were in the device before it was set up */
	uint8_t early_sent;
	uint8_t early[FIFO_BYTES];
	uint64_t held_ever;
	struct input_pool pool;
};

/* Reading the register clears the overrun bit, so every reader counts it, in its turn. */
static uint8_t line_status(struct serial_state *state)
{
	const uint8_t status = nano_in8(STATUS);

	if (status & STATUS_OVERRUN)
		input_lose(&state->pool, 1);
	return status;
}

static bool has_byte(struct serial_state *state)
{
	return state->early_sent < state->early_count || (line_status(state) & STATUS_RECEIVED);
}

/* A byte may leave the device only when there is a place for it. */
static enum sfp_status send_byte(struct serial_state *state, struct input_queue *queue)
{
	uint8_t byte;

	if (input_place(&state->pool, queue) == NULL)
		return SFP_AGAIN;
	if (state->early_sent < state->early_count)
		byte = state->early[state->early_sent++];
	else
		byte = nano_in8(BUFFER);
	return input_send(&state->pool, queue, INPUT_SERIAL, INPUT_CHARACTER, byte);
}

static enum sfp_status send_all(struct serial_state *state, struct input_queue *queue)
{
	enum sfp_status told;

	SFP_IGNORE(input_mend(&state->pool, queue), "where the queue is not empty: the next time");
	while (has_byte(state)) {
		told = input_tell(&state->pool, queue, INPUT_SERIAL);
		if (told != SFP_EMPTY)
			SFP_TRY(told);
		SFP_TRY(send_byte(state, queue));
	}
	told = input_tell(&state->pool, queue, INPUT_SERIAL);
	return told == SFP_EMPTY ? SFP_OK : told;
}

/*
 * Masking and unmasking at the device makes a new edge for what waits there. Where the queue is comes
 * first: the call may start the console, and nothing is started in a turn.
 */
static enum sfp_status receive(struct serial_state *state)
{
	struct input_queue *queue;
	const enum sfp_status found = console_inputs(&state->console, &queue);
	enum sfp_status status;
	struct turn turn;
	bool held;

	SFP_TRY(turn_take(&state->lock, &turn));
	status = found == SFP_OK ? send_all(state, queue) : found;
	held = status != SFP_OK;
	if (held && !state->held)
		state->held_ever++;
	if (held != state->held)
		nano_out8(INTERRUPTS, held ? 0 : INTERRUPT_RECEIVED);
	state->held = held;
	turn_end(&turn);
	return status;
}

static void on_interrupt(void *data)
{
	SFP_IGNORE(receive(data), "the line is held then, and poll goes on");
}

static enum sfp_status poll(struct serial_state *state)
{
	return state->held || state->pool.lost > 0 || state->pool.sending > 0 ? receive(state) : SFP_EMPTY;
}

/* True: the transmitter takes FIFO_BYTES now. */
static bool wait_empty(struct serial_state *state)
{
	for (unsigned i = 0; i < WAIT_TURNS; i++) {
		struct turn turn;
		bool empty;

		if (turn_take(&state->lock, &turn) != SFP_OK)
			return false;
		empty = (line_status(state) & STATUS_EMPTY) != 0;
		turn_end(&turn);
		if (empty)
			return true;
		sfp_port_relax();
	}
	return false;
}

static enum sfp_status serve_write(struct serial_state *state, const char *text, size_t length, size_t *written)
{
	size_t done = 0;

	while (done < length && wait_empty(state)) {
		for (unsigned i = 0; i < FIFO_BYTES && done < length; i++)
			nano_out8(BUFFER, (uint8_t)text[done++]);
	}
	*written = done;
	return done > 0 || length == 0 ? SFP_OK : SFP_AGAIN;
}

static enum sfp_status serve_counts(struct serial_state *state, struct serial_counts *counts)
{
	counts->received = state->pool.sent;
	counts->lost = state->pool.lost_ever;
	counts->held = state->held_ever;
	return SFP_OK;
}

static bool present(void)
{
	nano_out8(SCRATCH, 0x5a);
	if (nano_in8(SCRATCH) != 0x5a)
		return false;
	nano_out8(SCRATCH, 0xa5);
	return nano_in8(SCRATCH) == 0xa5;
}

/* Whoever typed ahead of the boot is heard too: switching the FIFO would throw the bytes away. */
static void set_up(struct serial_state *state)
{
	nano_out8(INTERRUPTS, 0);
	nano_out8(FORMAT, FORMAT_8N1);
	while (state->early_count < FIFO_BYTES && (line_status(state) & STATUS_RECEIVED))
		state->early[state->early_count++] = nano_in8(BUFFER);
	nano_out8(FIFO, FIFO_ON_AT_8);
	nano_out8(FORMAT, FORMAT_DIVISOR);
	nano_out8(BUFFER, 1);
	nano_out8(INTERRUPTS, 0);
	nano_out8(FORMAT, FORMAT_8N1);
	nano_out8(MODEM, MODEM_READY);
}

static enum sfp_status start(struct serial_state *state)
{
	unsigned vector;

	if (!present())
		return SFP_NOT_FOUND;
	SFP_TRY(interrupts_vector(&state->interrupts, LINE, &vector));
	set_up(state);
	SFP_TRY(nano_interrupt_bind(vector, on_interrupt, state));
	SFP_TRY(interrupts_enable(&state->interrupts, LINE));
	state->held = true; /* poll begins: it can start the console, an interrupt cannot */
	nano_wake();
	return SFP_OK;
}

/* The device is as it was; what it has received meanwhile is poll's, which then opens the line again. */
static enum sfp_status takeover(struct serial_state *state)
{
	unsigned vector;

	SFP_TRY(interrupts_vector(&state->interrupts, LINE, &vector));
	SFP_TRY(nano_interrupt_bind(vector, on_interrupt, state));
	nano_out8(INTERRUPTS, 0);
	state->held = true;
	nano_wake();
	return SFP_OK;
}

static enum sfp_status check(struct serial_state *state)
{
	enum sfp_status status;
	struct turn turn;
	uint8_t enabled;

	SFP_TRY(turn_take(&state->lock, &turn));
	enabled = nano_in8(INTERRUPTS);
	status = input_check(&state->pool);
	if (enabled != (state->held ? 0 : INTERRUPT_RECEIVED))
		status = nano_broken("the receive interrupt is on unless the line is held");
	if (state->early_sent > state->early_count)
		status = nano_broken("no more early bytes were sent than came");
	turn_end(&turn);
	return status;
}

SFP_PROVIDER(serve, struct serial_state, serial, SERIAL_OPS);
NANO_HOOK(serial, start, start)
NANO_HOOK(serial, check, check)
NANO_HOOK(serial, poll, poll)
NANO_HOOK(serial, takeover, takeover)

static const struct nano_use uses[] = {
	NANO_USE(serial, interrupts, interrupts, NANO_FIRST),
	NANO_USE(serial, console, console, NANO_LAZILY),
	NANO_USES_END
};

static const struct nano_field fields[] = {
	NANO_FIELD(serial, console, NANO_AGGREGATE), /* where it was found */
	NANO_FIELD(serial, interrupts, NANO_AGGREGATE), /* the same */
	NANO_FIELD(serial, held, NANO_LASTING),
	NANO_FIELD(serial, early_count, NANO_LASTING),
	NANO_FIELD(serial, early_sent, NANO_LASTING),
	NANO_FIELD(serial, early, NANO_LASTING),
	NANO_FIELD(serial, held_ever, NANO_AGGREGATE),
	NANO_FIELD(serial, pool.next, NANO_AGGREGATE), /* a place in a ring */
	NANO_FIELD(serial, pool.lost, NANO_LASTING),
	NANO_FIELD(serial, pool.sending, NANO_LASTING),
	NANO_FIELD(serial, pool.sent, NANO_AGGREGATE),
	NANO_FIELD(serial, pool.lost_ever, NANO_AGGREGATE),
	NANO_FIELD(serial, pool.events, NANO_LASTING),
	NANO_FIELDS_END
};

NANO_MODULE(serial,
	.version = 1,
	.summary = "the first serial line, a 16550",
	.state_size = sizeof(struct serial_state),
	.state_version = 1,
	.uses = uses,
	.fields = fields,
	NANO_OFFERS(serve, serial),
	.start = serial_start_hook_,
	.check = serial_check_hook_,
	.poll = serial_poll_hook_,
	.takeover = serial_takeover_hook_,
);
