/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console: owns the input queue and is its consumer. Retains, between calls,
 * the queue's links to events (each stays its driver's) and counters; no line,
 * no cursor, nothing of a client. Called by drivers for the queue, by the shell
 * for lines, and by whoever has something to say.
 */
#include "console.h"

#include "edit.h"
#include "screen.h"
#include "serial.h"

#include <sfp/lock.h>

#define ATTEMPTS 3u      /* a handler that traps this often on one event is not given it again */
#define EVENTS_A_CALL 64u
#define WRITE_TRIES 4u   /* each a full wait of the device's */

struct counters {
	uint64_t delivered;
	uint64_t attempts;
	uint64_t failed;
	uint64_t lost;
};

struct console_state {
	struct sfp_lock consuming; /* the right to be the consumer: for the length of a call */
	struct input_queue queue;
	struct input_queue_consumer consumer;
	bool under_way;            /* the consumer's work; if it is so when it begins, a fault ended the one before */
	struct serial_ref serial;
	struct screen_ref screen;
	uint64_t unwritten;
	struct counters sources[INPUT_SOURCES];
};

static const char *const source_names[INPUT_SOURCES] = {
	[INPUT_SERIAL] = "  from serial",
	[INPUT_KEYBOARD] = "  from keyboard",
};

/* ---- output ---------------------------------------------------------------- */

/*
 * The screen shows what the serial line says. It may be missing, refuse or trap: that is its own affair.
 * First, because starting it may say something, and that should not end up behind a prompt.
 */
static void show(struct console_state *state, const char *text, size_t length)
{
	SFP_IGNORE(screen_write(&state->screen, text, length), "the serial line has it all");
}

static enum sfp_status put(struct console_state *state, const char *text, size_t length)
{
	unsigned tries = WRITE_TRIES;
	enum sfp_status status;

	show(state, text, length);
	do {
		size_t written = 0;

		status = serial_write(&state->serial, text, length, &written);
		if (status == SFP_OK)
			tries = WRITE_TRIES;
		else if (status == SFP_AGAIN)
			tries--;
		else
			return status;
		text += written;
		length -= written;
	} while (length > 0 && tries > 0);
	state->unwritten += length;
	return length > 0 ? SFP_AGAIN : SFP_OK;
}

void edit_show(void *screen, const char *text, size_t length)
{
	if (length > 0)
		SFP_IGNORE(put(screen, text, length), "counted as unwritten");
}

static enum sfp_status serve_write(struct console_state *state, const char *text, size_t length)
{
	size_t from = 0;
	enum sfp_status worst = SFP_OK;

	for (size_t at = 0; at <= length; at++) {
		const bool end = at == length;
		enum sfp_status status = SFP_OK;

		if (!end && text[at] != '\n')
			continue;
		if (at > from)
			status = put(state, text + from, at - from);
		if (!end && status == SFP_OK)
			status = put(state, "\r\n", 2);
		if (status != SFP_OK)
			worst = status;
		from = at + 1;
	}
	return worst;
}

static enum sfp_status serve_unwritten(struct console_state *state, uint64_t *bytes)
{
	*bytes = state->unwritten;
	return SFP_OK;
}

/* ---- input ------------------------------------------------------------------- */

static enum sfp_status serve_inputs(struct console_state *state, struct input_queue **queue)
{
	*queue = &state->queue;
	return SFP_OK;
}

/* Handle one event. The counters come first: the event is its driver's again once it is settled. */
static enum sfp_status handle(struct console_state *state, struct console_line *line,
			      struct input_event *event)
{
	struct counters *const count = &state->sources[event->source % INPUT_SOURCES];
	const enum sfp_status begun = input_queue_begin(&state->consumer, event);

	if (begun == SFP_LIMIT) { /* it had all its attempts: the queue has failed it */
		count->failed++;
		return SFP_OK;
	}
	SFP_TRY(begun);
	count->attempts++;
	if (edit_apply(line, event, state) != SFP_OK) {
		count->failed++;
		return input_queue_fail(&state->consumer, event, CONSOLE_UNKNOWN);
	}
	if (event->kind == INPUT_LOST)
		count->lost += event->value;
	count->delivered++;
	return input_queue_complete(&state->consumer, event);
}

/* The next event, or EMPTY, and then the next enqueue wakes the nano-core's loop. */
static enum sfp_status look(struct console_state *state, struct input_event **event)
{
	enum sfp_status status = input_queue_look(&state->consumer, NULL, event);

	if (status == SFP_EMPTY && input_queue_wait(&state->consumer) == SFP_AGAIN)
		status = SFP_AGAIN;
	return status;
}

static enum sfp_status edit(struct console_state *state, struct console_line *line)
{
	struct input_event *event;

	if (!edit_sound(line))
		return SFP_INVALID;
	if (line->phase != CONSOLE_OPEN)
		edit_begin(line, state);
	for (unsigned i = 0; i < EVENTS_A_CALL; i++) {
		const enum sfp_status there = look(state, &event);

		/* Where some were handled their drivers may go on: not the time to sleep. */
		if (there != SFP_OK)
			return i > 0 && there == SFP_EMPTY ? SFP_AGAIN : there;
		SFP_TRY(handle(state, line, event));
		if (line->phase == CONSOLE_COMPLETE)
			return SFP_OK;
	}
	return SFP_AGAIN;
}

