/* SPDX-License-Identifier: BSD-2-Clause */
/* tracing: the command that shows what happened last, and says what is recorded. */
#include "shell.h"

#include "lib/text.h"

#define LATEST 20u
#define LATEST_MOST 2000u
#define SECOND 1000000000ul
#define MICROSECOND 1000ul

static const char *const kinds[TRACE_KINDS] = {
	[TRACE_NOTE] = "notes",           [TRACE_FAULT] = "faults", [TRACE_START] = "starts",
	[TRACE_INTERRUPT] = "interrupts", [TRACE_CALL] = "calls",   [TRACE_SWITCH] = "switches",
};

/* NULL: there is no such module. */
static const char *module_text(uint64_t number)
{
	struct nano_module_info info;

	return number <= UINT32_MAX && nano_module_info((unsigned)number, &info) == SFP_OK ? info.name : NULL;
}

/* ---- an event in words ------------------------------------------------------------ */

/* "module:console_write_gated_+0x0", as the compiler has it, is the operation console_write. */
static void operation_text(uint64_t address, char *text, size_t size)
{
	char symbol[96];
	char *begin = symbol, *end = symbol;

	nano_symbolize(address, symbol, sizeof(symbol));
	for (char *at = symbol; *at != '\0' && !text_begins(at, "_gated_"); at++) {
		if (*at == ':')
			begin = at + 1;
		end = at + 1;
	}
	*end = '\0';
	text_format(text, size, "%s", begin);
}

static void fault_text(struct shell_state *state, uint64_t number, char *text, size_t size)
{
	struct nano_fault_record record;
	const enum sfp_status status = trace_fault(&state->trace, number, &record);

	if (status == SFP_OK)
		text_format(text, size, "fault %lu (%s) in %s", record.number,
			    sfp_fault_kind_text(record.fault.kind), record.place);
	else
		text_format(text, size, "fault; its record: %s", sfp_status_text(status));
}

static void start_text(const struct trace_event *event, char *text, size_t size)
{
	const enum sfp_status status = (enum sfp_status)event->value[0];
	const char *what = event->value[1] != 0 ? "restarted" : "started";

	if (status == SFP_OK)
		text_format(text, size, "%s", what);
	else
		text_format(text, size, "not %s: %s", what, sfp_status_text(status));
}

static void switch_text(uint64_t leaves, uint64_t comes, char *text, size_t size)
{
	if (leaves == NANO_EVENT_IDLE)
		text_format(text, size, "idle no more: thread %lu comes", comes);
	else if (comes == NANO_EVENT_IDLE)
		text_format(text, size, "thread %lu leaves: idle", leaves);
	else
		text_format(text, size, "thread %lu leaves, thread %lu comes", leaves, comes);
}

static void event_text(struct shell_state *state, const struct trace_event *event, char *text, size_t size)
{
	const uint64_t value = event->value[0];
	const char *callee = module_text(value);
	char name[64];

	switch (event->kind) {
	case TRACE_NOTE:
		text_format(text, size, "%.*s %lu", (int)TRACE_TEXT_BYTES, event->text, value);
		break;
	case TRACE_FAULT:
		fault_text(state, value, text, size);
		break;
	case TRACE_START:
		start_text(event, text, size);
		break;
	case TRACE_INTERRUPT:
		text_format(text, size, "interrupt at vector %lu", value);
		break;
	case TRACE_CALL:
		operation_text(event->value[1], name, sizeof(name));
		text_format(text, size, "calls %s of %s", name, callee ? callee : "whoever offers it");
		break;
	case TRACE_SWITCH:
		switch_text(value, event->value[1], text, size);
		break;
	default:
		text_format(text, size, "an event of kind %u", event->kind);
	}
}

static void say_event(struct shell_state *state, const struct trace_event *event)
{
	const char *module = module_text(event->module);
	char text[160];

	event_text(state, event, text, sizeof(text));
	shell_say(state, "%6lu.%06lu %u %-12s %s\n", event->time / SECOND, event->time % SECOND / MICROSECOND,
		  event->processor, module ? module : "nano-core", text);
}

static void say_latest(struct shell_state *state, unsigned latest)
{
	struct trace_reader reader;
	struct trace_event event;
	enum sfp_status status = trace_begin(&state->trace, latest, &reader);
	unsigned count = 0;

	if (status == SFP_OK)
		shell_say(state, "         time cpu module     event\n");
	while (status == SFP_OK && (status = trace_next(&state->trace, &reader, &event)) == SFP_OK) {
		say_event(state, &event);
		count++;
	}
	if (status != SFP_EMPTY)
		shell_say(state, "The trace: %s\n", sfp_status_text(status));
	else
		shell_say(state, "%u events; %lu were overwritten meanwhile.\n", count, reader.missed);
}

/* ---- whole fault records ------------------------------------------------------------- */

