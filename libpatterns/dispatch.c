/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dispatch: a walk along pins, and the three things that are done by one:
 * running, linking, taking out. The argument for it is in <sfp/dispatch.h>.
 */
#include <sfp/dispatch.h>

/* ---- the walk --------------------------------------------------------------- */

/*
 * Where a walk stands: on `link`, the head or the `next` of a subscription that
 * it has pinned. It has two words of its context. One says what it stands on
 * (for the head its address, which pins nothing); the other is 0, but while it
 * tries the next one. In registers.
 */
struct place {
	uintptr_t *link;
	uintptr_t *pin;   /* what it stands on */
	uintptr_t *other; /* for the one that it tries */
	uintptr_t seen;   /* what the link said last, bits included */
};

/* What it needs beside that, on the stack of whoever walks. The fault of a handler leaves it whole. */
struct walk {
	uintptr_t *head;
	struct sfp_context *context;
	uintptr_t *pins; /* the two words */
	uint32_t depth;  /* of the first one */
	bool plain;      /* pins are plain stores: who leaves makes up for it */

	/* A dispatch's. */
	bool taken;
	bool searching; /* standing on others than those it runs */
	void *argument;
	struct sfp_dispatch_sub *faulted; /* to go on behind; NULL: from the head */
};

static bool pins_are_plain(void)
{
#if defined(SFP_PORT_HAS_REMOTE_BARRIER) && !SFP_ATOMIC_BUILTINS_
	return sfp_port_remote_barrier_works();
#else
	return false; /* the thread sanitizer knows no barrier that another thread passes */
#endif
}

/* Two words for pins, in the order of a stack; which gate's fault drops them is noted first (guard.c). */
SFP_ALWAYS_INLINE enum sfp_status open_walk(struct walk *walk, uintptr_t *head)
{
	struct sfp_context *context = sfp_port_context();
	const uint32_t depth = context->pinned;

	if (SFP_UNLIKELY(depth + 2 > SFP_PINS))
		return SFP_LIMIT;
	walk->head = head;
	walk->context = context;
	walk->pins = &context->pins[depth];
	walk->depth = depth;
	walk->plain = pins_are_plain();
	context->pin_gates[depth] = context->gate;
	context->pin_gates[depth + 1] = context->gate;
	sfp_compiler_barrier(); /* whose they are, before they are taken */
	context->pinned = depth + 2;
	sfp_compiler_barrier(); /* taken before they are filled */
	return SFP_OK;
}

SFP_ALWAYS_INLINE void close_walk(const struct walk *walk)
{
	/* Release: what was done under the pins; pairs with the acquire in is_pinned_by(). */
	sfp_store_release_word(&walk->pins[0], 0);
	sfp_store_release_word(&walk->pins[1], 0);
	sfp_compiler_barrier(); /* empty before they are free */
	walk->context->pinned = walk->depth;
}

SFP_ALWAYS_INLINE void stand_on_head(const struct walk *walk, struct place *place)
{
	sfp_store_release_word(place->pin, (uintptr_t)walk->head);
	place->link = walk->head;
}

SFP_ALWAYS_INLINE struct place begin(const struct walk *walk)
{
	struct place place = { .pin = &walk->pins[0], .other = &walk->pins[1] };

	stand_on_head(walk, &place);
	return place;
}

SFP_ALWAYS_INLINE struct sfp_dispatch_sub *sub_in(uintptr_t link)
{
	return (struct sfp_dispatch_sub *)(link & ~SFP_DISPATCH_BITS_);
}

/* The order of the list: strict, so that a place in it can be found again. */
static bool is_behind(const struct sfp_dispatch_sub *sub, int32_t priority, uintptr_t address)
{
	return sub->priority != priority ? sub->priority < priority : (uintptr_t)sub > address;
}

/* Take out of the list one that has left, whose `next` this is, if it is still where it was seen. */
static void __attribute__((noinline, cold)) take_out(uintptr_t *link, uintptr_t seen, uintptr_t next)
{
	/* Release: pairs with the acquire of the next walker; what comes after was acquired with `next`. */
	(void)sfp_cas_release_word(link, &seen,
				   (next & ~SFP_DISPATCH_BITS_) | (seen & SFP_DISPATCH_QUARANTINED_));
}

SFP_ALWAYS_INLINE void pin(uintptr_t *word, uintptr_t address, const bool plain)
{
	if (plain) {
		sfp_store_release_word(word, address);
		sfp_compiler_barrier(); /* pairs with the remote barrier in pass_barriers() */
	} else {
		(void)sfp_exchange_word(word, address); /* full barrier: pairs with that in pass_barriers() */
	}
}

