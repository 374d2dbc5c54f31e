/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * load: work for every module. Keys and serial bytes come from inside: the
 * keyboard's controller can be told what it has received, and a 16550 in its
 * loop receives what it sends.
 */
#include "chaos.h"

#include "lib/mem.h"
#include "lib/text.h"

#define I8042_DATA 0x60
#define I8042_COMMAND 0x64
#define I8042_RECEIVED 0xd2       /* the next byte is as if the keyboard had sent it */
#define I8042_FULL 0x01
#define I8042_BUSY 0x02
#define I8042_TURNS 20000u

#define UART 0x3f8
#define UART_MODEM 0x3fc
#define UART_READY 0x0b
#define UART_LOOP 0x10
#define UART_AT_ONCE 8u           /* where its FIFO interrupts */

#define LINE 13u                  /* nobody's */
#define HEAP_LIMIT (16 * NANO_FRAME_BYTES)

uint32_t load_random(struct chaos_state *state, uint32_t below)
{
	uint64_t x = state->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	state->random = x;
	return (uint32_t)((x >> 32) % below);
}

static enum sfp_status told(struct chaos_state *state, enum sfp_status status)
{
	if (status == SFP_FAULT)
		state->statuses++;
	return status;
}

/* ---- keys ------------------------------------------------------------------------- */

static bool i8042_is(uint8_t bits)
{
	for (unsigned i = 0; i < I8042_TURNS; i++) {
		if ((nano_in8(I8042_COMMAND) & bits) == 0)
			return true;
		sfp_port_relax();
	}
	return false;
}

/* What the driver does not fetch is a key that nobody hears. */
static void key(uint8_t code)
{
	sfp_port_irq_t irq;

	if (!i8042_is(I8042_FULL | I8042_BUSY))
		return;
	irq = sfp_port_irq_save();
	nano_out8(I8042_COMMAND, I8042_RECEIVED);
	if (i8042_is(I8042_BUSY))
		nano_out8(I8042_DATA, code);
	sfp_port_irq_restore(irq);
}

void load_release_keys(void)
{
	static const uint8_t codes[] = { 0x9d, 0x9d, 0x9d, 0xaa, 0xb6, 0xe0, 0x9d, 0xba };

	for (unsigned i = 0; i < sizeof(codes); i++)
		key(codes[i]);
}

/* Set 1, as far as commands need it. */
static uint8_t code_of(char c)
{
	static const char rows[] = "\0\0" "1234567890-=" "\0\0" "qwertyuiop[]" "\r\0" "asdfghjkl;'`" "\0\\"
				   "zxcvbnm,./" "\0*\0 ";

	for (unsigned code = 2; code < sizeof(rows) - 1; code++) {
		if (rows[code] == c && c != '\0')
			return (uint8_t)code;
	}
	return 0x39;
}

void load_type(struct chaos_state *state, const char *text)
{
	state->typed = true;
	for (; *text != '\0'; text++) {
		if (*text == '\003') { /* control C */
			key(0x1d);
			key(0x2e);
			key(0xae);
			key(0x9d);
			continue;
		}
		if (*text == '\004') { /* caps lock */
			key(0x3a);
			key(0xba);
			continue;
		}
		key(code_of(*text));
		key(code_of(*text) | 0x80);
	}
}

static void some_keys(struct chaos_state *state)
{
	static const uint8_t special[] = { 0x2a, 0xaa, 0x1d, 0x9d, 0x3a, 0xba, 0xe0, 0x48, 0xe0, 0x4b, 0xe0, 0x4d,
					   0xe0, 0x53, 0xe0, 0x47, 0xe0, 0x4f, 0x0e, 0xe1, 0x1d, 0x45, 0xff, 0x0f };
	const uint32_t count = 1 + load_random(state, 10);

	state->typed = true;
	for (uint32_t i = 0; i < count; i++) {
		if (load_random(state, 2) == 0) {
			const uint32_t at = load_random(state, sizeof(special));

			key(special[at]);
			if (special[at] == 0xe0)
				key(special[at + 1]);
			continue;
		}
		key((uint8_t)(2 + load_random(state, 0x38)));
	}
}

/* ---- serial bytes --------------------------------------------------------------------- */

