/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * customer: asks frames and heap for all that may be asked of them, and for what
 * may not; its check says which answer was wrong. Retains nothing of all that.
 */
#include "frames.h"
#include "heap.h"
#include "nano/nano.h"

#define OTHER 200u /* a holder that nobody else is */
#define RUN 16u
#define BLOCKS 100u

struct customer_state {
	struct frames_ref frames;
	struct heap_ref heap;
};

static unsigned self(void)
{
	return FRAMES_HOLDER_MODULE + nano_self();
}

static uint32_t free_frames(struct customer_state *state)
{
	struct frames_counts counts;

	return frames_counts(&state->frames, &counts) == SFP_OK ? counts.free : 0;
}

static bool is_zero(uint64_t first, uint32_t count)
{
	const uint64_t *const words = nano_direct(first);

	for (size_t i = 0; i < (size_t)count * NANO_FRAME_BYTES / sizeof(*words); i++) {
		if (words[i] != 0)
			return false;
	}
	return true;
}

static void soil(uint64_t first, uint32_t count)
{
	uint64_t *const words = nano_direct(first);

	for (size_t i = 0; i < (size_t)count * NANO_FRAME_BYTES / sizeof(*words); i++)
		words[i] = ~0ul;
}

/* ---- frames -------------------------------------------------------------------- */

static enum sfp_status check_runs(struct customer_state *state)
{
	uint64_t first = 1, second = 1;
	unsigned holder = 0;

	SFP_TRY(frames_take(&state->frames, RUN, self(), &first));
	NANO_HOLDS(first % NANO_FRAME_BYTES == 0 && is_zero(first, RUN),
		   "a run is zeroed, and begins with a frame");
	soil(first, RUN);
	NANO_HOLDS(frames_who(&state->frames, first + RUN * NANO_FRAME_BYTES - 1, &holder) == SFP_OK &&
			   holder == self(),
		   "whoever took a run holds its last byte");
	SFP_TRY(frames_take(&state->frames, 1, OTHER, &second));
	NANO_HOLDS(second < first || second >= first + RUN * NANO_FRAME_BYTES, "a frame has one holder");
	NANO_HOLDS(frames_give(&state->frames, first + 8, 1, self()) == SFP_INVALID, "no frame begins there");
	NANO_HOLDS(frames_give(&state->frames, second, 1, self()) == SFP_STALE, "another's frame stays");
	NANO_HOLDS(frames_give(&state->frames, first, RUN, self()) == SFP_OK, "a run can be given back");
	NANO_HOLDS(frames_give(&state->frames, first, RUN, self()) == SFP_STALE, "but once");
	NANO_HOLDS(frames_who(&state->frames, first, &holder) == SFP_EMPTY, "then nobody holds it");
	NANO_HOLDS(frames_give(&state->frames, second, 1, OTHER) == SFP_OK, "the other's is the other's");
	return SFP_OK;
}

static enum sfp_status check_limits(struct customer_state *state)
{
	struct frames_counts counts;
	uint64_t first = 1;
	unsigned holder;

	SFP_TRY(frames_counts(&state->frames, &counts));
	NANO_HOLDS(frames_take(&state->frames, counts.total + 1, self(), &first) == SFP_NO_MEMORY,
		   "there is no more than all");
	NANO_HOLDS(frames_take(&state->frames, 0, self(), &first) == SFP_INVALID,
		   "no frames are not asked for");
	NANO_HOLDS(frames_take(&state->frames, 1, 0, &first) == SFP_INVALID, "nobody holds nothing");
	NANO_HOLDS(frames_take(&state->frames, 1, FRAMES_HOLDERS, &first) == SFP_INVALID,
		   "holders have an end");
	NANO_HOLDS(first == 1, "what failed has written nothing");
	NANO_HOLDS(frames_who(&state->frames, 0x1000, &holder) == SFP_NOT_FOUND,
		   "the firmware's is not handed out");
	NANO_HOLDS(frames_give(&state->frames, 0x1000, 1, self()) == SFP_INVALID, "nor taken back");
	return SFP_OK;
}

/* Somebody takes runs and frames here and there, dies, and is buried. */
static enum sfp_status check_burial(struct customer_state *state)
{
	struct frames_run run = { .count = 0 };
	uint32_t taken = 0, count = 0;
	uint64_t first;

	for (uint32_t i = 1; i < RUN; i++) {
		SFP_TRY(frames_take(&state->frames, i, OTHER, &first));
		taken += i;
	}
	while (frames_next(&state->frames, OTHER, &run) == SFP_OK)
		count += run.count;
	NANO_HOLDS(count == taken, "all that one holds can be asked for");
	NANO_HOLDS(frames_give_all(&state->frames, OTHER, &count) == SFP_OK && count == taken,
		   "all that one holds can be given back");
	run.count = 0;
	run.first = 0;
	NANO_HOLDS(frames_next(&state->frames, OTHER, &run) == SFP_NOT_FOUND, "and then it is");
	return SFP_OK;
}

/* ---- heaps -------------------------------------------------------------------------- */

static enum sfp_status check_blocks(struct customer_state *state, struct heap *heap)
{
	struct heap_damage damage;
	struct heap_use use;
	void *block = NULL, *next = NULL;

