/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Safety: whatever producers and consumers do, crashes included, no rule is broken.
 *
 * Parameters, each with -D: FIRST_ITEMS and SECOND_ITEMS (of producers 1 and 2);
 * FIRST_USES and SECOND_USES, how often each enqueues, so items are used again;
 * CRASHES of the consumer; STOPS of producer 1, which is restarted and settles
 * with a fresh marker each time; CLOSE, SLEEP, CHAIN: whether these happen;
 * LIMIT of attempts, 0 for none. A call's share of work is any number.
 */
#define ITEMS (FIRST_ITEMS + SECOND_ITEMS)
#define SLOTS (1 + FIRST_ITEMS + SECOND_ITEMS + STOPS)
#if STOPS
#define MARKERS
#endif
#define WEAK 0
#define LEAN 0

#define MAY_PAUSE true
#define MAY_GO_ON true
#define COUNT_BUDGET skip
#define SPEND skip

#include "layer-sc.pml"
#include "core.pml"
#include "ghosts.pml"

/* ---- the consumer: any operation at any time ---------------------------------- */

#define C_FORGET i = 0; a = 0; older = 0; newer_ = 0; after = 0; h = 0; st = 0; w = 0; ok = 0; all = 0; unseen = 0
#define C_DONE judge_empty(); C_FORGET

active proctype Consumer()
{
	byte i, a, older, newer_, after, h, st;
	short w;
	bool ok, all, unseen;

life:
	attach();
	do
	:: peek();
		C_DONE
	:: d_step { cursor != 0 -> after = cursor };
		hand_out();
		C_DONE
	:: if
		:: d_step { handed & BIT(1) -> i = 1 }
		:: d_step { handed & BIT(2) -> i = 2 }
#if FIRST_ITEMS + SECOND_ITEMS > 2
		:: d_step { handed & BIT(3) -> i = 3 }
#endif
#if FIRST_ITEMS + SECOND_ITEMS > 3
		:: d_step { handed & BIT(4) -> i = 4 }
#endif
		fi;
		retire(DONE);
		C_DONE
#if CLOSE
	:: close();
		d_step { judge_close() };
		C_DONE
#endif
#if SLEEP
	:: wait();
		if
		:: st == OK ->
			d_step { asleep = true; C_FORGET; judge_sleep() };
end_asleep:		if
			:: d_step { latched -> latched = false; asleep = false }
			:: d_step { crashes > 0 -> asleep = false }; goto dead
			fi
		:: else
		fi;
		C_DONE
#endif
	od;
dead:
	atomic { crashes--; handed = 0; C_FORGET };
	goto life
}

/* ---- the producers -------------------------------------------------------------- */

#define P_FORGET i = 0; h = 0; w = 0; st = 0; ok = 0; pushed = 0; proved = 0
#define IS_IDLE(x) (phase[x] == MINE && STATE(word[x]) == IDLE)

#if CHAIN
/* sfp_dfq_enqueue_chain() of items 1 and 2; both are idle, and nobody else's business */
inline enqueue_chain()
{
	P_STORE(WORD(1), QUEUED, RELAXED, own(1));
	P_STORE(NEXT(1), 0, RELAXED, own(1));
	P_STORE(WORD(2), QUEUED, RELAXED, own(2));
	P_STORE(NEXT(2), 1, RELAXED, own(2));
	push(2, 1);
	if
	:: pushed -> call_hook()
	:: else ->
		P_STORE(WORD(2), IDLE, RELAXED, own(2));
		P_STORE(WORD(1), IDLE, RELAXED, own(1))
	fi
}
#endif

proctype Producer(byte p; byte low; byte high; byte uses)
{
	byte i, h, st, marker;
	short w;
	bool ok, pushed, proved, waiting;
#ifdef BUG_SETTLE_LOOKS_FIRST
	short seen_;
#endif

life:
	atomic { P_FORGET };
end_idle:
	do
	:: d_step { uses > 0 && IS_IDLE(low) -> uses--; i = low };
		enqueue(i, 0);
		P_FORGET
#if FIRST_ITEMS > 1 || SECOND_ITEMS > 1
	:: d_step { uses > 0 && high != low && IS_IDLE(high) -> uses--; i = high };
		enqueue(i, 0);
		P_FORGET
#endif
#if CHAIN
	:: d_step { p == 1 && uses > 1 && IS_IDLE(1) && IS_IDLE(2) -> uses = uses - 2 };
		enqueue_chain();
		P_FORGET
#endif
	:: if
		:: d_step { STATE(word[low]) != IDLE -> i = low }
		:: d_step { high != low && STATE(word[high]) != IDLE -> i = high }
		:: d_step { marker != 0 && STATE(word[marker]) != IDLE -> i = marker }
		fi;
		reclaim(i);
		P_FORGET
	od;

#if STOPS
dead:
	/* The successor starts over the old one's items, with a marker that was never used. */
	atomic {
		P_FORGET;
		stops--;
#ifdef BUG_OLD_MARKER
		marker = ITEMS + 1;
#else
		marker = ITEMS + STOPS - stops;
#endif
#if SLEEP
		if
		:: waiting -> hooks_due--; hook_missing = true; waiting = false
		:: else
		fi
#endif
	};
	enqueue(marker, MARKER);
#ifndef BUG_OLD_MARKER
	marker = (pushed -> marker : 0);
#endif
	i = low;
	do
	:: settle(i, marker);
		if
		:: st == OK && i == high -> break
		:: st == OK && i != high -> i = high
		:: else
		fi
	od;
	goto life
#endif
}

init {
	atomic {
		run Producer(1, 1, FIRST_ITEMS, FIRST_USES);
		run Producer(2, FIRST_ITEMS + 1, FIRST_ITEMS + SECOND_ITEMS, SECOND_USES)
	}
}
