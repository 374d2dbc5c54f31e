/* SPDX-License-Identifier: BSD-2-Clause */
/* blocks: see blocks.h. */
#include "blocks.h"

#include "lib/mem.h"

#include <sfp/atomic.h>

#define TAIL_BYTES 8u /* of the pattern, at least */
#define TAIL 0xa5u
#define UNITS_LEAST 2u /* a free block holds its links */
#define UNITS_MOST (1u << 28)
#define TRIES 32u /* blocks of about the right size that are looked at before a larger one is cut */

/* The word: units in the low 32 bits, then 8 of the state, then 24 that check both. */
#define STATE_FREE 0x4ful
#define STATE_USED 0xb2ul

struct blocks_block {
	uint64_t word;
	uint32_t before; /* units of the block before; 0: it is the first */
	uint32_t asked;  /* bytes; in use only */
	/* free only */
	struct blocks_block *older;
	struct blocks_block *newer;
};

#define HEADER offsetof(struct blocks_block, older)

SFP_STATIC_ASSERT(HEADER == BLOCKS_UNIT, "what is handed out begins at a multiple of the unit");
SFP_STATIC_ASSERT(sizeof(struct blocks_block) == UNITS_LEAST * BLOCKS_UNIT,
		  "the least block has room for links");
SFP_STATIC_ASSERT(sizeof(struct blocks_chunk) % BLOCKS_UNIT == 0,
		  "a chunk's first block is at such a multiple");

/* ---- words -------------------------------------------------------------------- */

static uint64_t word_of(const struct blocks_block *block, uint32_t units, uint64_t state)
{
	const uint64_t low = state << 32 | units;
	const uint64_t mixed = ((uintptr_t)block ^ low) * 0x9e3779b97f4a7c15ul;

	return mixed >> 40 << 40 | low;
}

static uint32_t units_of(const struct blocks_block *block)
{
	return (uint32_t)block->word;
}

static bool is(const struct blocks_block *block, uint64_t state)
{
	return block->word == word_of(block, units_of(block), state) && units_of(block) >= UNITS_LEAST;
}

static bool is_sound(const struct blocks_block *block)
{
	return is(block, STATE_FREE) || is(block, STATE_USED);
}

/* The store that makes it so: what the word speaks of is complete before, what follows comes after. */
static void set(struct blocks_block *block, uint32_t units, uint64_t state)
{
	sfp_compiler_barrier();
	*(volatile uint64_t *)&block->word = word_of(block, units, state);
	sfp_compiler_barrier();
}

static struct blocks_block *after(const struct blocks_block *block)
{
	return (struct blocks_block *)((uintptr_t)block + (uintptr_t)units_of(block) * BLOCKS_UNIT);
}

static uint8_t *payload(const struct blocks_block *block)
{
	return (uint8_t *)((uintptr_t)block + HEADER);
}

static size_t round_up(size_t bytes)
{
	return (bytes + BLOCKS_UNIT - 1) & ~(size_t)(BLOCKS_UNIT - 1);
}

/* 0: none that long can be. */
static uint32_t units_for(size_t size)
{
	const size_t units = size < (size_t)UNITS_MOST * BLOCKS_UNIT
				     ? round_up(HEADER + size + TAIL_BYTES) / BLOCKS_UNIT
				     : UNITS_MOST;

	if (units >= UNITS_MOST)
		return 0;
	return units < UNITS_LEAST ? UNITS_LEAST : (uint32_t)units;
}

/* ---- the tail ------------------------------------------------------------------- */

static size_t tail_of(const struct blocks_block *block, uint32_t units, uint8_t **tail)
{
	*tail = payload(block) + block->asked;
	return (size_t)units * BLOCKS_UNIT - HEADER - block->asked;
}

static bool tail_is_whole(const struct blocks_block *block)
{
	uint8_t *tail;
	size_t bytes;

	if (block->asked > (size_t)units_of(block) * BLOCKS_UNIT - HEADER - TAIL_BYTES)
		return false;
	bytes = tail_of(block, units_of(block), &tail);
	for (size_t i = 0; i < bytes; i++) {
		if (tail[i] != TAIL)
			return false;
	}
	return true;
}

/* ---- lists of free blocks ---------------------------------------------------------- */

static unsigned bin_of(uint32_t units)
{
	return 31u - (unsigned)__builtin_clz(units);
}

static void link(struct blocks *blocks, struct blocks_block *block)
{
	struct blocks_block **bin = &blocks->bins[bin_of(units_of(block))];

	block->newer = NULL;
	block->older = *bin;
	if (*bin)
		(*bin)->newer = block;
	*bin = block;
}

static void unlink(struct blocks *blocks, struct blocks_block *block)
{
	if (block->newer)
		block->newer->older = block->older;
	else
		blocks->bins[bin_of(units_of(block))] = block->older;
	if (block->older)
		block->older->newer = block->newer;
}

static struct blocks_block *find_in(struct blocks_block *block, uint32_t units, uint32_t tries)
{
	for (; block && tries > 0; block = block->older, tries--) {
		if (units_of(block) >= units)
			return block;
	}
	return NULL;
}

