/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Liveness, under weak fairness: whatever is enqueued is settled, whatever is
 * settled can be reclaimed, and a sleeper wakes.
 *
 * Parameters: FIRST_ITEMS (1 or 2) and SECOND_ITEMS (1), items that their
 * producers enqueue and reclaim for ever; CRASHES of the consumer; STOPS of
 * producer 1 (0 or 1); RESTART, whether a successor takes its items over; WATCH,
 * the item that the claim is about;
 * SLEEP, else the consumer polls. SFP_DFQ_BUDGET is 1.
 *
 * A weakly fair run of processes that are all blocked has no cycle to find, and
 * so no error: the ticker never blocks, and lets such a run be a cycle.
 */
#define ITEMS (FIRST_ITEMS + SECOND_ITEMS)
#define SLOTS (1 + FIRST_ITEMS + SECOND_ITEMS + STOPS)
#define CLOSE 0
#define CHAIN 0
#define LIMIT 0
#define FINE 0
#define WEAK 0
#define LEAN 1
#if STOPS
#define MARKERS
#endif

#define MAY_PAUSE budget == 0
#define MAY_GO_ON budget > 0
#define COUNT_BUDGET budget--
#define SPEND budget = (budget > 0 -> budget - 1 : 0)

#include "layer-sc.pml"
#include "core.pml"
#include "ghosts.pml"

bit tick;
bool settling;

active proctype Ticker()
{
	do
	:: tick = 1 - tick
	od
}

#define C_FORGET i = 0; a = 0; older = 0; newer_ = 0; after = 0; h = 0; st = 0; w = 0; ok = 0; all = 0; unseen = 0

active proctype Consumer()
{
	byte i, a, older, newer_, after, h, st, budget = 1;
	short w;
	bool ok, all, unseen;

life:
	attach();
	do
	:: budget = 1;
		peek();
		budget = 1;
		if
		:: st == OK -> retire(DONE)
#if SLEEP
		:: st == EMPTY ->
			wait();
			if
			:: st == OK ->
				d_step { asleep = true; judge_sleep() };
				d_step { latched -> latched = false; asleep = false }
			:: else
			fi
#endif
		:: else
		fi;
		C_FORGET
	od;
dead:
	atomic { crashes--; handed = 0; budget = 1; C_FORGET };
	goto life
}

#define P_FORGET i = 0; h = 0; w = 0; st = 0; ok = 0; pushed = 0; proved = 0

inline reclaim_at_last(x)
{
	do
	:: phase[x] == MINE -> break
	:: else -> reclaim(x)
	od
}

proctype Producer(byte p; byte low; byte high)
{
	byte i, h, st, marker;
	short w;
	bool ok, pushed, proved, waiting;

life:
	do
	:: true ->
		i = low;
		do
		:: i > high -> break
		:: else ->
			if
			:: phase[i] == MINE -> enqueue(i, 0)
			:: else
			fi;
			i++
		od;
		i = low;
		do
		:: i > high -> break
		:: else -> reclaim_at_last(i); i++
		od;
		P_FORGET
	od;

#if STOPS
dead:
	atomic {
		P_FORGET;
		stops--;
		marker = ITEMS + 1;
#if SLEEP
		if
		:: waiting -> hooks_due--; hook_missing = true; waiting = false
		:: else
		fi
#endif
	};
#if RESTART
	enqueue(marker, MARKER);
	settling = true;
	i = low;
	do
	:: i > high -> break
	:: else ->
		settle(i, marker);
		i = (st == OK -> i + 1 : i)
	od;
	settling = false;
	reclaim_at_last(marker);
	P_FORGET;
	goto life
#else
	false
#endif
#endif
}

init {
	atomic {
		run Producer(1, 1, FIRST_ITEMS);
		run Producer(2, FIRST_ITEMS + 1, FIRST_ITEMS + SECOND_ITEMS)
	}
}

/*
 * What must not last for ever: that WATCH is unsettled, or settled and not to be
 * reclaimed, or that settle says AGAIN. (That a push fails for ever may be: it is
 * lock-free.)
 */
#define UNSETTLED (phase[WATCH] == IN)
#define UNRECLAIMABLE (phase[WATCH] == OUT && !(word[WATCH] & RELEASED) && incarnation <= AGE(word[WATCH]))

never {
	do
	:: true
	:: UNSETTLED -> goto accept_unsettled
	:: UNRECLAIMABLE -> goto accept_unreclaimable
#if STOPS && RESTART
	:: settling -> goto accept_settling
#endif
	od;
accept_unsettled:
	do
	:: UNSETTLED
	od;
accept_unreclaimable:
	do
	:: UNRECLAIMABLE
	od;
#if STOPS && RESTART
accept_settling:
	do
	:: settling
	od
#endif
}
