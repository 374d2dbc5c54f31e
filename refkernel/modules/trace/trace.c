/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace: owns a ring of events a processor, and one of fault records. Retains
 * the latest of each, and which kinds are wanted; of its readers nothing.
 * Called by whoever writes or reads, and by the nano-core when something
 * happens.
 */
#include "trace.h"

#include "lib/text.h"
#include "ring.h"

#define EVENTS 256u           /* a processor */
#define FAULTS 136u           /* enough for RING_ATTEMPTS */

SFP_STATIC_ASSERT(EVENTS > RING_ATTEMPTS && FAULTS > RING_ATTEMPTS, "as ring.h wants it");

/* Both as words, which is what a ring keeps. */
union event_words {
	struct trace_event event;
	uintptr_t word[sizeof(struct trace_event) / sizeof(uintptr_t)];
};
#define FAULT_WORDS ((sizeof(struct nano_fault_record) + sizeof(uintptr_t) - 1) / sizeof(uintptr_t))
union fault_words {
	struct nano_fault_record record;
	uintptr_t word[FAULT_WORDS];
};
#define EVENT_WORDS (sizeof(struct trace_event) / sizeof(uintptr_t))
SFP_STATIC_ASSERT(sizeof(struct trace_event) == sizeof(uintptr_t) * EVENT_WORDS, "whole words");

struct trace_state {
	uint32_t kinds;                   /* a bit a kind */
	struct {
		uintptr_t next;
		uintptr_t slots[EVENTS][RING_SLOT_WORDS(EVENT_WORDS)];
	} events[TRACE_PROCESSORS];
	struct {
		uintptr_t next;
		uintptr_t slots[FAULTS][RING_SLOT_WORDS(FAULT_WORDS)];
	} faults;
};

static struct ring events_of(struct trace_state *state, unsigned processor)
{
	return (struct ring){ .next = &state->events[processor].next, .memory = state->events[processor].slots[0],
			      .slots = EVENTS, .words = EVENT_WORDS };
}

static struct ring faults_of(struct trace_state *state)
{
	return (struct ring){ .next = &state->faults.next, .memory = state->faults.slots[0], .slots = FAULTS,
			      .words = FAULT_WORDS };
}

/* ---- writing -------------------------------------------------------------------- */

/* Who writes may go on on another processor at any time: a ring has any number of writers. */
static enum sfp_status put(struct trace_state *state, union event_words *words, unsigned processor, uint64_t time)
{
	const struct ring ring = events_of(state, processor % TRACE_PROCESSORS);

	words->event.processor = (uint16_t)processor;
	words->event.time = time;
	return ring_write(&ring, words->word);
}

static enum sfp_status put_now(struct trace_state *state, union event_words *words)
{
	return put(state, words, sfp_port_cpu(), nano_clock());
}

/* The text is read before anything is taken: it may not be there. */
static enum sfp_status serve_note(struct trace_state *state, const char *text, uint64_t number)
{
	union event_words words = {
		.event = { .kind = TRACE_NOTE, .module = nano_caller(), .value = { number, 0 } }
	};

	for (unsigned i = 0; i < TRACE_TEXT_BYTES - 1 && text[i] != '\0'; i++)
		words.event.text[i] = text[i];
	return put_now(state, &words);
}

static void on_event(void *data, const struct nano_event *event)
{
	static const uint16_t kinds[NANO_EVENT_KINDS] = {
		[NANO_EVENT_START] = TRACE_START,
		[NANO_EVENT_INTERRUPT] = TRACE_INTERRUPT,
		[NANO_EVENT_CALL] = TRACE_CALL,
		[NANO_EVENT_SWITCH] = TRACE_SWITCH,
	};
	union event_words words = {
		.event = { .module = event->module, .value = { event->value[0], event->value[1] } }
	};

	if (event->kind >= NANO_EVENT_KINDS)
		return;
	words.event.kind = kinds[event->kind];
	SFP_IGNORE(put_now(data, &words), "it is lost, and readers are told");
}

/* The nano-core's number for a module of that name. */
static uint32_t number_of(const char *name)
{
	struct nano_module_info info;
	unsigned number = 0;

	while (nano_module_info(number, &info) == SFP_OK && !text_equal(info.name, name))
		number++;
	return number;
}

/* The record first: whoever reads the event finds it. */
static void on_fault(void *data, const struct nano_fault_record *record)
{
	struct trace_state *const state = data;
	const struct ring ring = faults_of(state);
	union fault_words fault = { .word = { 0 } };
	union event_words words = { .event = { .kind = TRACE_FAULT } };

	fault.record = *record;
	words.event.value[0] = ring_next(&ring);
	words.event.module = number_of(record->module);
	SFP_IGNORE(ring_write(&ring, fault.word), "the nano-core's main loop alone writes here");
	SFP_IGNORE(put(state, &words, record->cpu, record->time), "it is lost, and readers are told");
}

/* ---- who tells ---------------------------------------------------------------------- */

static enum sfp_status bind(struct trace_state *state)
{
	const uint32_t kinds = state->kinds;
	uint32_t wanted = 0;

	wanted |= kinds >> TRACE_START & 1 ? 1u << NANO_EVENT_START : 0;
	wanted |= kinds >> TRACE_INTERRUPT & 1 ? 1u << NANO_EVENT_INTERRUPT : 0;
	wanted |= kinds >> TRACE_CALL & 1 ? 1u << NANO_EVENT_CALL : 0;
	wanted |= kinds >> TRACE_SWITCH & 1 ? 1u << NANO_EVENT_SWITCH : 0;
	/* The nano-core gives up a sink that faulted; it is told again when somebody looks. */
	SFP_TRY(nano_trace_bind(on_fault, state));
	return nano_event_bind(on_event, wanted, state);
}