/* What comes after the place, pinned and in the list, and its own `next`. NULL: the end, or has_left(). */
SFP_ALWAYS_INLINE struct sfp_dispatch_sub *try_next(struct place *place, uintptr_t *next, const bool plain)
{
	for (;;) {
		const uintptr_t seen = sfp_load_word(place->link);
		struct sfp_dispatch_sub *sub = (struct sfp_dispatch_sub *)seen;

		place->seen = seen;
		if (SFP_UNLIKELY(seen & SFP_DISPATCH_BITS_)) {
			if (seen & SFP_DISPATCH_LEFT_)
				return NULL;
			sub = sub_in(seen);
		}
		if (!sub)
			return NULL;
		pin(place->other, (uintptr_t)sub, plain);
		/* Acquire: pairs with the release by which it was linked. */
		if (SFP_UNLIKELY(sfp_load_acquire_word(place->link) != seen))
			continue; /* it may have been gone before the pin could be seen */
		*next = sfp_load_acquire_word(&sub->next);
		if (SFP_LIKELY(!(*next & SFP_DISPATCH_LEFT_)))
			return sub;
		take_out(place->link, seen, *next);
	}
}

/* What the place stands on has left, and leads nowhere. */
SFP_ALWAYS_INLINE bool has_left(const struct place *place)
{
	return (place->seen & SFP_DISPATCH_LEFT_) != 0;
}

/* Go on to what try_next() found. */
SFP_ALWAYS_INLINE void step(struct place *place, struct sfp_dispatch_sub *sub)
{
	uintptr_t *left = place->pin;

	/* Release: its handler is done; pairs with the acquire in is_pinned_by(). */
	sfp_store_release_word(left, 0);
	place->pin = place->other;
	place->other = left;
	place->link = &sub->next;
}

/* What a search has found: a subscription, pinned and in the list, or NULL; where it is; its own `next`. */
struct found {
	struct sfp_dispatch_sub *sub;
	uintptr_t next;
	struct place place; /* before it */
};

/* From the head to the first that comes behind this. */
static struct found find(const struct walk *walk, struct place place, int32_t priority, uintptr_t address)
{
	struct found found = { .place = place };

	stand_on_head(walk, &found.place);
	for (;;) {
		found.sub = try_next(&found.place, &found.next, walk->plain);
		if (!found.sub && has_left(&found.place))
			stand_on_head(walk, &found.place);
		else if (!found.sub || is_behind(found.sub, priority, address))
			return found;
		else
			step(&found.place, found.sub);
	}
}

/* What it stands on has left: find the way anew, to what comes behind it, not to what came in before it. */
static struct found __attribute__((noinline, cold)) find_again(struct walk *walk, struct place place)
{
	const struct sfp_dispatch_sub *sub = SFP_CONTAINER(place.link, struct sfp_dispatch_sub, next);
	struct found found;

	walk->searching = true;
	sfp_compiler_barrier(); /* known before it stands elsewhere: a fault of this is no handler's */
	found = find(walk, place, sub->priority, (uintptr_t)sub);
	sfp_compiler_barrier();
	walk->searching = !found.sub; /* nothing is left to run: it stands there until it ends */
	return found;
}

/* ---- dispatching -------------------------------------------------------------- */

/* Whose handler runs, or ran last: exactly one word is not 0. NULL: the walk tries a step, or searches. */
static struct sfp_dispatch_sub *running(const struct walk *walk)
{
	const uintptr_t first = sfp_load_word(&walk->pins[0]);
	const uintptr_t second = sfp_load_word(&walk->pins[1]);

	if (walk->searching || (first && second))
		return NULL;
	if (first == (uintptr_t)walk->head || second == (uintptr_t)walk->head)
		return NULL;
	return (struct sfp_dispatch_sub *)(first | second);
}

/* At the head, or behind the one whose handler has faulted. */
static struct place resume(const struct walk *walk)
{
	const unsigned second = sfp_load_word(&walk->pins[1]) != 0;

	if (SFP_LIKELY(!walk->faulted))
		return begin(walk);
	return (struct place){ .link = &walk->faulted->next,
			       .pin = &walk->pins[second],
			       .other = &walk->pins[!second] };
}

