/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * heap: memory in pieces of any size, out of any number of heaps. A heap lies
 * in frames of its own, its record included, and belongs to whoever made it:
 * the module knows of none. So a heap is limited alone, checked alone, and gone
 * in one call, with all that was ever allocated from it.
 */
#ifndef HEAP_H
#define HEAP_H

#include "nano/nano.h"

/** A heap: where its first frame lies. What is in there is the module's to read. */
struct heap;

struct heap_use {
	uint64_t limit;            /* bytes of frames that it may have */
	uint64_t bytes;            /* and has */
	uint64_t used;             /* of them: in blocks that are handed out, with what they need around */
	uint32_t blocks;           /* that are handed out */
};

struct heap_damage {
	const char *what;          /* a constant */
	const void *where;         /* the block, or the record */
};

struct heap_found {
	struct heap *heap;         /* NULL: begin */
	uint64_t limit;
	unsigned holder;
};

/*
 * Several may use one heap at once, but for destroy; not from interrupts, which are off for a look
 * at its chunks and at some free blocks, or, where nothing longer is free, at all of about the size.
 * `heap` must be one: what is none is INVALID, or a FAULT where no memory is.
 *
 * A fault in the middle of an operation leaves the heap as before it or as after it. Frames that
 * were just then on their way to or from it may stay its holder's: frames_give_all() has them.
 *
 * make      A heap of the holder's (as frames has them) that takes at most `limit` bytes of frames;
 *           it begins with one frame. LIMIT: less than one; NO_MEMORY. @retains nothing
 * alloc     A block of `size` bytes at an address that 16 divides; what is in it is undefined. LIMIT:
 *           the heap may have no more frames; NO_MEMORY: there are none; INVALID: size 0; FORGED: the
 *           heap is damaged; GONE: it is being destroyed. @retains nothing
 * free      Take a block back. STALE: it was given back already; INVALID: not a block of this heap;
 *           FORGED: something was written past its end, or the heap is damaged. @retains nothing
 * limit     Another limit. Where the heap has more already it gets no more. @retains nothing
 * use       How much of it is in use. @retains nothing
 * examine   Is anything in it overwritten? INVALID: yes, *damage says what. @retains nothing
 * destroy   The end of it and of all its blocks; nobody may be using it. After a fault: call it
 *           again. @retains nothing
 * next      The heap after *found, whoever's it is, by a search through all frames that are held;
 *           old news by the time it is read. NOT_FOUND: no more. @retains nothing
 */
#define HEAP_OPS(OP) \
	OP(make, SFP_IN(unsigned, holder), SFP_IN(uint64_t, limit), SFP_OUT(struct heap *, heap)) \
	OP(alloc, SFP_IN(struct heap *, heap), SFP_IN(size_t, size), SFP_OUT(void *, at)) \
	OP(free, SFP_IN(struct heap *, heap), SFP_IN(void *, at)) \
	OP(limit, SFP_IN(struct heap *, heap), SFP_IN(uint64_t, limit)) \
	OP(use, SFP_IN(struct heap *, heap), SFP_OUT(struct heap_use, use)) \
	OP(examine, SFP_IN(struct heap *, heap), SFP_OUT(struct heap_damage, damage)) \
	OP(destroy, SFP_IN(struct heap *, heap)) \
	OP(next, SFP_INOUT(struct heap_found, found))
SFP_INTERFACE(heap, 1, HEAP_OPS);

#endif /* HEAP_H */
