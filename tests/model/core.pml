/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The protocol of <sfp/dfq.h> and libpatterns/dfq.c, function by function, over
 * the accesses of a layer (layer-*.pml). Items are numbers from 1; 0 is NULL.
 * An inline works on the local variables of the process that it stands in.
 */

/* The word of an item: state, flags, attempts, incarnation. */
#define IDLE 0
#define QUEUED 1
#define DONE 2
#define FAILED 3
#define LOST 4
#define STATE(w) ((w) & 7)
#define TERMINAL(w) (STATE(w) > QUEUED)
#define RELEASED 8
#define LINKED 16
#define MARKER 32
#define AGE_SHIFT 8
#define AGE(w) ((w) >> AGE_SHIFT)
#if LIMIT
#define ATTEMPT 64
#define ATTEMPTS 192
#define UNLIMITED ATTEMPTS
#else
/* Without a limit the count only tells people: it stands at its end, as in C after 255 attempts. */
#define ATTEMPT 0
#define ATTEMPTS 0
#define UNLIMITED 1
#endif

/* head: the newest item and two tags. */
#define CLOSED 1
#define WAITING 2
#define TAGS(h) ((h) & 3)
#define PTR(h) ((h) >> 2)
#define TAGGED(i, tags) (((i) << 2) | (tags))

/* struct sfp_dfq, the consumer's alone. It survives a crash, so attach must not trust it. */
#if LIMIT
local byte limit = LIMIT * ATTEMPT;
#else
local byte limit = UNLIMITED;
#endif
local byte attached, latest, oldest, linked, cursor, top, at;
local bool recovering;

/* What a call of the consumer returned. */
#define OK 1
#define EMPTY 2
#define AGAIN 3
#define GONE 4

/*
 * GRAIN { ... } is one step in the coarse model and as many as there are accesses
 * in the fine one (FINE). It may hold one access that others can tell, and besides
 * only what commutes with all that others do: the accesses of a producer to its
 * own item, of the consumer to an unsettled one (own() and hold() assert that they
 * are), to `newer` and to CLOSED, which it alone writes.
 */
#if FINE
#define GRAIN
#else
#define GRAIN atomic
#endif

/*
 * BUG_X, with -D, breaks the protocol in one place: a wrong model must be caught
 * (run.py seeded). The ones that are one expression stand here.
 */
#ifdef BUG_PUSH_DROPS_WAITING
#define KEPT_BY_PUSH 0
#else
#define KEPT_BY_PUSH WAITING
#endif
#ifdef BUG_RELEASED_AT_A
#define AT_A RELEASED
#else
#define AT_A 0
#endif
#ifdef BUG_NO_LINKED_MARK
#define SEEN_BY_WALK 0
#else
#define SEEN_BY_WALK LINKED
#endif
#ifdef BUG_SETTLE_UNPROVED
#define PROVED true
#else
#define PROVED proved
#endif
#ifdef BUG_WALK_KEEPS_TERMINAL
#define SKIPPED(w) false
#else
#define SKIPPED(w) TERMINAL(w)
#endif
#ifdef BUG_PAUSE_FORGETS
#define KEEP_PLACE at = 0; top = 0
#else
#define KEEP_PLACE at = a
#endif
#ifdef BUG_ATTEMPT_NOT_COUNTED
#define COUNTED 0
#else
#define COUNTED ATTEMPT
#endif
#ifdef BUG_CLOSED_IS_A_FLAG
byte closed;
#define IS_CLOSED(h) closed
#define SET_CLOSED C_STEP(closed = 1)
#else
#define IS_CLOSED(h) ((h) & CLOSED)
#ifdef BUG_CLOSE_TAKES_THE_LIST
#define SET_CLOSED C_MODIFY_HEAD(CLOSED, check_list())
#else
#define SET_CLOSED C_MODIFY_HEAD(head | CLOSED, skip)
#endif
#endif

/* ---- the producer's side --------------------------------------------------- */