static struct blocks_block *find(const struct blocks *blocks, uint32_t units)
{
	const unsigned bin = bin_of(units);
	struct blocks_block *block = find_in(blocks->bins[bin], units, TRIES);

	for (unsigned larger = bin + 1; !block && larger < BLOCKS_BINS; larger++)
		block = blocks->bins[larger];
	return block ? block : find_in(blocks->bins[bin], units, UINT32_MAX);
}

/* ---- chunks ----------------------------------------------------------------------- */

size_t blocks_chunk_bytes(size_t head, size_t size)
{
	const size_t units = units_for(size);

	return units ? sizeof(struct blocks_chunk) + round_up(head) + units * BLOCKS_UNIT : 0;
}

void blocks_add(struct blocks *blocks, struct blocks_chunk *chunk, size_t head, size_t bytes)
{
	const size_t first = sizeof(*chunk) + round_up(head);
	struct blocks_block *block = (struct blocks_block *)((uintptr_t)chunk + first);

	chunk->first = block;
	chunk->end = (struct blocks_block *)((uintptr_t)chunk + bytes);
	chunk->bytes = bytes;
	chunk->next = blocks->chunks;
	block->before = 0;
	set(block, (uint32_t)((bytes - first) / BLOCKS_UNIT), STATE_FREE);
	blocks->chunks = chunk;
	sfp_compiler_barrier();
	link(blocks, block);
}

static const struct blocks_chunk *chunk_of(const struct blocks *blocks, uintptr_t at)
{
	const struct blocks_chunk *chunk = blocks->chunks;

	while (chunk && (at < (uintptr_t)chunk->first || at >= (uintptr_t)chunk->end))
		chunk = chunk->next;
	return chunk;
}

/* ---- handing out -------------------------------------------------------------------- */

/* The end of a free block that is about to be cut becomes one of its own; nobody sees it yet. */
static struct blocks_block *cut(const struct blocks_block *block, uint32_t units)
{
	struct blocks_block *rest =
		(struct blocks_block *)((uintptr_t)block + (uintptr_t)units * BLOCKS_UNIT);

	rest->before = units;
	set(rest, units_of(block) - units, STATE_FREE);
	return rest;
}

/* The block before it has changed its length. */
static void tell_next(const struct blocks *blocks, const struct blocks_block *block)
{
	struct blocks_block *next = after(block);

	if (next != chunk_of(blocks, (uintptr_t)block)->end)
		next->before = units_of(block);
}

static void hand_out(struct blocks *blocks, struct blocks_block *block, uint32_t units, size_t size,
		     void **at)
{
	const bool cuts = units_of(block) - units >= UNITS_LEAST;
	struct blocks_block *rest = NULL;
	uint8_t *tail;
	size_t bytes;

	unlink(blocks, block);
	if (cuts)
		rest = cut(block, units);
	else
		units = units_of(block);
	block->asked = (uint32_t)size;
	bytes = tail_of(block, units, &tail);
	memset(tail, TAIL, bytes);
	*at = payload(block);
	set(block, units, STATE_USED);
	blocks->used += (uint64_t)units * BLOCKS_UNIT;
	blocks->count++;
	if (!rest)
		return;
	tell_next(blocks, rest);
	link(blocks, rest);
}

enum sfp_status blocks_alloc(struct blocks *blocks, size_t size, void **at)
{
	const uint32_t units = units_for(size);
	struct blocks_block *block;

	if (blocks->damaged)
		return SFP_FORGED;
	if (size == 0)
		return SFP_INVALID;
	block = units ? find(blocks, units) : NULL;
	if (!block)
		return SFP_NO_MEMORY;
	if (!is(block, STATE_FREE) || !chunk_of(blocks, (uintptr_t)block))
		return SFP_FORGED;
	hand_out(blocks, block, units, size, at);
	return SFP_OK;
}

/* ---- taking back -------------------------------------------------------------------- */

/* The block before, if it is free. */
static struct blocks_block *free_before(const struct blocks_block *block)
{
	struct blocks_block *before =
		(struct blocks_block *)((uintptr_t)block - (uintptr_t)block->before * BLOCKS_UNIT);

	return block->before != 0 && is(before, STATE_FREE) && after(before) == block ? before : NULL;
}

static struct blocks_block *join(struct blocks *blocks, struct blocks_block *block,
				 const struct blocks_block *end)
{
	struct blocks_block *next = after(block), *before = free_before(block);

	if (next != end && is(next, STATE_FREE)) {
		unlink(blocks, next);
		set(block, units_of(block) + units_of(next), STATE_FREE);
	}
	if (before) {
		unlink(blocks, before);
		set(before, units_of(before) + units_of(block), STATE_FREE);
		block = before;
	}
	return block;
}

enum sfp_status blocks_free(struct blocks *blocks, void *at)
{
	struct blocks_block *block = (struct blocks_block *)((uintptr_t)at - HEADER);
	const struct blocks_chunk *chunk = chunk_of(blocks, (uintptr_t)block);

