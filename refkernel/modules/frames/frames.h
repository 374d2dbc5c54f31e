/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frames: the machine's memory, in frames of NANO_FRAME_BYTES, all that the
 * nano-core does not keep for itself.
 *
 * Whoever takes frames says who holds them, by a number. The module keeps that
 * number, a byte a frame, and nothing else of anybody: so all that somebody
 * holds can be asked for, and given back in one call when that one is dead.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include "nano/nano.h"

/** Who holds a frame: 1 to 254. */
enum frames_holder {
	FRAMES_HOLDER_MODULE = 1,  /* + its number, see nano_self() */
	FRAMES_HOLDER_TASK = 128,  /* + its number */
	FRAMES_HOLDERS = 255
};

/** Frames in a row that one holds. */
struct frames_run {
	uint64_t first;            /* physical address */
	uint32_t count;
	uint32_t holder;
};

struct frames_counts {
	uint32_t total;            /* frames that are here to be handed out */
	uint32_t free;
};

/*
 * Addresses are physical; nano_direct() says where they are found. No operation blocks for longer
 * than a look at some thousand frames and, for `take` and `give`, at as many as are asked for; all
 * may be called from interrupts and by several at once.
 *
 * A fault in the middle of any operation leaves what was there before, or all of what was asked
 * for. Who is told of a fault in `take` finds in *first, unless it is as it was, the frames to ask
 * `who` about.
 *
 * take      `count` frames in a row, zeroed, for `holder`. NO_MEMORY: there is no such run;
 *           INVALID: no count, or no holder. @retains who holds them
 * give      Give them back, or any part of a run. STALE: one of them is free, or another's: it was
 *           given back already; INVALID: no frame begins at `first`, or one is not ours.
 *           @retains nothing
 * give_all  Give back all that `holder` holds: it is dead, and nothing of it runs. *count is how
 *           many. After a fault some are given back; call it again. @retains nothing
 * who       Who holds the frame with that address in it? EMPTY: it is free; NOT_FOUND: not ours.
 *           @retains nothing
 * next      The run after *run of what `holder` holds (0: anybody); a zeroed one begins. Longer
 *           runs come in parts. NOT_FOUND: no more. @retains nothing
 * counts    @retains nothing
 */
#define FRAMES_OPS(OP) \
	OP(take, SFP_IN(uint32_t, count), SFP_IN(unsigned, holder), SFP_OUT(uint64_t, first)) \
	OP(give, SFP_IN(uint64_t, first), SFP_IN(uint32_t, count), SFP_IN(unsigned, holder)) \
	OP(give_all, SFP_IN(unsigned, holder), SFP_OUT(uint32_t, count)) \
	OP(who, SFP_IN(uint64_t, address), SFP_OUT(unsigned, holder)) \
	OP(next, SFP_IN(unsigned, holder), SFP_INOUT(struct frames_run, run)) \
	OP(counts, SFP_OUT(struct frames_counts, counts))
SFP_INTERFACE(frames, 1, FRAMES_OPS);

#endif /* FRAMES_H */