/* sfp_dfq_push_(), after its load of head; pushed is false for SFP_GONE */
inline push(newest, lowest)
{
	do
	:: IS_CLOSED(h) -> pushed = false; break
	:: else ->
		GRAIN {
			P_STORE(NEXT(lowest), PTR(h), RELAXED, own(lowest));
			P_SWAP(h, TAGGED(newest, h & KEPT_BY_PUSH), RELEASE_PUSH, note_push(newest, lowest));
			if
			:: ok -> pushed = true; break
			:: else
			fi
		}
	od;
	h = 0
}

/* sfp_dfq_enqueue(); sfp_dfq_mark() with flags == MARKER. The hook of SFP_DFQ_HOOKED included. */
inline enqueue(x, flags)
{
	GRAIN {
		P_LOAD(w, WORD(x), RELAXED, ok = (STATE(w) == IDLE); w = 0);
		if
		:: ok ->
			P_STORE(WORD(x), QUEUED | flags, RELAXED, own(x));
			P_LOAD_HEAD(h, RELAXED, skip)
		:: else
		fi
	};
	if
	:: ok ->
		push(x, x);
		if
		:: pushed -> call_hook()
		:: else -> P_STORE(WORD(x), IDLE, RELAXED, own(x))
		fi
	:: else
	fi
}

/* sfp_dfq_reclaim() */
inline reclaim(x)
{
#if defined(BUG_INCARNATION_FIRST_AND_UNEQUAL) || defined(VARIANT_INCARNATION_FIRST)
	P_LOAD(h, INCARNATION, ACQUIRE_INCARNATION, skip);
	GRAIN {
		P_LOAD(w, WORD(x), ACQUIRE_WORD, judge_report(x));
		if
#ifdef VARIANT_INCARNATION_FIRST
		:: TERMINAL(w) && ((w & RELEASED) || h > AGE(w)) -> P_STORE(WORD(x), IDLE, RELAXED, judge_reclaim(x))
#else
		:: TERMINAL(w) && ((w & RELEASED) || h != AGE(w)) -> P_STORE(WORD(x), IDLE, RELAXED, judge_reclaim(x))
#endif
		:: else
		fi;
		w = 0;
		h = 0
	}
#else
	GRAIN {
		P_LOAD(w, WORD(x), ACQUIRE_WORD, judge_report(x));
		if
		:: TERMINAL(w) && (w & RELEASED) -> w = 0; P_STORE(WORD(x), IDLE, RELAXED, judge_reclaim(x))
		:: !TERMINAL(w) -> w = 0
		:: TERMINAL(w) && !(w & RELEASED)
		fi
	};
	if
	:: w ->
		GRAIN {
			P_LOAD(h, INCARNATION, ACQUIRE_INCARNATION, ok = (h > AGE(w)); h = 0; w = 0);
			if
			:: ok -> P_STORE(WORD(x), IDLE, RELAXED, judge_reclaim(x))
			:: else
			fi
		}
	:: else
	fi
#endif
}

/* sfp_dfq_settle(); leaves st */
inline settle(x, marker_)
{
	proved = false;
#ifdef BUG_SETTLE_LOOKS_FIRST
	P_LOAD(seen_, WORD(x), RELAXED, skip);
#endif
	if
	:: marker_ != 0 -> P_LOAD(w, WORD(marker_), ACQUIRE_MARKER, proved = TERMINAL(w); w = 0)
	:: else
	fi;
	P_LOAD_HEAD(h, ACQUIRE_EMPTY, proved = (proved || PTR(h) == 0); h = 0);
	GRAIN {
#ifdef BUG_SETTLE_LOOKS_FIRST
		w = seen_;
		seen_ = 0;
		st = ((w & LINKED) || STATE(w) != QUEUED || PROVED -> OK : AGAIN);
#else
		P_LOAD(w, WORD(x), RELAXED, st = ((w & LINKED) || STATE(w) != QUEUED || PROVED -> OK : AGAIN));
#endif
		if
		:: STATE(w) == QUEUED && !(w & LINKED) && PROVED ->
			P_STORE(WORD(x), IDLE, RELAXED, judge_settle(x))
		:: else
		fi;
		proved = false
	};
	if
	:: STATE(w) != QUEUED -> reclaim(x)
	:: else -> w = 0
	fi
}

/* ---- linking backwards --------------------------------------------------------- */