/* Behind a gate. NOT_FOUND: none was there to run. */
SFP_ALWAYS_INLINE enum sfp_status run(struct walk *walk, const bool first, const bool plain)
{
	struct place place = resume(walk);
	enum sfp_status whole = SFP_NOT_FOUND;
	struct sfp_dispatch_sub *sub;
	uintptr_t next;

	for (;;) {
		sub = try_next(&place, &next, plain);
		if (SFP_UNLIKELY(!sub)) {
			struct found found = { .sub = NULL };

			if (has_left(&place))
				found = find_again(walk, place);
			if (!found.sub)
				return walk->taken ? SFP_OK : whole;
			sub = found.sub;
			next = found.next;
			place = found.place;
		}
		step(&place, sub);
		if (SFP_UNLIKELY(next & SFP_DISPATCH_QUARANTINED_))
			continue;
		whole = SFP_EMPTY;
		if (sub->handler(sub->context, walk->argument) != SFP_OK)
			continue;
		walk->taken = true;
		if (first)
			return SFP_OK;
	}
}

static enum sfp_status run_all(void *walk)
{
	return run((struct walk *)walk, false, true);
}

static enum sfp_status run_all_exchanging(void *walk)
{
	return run((struct walk *)walk, false, false);
}

static enum sfp_status run_first(void *walk)
{
	return run((struct walk *)walk, true, true);
}

static enum sfp_status run_first_exchanging(void *walk)
{
	return run((struct walk *)walk, true, false);
}

/* The handler that was running has faulted. It is pinned. */
static void count_fault(const struct sfp_dispatch *dispatch, struct sfp_dispatch_sub *sub)
{
	uint32_t faults = sfp_load_u32(&sub->faults);

	while (faults != UINT32_MAX && !sfp_cas_u32(&sub->faults, &faults, faults + 1))
		;
	if (dispatch->limit && faults + 1 >= dispatch->limit)
		sfp_or_release_word(&sub->next, SFP_DISPATCH_QUARANTINED_);
}

/* A gate has taken a fault: go on behind whose it was, through another one. What the dispatch says then. */
static enum sfp_status __attribute__((noinline, cold))
go_on(const struct sfp_dispatch *dispatch, struct walk *walk, sfp_gated *gated)
{
	enum sfp_status status = SFP_FAULT;

	while (status == SFP_FAULT) {
		struct sfp_dispatch_sub *sub = running(walk);

		if (!sub)
			return SFP_FAULT; /* no handler's: the list itself cannot be walked */
		walk->faulted = sub;
		count_fault(dispatch, sub);
		status = sfp_gate_call(walk->context, gated, walk, NULL);
	}
	return walk->taken ? SFP_OK : SFP_FAULT;
}

SFP_ALWAYS_INLINE enum sfp_status dispatch_by(const struct sfp_dispatch *dispatch, uintptr_t *head,
					      void *argument, sfp_gated *plain, sfp_gated *exchanging)
{
	enum sfp_status status;
	sfp_gated *gated;
	struct walk walk;

	if (sfp_load_word(head) == 0)
		return SFP_NOT_FOUND;
	SFP_TRY(open_walk(&walk, head));
	gated = walk.plain ? plain : exchanging;
	walk.taken = false;
	walk.searching = false;
	walk.argument = argument;
	walk.faulted = NULL;
	status = sfp_gate_call(walk.context, gated, &walk, NULL);
	if (SFP_UNLIKELY(status == SFP_FAULT))
		status = go_on(dispatch, &walk, gated);
	close_walk(&walk);
	return status;
}

enum sfp_status sfp_dispatch_all(const struct sfp_dispatch *dispatch, uintptr_t *head, void *argument)
{
	return dispatch_by(dispatch, head, argument, run_all, run_all_exchanging);
}

enum sfp_status sfp_dispatch_first(const struct sfp_dispatch *dispatch, uintptr_t *head, void *argument)
{
	return dispatch_by(dispatch, head, argument, run_first, run_first_exchanging);
}

/* ---- subscribing ---------------------------------------------------------------- */

static bool link_before(const struct found *found, struct sfp_dispatch_sub *sub)
{
	uintptr_t expected = found->place.seen;

	sub->next = (uintptr_t)found->sub;
	/* Release: all of it; pairs with the acquire of the link in try_next(). */
	return sfp_cas_release_word(found->place.link, &expected,
				    (uintptr_t)sub | (expected & SFP_DISPATCH_QUARANTINED_));
}

static void link_in(const struct walk *walk, struct sfp_dispatch_sub *sub)
{
	struct found found = { .place = begin(walk) };

	sub->faults = 0;
	do
		found = find(walk, found.place, sub->priority, (uintptr_t)sub);
	while (!link_before(&found, sub));
}

enum sfp_status sfp_dispatch_subscribe(uintptr_t *head, struct sfp_dispatch_sub *sub)
{
	enum sfp_status status = SFP_BUSY;
	uintptr_t nowhere = 0;
	struct walk walk;

