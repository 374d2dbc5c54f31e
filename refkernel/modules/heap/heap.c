/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * heap: owns nothing: each heap lies in frames that its client holds. Retains
 * nothing between two calls but where it found the module frames. Called by
 * whoever needs memory in pieces.
 *
 * A heap's record is a monitor in its first frame. What a fault leaves half
 * done there is made anew from the blocks (SFP_REPAIR, blocks.h).
 */
#include "heap.h"

#include "blocks.h"
#include "frames.h"

#include <sfp/monitor.h>

#define GROWTH (4 * NANO_FRAME_BYTES) /* at a time, where the limit and the frames allow it */

struct inside {
	struct blocks blocks;
	uint32_t ending; /* destroy has begun */
	uint32_t leaving_frames;   /* a chunk on its way out: its frames, and where; 0: none */
	uint64_t leaving;
};

static void mend(struct inside *inside)
{
	blocks_mend(&inside->blocks);
}

SFP_MONITOR(heap_inside, struct inside, SFP_SPIN_IRQ, SFP_REPAIR(mend));

struct heap {
	struct blocks_chunk chunk;
	uint64_t magic; /* by which it is known to be one */
	uint64_t limit;
	uint64_t holder;
	struct heap_inside inside;
};

#define HEAD (sizeof(struct heap) - sizeof(struct blocks_chunk))

struct heap_state {
	struct frames_ref frames;
};

static uint64_t magic_of(const struct heap *heap)
{
	return (uintptr_t)heap * 0x9e3779b97f4a7c15ul ^ 0x70616568;
}

/* Of one that has no chunks any more, and whose own frame is on its way back. */
static uint64_t end_of(const struct heap *heap)
{
	return ~magic_of(heap);
}

static bool is_heap(const struct heap *heap)
{
	const uintptr_t offset = (uintptr_t)heap - NANO_DIRECT_MAP;

	return offset % NANO_FRAME_BYTES == 0 && offset < (uint64_t)UINT32_MAX &&
	       heap->magic == magic_of(heap);
}

static bool is_ended(const struct heap *heap)
{
	const uintptr_t offset = (uintptr_t)heap - NANO_DIRECT_MAP;

	return offset % NANO_FRAME_BYTES == 0 && offset < (uint64_t)UINT32_MAX && heap->magic == end_of(heap);
}

static uint64_t physical(const void *at)
{
	return (uintptr_t)at - NANO_DIRECT_MAP;
}

static uint32_t frames_of(uint64_t bytes)
{
	return (uint32_t)((bytes + NANO_FRAME_BYTES - 1) / NANO_FRAME_BYTES);
}

/* ---- frames on their way into a heap ------------------------------------------------- */

struct arrival {
	struct heap_state *state;
	struct heap *heap; /* NULL: it does not exist yet */
	uint64_t first;    /* written by frames, together with the taking; 0: none */
	uint32_t count;
	unsigned holder;
};

static bool has_chunk(struct heap *heap, const void *chunk)
{
	SFP_WITH(heap_inside, inside, &heap->inside) {
		const struct blocks_chunk *at = inside->blocks.chunks;

		while (at && at != chunk)
			at = at->next;
		return at != NULL;
	} else {
		return true;
	}
}

/* At the end, whatever that was: what the heap has not got goes back. */
static void settle(struct arrival *arrival)
{
	if (arrival->first == 0 || (arrival->heap && has_chunk(arrival->heap, nano_direct(arrival->first))))
		return;
	SFP_IGNORE(frames_give(&arrival->state->frames, arrival->first, arrival->count, arrival->holder),
		   "else a fault ended the taking, and they are free");
	arrival->first = 0;
}
SFP_GUARD(arriving, struct arrival, settle);

static enum sfp_status arrive(struct arrival *arrival, uint64_t bytes)
{
	arrival->count = frames_of(bytes);
	return frames_take(&arrival->state->frames, arrival->count, arrival->holder, &arrival->first);
}

/* ---- making one ---------------------------------------------------------------------------- */

static void found(struct heap *heap, unsigned holder, uint64_t limit)
{
	struct inside inside = { .ending = 0 };

	heap->limit = limit;
	heap->holder = holder;
	blocks_add(&inside.blocks, &heap->chunk, HEAD, NANO_FRAME_BYTES);
	heap_inside_init(&heap->inside, &inside);
}

static enum sfp_status serve_make(struct heap_state *state, unsigned holder, uint64_t limit,
				  struct heap **heap)
{
	struct heap *made;