	if (blocks->damaged)
		return SFP_FORGED;
	if (!chunk || (uintptr_t)at % BLOCKS_UNIT != 0)
		return SFP_INVALID;
	if (is(block, STATE_FREE))
		return SFP_STALE;
	if (!is(block, STATE_USED))
		return SFP_INVALID;
	if (!tail_is_whole(block) || (after(block) != chunk->end && !is_sound(after(block))))
		return SFP_FORGED;
	set(block, units_of(block), STATE_FREE);
	blocks->used -= (uint64_t)units_of(block) * BLOCKS_UNIT;
	blocks->count--;
	block = join(blocks, block, chunk->end);
	tell_next(blocks, block);
	link(blocks, block);
	return SFP_OK;
}

/* ---- after a fault ------------------------------------------------------------------- */

/* Where a block says that it ends must be in its chunk, and further on. */
static bool can_step(const struct blocks_block *block, const struct blocks_block *end)
{
	return is_sound(block) && units_of(block) <= ((uintptr_t)end - (uintptr_t)block) / BLOCKS_UNIT;
}

/* Join what is free side by side, and tell each block how long the one before it is. */
static bool mend_chunk(const struct blocks_chunk *chunk)
{
	struct blocks_block *before = NULL;

	for (struct blocks_block *block = chunk->first; block != chunk->end; block = after(before)) {
		if (!can_step(block, chunk->end))
			return false;
		if (before && is(before, STATE_FREE) && is(block, STATE_FREE)) {
			set(before, units_of(before) + units_of(block), STATE_FREE);
			continue;
		}
		block->before = before ? units_of(before) : 0;
		before = block;
	}
	return true;
}

static void count_chunk(struct blocks *blocks, const struct blocks_chunk *chunk)
{
	for (struct blocks_block *block = chunk->first; block != chunk->end; block = after(block)) {
		if (is(block, STATE_FREE)) {
			link(blocks, block);
			continue;
		}
		blocks->used += (uint64_t)units_of(block) * BLOCKS_UNIT;
		blocks->count++;
	}
}

void blocks_mend(struct blocks *blocks)
{
	memset(blocks->bins, 0, sizeof(blocks->bins));
	blocks->used = 0;
	blocks->count = 0;
	blocks->damaged = 0;
	for (const struct blocks_chunk *chunk = blocks->chunks; chunk; chunk = chunk->next) {
		if (mend_chunk(chunk))
			count_chunk(blocks, chunk);
		else
			blocks->damaged = 1;
	}
}

/* ---- checking ------------------------------------------------------------------------- */

struct count {
	uint64_t used;
	uint32_t in_use;
	uint32_t free;
};

static const char *block_wrong(const struct blocks_block *block, const struct blocks_block *before,
			       const struct blocks_block *end)
{
	if (!can_step(block, end))
		return "the word of a block was overwritten";
	if (block->before != (before ? units_of(before) : 0))
		return "a block does not know the one before it";
	if (is(block, STATE_USED))
		return tail_is_whole(block) ? NULL : "a block was written past its end";
	return before && is(before, STATE_FREE) ? "two blocks that are free lie side by side" : NULL;
}

static const char *chunk_wrong(const struct blocks_chunk *chunk, struct count *count, const void **where)
{
	const struct blocks_block *before = NULL;

	*where = chunk;
	if ((uintptr_t)chunk->end != (uintptr_t)chunk + chunk->bytes ||
	    (uintptr_t)chunk->first < (uintptr_t)(chunk + 1) || chunk->first >= chunk->end)
		return "the record of a chunk was overwritten";
	for (const struct blocks_block *block = chunk->first; block != chunk->end; block = after(block)) {
		const char *wrong = block_wrong(block, before, chunk->end);

		*where = payload(block);
		if (wrong)
			return wrong;
		count->used += is(block, STATE_USED) ? (uint64_t)units_of(block) * BLOCKS_UNIT : 0;
		count->in_use += is(block, STATE_USED);
		count->free += is(block, STATE_FREE);
		before = block;
	}
	return NULL;
}

static const char *bins_wrong(const struct blocks *blocks, uint32_t free, const void **where)
{
	for (unsigned bin = 0; bin < BLOCKS_BINS; bin++) {
		const struct blocks_block *newer = NULL;

		for (const struct blocks_block *block = blocks->bins[bin]; block; block = block->older) {
			*where = payload(block);
			if (free-- == 0 || !is(block, STATE_FREE) || bin_of(units_of(block)) != bin ||
			    block->newer != newer)
				return "a list of free blocks was overwritten";
			newer = block;
		}
	}
	return free == 0 ? NULL : "a block that is free is on no list";
}

const char *blocks_wrong(const struct blocks *blocks, const void **where)
{
	struct count count = { .used = 0 };
	const char *wrong = NULL;

	for (const struct blocks_chunk *chunk = blocks->chunks; chunk && !wrong; chunk = chunk->next)
		wrong = chunk_wrong(chunk, &count, where);
	if (!wrong)
		wrong = bins_wrong(blocks, count.free, where);
	if (wrong)
		return wrong;
	*where = NULL;
	return count.used == blocks->used && count.in_use == blocks->count
		       ? NULL
		       : "what is in use was counted wrong";
}