/* ---- reading ------------------------------------------------------------------------ */

/* The event of one processor that the reader reads next; it is at its place then. */
static enum sfp_status peek(struct trace_state *state, struct trace_reader *reader, unsigned processor,
			    union event_words *words)
{
	const struct ring ring = events_of(state, processor);
	const uint64_t end = reader->end[processor];
	uint64_t *const place = &reader->place[processor];
	uint64_t after = *place, missed = 0;
	enum sfp_status status;

	if (*place >= end)
		return SFP_EMPTY;
	status = ring_read(&ring, &after, &missed, words->word);
	if (status == SFP_OK)
		after--;
	if (after >= end) { /* what came later is not what it misses */
		missed = end - *place;
		after = end;
		status = SFP_EMPTY;
	}
	reader->missed += missed;
	*place = after;
	return status;
}

static enum sfp_status serve_next(struct trace_state *state, struct trace_reader *reader,
				  struct trace_event *event)
{
	unsigned from = TRACE_PROCESSORS;
	union event_words words;

	for (unsigned processor = 0; processor < TRACE_PROCESSORS; processor++) {
		if (peek(state, reader, processor, &words) != SFP_OK)
			continue;
		if (from < TRACE_PROCESSORS && words.event.time >= event->time)
			continue;
		from = processor;
		*event = words.event;
	}
	if (from == TRACE_PROCESSORS)
		return SFP_EMPTY;
	reader->place[from]++;
	return SFP_OK;
}

static void rewind(struct trace_state *state, struct trace_reader *reader)
{
	*reader = (struct trace_reader){ .missed = 0 };
	for (unsigned processor = 0; processor < TRACE_PROCESSORS; processor++) {
		const struct ring ring = events_of(state, processor);

		reader->place[processor] = ring_oldest(&ring);
		reader->end[processor] = ring_next(&ring);
	}
}

static enum sfp_status serve_begin(struct trace_state *state, unsigned latest, struct trace_reader *reader)
{
	struct trace_event event;
	struct trace_reader counting;
	unsigned count = 0;

	SFP_TRY(bind(state));
	rewind(state, reader);
	counting = *reader;
	while (serve_next(state, &counting, &event) == SFP_OK)
		count++;
	for (; count > latest; count--) {
		if (serve_next(state, reader, &event) != SFP_OK)
			break;
	}
	reader->missed = 0; /* of those that were not asked for */
	return SFP_OK;
}

static enum sfp_status serve_fault(struct trace_state *state, uint64_t number, struct nano_fault_record *record)
{
	const struct ring ring = faults_of(state);
	uint64_t missed = 0;
	union fault_words fault;

	if (number >= ring_next(&ring))
		return SFP_NOT_FOUND;
	if (ring_read(&ring, &number, &missed, fault.word) != SFP_OK || missed > 0)
		return SFP_STALE;
	*record = fault.record;
	return SFP_OK;
}

static enum sfp_status serve_faults(struct trace_state *state, uint64_t *oldest, uint64_t *next)
{
	const struct ring ring = faults_of(state);

	SFP_TRY(bind(state));
	*oldest = ring_oldest(&ring);
	*next = ring_next(&ring);
	return SFP_OK;
}

/* ---- what is recorded --------------------------------------------------------------- */

static enum sfp_status serve_select(struct trace_state *state, unsigned kinds)
{
	if (kinds >> TRACE_KINDS != 0)
		return SFP_INVALID;
	state->kinds = kinds | TRACE_ALWAYS;
	return bind(state);
}

static enum sfp_status serve_kinds(struct trace_state *state, unsigned *kinds)
{
	*kinds = state->kinds;
	return SFP_OK;
}

static enum sfp_status start(struct trace_state *state)
{
	return serve_select(state, 0);
}

/* Nobody is inside: what a writer left that was stopped is nobody's. */
static enum sfp_status takeover(struct trace_state *state)
{
	struct ring ring = faults_of(state);

	ring_undo(&ring);
	for (unsigned processor = 0; processor < TRACE_PROCESSORS; processor++) {
		ring = events_of(state, processor);
		ring_undo(&ring);
	}
	return bind(state);
}

static enum sfp_status check(struct trace_state *state)
{
	struct ring ring = faults_of(state);
	const char *wrong = ring_wrong(&ring);

	for (unsigned processor = 0; processor < TRACE_PROCESSORS && !wrong; processor++) {
		ring = events_of(state, processor);
		wrong = ring_wrong(&ring);
	}
	if (wrong)
		return nano_broken(wrong);
	NANO_HOLDS(state->kinds >> TRACE_KINDS == 0, "there are such kinds");
	NANO_HOLDS((state->kinds & TRACE_ALWAYS) == TRACE_ALWAYS, "faults, starts and notes are recorded");
	return SFP_OK;
}

SFP_PROVIDER(serve, struct trace_state, trace, TRACE_OPS);
NANO_HOOK(trace, start, start)
NANO_HOOK(trace, takeover, takeover)
NANO_HOOK(trace, check, check)

static const struct nano_field fields[] = {
	NANO_FIELD(trace, kinds, NANO_LASTING),
	NANO_FIELD(trace, events, NANO_AGGREGATE), /* the latest of everybody's: rings */
	NANO_FIELD(trace, faults, NANO_AGGREGATE), /* the same */
	NANO_FIELDS_END
};

NANO_MODULE(trace,
	.version = 1,
	.summary = "what happened last, on each processor",
	.state_size = sizeof(struct trace_state),
	.state_version = 1,
	.fields = fields,
	NANO_OFFERS(serve, trace),
	.start = trace_start_hook_,
	.takeover = trace_takeover_hook_,
	.check = trace_check_hook_,
);