	if (limit < NANO_FRAME_BYTES)
		return SFP_LIMIT;
	SFP_SCOPED(arriving, arrival, ((struct arrival){ .state = state, .holder = holder }));
	SFP_TRY(arrive(&arrival.value, NANO_FRAME_BYTES));
	made = nano_direct(arrival.value.first);
	found(made, holder, limit);
	*heap = made;
	made->magic = magic_of(made);
	arrival.value.first = 0;
	return SFP_OK;
}

/* ---- handing out ------------------------------------------------------------------------------ */

static uint64_t bytes_of(const struct blocks *blocks)
{
	uint64_t bytes = 0;

	for (const struct blocks_chunk *chunk = blocks->chunks; chunk; chunk = chunk->next)
		bytes += chunk->bytes;
	return bytes;
}

static enum sfp_status hand_out(struct heap *heap, size_t size, void **at)
{
	SFP_HOLD(heap_inside, inside, &heap->inside);
	return inside->ending ? SFP_GONE : blocks_alloc(&inside->blocks, size, at);
}

/* How many bytes of frames to ask for, so that `size` bytes can be had of them. */
static enum sfp_status plan_growth(struct heap *heap, size_t size, uint64_t *bytes)
{
	const uint64_t least = (uint64_t)frames_of(blocks_chunk_bytes(0, size)) * NANO_FRAME_BYTES;
	uint64_t left;

	SFP_HOLD(heap_inside, inside, &heap->inside);
	left = bytes_of(&inside->blocks);
	left = heap->limit > left ? heap->limit - left : 0;
	if (least == 0)
		return SFP_NO_MEMORY;
	if (least > left)
		return SFP_LIMIT;
	*bytes = least < GROWTH && GROWTH <= left ? GROWTH : least;
	return SFP_OK;
}

static enum sfp_status grow_into(struct heap *heap, const struct arrival *arrival, size_t size, void **at)
{
	const uint64_t bytes = (uint64_t)arrival->count * NANO_FRAME_BYTES;

	SFP_HOLD(heap_inside, inside, &heap->inside);
	if (inside->ending)
		return SFP_GONE;
	if (bytes_of(&inside->blocks) + bytes > heap->limit) /* others have let it grow meanwhile */
		return SFP_LIMIT;
	blocks_add(&inside->blocks, nano_direct(arrival->first), 0, bytes);
	return blocks_alloc(&inside->blocks, size, at);
}

static enum sfp_status grow(struct heap_state *state, struct heap *heap, size_t size, void **at)
{
	uint64_t bytes = 0;

	SFP_SCOPED(arriving, arrival,
		   ((struct arrival){ .state = state, .heap = heap, .holder = (unsigned)heap->holder }));
	SFP_TRY(plan_growth(heap, size, &bytes));
	SFP_TRY(arrive(&arrival.value, bytes));
	return grow_into(heap, &arrival.value, size, at);
}

static enum sfp_status serve_alloc(struct heap_state *state, struct heap *heap, size_t size, void **at)
{
	enum sfp_status status;

	if (!is_heap(heap))
		return SFP_INVALID;
	if (nano_allocation_fails())
		return SFP_NO_MEMORY;
	status = hand_out(heap, size, at);
	return status == SFP_NO_MEMORY ? grow(state, heap, size, at) : status;
}

/* ---- the rest ------------------------------------------------------------------------------------ */

static enum sfp_status serve_free(struct heap_state *state, struct heap *heap, void *at)
{
	(void)state;
	if (!is_heap(heap))
		return SFP_INVALID;
	SFP_HOLD(heap_inside, inside, &heap->inside);
	return blocks_free(&inside->blocks, at);
}

static enum sfp_status serve_limit(struct heap_state *state, struct heap *heap, uint64_t limit)
{
	(void)state;
	if (!is_heap(heap))
		return SFP_INVALID;
	SFP_HOLD(heap_inside, inside, &heap->inside);
	heap->limit = limit;
	return SFP_OK;
}

static enum sfp_status serve_use(struct heap_state *state, struct heap *heap, struct heap_use *use)
{
	(void)state;
	if (!is_heap(heap))
		return SFP_INVALID;
	SFP_HOLD(heap_inside, inside, &heap->inside);
	*use = (struct heap_use){ .limit = heap->limit,
				  .bytes = bytes_of(&inside->blocks),
				  .used = inside->blocks.used,
				  .blocks = inside->blocks.count };
	return SFP_OK;
}