static void receive(struct chaos_state *state, const char *bytes, uint32_t count)
{
	const sfp_port_irq_t irq = sfp_port_irq_save();

	nano_out8(UART_MODEM, UART_READY | UART_LOOP);
	for (uint32_t i = 0; i < count; i++)
		nano_out8(UART, (uint8_t)bytes[i]);
	nano_out8(UART_MODEM, UART_READY);
	sfp_port_irq_restore(irq);
	state->serial_at = nano_clock();
	state->typed = true;
}

static void some_bytes(struct chaos_state *state)
{
	static const char *const special[] = { "\033[A", "\033[D", "\033[C", "\033[3~", "\033[H", "\033OF", "\b",
					       "\001", "\005", "\013", "\025", "\003", "\r\n", "\033[1~", "\007" };
	char bytes[2 * UART_AT_ONCE];
	uint32_t count = 0;

	while (count < UART_AT_ONCE) {
		const char *const text = special[load_random(state, sizeof(special) / sizeof(special[0]))];

		if (load_random(state, 3) > 0) {
			bytes[count++] = (char)(' ' + load_random(state, 95));
			continue;
		}
		for (unsigned i = 0; text[i] != '\0'; i++)
			bytes[count++] = text[i];
	}
	receive(state, bytes, count);
}

/* Whole FIFOs, so that nothing waits in one. */
void load_send(struct chaos_state *state, const char *text)
{
	char bytes[UART_AT_ONCE];
	const size_t length = text_length(text);
	uint32_t blanks = (uint32_t)(UART_AT_ONCE - length % UART_AT_ONCE) % UART_AT_ONCE;

	for (size_t at = 0; at < length;) {
		uint32_t count = 0;

		for (; blanks > 0; blanks--)
			bytes[count++] = ' ';
		while (count < UART_AT_ONCE && at < length)
			bytes[count++] = text[at++];
		receive(state, bytes, count);
	}
}

/* ---- commands ---------------------------------------------------------------------------- */