	if (!sub->handler)
		return SFP_INVALID;
	SFP_TRY(open_walk(&walk, head));
	/* Known to its own unsubscribing before it can be found. Acquire: pairs with the release of forget(). */
	if (sfp_cas_acquire_word(&sub->place, &nowhere, (uintptr_t)head)) {
		link_in(&walk, sub);
		status = SFP_OK;
	}
	close_walk(&walk);
	return status;
}

/* ---- leaving ---------------------------------------------------------------------- */

static bool is_pinned_by(const struct sfp_context *context, const struct sfp_dispatch_sub *sub)
{
	unsigned i;

	/* Acquire: pairs with the release by which a walker drops its pins: what the handler did is done. */
	for (i = 0; i < SFP_PINS; i++)
		if (sfp_load_acquire_word(&context->pins[i]) == (uintptr_t)sub)
			return true;
	return false;
}

/* The running context has to do with it, or must not wait, even for the port's list of contexts. */
static bool is_no_place_to_look(const struct sfp_context *self, const struct sfp_dispatch_sub *sub)
{
	return self->interrupt || is_pinned_by(self, sub);
}

static bool is_pinned(const struct sfp_dispatch_sub *sub)
{
	struct sfp_context *context;
	bool pinned = false;

#ifdef SFP_PORT_HAS_CONTEXT_HOLD
	sfp_port_context_hold();
#endif
	for (context = sfp_port_context_next(NULL); context && !pinned;
	     context = sfp_port_context_next(context))
		pinned = is_pinned_by(context, sub);
#ifdef SFP_PORT_HAS_CONTEXT_HOLD
	sfp_port_context_release();
#endif
	return pinned;
}

/* It is out of the list: from here on whoever had pinned it before that is seen. */
static void pass_barriers(struct sfp_dispatch_sub *sub)
{
	/* Full barrier, between the list and the pins: pairs with the exchange in pin(). */
	(void)sfp_exchange_word(&sub->place, sfp_load_word(&sub->place));
#ifdef SFP_PORT_HAS_REMOTE_BARRIER
	if (pins_are_plain())
		sfp_port_remote_barrier(); /* pairs with the compiler barrier in pin() */
#endif
}

/* Have it out of the list, whoever took it out. */
static enum sfp_status leave(struct sfp_dispatch_sub *sub)
{
	struct walk walk;

	/* Release: orders nothing for others; what it stands for is in the pins. */
	sfp_or_release_word(&sub->next, SFP_DISPATCH_LEFT_);
	SFP_TRY(open_walk(&walk, (uintptr_t *)sfp_load_word(&sub->place)));
	(void)find(&walk, begin(&walk), sub->priority, (uintptr_t)sub);
	close_walk(&walk);
	return SFP_OK;
}

/* Silent: the client's alone. */
static void forget(struct sfp_dispatch_sub *sub)
{
	sub->next = 0;
	sfp_store_release_word(&sub->place, 0);
}

static enum sfp_status leave_and_look(struct sfp_dispatch_sub *sub)
{
	SFP_TRY(leave(sub));
	if (is_no_place_to_look(sfp_port_context(), sub))
		return SFP_RUNNING;
	pass_barriers(sub);
	return is_pinned(sub) ? SFP_RUNNING : SFP_OK;
}

enum sfp_status sfp_dispatch_unsubscribe(struct sfp_dispatch_sub *sub)
{
	if (!sfp_load_word(&sub->place))
		return SFP_OK;
	SFP_TRY(leave_and_look(sub));
	forget(sub);
	return SFP_OK;
}

enum sfp_status sfp_dispatch_unsubscribe_wait(struct sfp_dispatch_sub *sub)
{
	enum sfp_status status = sfp_dispatch_unsubscribe(sub);

	if (status != SFP_RUNNING)
		return status;
	if (is_no_place_to_look(sfp_port_context(), sub))
		return SFP_DEADLOCK;
	while (is_pinned(sub)) /* who had pinned it in time was to be seen since the barriers */
		sfp_port_relax();
	forget(sub);
	return SFP_OK;
}

void sfp_dispatch_reinstate(struct sfp_dispatch_sub *sub)
{
	sfp_store_u32(&sub->faults, 0);
	sfp_and_release_word(&sub->next, ~SFP_DISPATCH_QUARANTINED_);
}

enum sfp_status sfp_dispatch_detach(struct sfp_estate_entry *entry)
{
	return sfp_dispatch_unsubscribe(SFP_CONTAINER(entry, struct sfp_dispatch_sub, retained));
}
