/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory behind store buffers. A store goes to the buffer of its thread and lands
 * later; a thread sees its own. TSO: a buffer lands in order. PSO (-DPSO): in any
 * order but for one place. A release empties the buffer before its own store (in
 * TSO it is a plain store), and so does a release swap; swaps act on memory, and
 * in TSO every swap empties the buffer. With EARLY a thread may read one place
 * ahead of time and use that value where its program comes to the load: loads
 * overtake loads. An acquire forgets what was read early. A load that others'
 * addresses depend on may be overtaken too, as in C11 and on Alpha.
 * Not here: a store that overtakes an older load; see memory.pml.
 */
#define PLACES (1 + 4 * SLOTS)
#define INCARNATION 0
#define WORD(i) (1 + 4 * (i))
#define NEXT(i) (2 + 4 * (i))
#define PAYLOAD(i) (3 + 4 * (i))
#define RESULT(i) (4 + 4 * (i))
#define ITEM_AT(place) (((place) - 1) / 4)

short memory[PLACES];
byte head;                    /* is only ever swapped or loaded */
local byte newer[SLOTS];      /* the consumer's alone */

/* Buffers: the oldest store first. */
#define DEPTH 3
byte filled[THREADS];
byte where_[THREADS * DEPTH];
short what_[THREADS * DEPTH];
#define AT(thread, n) ((thread) * DEPTH + (n))

/* What was read ahead of time. */
#define NOTHING 255
byte early_place[THREADS] = NOTHING;
short early_value[THREADS];

local bool landed_late;       /* a store of the consumer's landed in an item that its producer has back */

/* What every order means; -DRELAXED_X makes one of them relaxed. */
#define RELAXED 0
#ifndef RELAXED_PUSH
#define RELEASE_PUSH 1
#else
#define RELEASE_PUSH 0
#endif
#ifndef RELAXED_A
#define RELEASE_A 1
#else
#define RELEASE_A 0
#endif
#ifndef RELAXED_C
#define RELEASE_C 1
#else
#define RELEASE_C 0
#endif
#ifndef RELAXED_NEWEST
#define RELEASE_NEWEST 1
#else
#define RELEASE_NEWEST 0
#endif
#ifndef RELAXED_TRIM
#define RELEASE_TRIM 1
#else
#define RELEASE_TRIM 0
#endif
#ifndef RELAXED_PUBLISH
#define RELEASE_INCARNATION 1
#else
#define RELEASE_INCARNATION 0
#endif
#ifndef RELAXED_HEAD
#define ACQUIRE_HEAD 1
#else
#define ACQUIRE_HEAD 0
#endif
#ifndef RELAXED_STATE
#define ACQUIRE_STATE 1
#else
#define ACQUIRE_STATE 0
#endif
#ifndef RELAXED_WORD
#define ACQUIRE_WORD 1
#else
#define ACQUIRE_WORD 0
#endif
#ifndef RELAXED_INCARNATION
#define ACQUIRE_INCARNATION 1
#else
#define ACQUIRE_INCARNATION 0
#endif
#ifndef RELAXED_MARKER
#define ACQUIRE_MARKER 1
#else
#define ACQUIRE_MARKER 0
#endif
#ifndef RELAXED_EMPTY
#define ACQUIRE_EMPTY 1
#else
#define ACQUIRE_EMPTY 0
#endif

#define FORGET_EARLY(thread) early_place[thread] = NOTHING; early_value[thread] = 0
#define LATEST(thread, place, n, otherwise) \
	(filled[thread] > n && where_[AT(thread, n)] == (place) -> what_[AT(thread, n)] : otherwise)

/* The value of a place for a thread: its own latest store, what it read early, or memory. */
inline read(thread, to, place, order)
{
	g = place;
	if
	:: early_place[thread] == g -> to = early_value[thread]; FORGET_EARLY(thread)
	:: else ->
		to = LATEST(thread, g, 2, LATEST(thread, g, 1, LATEST(thread, g, 0, memory[g])))
	fi;
	g = 0;
	if
	:: order -> FORGET_EARLY(thread)
	:: else
	fi
}

inline write(thread, place, value)
{
	if
	:: early_place[thread] == place -> FORGET_EARLY(thread)
	:: else
	fi;
	where_[AT(thread, filled[thread])] = place;
	what_[AT(thread, filled[thread])] = value;
	filled[thread]++
}

/* Stores a thread can go on with: room in the buffer; for a release, nothing in it. */
#if PSO
#define MAY_STORE(thread, order) (filled[thread] < DEPTH && (!(order) || filled[thread] == 0))
#define MAY_SWAP(thread, order) (!(order) || filled[thread] == 0)
#else
#define MAY_STORE(thread, order) (filled[thread] < DEPTH)
#define MAY_SWAP(thread, order) (filled[thread] == 0)
#endif

#define C_STEP(does) if :: d_step { does } :: crashes > 0 -> goto dead fi
#if STOPS
#define P_STEP(does) if :: d_step { does } :: p == 1 && stops > 0 -> goto dead fi
#else
#define P_STEP(does) d_step { does }
#endif

/* head is no buffered place: loads of it read memory. */
inline acquire(thread, order)
{
	if
	:: order -> FORGET_EARLY(thread)
	:: else
	fi
}

#define SWAP_(expected, to, also) \
	if \
	:: head == expected -> head = to; ok = true; also \
	:: else -> expected = head; ok = false \
	fi

#define C_LOAD(to, place, order, also) C_STEP(read(0, to, place, order); also)
#define P_LOAD(to, place, order, also) P_STEP(read(p, to, place, order); also)
#define C_LOAD_HEAD(to, order, also) C_STEP(to = head; acquire(0, order); also)
#define P_LOAD_HEAD(to, order, also) P_STEP(to = head; acquire(p, order); also)
#define C_STORE(place, value, order, also) C_STEP(MAY_STORE(0, order) -> write(0, place, value); also)
#define P_STORE(place, value, order, also) P_STEP(MAY_STORE(p, order) -> write(p, place, value); also)
#define C_SWAP(expected, to, order, also) C_STEP(MAY_SWAP(0, order) -> SWAP_(expected, to, also))
#define P_SWAP(expected, to, order, also) P_STEP(MAY_SWAP(p, order) -> SWAP_(expected, to, also))
#define C_MODIFY_HEAD(value, also) C_STEP(MAY_SWAP(0, 1) -> head = value; also)

/* `newer` is the consumer's alone, from incarnation to incarnation. */
#define C_LOAD_NEWER(to, i, also) C_STEP(to = newer[i]; also)
#define C_STORE_NEWER(i, value, also) C_STEP(newer[i] = value; also)
