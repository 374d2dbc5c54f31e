/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * blocks: a heap as it lies in memory. Private to the module heap; pure: no
 * frames are asked for here, and no lock is taken.
 *
 * A heap is a list of chunks, each a run of memory, cut into blocks without a
 * gap. What a block is, is one word: how long, free or in use, and a check of
 * both that depends on its address. That word is all there is to know. One
 * store of it makes a block be in use, or free, or two blocks out of one, or
 * one out of two. The rest (lists of free blocks by size, the length of the
 * block before, the count of bytes in use) follows from these words, and
 * blocks_mend() makes it anew: so a fault at any instruction leaves the change
 * either not begun or done.
 *
 * Behind the bytes that were asked for, up to the end of the block, lies a
 * pattern, of some bytes at least: who writes past the end is found by free
 * and by blocks_wrong().
 */
#ifndef HEAP_BLOCKS_H
#define HEAP_BLOCKS_H

#include <sfp/port.h>
#include <sfp/status.h>

#define BLOCKS_UNIT 16u        /* blocks begin at its multiples, and what is handed out too */
#define BLOCKS_BINS 32u

struct blocks_block;

/** At the beginning of each chunk. */
struct blocks_chunk {
	struct blocks_chunk *next;
	struct blocks_block *first;
	struct blocks_block *end;  /* of its blocks, and of the chunk */
	uint64_t bytes;            /* from this record to the end */
};

/** Zeroed: no chunk. */
struct blocks {
	struct blocks_chunk *chunks;
	struct blocks_block *bins[BLOCKS_BINS]; /* free ones of 2^i to 2^(i+1) - 1 units */
	uint64_t used;             /* bytes of blocks in use */
	uint32_t count;            /* of them */
	uint32_t damaged;          /* a block's word was overwritten: nothing is handed out any more */
};

/** Bytes of a chunk of which `size` can be had, when `head` at its start stay the caller's; 0: too many. */
size_t blocks_chunk_bytes(size_t head, size_t size);

/** `bytes` at `chunk` become the heap's, but for `head` bytes behind the chunk's own record. */
void blocks_add(struct blocks *blocks, struct blocks_chunk *chunk, size_t head, size_t bytes);

/** @return OK; NO_MEMORY: no free block is long enough; INVALID: no size; FORGED: damaged */
enum sfp_status blocks_alloc(struct blocks *blocks, size_t size, void **at) SFP_NODISCARD;

/**
 * @return OK; STALE: it is free already; INVALID: nothing that was handed out begins there;
 *         FORGED: something was written past its end, or over the word of a block beside it
 */
enum sfp_status blocks_free(struct blocks *blocks, void *at) SFP_NODISCARD;

/** Make all that follows from the blocks' words anew; after a fault in the middle. */
void blocks_mend(struct blocks *blocks);

/** What is wrong, and where; NULL: nothing. */
const char *blocks_wrong(const struct blocks *blocks, const void **where);

#endif /* HEAP_BLOCKS_H */
