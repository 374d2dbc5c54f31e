/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol on weak memory: what each acquire and release is for.
 *
 * Items carry a payload, which the producer writes before it enqueues and the
 * handler reads, and a result, the other way round. Both must arrive.
 * Parameters: SECOND, whether producer 2 enqueues its item; FIRST_USES of
 * producer 1's item; CRASHES; STOPS (then producer 1 is restarted and settles);
 * PSO and EARLY, the memory: see layer-weak.pml.
 *
 * A machine may also let a store overtake an older load. That has no buffer here:
 * it is written by hand, as the program whose store comes first (BUG_X in core.pml).
 */
#define FIRST_ITEMS 1
#define ITEMS 2
#define SLOTS (3 + STOPS)
#define THREADS 3
#if STOPS
#define MARKERS
#endif
#define CLOSE 0
#define SLEEP 0
#define CHAIN 0
#define LIMIT 0
#define WEAK 1
#define FINE 1                /* an atomic group must not wait for its buffer */
#define LEAN 0

#define MAY_PAUSE false
#define MAY_GO_ON true
#define COUNT_BUDGET skip
#define SPEND skip

byte payload_of[SLOTS];       /* ghost: what the producer wrote for this use */
local bool bad_payload, bad_result;

#include "layer-weak.pml"
#include "core.pml"
#include "ghosts.pml"

/* ---- the machine: buffers land, loads are early ------------------------------- */

inline land(thread, n)
{
	memory[where_[AT(thread, n)]] = what_[AT(thread, n)];
	landed_late = (thread == 0 && where_[AT(thread, n)] != INCARNATION &&
		       phase[ITEM_AT(where_[AT(thread, n)])] == MINE);
	assert(!landed_late);
	filled[thread]--;
	g = n;
	do
	:: g == filled[thread] -> break
	:: else ->
		where_[AT(thread, g)] = where_[AT(thread, g + 1)];
		what_[AT(thread, g)] = what_[AT(thread, g + 1)];
		g++
	od;
	where_[AT(thread, g)] = 0;
	what_[AT(thread, g)] = 0;
	g = 0
}

#define PLACE(thread, n) where_[AT(thread, n)]

proctype Buffer(byte thread)
{
end_landed:
	do
	:: d_step { filled[thread] > 0 -> land(thread, 0) }
#if PSO
	:: d_step { filled[thread] > 1 && PLACE(thread, 1) != PLACE(thread, 0) -> land(thread, 1) }
	:: d_step { filled[thread] > 2 && PLACE(thread, 2) != PLACE(thread, 0) &&
		    PLACE(thread, 2) != PLACE(thread, 1) -> land(thread, 2) }
#endif
	od
}

#if EARLY
/* Read one place ahead of time; not one that the thread has a store to under way. */
inline read_early(thread, place)
{
	d_step {
		early_place[thread] == NOTHING &&
		!(filled[thread] > 0 && PLACE(thread, 0) == (place)) &&
		!(filled[thread] > 1 && PLACE(thread, 1) == (place)) &&
		!(filled[thread] > 2 && PLACE(thread, 2) == (place)) ->
		early_place[thread] = place;
		early_value[thread] = memory[place]
	}
}
#endif

/* ---- the threads ------------------------------------------------------------------ */

#define C_FORGET i = 0; a = 0; older = 0; newer_ = 0; after = 0; h = 0; st = 0; w = 0; ok = 0; all = 0; unseen = 0

inline handle()
{
	C_LOAD(w, PAYLOAD(i), RELAXED, bad_payload = (w != payload_of[i]));
	assert(!bad_payload);
	C_STORE(RESULT(i), w, RELAXED, skip)
}

active proctype Consumer()
{
	byte i, a, older, newer_, after, h, st;
	short w;
	bool ok, all, unseen;

life:
	attach();
	do
	:: peek();
		if
		:: st == OK -> handle(); retire(DONE)
		:: else -> judge_empty()
		fi;
		C_FORGET
	od;
dead:
	/* The proof of death includes that the dead one's stores are visible. */
	atomic { filled[0] == 0 -> crashes--; handed = 0; FORGET_EARLY(0); C_FORGET };
	goto life
}

#define P_FORGET h = 0; w = 0; st = 0; ok = 0; pushed = 0; proved = 0

/* The producer's view of its item: by state or by reclaim; the result must be there. */
inline await(x)
{
	if
	:: true ->
		do
		:: P_LOAD(w, WORD(x), ACQUIRE_STATE, judge_report(x); ok = TERMINAL(w));
			if
			:: ok -> break
			:: else
			fi
		od;
		check_result(x)
	:: true
	fi;
	do
	:: reclaim(x);
		if
		:: phase[x] == MINE -> break
		:: else
		fi
	od;
	check_result(x)
}

inline check_result(x)
{
	P_LOAD(w, RESULT(x), RELAXED, bad_result = (w != payload_of[x]));
	assert(!bad_result);
	w = 0
}

proctype Producer(byte p; byte x; byte uses)
{
	byte h, st, marker;
	short w;
	bool ok, pushed, proved;

life:
	do
	:: uses == 0 -> break
	:: else ->
		uses--;
		payload_of[x]++;
		P_STORE(PAYLOAD(x), payload_of[x], RELAXED, own(x));
		enqueue(x, 0);
		await(x);
		P_FORGET
	od;
	goto end_done;
dead:
#if STOPS
	atomic { filled[p] == 0 -> stops--; FORGET_EARLY(p); P_FORGET; marker = 3 };
	enqueue(marker, MARKER);
	do
	:: settle(x, marker);
		if
		:: st == OK -> break
		:: else
		fi
	od;
	if
	:: phase[x] != MINE -> await(x)
	:: else
	fi;
	goto life;
#endif
end_done:
	false
}

#if EARLY
/* What each thread may read ahead of time. */
active proctype Early()
{
end_early:
	do
	:: read_early(0, NEXT(1))
	:: read_early(0, WORD(1))
	:: read_early(0, PAYLOAD(1))
	:: read_early(1, WORD(1))
	:: read_early(1, RESULT(1))
	:: read_early(1, INCARNATION)
#if SECOND
	:: read_early(0, NEXT(2))
	:: read_early(0, WORD(2))
	:: read_early(0, PAYLOAD(2))
#endif
	od
}
#endif

init {
	atomic {
		run Buffer(0);
		run Buffer(1);
		run Producer(1, 1, FIRST_USES);
#if SECOND
		run Buffer(2);
		run Producer(2, 2, 1)
#endif
	}
}