static const char *command(struct chaos_state *state)
{
	static const char *const quick[] = { "echo abc\r", "echo\r", "\r", "nothing such\r", "queues\r", "echo a b c d e\r",
					     "memory try 9000\r", "memory fail 0\r", "exit 101\r", "state heap\r", "fault nobody\r",
					     "memory try\r", "state nobody\r", "check x\r", "trace 3\r", "trace kinds\r" };
	static const char *const slow[] = { "help\r", "modules\r", "ifaces\r", "ifaces --dot\r", "state\r", "memory\r",
					    "check\r", "spill check\r", "spill memory try 5000\r", "spill memory\r", "spill echo\r", "trace faults\r" };

	if (load_random(state, 30) == 0)
		return slow[load_random(state, sizeof(slow) / sizeof(slow[0]))];
	return quick[load_random(state, sizeof(quick) / sizeof(quick[0]))];
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void some_frames(struct chaos_state *state)
{
	struct frames_run *const run = &state->runs[load_random(state, LOAD_RUNS)];
	struct frames_run any = { .count = 0 };
	struct frames_counts counts;
	unsigned holder;
	uint32_t given;

	if (run->count > 0) {
		(void)told(state, frames_who(&state->frames, run->first, &holder));
		(void)told(state, frames_give(&state->frames, run->first, run->count, LOAD_HOLDER));
		run->count = 0;
	} else {
		run->count = 1 + load_random(state, 8);
		if (told(state, frames_take(&state->frames, run->count, LOAD_HOLDER, &run->first)) != SFP_OK)
			run->count = 0;
	}
	switch (load_random(state, 6)) {
	case 0:
		(void)told(state, frames_counts(&state->frames, &counts));
		break;
	case 1:
		(void)told(state, frames_next(&state->frames, load_random(state, 2) ? 0 : LOAD_HOLDER, &any));
		break;
	case 2:
		(void)told(state, frames_give_all(&state->frames, LOAD_HOLDER, &given));
		memset(state->runs, 0, sizeof(state->runs));
		state->instance = NULL; /* its frames were this holder's */
		break;
	case 3:
		(void)told(state, frames_give(&state->frames, 0x1000, 1, LOAD_HOLDER));
		break;
	default:
		break;
	}
}

static void some_blocks(struct chaos_state *state)
{
	void **const block = &state->blocks[load_random(state, LOAD_BLOCKS)];

	if (*block) {
		(void)told(state, heap_free(&state->heap, state->instance, *block));
		*block = NULL;
	} else if (told(state, heap_alloc(&state->heap, state->instance, 1 + load_random(state, 3000), block)) != SFP_OK) {
		*block = NULL; /* what it may be is the heap's until its end */
	}
}

static void some_heap(struct chaos_state *state)
{
	struct heap_found found = { .heap = NULL };
	struct heap_damage damage;
	struct heap_use use;

	if (!state->instance) {
		memset(state->blocks, 0, sizeof(state->blocks));
		if (told(state, heap_make(&state->heap, LOAD_HOLDER, HEAP_LIMIT, &state->instance)) != SFP_OK)
			state->instance = NULL;
		return;
	}
	for (unsigned i = 0; i < 6; i++)
		some_blocks(state);
	switch (load_random(state, 8)) {
	case 0:
		(void)told(state, heap_use(&state->heap, state->instance, &use));
		break;
	case 1:
		(void)told(state, heap_examine(&state->heap, state->instance, &damage));
		break;
	case 2:
		(void)told(state, heap_limit(&state->heap, state->instance, HEAP_LIMIT + load_random(state, 9) * NANO_FRAME_BYTES));
		break;
	case 3:
		(void)told(state, heap_next(&state->heap, &found));
		break;
	case 4:
		while (told(state, heap_destroy(&state->heap, state->instance)) == SFP_FAULT)
			;
		state->instance = NULL;
		break;
	default:
		break;
	}
}

/*
 * To the first row again: to scroll takes so long that most of the campaign would be that. Nothing on the
 * screen is read again.
 */
void load_to_the_top(struct chaos_state *state)
{
	char backs[240];

	memset(backs, '\b', sizeof(backs));
	for (unsigned i = 0; i < 8; i++)
		SFP_IGNORE(screen_write(&state->screen, backs, sizeof(backs)), "then it scrolls");
}

/* ---- calls ---------------------------------------------------------------------------------------- */

static void some_calls(struct chaos_state *state)
{
	struct interrupts_counts spurious;
	struct keyboard_counts pressed;
	struct serial_counts received;
	struct console_queue row;
	uint64_t bytes;
	unsigned vector;

	switch (load_random(state, 8)) {
	case 0:
		(void)told(state, console_write(&state->console, "chaos\ttext\n", 11));
		break;
	case 1:
		(void)told(state, console_unwritten(&state->console, &bytes));
		(void)told(state, console_queues(&state->console, load_random(state, 4), &row));
		break;
	case 2:
		(void)told(state, serial_counts(&state->serial, &received));
		(void)told(state, keyboard_counts(&state->keyboard, &pressed));
		break;
	case 3:
		(void)told(state, screen_write(&state->screen, "\b\bx\r", 4));
		break;
	case 4:
		(void)told(state, interrupts_enable(&state->interrupts, LINE));
		break;
	case 5:
		(void)told(state, interrupts_disable(&state->interrupts, LINE));
		break;
	default:
		(void)told(state, interrupts_counts(&state->interrupts, &spurious));
		(void)told(state, interrupts_vector(&state->interrupts, LINE, &vector));
		break;
	}
}

static void some_check(struct chaos_state *state)
{
	uint32_t count = 0;

	while (places_of[count].module)
		count++;
	(void)told(state, nano_module_check(places_of[load_random(state, count)].module, NULL));
}

void load_step(struct chaos_state *state, enum load_kind kind)
{
	state->latest = kind;
	switch (kind) {
	case LOAD_KEYS:
		some_keys(state);
		break;
	case LOAD_SERIAL:
		some_bytes(state);
		break;
	case LOAD_COMMAND_KEYS:
		load_type(state, command(state));
		break;
	case LOAD_COMMAND_SERIAL:
		load_send(state, command(state));
		break;
	case LOAD_FRAMES:
		some_frames(state);
		break;
	case LOAD_HEAP:
		some_heap(state);
		break;
	case LOAD_CALLS:
		some_calls(state);
		break;
	default:
		some_check(state);
	}
}

enum sfp_status load_end(struct chaos_state *state)
{
	uint32_t given;

	if (state->instance) {
		const enum sfp_status status = heap_destroy(&state->heap, state->instance);

		if (status != SFP_OK && status != SFP_INVALID) /* a fault at its end: it is none any more */
			return status;
	}
	state->instance = NULL;
	memset(state->runs, 0, sizeof(state->runs));
	SFP_TRY(frames_give_all(&state->frames, LOAD_HOLDER, &given));
	return interrupts_disable(&state->interrupts, LINE);
}