	SFP_TRY(heap_alloc(&state->heap, heap, 100, &block));
	SFP_TRY(heap_alloc(&state->heap, heap, 100, &next));
	NANO_HOLDS(heap_free(&state->heap, heap, (char *)block + 16) == SFP_INVALID,
		   "inside of a block is no block");
	NANO_HOLDS(heap_free(&state->heap, heap, state) == SFP_INVALID,
		   "what is not in the heap is no block");
	NANO_HOLDS(heap_alloc(&state->heap, heap, 0, &next) == SFP_INVALID, "no bytes are no block");
	((char *)block)[100] ^= 1;
	NANO_HOLDS(heap_examine(&state->heap, heap, &damage) == SFP_INVALID && damage.where == block,
		   "a byte past a block is found");
	NANO_HOLDS(heap_free(&state->heap, heap, block) == SFP_FORGED, "and the block is not taken back");
	((char *)block)[100] ^= 1;
	NANO_HOLDS(heap_free(&state->heap, heap, block) == SFP_OK, "a block can be given back");
	NANO_HOLDS(heap_free(&state->heap, heap, block) == SFP_STALE, "but once");
	SFP_TRY(heap_use(&state->heap, heap, &use));
	NANO_HOLDS(use.blocks == 1 && use.used >= 100, "one block is left");
	return heap_examine(&state->heap, heap, &damage);
}

static enum sfp_status check_limit(struct customer_state *state, struct heap *heap)
{
	enum sfp_status status;
	struct heap_use use;
	void *block;

	while ((status = heap_alloc(&state->heap, heap, 1000, &block)) == SFP_OK)
		;
	SFP_TRY(heap_use(&state->heap, heap, &use));
	NANO_HOLDS(status == SFP_LIMIT && use.bytes <= use.limit && use.bytes + NANO_FRAME_BYTES > use.limit,
		   "a heap ends at its limit, not before");
	SFP_TRY(heap_limit(&state->heap, heap, use.limit + 100 * NANO_FRAME_BYTES));
	NANO_HOLDS(heap_alloc(&state->heap, heap, 20000, &block) == SFP_OK, "a higher limit lets it grow");
	NANO_HOLDS(heap_alloc(&state->heap, heap, SIZE_MAX - 5, &block) == SFP_NO_MEMORY,
		   "there is no more than all");
	return SFP_OK;
}

/* Two heaps of one holder, so that the end of the one shows that the other is another. */
static enum sfp_status check_heaps(struct customer_state *state)
{
	struct heap *first = NULL, *second = NULL;
	enum sfp_status status;
	void *block = NULL;

	NANO_HOLDS(heap_make(&state->heap, self(), NANO_FRAME_BYTES - 1, &first) == SFP_LIMIT,
		   "a heap has a frame");
	SFP_TRY(heap_make(&state->heap, self(), 10 * NANO_FRAME_BYTES, &first));
	SFP_TRY(heap_make(&state->heap, self(), 10 * NANO_FRAME_BYTES, &second));
	SFP_TRY(heap_alloc(&state->heap, second, 500, &block));
	NANO_HOLDS(heap_free(&state->heap, first, block) == SFP_INVALID, "a heap takes its own blocks only");
	status = check_blocks(state, first);
	if (status == SFP_OK)
		status = check_limit(state, first);
	NANO_HOLDS(heap_destroy(&state->heap, first) == SFP_OK, "a heap can be destroyed");
	NANO_HOLDS(heap_destroy(&state->heap, first) == SFP_INVALID, "but once");
	NANO_HOLDS(heap_free(&state->heap, second, block) == SFP_OK, "another heap stays");
	NANO_HOLDS(heap_destroy(&state->heap, second) == SFP_OK, "until it is destroyed");
	NANO_HOLDS(heap_alloc(&state->heap, (struct heap *)(void *)state, 1, &block) == SFP_INVALID,
		   "a state is no heap");
	return status;
}

static enum sfp_status check(struct customer_state *state)
{
	const uint32_t before = free_frames(state);

	SFP_TRY(check_runs(state));
	SFP_TRY(check_limits(state));
	SFP_TRY(check_burial(state));
	SFP_TRY(check_heaps(state));
	NANO_HOLDS(before > 0 && free_frames(state) == before, "all that was taken is free again");
	return SFP_OK;
}

NANO_HOOK(customer, check, check)

static const struct nano_use uses[] = {
	NANO_USE(customer, frames, frames, NANO_LAZILY),
	NANO_USE(customer, heap, heap, NANO_LAZILY),
	NANO_USES_END
};

static const struct nano_field fields[] = {
	NANO_FIELD(customer, frames, NANO_AGGREGATE), /* where it was found */
	NANO_FIELD(customer, heap, NANO_AGGREGATE),   /* the same */
	NANO_FIELDS_END
};

NANO_MODULE(customer,
	.version = 1,
	.summary = "asks for memory in every way",
	.state_size = sizeof(struct customer_state),
	.state_version = 1,
	.uses = uses,
	.fields = fields,
	.check = customer_check_hook_,
);