static void say_registers(struct shell_state *state, const struct nano_registers *r)
{
	shell_say(state, "  rip %016lx  rsp %016lx  rflags %08lx  error %lx\n", r->rip, r->rsp, r->rflags, r->error);
	shell_say(state, "  rax %016lx  rbx %016lx  rcx %016lx\n", r->rax, r->rbx, r->rcx);
	shell_say(state, "  rdx %016lx  rsi %016lx  rdi %016lx\n", r->rdx, r->rsi, r->rdi);
	shell_say(state, "  rbp %016lx  r8  %016lx  r9  %016lx\n", r->rbp, r->r8, r->r9);
	shell_say(state, "  r10 %016lx  r11 %016lx  r12 %016lx\n", r->r10, r->r11, r->r12);
	shell_say(state, "  r13 %016lx  r14 %016lx  r15 %016lx\n", r->r13, r->r14, r->r15);
}

static void say_fault(struct shell_state *state, const struct nano_fault_record *record)
{
	char place[96];

	shell_say(state, "fault %lu: %s, %s %s, %s\n", record->number, sfp_fault_kind_text(record->fault.kind),
		  record->fault.kind == SFP_FAULT_JUMP ? "after" : "in", record->place,
		  record->contained ? "contained" : "not contained");
	shell_say(state, "  at %lu.%06lu while %s ran on processor %u%s; vector %lu, address %016lx\n",
		  record->time / SECOND, record->time % SECOND / MICROSECOND, record->module, record->cpu,
		  record->in_interrupt ? " in an interrupt" : "", record->fault.code, record->fault.address);
	say_registers(state, &record->registers);
	for (unsigned i = 0; i < record->chain_count && i < NANO_CHAIN_MAX; i++) {
		nano_symbolize(record->chain[i], place, sizeof(place));
		shell_say(state, "  called from %s\n", place);
	}
}

static void say_faults(struct shell_state *state)
{
	struct nano_fault_record record;
	uint64_t oldest, next;
	enum sfp_status status = trace_faults(&state->trace, &oldest, &next);

	if (status != SFP_OK) {
		shell_say(state, "The trace: %s\n", sfp_status_text(status));
		return;
	}
	for (uint64_t number = oldest; number < next; number++) {
		status = trace_fault(&state->trace, number, &record);
		if (status == SFP_OK)
			say_fault(state, &record);
		else
			shell_say(state, "A record: %s\n", sfp_status_text(status));
	}
	shell_say(state, "%lu faults, %lu of them overwritten; %lu were lost before.\n", next, oldest,
		  nano_trace_lost());
}

/* ---- what is recorded ------------------------------------------------------------------- */

static void say_kinds(struct shell_state *state)
{
	unsigned selected;

	if (trace_kinds(&state->trace, &selected) != SFP_OK)
		return;
	for (unsigned kind = 0; kind < TRACE_KINDS; kind++)
		shell_say(state, "%s %s%s", kinds[kind], selected >> kind & 1 ? "on" : "off",
			  kind + 1 < TRACE_KINDS ? ", " : "\n");
}

static unsigned kind_of(const char *name)
{
	unsigned kind = 0;

	while (kind < TRACE_KINDS && !text_equal(name, kinds[kind]))
		kind++;
	return kind;
}

static enum sfp_status turn(struct shell_state *state, const char *name, bool on)
{
	const unsigned kind = kind_of(name);
	unsigned selected;
	enum sfp_status status = trace_kinds(&state->trace, &selected);

	if (kind == TRACE_KINDS)
		return SFP_MALFORMED;
	if (status == SFP_OK)
		status = trace_select(&state->trace, on ? selected | 1u << kind : selected & ~(1u << kind));
	if (status == SFP_OK)
		say_kinds(state);
	else
		shell_say(state, "The trace: %s\n", sfp_status_text(status));
	return SFP_OK;
}

enum sfp_status shell_trace(struct shell_state *state, char *arguments)
{
	uint64_t latest = LATEST;
	char *word[2];

	SFP_TRY(shell_words(arguments, word, 0, 2));
	if (word[1] != NULL && text_equal(word[0], "on"))
		return turn(state, word[1], true);
	if (word[1] != NULL && text_equal(word[0], "off"))
		return turn(state, word[1], false);
	if (word[1] != NULL)
		return SFP_MALFORMED;
	if (word[0] != NULL && text_equal(word[0], "faults")) {
		say_faults(state);
		return SFP_OK;
	}
	if (word[0] != NULL && text_equal(word[0], "kinds")) {
		say_kinds(state);
		return SFP_OK;
	}
	if (word[0] != NULL && (text_to_number(word[0], &latest) != SFP_OK || latest > LATEST_MOST))
		return SFP_MALFORMED;
	say_latest(state, (unsigned)latest);
	return SFP_OK;
}