static enum sfp_status serve_examine(struct heap_state *state, struct heap *heap, struct heap_damage *damage)
{
	(void)state;
	*damage = (struct heap_damage){ .what = "this is no heap", .where = heap };
	if (!is_heap(heap))
		return SFP_INVALID;
	SFP_HOLD(heap_inside, inside, &heap->inside);
	damage->what = blocks_wrong(&inside->blocks, &damage->where);
	return damage->what ? SFP_INVALID : SFP_OK;
}

/*
 * Noted, then off the list, then given back. Whoever comes after a fault finds the note: it is off the list
 * then, or is taken off it now, and to give it back a second time changes nothing.
 */
static enum sfp_status next_chunk(struct heap *heap, struct arrival *leaving)
{
	SFP_HOLD(heap_inside, inside, &heap->inside);
	struct blocks_chunk *const chunk = inside->blocks.chunks;

	inside->ending = 1;
	if (inside->leaving_frames == 0 && chunk != &heap->chunk) {
		inside->leaving = physical(chunk);
		sfp_compiler_barrier();
		inside->leaving_frames = frames_of(chunk->bytes);
		sfp_compiler_barrier();
	}
	if (inside->leaving_frames == 0)
		return SFP_EMPTY;
	leaving->first = inside->leaving;
	leaving->count = inside->leaving_frames;
	if (physical(chunk) == inside->leaving)
		inside->blocks.chunks = chunk->next;
	return SFP_OK;
}

static enum sfp_status chunk_is_gone(struct heap *heap)
{
	SFP_HOLD(heap_inside, inside, &heap->inside);
	inside->leaving_frames = 0;
	return SFP_OK;
}

/* STALE: it had been given before a fault. */
static enum sfp_status give_once(struct heap_state *state, const struct arrival *leaving)
{
	const enum sfp_status status = frames_give(&state->frames, leaving->first, leaving->count, leaving->holder);

	return status == SFP_STALE ? SFP_OK : status;
}

static enum sfp_status serve_destroy(struct heap_state *state, struct heap *heap)
{
	struct arrival leaving = { .state = state };
	enum sfp_status status;

	if (!is_heap(heap) && !is_ended(heap))
		return SFP_INVALID;
	leaving.holder = (unsigned)heap->holder;
	while (is_heap(heap) && (status = next_chunk(heap, &leaving)) != SFP_EMPTY) {
		SFP_TRY(status);
		SFP_TRY(give_once(state, &leaving));
		SFP_TRY(chunk_is_gone(heap));
	}
	heap->magic = end_of(heap);
	leaving.first = physical(heap);
	leaving.count = 1;
	status = frames_give(&state->frames, leaving.first, leaving.count, leaving.holder);
	return status == SFP_STALE ? SFP_INVALID : status;
}

static bool find_in(const struct frames_run *run, struct heap_found *found)
{
	for (uint64_t i = 0; i < run->count; i++) {
		struct heap *heap = nano_direct(run->first + i * NANO_FRAME_BYTES);

		if (!is_heap(heap))
			continue;
		*found = (struct heap_found){ .heap = heap, .limit = heap->limit, .holder = run->holder };
		return true;
	}
	return false;
}

static enum sfp_status serve_next(struct heap_state *state, struct heap_found *found)
{
	struct frames_run run = { .count = 0 };

	if (found->heap != NULL)
		run = (struct frames_run){ .first = physical(found->heap), .count = 1 };
	do {
		SFP_TRY(frames_next(&state->frames, 0, &run));
	} while (!find_in(&run, found));
	return SFP_OK;
}

static enum sfp_status check(struct heap_state *state)
{
	(void)state;
	return SFP_OK; /* there is nothing: each heap is examined by whoever has it */
}

SFP_PROVIDER(serve, struct heap_state, heap, HEAP_OPS);
NANO_HOOK(heap, check, check)

static const struct nano_use uses[] = { NANO_USE(heap, frames, frames, NANO_FIRST), NANO_USES_END };

static const struct nano_field fields[] = {
	NANO_FIELD(heap, frames, NANO_AGGREGATE), /* where it was found */
	NANO_FIELDS_END
};

NANO_MODULE(heap,
	.version = 1,
	.summary = "heaps that lie in their clients' frames",
	.state_size = sizeof(struct heap_state),
	.state_version = 1,
	.uses = uses,
	.fields = fields,
	NANO_OFFERS(serve, heap),
	.check = heap_check_hook_,
);
