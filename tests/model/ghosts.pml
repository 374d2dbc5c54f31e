/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is true, kept beside the protocol, and the rules that compare it with
 * what the protocol does. A broken rule is an assertion by its name.
 */
#define MINE 0    /* the producer's: idle, or marked QUEUED and not pushed */
#define IN 1      /* pushed, not settled */
#define OUT 2     /* settled, not reclaimed */
byte phase[SLOTS];
byte last[3];                 /* what this producer pushed last */
byte handed;                  /* bit i: handed out by this incarnation and not settled */
byte crashes = CRASHES;       /* to come, of the consumer */
byte stops = STOPS;           /* to come, of producer 1 */

#define BIT(i) (1 << (i))
#define OWNER(i) ((i) <= FIRST_ITEMS -> 1 : 2)

local bool lost;             /* unsettled, and not to be reached from head */
local bool reachable;        /* reclaimed, and to be reached from head */
local bool cyclic;
local bool reordered;        /* an item of the same producer was overtaken */
local bool reused;           /* the consumer's side refers to an item that its producer has back */
local bool not_its_own;       /* an access that only the item's holder may do */
local bool refused;           /* complete says INVALID for what was handed out */
local bool settled_twice;    /* settled, or handed out, after it was settled */
local bool false_empty;
local bool false_report;     /* an outcome that is not so */
local bool false_idle;       /* settle says idle, and it was pushed */
local bool left_behind;      /* unsettled when close was done */
local bool too_often;        /* handed out more often than the limit */
local bool overslept;        /* asleep, something there, nobody about to wake it */
local byte g, seen;

inline refer(x)
{
	reused = (phase[x] == MINE);
	assert(!reused)
}

/* ... and where the model takes it that nobody else writes the item: it is unsettled. */
inline hold(x)
{
	not_its_own = (phase[x] != IN);
	assert(!not_its_own)
}

/* sfp_dfq_unsettled_(): what was handed out can be settled. */
inline judge_refused(value)
{
	hold(i);
	refused = (STATE(value) != QUEUED || (value & SEEN_BY_WALK) != SEEN_BY_WALK);
	assert(!refused)
}

inline own(x)
{
	not_its_own = (phase[x] != MINE);
	assert(!not_its_own)
}

/* The list from head is the only truth: all that is unsettled, nothing reclaimed, newest first. */
inline check_list()
{
#if !WEAK
	g = PTR(head);
	seen = 0;
	do
	:: g == 0 -> break
	:: else ->
		reachable = (phase[g] == MINE);
		assert(!reachable);
		cyclic = (seen & BIT(g)) != 0;
		assert(!cyclic);
		reordered = (g <= ITEMS && g != last[OWNER(g)] && phase[last[OWNER(g)]] == IN &&
			     !(seen & BIT(last[OWNER(g)])));
		assert(!reordered);
		seen = seen | BIT(g);
		g = next[g]
	od;
	g = 1;
	do
	:: g == SLOTS -> break
	:: else ->
		lost = (phase[g] == IN && !(seen & BIT(g)));
		assert(!lost);
		g++
	od;
	g = 0;
	seen = 0
#else
	skip
#endif
}

/* Is there something that peek (after == 0) or next has to find? */
inline look_for_unseen()
{
	unseen = false;
	g = 1;
	do
	:: g == SLOTS -> break
	:: else ->
		unseen = (unseen || (phase[g] == IN && (after == 0 || !(handed & BIT(g)))));
		g++
	od;
	g = 0
}

inline judge_empty()
{
	false_empty = (st == EMPTY && unseen);
	assert(!false_empty)
}

inline judge_close()
{
	g = 1;
	do
	:: g == SLOTS -> break
	:: else ->
		left_behind = (st == OK && phase[g] == IN);
		assert(!left_behind);
		g++
	od;
	g = 0
}

inline judge_hand_out(x)
{
	settled_twice = (phase[x] != IN);
	assert(!settled_twice);
#if LIMIT
	handouts[x]++;
	too_often = (handouts[x] > LIMIT);
	assert(!too_often);
#endif
	g = 1;
	do
	:: g > ITEMS -> break
	:: else ->
		reordered = (g != x && OWNER(g) == OWNER(x) && phase[g] == IN && last[OWNER(x)] == x &&
			     !(handed & BIT(g)));
		assert(!reordered);
		g++
	od;
	g = 0;
	handed = handed | BIT(x)
}

inline judge_outcome(x, value)
{
	settled_twice = (phase[x] != IN);
	assert(!settled_twice);
	false_report = (STATE(value) == LOST && !(head & CLOSED));
	assert(!false_report);
	phase[x] = OUT;
	handed = handed & ~BIT(x)
}

inline judge_report(x)
{
	false_report = (TERMINAL(w) && phase[x] != OUT);
	assert(!false_report)
}

inline judge_reclaim(x)
{
	settled_twice = (phase[x] != OUT);
	assert(!settled_twice);
	phase[x] = MINE;
#if LEAN
	next[x] = 0;          /* nobody reads what is left there: fewer states that are the same */
	newer[x] = 0;
#endif
	check_list()
}

inline judge_settle(x)
{
	false_idle = (phase[x] != MINE);
	assert(!false_idle)
}

/* The linearization point of enqueue. */
inline note_push(newest, lowest)
{
	phase[lowest] = IN;
	phase[newest] = IN;
	if
	:: newest <= ITEMS -> last[OWNER(newest)] = newest
	:: else
	fi;
#if SLEEP
	waiting = (h & WAITING) != 0;
	hooks_due = hooks_due + waiting;
	hook_missing = false;
	judge_sleep();
#endif
	check_list()
}

#if LIMIT
byte handouts[SLOTS];         /* how often this use of the item was handed out */
#endif

#if SLEEP
byte hooks_due;               /* swaps that saw WAITING and whose hook is to come */
bool hook_missing;            /* one of these stopped; the next push makes it good */
bool asleep, latched;

inline judge_sleep()
{
#if !LEAN
	g = 1;
	do
	:: g == SLOTS -> break
	:: else ->
		overslept = (asleep && !latched && phase[g] == IN && !(handed & BIT(g)) && hooks_due == 0 &&
			     !hook_missing);
		assert(!overslept);
		g++
	od;
	g = 0
#else
	skip                  /* a claim says it there */
#endif
}

#ifdef BUG_HOOK_NOT_CALLED
#define HOOKED latched
#else
#define HOOKED true
#endif

/* The hook of SFP_DFQ_HOOKED: a latched event. */
inline call_hook()
{
	if
	:: waiting -> P_STEP(latched = HOOKED; hooks_due--; waiting = false)
	:: else
	fi
}
#else
inline call_hook()
{
	skip
}
#endif