/*
 * A fault may have come in the middle of the queue's own code. Who consumed ended there, so a successor
 * takes the queue over, as one does after a restart.
 */
static enum sfp_status begin_work(struct console_state *state)
{
	if (state->under_way)
		SFP_TRY(input_queue_attach(&state->consumer, &state->queue,
					   SFP_PROOF("a fault ended it, and its right to consume is ours now")));
	state->under_way = true;
	sfp_compiler_barrier(); /* before the work */
	return SFP_OK;
}

static void end_work(struct console_state *state)
{
	sfp_compiler_barrier(); /* after it */
	state->under_way = false;
}

static enum sfp_status serve_edit(struct console_state *state, struct console_line *line)
{
	struct sfp_lock_guard held;
	enum sfp_status status;

	SFP_TRY(sfp_lock_acquire(&state->consuming, &held));
	status = begin_work(state);
	if (status == SFP_OK) {
		status = edit(state, line);
		end_work(state);
	}
	sfp_lock_release(&held);
	return status;
}

static enum sfp_status depth_of(struct console_state *state, size_t *depth)
{
	struct sfp_lock_guard held;
	enum sfp_status status;

	SFP_TRY(sfp_lock_acquire(&state->consuming, &held));
	status = begin_work(state);
	if (status == SFP_OK) {
		status = input_queue_depth(&state->consumer, depth);
		end_work(state);
	}
	sfp_lock_release(&held);
	return status;
}

static enum sfp_status serve_queues(struct console_state *state, unsigned index, struct console_queue *row)
{
	if (index > INPUT_SOURCES)
		return SFP_NOT_FOUND;
	*row = (struct console_queue){ .name = index == 0 ? "console.input" : source_names[index - 1],
				       .has_depth = index == 0 };
	for (unsigned i = 0; i < INPUT_SOURCES; i++) {
		if (index != 0 && index != i + 1)
			continue;
		row->delivered += state->sources[i].delivered;
		row->attempts += state->sources[i].attempts;
		row->failed += state->sources[i].failed;
		row->lost += state->sources[i].lost;
	}
	return row->has_depth ? depth_of(state, &row->depth) : SFP_OK;
}

/* ---- the module ----------------------------------------------------------------- */

static enum sfp_status start(struct console_state *state)
{
	SFP_TRY(input_queue_init(&state->queue, ATTEMPTS));
	return input_queue_attach(&state->consumer, &state->queue,
				  SFP_PROOF("the queue is new, and the state has one owner"));
}

/* The queue is whole: what was not acknowledged is delivered again, to this incarnation. */
static enum sfp_status takeover(struct console_state *state)
{
	SFP_TRY(input_queue_attach(&state->consumer, &state->queue,
				   SFP_PROOF("the instance before was closed and drained")));
	nano_wake(); /* that it slept is forgotten */
	return SFP_OK;
}

/* Every attempt ended in one of two ways, or trapped; whatever is queued can be walked. */
static enum sfp_status check(struct console_state *state)
{
	size_t depth;

	SFP_TRY(depth_of(state, &depth));
	NANO_HOLDS(depth <= INPUT_SOURCES * INPUT_POOL_EVENTS, "no more is queued than the pools have");
	for (unsigned i = 0; i < INPUT_SOURCES; i++) {
		NANO_HOLDS(state->sources[i].delivered <= state->sources[i].attempts,
			   "what was delivered had its attempt");
	}
	return SFP_OK;
}

SFP_PROVIDER(serve, struct console_state, console, CONSOLE_OPS);
NANO_HOOK(console, start, start)
NANO_HOOK(console, check, check)
NANO_HOOK(console, takeover, takeover)

static const struct nano_use uses[] = {
	NANO_USE(console, serial, serial, NANO_LAZILY),
	NANO_USE(console, screen, screen, NANO_LAZILY),
	NANO_USES_END
};

static const struct nano_field fields[] = {
	NANO_FIELD(console, queue, NANO_LASTING),
	NANO_FIELD(console, consumer, NANO_LASTING),
	NANO_FIELD(console, under_way, NANO_LASTING),
	NANO_FIELD(console, serial, NANO_AGGREGATE), /* where it was found */
	NANO_FIELD(console, screen, NANO_AGGREGATE), /* the same */
	NANO_FIELD(console, unwritten, NANO_AGGREGATE),
	NANO_FIELD(console, sources, NANO_AGGREGATE),
	NANO_FIELDS_END
};

NANO_MODULE(console,
	.version = 1,
	.summary = "line editing over one input queue, and output",
	.state_size = sizeof(struct console_state),
	.state_version = 1,
	.uses = uses,
	.fields = fields,
	NANO_OFFERS(serve, console),
	.start = console_start_hook_,
	.check = console_check_hook_,
	.takeover = console_takeover_hook_,
);
