/* SPDX-License-Identifier: BSD-2-Clause */
/* memory: the command that shows frames and heaps, and tries a heap. */
#include "frames.h"
#include "heap.h"
#include "shell.h"

#include "lib/text.h"

#define TRY_LEAST 24u       /* bytes of the first block that a trial takes */
#define TRY_MOST (1u << 30) /* of the limit of its heap */

/* ---- showing ------------------------------------------------------------------- */

static void say_holder(char *text, size_t size, unsigned holder)
{
	struct nano_module_info info;

	if (holder < FRAMES_HOLDER_TASK && nano_module_info(holder - FRAMES_HOLDER_MODULE, &info) == SFP_OK)
		text_format(text, size, "%s", info.name);
	else
		text_format(text, size, "task %u", holder - FRAMES_HOLDER_TASK);
}

static void show_holders(struct shell_state *state)
{
	uint32_t counts[FRAMES_HOLDERS] = { 0 };
	struct frames_run run = { .count = 0 };
	char name[40];

	while (frames_next(&state->frames, 0, &run) == SFP_OK)
		counts[run.holder] += run.count;
	for (unsigned holder = 0; holder < FRAMES_HOLDERS; holder++) {
		if (counts[holder] == 0)
			continue;
		say_holder(name, sizeof(name), holder);
		shell_say(state, "%10u  held by %s\n", counts[holder], name);
	}
}

static void show_heaps(struct shell_state *state)
{
	struct heap_found found = { .heap = NULL };
	char name[40];

	while (heap_next(&state->heap, &found) == SFP_OK) {
		say_holder(name, sizeof(name), found.holder);
		shell_say(state, "a heap of %s at %p, limited to %lu bytes\n", name, (void *)found.heap,
			  found.limit);
	}
}

static enum sfp_status show(struct shell_state *state)
{
	struct frames_counts counts;
	const enum sfp_status status = frames_counts(&state->frames, &counts);

	if (status != SFP_OK) {
		shell_say(state, "memory: %s\n", sfp_status_text(status));
		return SFP_OK;
	}
	shell_say(state, "    frames\n%10u  free of %u\n", counts.free, counts.total);
	show_holders(state);
	show_heaps(state);
	if (nano_allocation_pending() > 0)
		shell_say(state, "allocation %u from now will fail\n", nano_allocation_pending());
	return SFP_OK;
}

/* ---- the end of a heap -------------------------------------------------------------------- */

#define ENDS_MOST 4u

/* After a fault it goes on where it was. */
void shell_end_heap(struct shell_state *state, struct heap *heap)
{
	enum sfp_status status;

	for (unsigned i = 0; i < ENDS_MOST; i++) {
		status = heap_destroy(&state->heap, heap);
		if (status != SFP_FAULT)
			return;
	}
}

/* ---- a trial ------------------------------------------------------------------------ */

struct trial {
	struct shell_state *state;
	struct heap *heap; /* NULL: none */
};

static void end_trial(struct trial *trial)
{
	if (trial->heap != NULL)
		shell_end_heap(trial->state, trial->heap);
	trial->heap = NULL;
}
SFP_GUARD(trial, struct trial, end_trial);

/* Blocks of growing size until there are no more; every other one goes back at once. */
static enum sfp_status fill(struct trial *trial, unsigned *count)
{
	struct heap_ref *const heap = &trial->state->heap;
	void *kept, *given;
	size_t size = TRY_LEAST;

	for (*count = 0;; *count += 2, size += size / 4) {
		SFP_TRY(heap_alloc(heap, trial->heap, size, &kept));
		SFP_TRY(heap_alloc(heap, trial->heap, size, &given));
		SFP_TRY(heap_free(heap, trial->heap, given));
	}
}

static void fill_and_say(struct trial *trial)
{
	struct shell_state *const state = trial->state;
	struct heap *const heap = trial->heap;
	unsigned count;
	const enum sfp_status why = fill(trial, &count);
	struct heap_damage damage = { .what = NULL };
	struct heap_use use = { .bytes = 0 };

	SFP_IGNORE(heap_use(&state->heap, heap, &use), "then it says 0");
	shell_say(state, "%u blocks, %lu bytes in use of %lu; then: %s\n", count, use.used, use.bytes,
		  sfp_status_text(why));
	if (heap_examine(&state->heap, heap, &damage) != SFP_OK)
		shell_say(state, "the heap is damaged: %s\n",
			  damage.what ? damage.what : "it cannot be examined");
}

static enum sfp_status try(struct shell_state *state, const char *limit)
{
	enum sfp_status status;
	uint64_t bytes = 0;

	if (text_to_number(limit, &bytes) != SFP_OK || bytes > TRY_MOST)
		return SFP_MALFORMED;
	SFP_SCOPED(trial, guarded, ((struct trial){ .state = state }));
	status = heap_make(&state->heap, FRAMES_HOLDER_MODULE + nano_self(), bytes, &guarded.value.heap);
	if (status == SFP_OK)
		fill_and_say(&guarded.value);
	else
		shell_say(state, "no heap: %s\n", sfp_status_text(status));
	return SFP_OK;
}

/* ---- the command ------------------------------------------------------------------------ */

static enum sfp_status fail(struct shell_state *state, const char *which)
{
	uint64_t number;

	if (text_to_number(which, &number) != SFP_OK || number > UINT32_MAX)
		return SFP_MALFORMED;
	nano_allocation_fail((uint32_t)number);
	if (number == 0)
		shell_say(state, "No allocation will fail on purpose.\n");
	else
		shell_say(state, "Allocation %lu from now will fail.\n", number);
	return SFP_OK;
}

enum sfp_status shell_memory(struct shell_state *state, char *arguments)
{
	char *word[2];

	SFP_TRY(shell_words(arguments, word, 0, 2));
	if (word[0] == NULL)
		return show(state);
	if (word[1] == NULL)
		return SFP_MALFORMED;
	if (text_equal(word[0], "try"))
		return try(state, word[1]);
	return text_equal(word[0], "fail") ? fail(state, word[1]) : SFP_MALFORMED;
}