/* mark_linked() */
inline mark_linked(x)
{
	C_LOAD(w, WORD(x), RELAXED, hold(x));
	C_STORE(WORD(x), w | SEEN_BY_WALK, RELAXED, hold(x); w = 0)
}

/* link_begin(); leaves a: 0 for false */
inline link_begin()
{
	C_LOAD_HEAD(h, ACQUIRE_HEAD, look_for_unseen(); a = PTR(h));
	if
	:: a == linked -> a = 0
	:: else ->
		if
		:: h & WAITING -> C_MODIFY_HEAD(head & ~WAITING, skip)
		:: else
		fi;
		GRAIN {
			mark_linked(a);
			at = a;
			top = a
		}
	fi;
	h = 0
}

/* unlink_pending() */
inline unlink_pending()
{
	C_LOAD(older, NEXT(linked), RELAXED, refer(linked));
	C_STORE(NEXT(a), older, RELAXED, hold(a); check_list());           /* B */
	GRAIN {
		if
		:: older -> C_STORE_NEWER(older, a, hold(older))
		:: else -> oldest = a
		fi;
		C_LOAD(w, WORD(linked), RELAXED, refer(linked))
	};
#ifdef BUG_PENDING_NEVER_RELEASED
	skip
#else
	C_STORE(WORD(linked), w | RELEASED, RELEASE_C, refer(linked))      /* C */
#endif
}

/* link_join() */
inline link_join()
{
	if
	:: !linked -> oldest = a
	:: else ->
		GRAIN {
			C_LOAD(w, WORD(linked), RELAXED, refer(linked));
			if
			:: !TERMINAL(w) -> C_STORE_NEWER(linked, a, hold(linked))
			:: else
			fi
		};
		if
		:: TERMINAL(w) -> unlink_pending()
		:: else
		fi
	fi;
	linked = top; top = 0; at = 0; a = 0; older = 0; w = 0
}

/* link_more(); leaves all */
inline link_more()
{
	all = true;
	a = at;
	if
	:: !top -> link_begin()
	:: else
	fi;
	do
	:: a == 0 -> break
	:: else ->
		GRAIN {
			C_LOAD(older, NEXT(a), RELAXED, hold(a));
			if
			:: older == linked
			:: older != linked && MAY_PAUSE -> KEEP_PLACE; all = false; a = 0; older = 0; break
			:: older != linked && MAY_GO_ON ->
				COUNT_BUDGET;
				C_LOAD(w, WORD(older), RELAXED, refer(older))
			fi
		};
		if
		:: older == linked -> link_join(); break
		:: older != linked && SKIPPED(w) ->
			C_LOAD(newer_, NEXT(older), RELAXED, refer(older));
#ifdef BUG_RELEASED_BY_RECOVERY
			C_STORE(WORD(older), w | RELEASED, RELEASE_C, refer(older));
#endif
			w = 0;
			C_STORE(NEXT(a), newer_, RELAXED, hold(a); check_list(); newer_ = 0; older = 0)
		:: older != linked && !SKIPPED(w) ->
			GRAIN {
				C_STORE_NEWER(older, a, hold(older));
				mark_linked(older);
				a = older;
				older = 0
			}
		fi
	od;
	newer_ = 0
}

/* ---- taking over ------------------------------------------------------------------ */

/* trim_head() */
inline trim_head()
{
	do
	:: true ->
		C_LOAD_HEAD(h, ACQUIRE_HEAD, a = PTR(h));
		if
		:: a == 0 -> break
		:: else
		fi;
		C_LOAD(w, WORD(a), RELAXED, refer(a));
		if
		:: !TERMINAL(w) -> break
		:: else
		fi;
		C_LOAD(older, NEXT(a), RELAXED, refer(a));
		C_SWAP(h, TAGGED(older, TAGS(h)), RELEASE_TRIM, check_list())
	od;
	a = 0; h = 0; w = 0; older = 0; ok = false
}

