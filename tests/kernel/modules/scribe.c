/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scribe: writes to the trace from a thread, from an interrupt and from one
 * that is nested in it, and reads it back; then writes more than there is room
 * for, and sees that it is told. All of it is its check.
 */
#include "lib/text.h"
#include "trace.h"

#define OUTER 0x90
#define INNER 0x91
#define ROOM 256u          /* events that a processor's ring has */
#define FLOOD (ROOM + 44u)

struct scribe_state {
	struct trace_ref trace;
	uint32_t failed;   /* notes that were not taken */
};

static void note(struct scribe_state *state, const char *text, uint64_t number)
{
	if (trace_note(&state->trace, text, number) != SFP_OK)
		state->failed++;
}

static void on_inner(void *data)
{
	note(data, "in a nested interrupt", 3);
}

static void on_outer(void *data)
{
	note(data, "in an interrupt", 2);
	__asm__ __volatile__("int %0" : : "i"(INNER) : "memory");
	note(data, "after the nested one", 4);
}

/* Read the next event of the reader's; is it this note of ours? */
static bool reads(struct scribe_state *state, struct trace_reader *reader, const char *text, uint64_t number)
{
	struct trace_event event;

	return trace_next(&state->trace, reader, &event) == SFP_OK && event.kind == TRACE_NOTE &&
	       event.module == nano_self() && event.value[0] == number && text_equal(event.text, text) &&
	       event.processor == sfp_port_cpu();
}

static enum sfp_status write_and_read(struct scribe_state *state)
{
	struct trace_event event;
	struct trace_reader reader;

	note(state, "a text that is longer than an event has room for", 1);
	__asm__ __volatile__("int %0" : : "i"(OUTER) : "memory");
	SFP_TRY(trace_begin(&state->trace, 4, &reader));
	NANO_HOLDS(reads(state, &reader, "a text that is longer than an e", 1), "a long text is cut");
	NANO_HOLDS(reads(state, &reader, "in an interrupt", 2), "an interrupt writes");
	NANO_HOLDS(reads(state, &reader, "in a nested interrupt", 3), "a nested interrupt writes");
	NANO_HOLDS(reads(state, &reader, "after the nested one", 4), "and the one around it goes on");
	NANO_HOLDS(trace_next(&state->trace, &reader, &event) == SFP_EMPTY, "then there is no more");
	return SFP_OK;
}

static enum sfp_status flood(struct scribe_state *state)
{
	struct trace_reader late, reader;
	struct trace_event event;

	SFP_TRY(trace_begin(&state->trace, 4, &late));
	for (unsigned i = 0; i < FLOOD; i++)
		note(state, "flood", i);
	NANO_HOLDS(trace_next(&state->trace, &late, &event) == SFP_EMPTY, "what was overwritten is not read");
	NANO_HOLDS(late.missed == 4, "and the reader is told how much");
	SFP_TRY(trace_begin(&state->trace, ROOM, &reader));
	for (unsigned i = FLOOD - ROOM; i < FLOOD; i++)
		NANO_HOLDS(reads(state, &reader, "flood", i), "the latest are there, in order");
	NANO_HOLDS(reader.missed == 0, "and nothing of them is missing");
	return SFP_OK;
}

static enum sfp_status check(struct scribe_state *state)
{
	const sfp_port_irq_t irq = sfp_port_irq_save(); /* nobody else writes on this processor meanwhile */
	enum sfp_status status = write_and_read(state);

	if (status == SFP_OK)
		status = flood(state);
	note(state, "scribe is content", (uint64_t)(status == SFP_OK));
	sfp_port_irq_restore(irq);
	SFP_TRY(status);
	NANO_HOLDS(state->failed == 0, "each note was taken");
	return SFP_OK;
}

static enum sfp_status start(struct scribe_state *state)
{
	SFP_TRY(nano_interrupt_bind(OUTER, on_outer, state));
	return nano_interrupt_bind(INNER, on_inner, state);
}

NANO_HOOK(scribe, start, start)
NANO_HOOK(scribe, check, check)

static const struct nano_use uses[] = { NANO_USE(scribe, trace, trace, NANO_FIRST), NANO_USES_END };

NANO_MODULE(scribe,
	.version = 1,
	.summary = "writes to the trace, and reads it",
	.state_size = sizeof(struct scribe_state),
	.state_version = 1,
	.uses = uses,
	.start = scribe_start_hook_,
	.check = scribe_check_hook_,
);
