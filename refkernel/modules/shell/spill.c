/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spill: the differential test. Every module's state is remembered, a command
 * is run and is over, and the states are compared: whatever is not declared an
 * aggregate must be what it was. What a command leaves behind in a module is
 * its spill, and is shown byte by byte.
 */
#include "frames.h"
#include "heap.h"
#include "shell.h"

#include "lib/mem.h"
#include "lib/text.h"

#define PARTS_MOST 32u
#define ROW_BYTES 8u
#define SLACK (16u * NANO_FRAME_BYTES)

/* A state, and what was in it. */
struct remembered {
	struct nano_state_info info;
	uint8_t *was;
};

struct snapshot {
	struct shell_state *state;
	struct heap *heap; /* has all of it; NULL: there is none */
	struct remembered *states;
	unsigned count;
	uint64_t parts[PARTS_MOST]; /* of memory, as nano_memory_info() numbers them */
};

static void forget(struct snapshot *snapshot)
{
	if (snapshot->heap != NULL)
		shell_end_heap(snapshot->state, snapshot->heap);
	snapshot->heap = NULL;
}
SFP_GUARD(snapshot, struct snapshot, forget);

/* ---- remembering ------------------------------------------------------------------ */

static uint64_t bytes_of_states(unsigned *count)
{
	struct nano_state_info info;
	uint64_t bytes = 0;

	for (*count = 0; nano_state_info(*count, &info) == SFP_OK; *count += 1)
		bytes += info.bytes;
	return bytes;
}

/* All of the memory that it takes. */
static enum sfp_status prepare(struct snapshot *snapshot)
{
	struct heap_ref *const heap = &snapshot->state->heap;
	const uint64_t bytes = bytes_of_states(&snapshot->count);
	void *at;

	SFP_TRY(heap_make(heap, FRAMES_HOLDER_MODULE + nano_self(), 2 * bytes + SLACK, &snapshot->heap));
	SFP_TRY(heap_alloc(heap, snapshot->heap, snapshot->count * sizeof(*snapshot->states), &at));
	snapshot->states = at;
	for (unsigned i = 0; i < snapshot->count; i++) {
		struct remembered *const one = &snapshot->states[i];

		SFP_TRY(nano_state_info(i, &one->info));
		SFP_TRY(heap_alloc(heap, snapshot->heap, one->info.bytes, &at));
		one->was = at;
	}
	return SFP_OK;
}

static uint64_t part_bytes(unsigned part)
{
	struct nano_memory_info info;

	return nano_memory_info(part, &info) == SFP_OK ? info.bytes : 0;
}

static void remember(struct snapshot *snapshot)
{
	for (unsigned i = 0; i < snapshot->count; i++) {
		struct remembered *const one = &snapshot->states[i];

		SFP_IGNORE(nano_state_info(i, &one->info), "it was there a moment ago");
		memcpy(one->was, one->info.memory, one->info.bytes);
	}
	for (unsigned part = 0; part < PARTS_MOST; part++)
		snapshot->parts[part] = part_bytes(part);
}

/* ---- comparing --------------------------------------------------------------------- */

/* NULL: in none, and so it is lasting. */
static const struct nano_field *field_at(const struct nano_state_info *info, uint32_t offset)
{
	for (const struct nano_field *field = info->fields; field && field->name; field++) {
		if (offset - field->offset < field->size)
			return field;
	}
	return NULL;
}

static bool differs(const struct remembered *one, uint32_t at)
{
	return at < one->info.bytes && one->was[at] != ((const volatile uint8_t *)one->info.memory)[at];
}

static void say_bytes(struct shell_state *state, const uint8_t *bytes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		shell_say(state, " %02x", bytes[i]);
}

/* Bytes in a row, of one field. */
static void say_change(struct shell_state *state, const struct remembered *one, uint32_t at, uint32_t count)
{
	const struct nano_field *const field = field_at(&one->info, at);

	shell_say(state, "%s: %s+0x%x: was", one->info.owner, field ? field->name : "in no field",
		  field ? at - field->offset : at);
	say_bytes(state, one->was + at, count);
	shell_say(state, ", is");
	say_bytes(state, (const uint8_t *)one->info.memory + at, count);
	shell_say(state, "\n");
}

static uint64_t compare_state(struct shell_state *state, const struct remembered *one)
{
	uint64_t changed = 0;
	uint32_t at = 0, count;

	while (at < one->info.bytes) {
		const struct nano_field *const field = field_at(&one->info, at);

		if (!differs(one, at) || (field && field->kind != NANO_LASTING)) {
			at++;
			continue;
		}
		for (count = 1; count < ROW_BYTES && differs(one, at + count) &&
				field_at(&one->info, at + count) == field;)
			count++;
		say_change(state, one, at, count);
		changed += count;
		at += count;
	}
	return changed;
}

/* What the nano-core keeps grows by whole frames, and shows in its account. */
static uint64_t compare_parts(struct shell_state *state, const struct snapshot *snapshot)
{
	struct nano_memory_info info;
	uint64_t changed = 0;

	for (unsigned part = 0; part < PARTS_MOST && nano_memory_info(part, &info) == SFP_OK; part++) {
		if (info.bytes == snapshot->parts[part])
			continue;
		shell_say(state, "%s: %s: was %lu bytes, is %lu\n", info.owner, info.what,
			  snapshot->parts[part], info.bytes);
		changed++;
	}
	return changed;
}

static uint64_t compare(struct shell_state *state, const struct snapshot *snapshot)
{
	uint64_t changed = 0;

	for (unsigned i = 0; i < snapshot->count; i++) {
		struct nano_state_info now = { .phase = NANO_FAILED };

		SFP_IGNORE(nano_state_info(i, &now), "it was there a moment ago");
		if (now.phase != snapshot->states[i].info.phase)
			shell_say(state, "%s was started by it; its state is new.\n", now.owner);
		else
			changed += compare_state(state, &snapshot->states[i]);
	}
	return changed + compare_parts(state, snapshot);
}

static bool input_waits(struct shell_state *state)
{
	struct console_queue row;

	return console_queues(&state->console, 0, &row) == SFP_OK && row.depth > 0;
}

/* ---- the command ----------------------------------------------------------------------- */

static enum sfp_status run_between(struct shell_state *state, struct snapshot *snapshot, char *command)
{
	uint64_t changed;

	SFP_TRY(prepare(snapshot));
	remember(snapshot);
	shell_run(state, command);
	changed = compare(state, snapshot);
	if (changed > 0 && input_waits(state))
		shell_say(state, "Input came meanwhile; some of this is its.\n");
	if (changed > 0)
		shell_say(state, "spill: %lu of what lasts are not what they were.\n", changed);
	else
		shell_say(state, "spill: none; %u states are what they were, but for aggregates.\n",
			  snapshot->count);
	return SFP_OK;
}

/* One inside another would ask what asking leaves behind; nothing is gained, and the stack has an end. */
static bool is_spill(const char *command)
{
	while (*command == ' ')
		command++;
	return *command == '\0' ||
	       (text_begins(command, "spill") && (command[5] == ' ' || command[5] == '\0'));
}

enum sfp_status shell_spill(struct shell_state *state, char *arguments)
{
	enum sfp_status status;

	if (is_spill(arguments))
		return SFP_MALFORMED;
	SFP_SCOPED(snapshot, guarded, ((struct snapshot){ .state = state }));
	status = run_between(state, &guarded.value, arguments);
	if (status != SFP_OK)
		shell_say(state, "spill: the states cannot be remembered: %s\n", sfp_status_text(status));
	return SFP_OK;
}