/* recover_more(); leaves all */
inline recover_more()
{
	if
	:: !top ->
#ifdef BUG_PUBLISHED_FIRST
		C_STORE(INCARNATION, attached, RELEASE_INCARNATION, skip);
#endif
#ifndef BUG_HEAD_NOT_TRIMMED
		trim_head();
#endif
		oldest = 0; linked = 0
	:: else
	fi;
	link_more();
	if
	:: all ->
#if !defined(BUG_PUBLISHED_FIRST) && !defined(BUG_NEVER_PUBLISHED)
		C_STORE(INCARNATION, attached, RELEASE_INCARNATION, skip);
#endif
		GRAIN {
			C_LOAD_HEAD(h, RELAXED, skip);
			if
			:: IS_CLOSED(h) -> limit = 0
			:: else
			fi;
			recovering = false;
			h = 0
		}
	:: else
	fi
}

/* sfp_dfq_attach(). Its own step of the takeover is the first of the next call's here. */
inline attach()
{
	C_STEP(recovering = true);
	C_STEP(latest++);
#ifdef BUG_ATTACH_TRUSTS_LINKS
	C_STEP(attached = latest; cursor = 0);
	C_STORE(INCARNATION, attached, RELEASE_INCARNATION, skip);
	recovering = false
#else
	C_STEP(attached = latest; top = 0; at = 0; oldest = 0; linked = 0; cursor = 0)
#endif
}

/* ---- handing out --------------------------------------------------------------------- */

/* newer_of(); leaves i and, if it is not 0, its word in w */
inline newer_of()
{
	GRAIN {
		i = 0;
		if
		:: after == 0 -> i = oldest
#ifndef BUG_NEWER_OF_THE_NEWEST
		:: after != 0 && after == linked
		:: after != 0 && after != linked -> C_LOAD_NEWER(i, after, hold(after))
#else
		:: else -> C_LOAD_NEWER(i, after, hold(after))
#endif
		fi;
		if
		:: i ->
			C_LOAD(w, WORD(i), RELAXED, refer(i));
			if
			:: TERMINAL(w) -> i = 0; w = 0
			:: else
			fi
		:: else
		fi
	}
}

/* find() without its recover_more(); leaves st */
inline find()
{
	GRAIN {
		C_LOAD_HEAD(h, RELAXED, st = (IS_CLOSED(h) -> GONE : OK); h = 0);
		if
		:: st == OK -> newer_of()
		:: else
		fi
	};
	if
	:: st == OK && !i ->
		link_more();
		if
		:: all ->
			newer_of();
			st = (i -> OK : EMPTY)
		:: else -> st = AGAIN
		fi
	:: else
	fi
}

/*
 * find_item(). The loads of i's word that C repeats here and in begin() are the
 * one in newer_of(): i is unsettled, so nobody else writes it. After a marker it
 * says AGAIN, as C does when its share of work is used up.
 */
inline find_item()
{
	st = OK;
	if
	:: recovering ->
		recover_more();
		if
		:: !all -> st = AGAIN
		:: else
		fi
	:: else
	fi;
	if
	:: st == OK -> find()
	:: else
	fi;
#ifdef MARKERS
	if
	:: st == OK && (w & MARKER) -> SPEND; retire(DONE); st = AGAIN
	:: else
	fi
#endif
}

/* sfp_dfq_begin() */
inline begin()
{
#if LIMIT
	if
	:: (w & ATTEMPTS) >= limit && limit != 0 && limit != UNLIMITED -> SPEND; retire(FAILED); st = AGAIN
	:: (w & ATTEMPTS) == ATTEMPTS && !((w & ATTEMPTS) >= limit && limit != 0 && limit != UNLIMITED) ->
		d_step { cursor = i; judge_hand_out(i) }
	:: else -> C_STORE(WORD(i), w + COUNTED, RELAXED, hold(i); cursor = i; judge_hand_out(i))
	fi
#else
	d_step { cursor = i; judge_hand_out(i) }
#endif
}

/* sfp_dfq_hand_out_() */
inline hand_out()
{
	find_item();
	if
	:: st == OK -> begin()
	:: else
	fi
}

/* sfp_dfq_peek(): the short way, else sfp_dfq_hand_out_() */
inline peek()
{
	after = 0;
	i = 0;
	if
	:: oldest ->
		GRAIN {
			C_LOAD(w, WORD(oldest), RELAXED, refer(oldest));
			if
			:: STATE(w) == QUEUED && !(w & MARKER) && (w & ATTEMPTS) < limit ->
				i = oldest;
				C_STORE(WORD(i), w + COUNTED, RELAXED, hold(i); cursor = i; st = OK; judge_hand_out(i))
			:: else
			fi
		}
	:: else
	fi;
	if
	:: !i -> hand_out()
	:: else
	fi
}

/* ---- settling --------------------------------------------------------------------------- */

/*
 * sfp_dfq_retire_newest_(). It reads i's next anew in C; only the consumer writes
 * it. be_patient() and the prefetches of link_more() touch no value.
 */
inline retire_newest()
{
	C_LOAD_HEAD(h, RELAXED, ok = false);
	if
	:: PTR(h) == i ->
#ifdef BUG_NEWEST_WITHOUT_SWAP
		C_MODIFY_HEAD(TAGGED(older, TAGS(h)), linked = older; oldest = (older -> oldest : 0); ok = true; check_list())
#else
		C_SWAP(h, TAGGED(older, TAGS(h)), RELEASE_NEWEST,
		       linked = older; oldest = (older -> oldest : 0); check_list())
#endif
	:: else
	fi;
	h = 0;
	if
	:: ok -> C_STORE(WORD(i), w | RELEASED, RELEASE_C, refer(i))                          /* C */
	:: else ->
#ifdef BUG_PENDING_RELEASED_AT_ONCE
		C_STORE(WORD(i), w | RELEASED, RELEASE_C, refer(i));
#endif
		link_more()
	fi
}

/* sfp_dfq_retire_() of i */
inline retire(outcome)
{
#ifdef BUG_UNLINKED_BEFORE_A
	if
	:: i != linked ->
		C_LOAD_NEWER(newer_, i, refer(i));
		C_LOAD(older, NEXT(i), RELAXED, hold(i));
		C_STORE(NEXT(newer_), older, RELAXED, refer(newer_); check_list())
	:: else
	fi;
#endif
	GRAIN {
		C_LOAD(w, WORD(i), RELAXED, judge_refused(w); w = (w & ATTEMPTS) | outcome | AT_A | (attached << AGE_SHIFT));
		C_LOAD(older, NEXT(i), RELAXED, hold(i));
		C_STORE(WORD(i), w, RELEASE_A, judge_outcome(i, w); cursor = (cursor == i -> older : cursor))  /* A */
	};
	if
	:: i == linked -> retire_newest()
	:: else ->
		GRAIN {
			C_LOAD_NEWER(newer_, i, refer(i));
			C_STORE(NEXT(newer_), older, RELAXED, refer(newer_); check_list())            /* B */
		};
		GRAIN {
			if
			:: older -> C_STORE_NEWER(older, newer_, hold(older))
			:: else -> oldest = newer_
			fi;
			C_STORE(WORD(i), w | RELEASED, RELEASE_C, refer(i))                           /* C */
		}
	fi
}

/* sfp_dfq_wait(); leaves st */
inline wait()
{
	after = cursor;
	find_item();
	if
	:: st == EMPTY ->
#ifdef BUG_WAIT_UNCHECKED
		C_MODIFY_HEAD(head | WAITING, ok = true);
#else
		h = TAGGED(linked, 0);
		C_SWAP(h, TAGGED(linked, WAITING), RELEASE_WAIT, skip);
#endif
		st = (ok || h == TAGGED(linked, WAITING) -> OK : AGAIN);
		h = 0
	:: st == OK -> st = AGAIN
	:: else
	fi
}

/* sfp_dfq_close(); leaves st */
inline close()
{
	GRAIN {
		C_LOAD_HEAD(h, RELAXED, skip);
		if
		:: !IS_CLOSED(h) -> SET_CLOSED
		:: else
		fi;
		limit = 0;
		h = 0
	};
	all = true;
	st = AGAIN;
	after = 0;
	if
	:: recovering -> recover_more()
	:: else
	fi;
	do
	:: !all || st == OK -> break
	:: else ->
		newer_of();
		if
		:: i -> SPEND; retire(LOST); all = true
		:: else ->
			link_more();
			if
			:: all && !oldest -> st = OK
			:: else
			fi
		fi
	od;
	all = false
}
