/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dispatch: a walk along pins, and the three things that are done by one:
 * running, linking, taking out. The argument for it is in <sfp/dispatch.h>.
 */
#include <sfp/dispatch.h>

/* ---- the walk --------------------------------------------------------------- */

/* On the stack of whoever walks. It stands on `link`: the head, or the `next` of what it has pinned. */
struct walk {
	uintptr_t *link;
	uintptr_t seen;  /* what it said when look() returned, bits included */
	uintptr_t *pins; /* two words of the context */
	uint32_t slot;   /* which of them has the subscription that `link` is in */
	bool plain;      /* pins are plain stores: who leaves makes up for it */
	bool anew;       /* it began anew: pass over all up to `last` */
	int32_t last_priority;
	uintptr_t last;
	uintptr_t *head;
	struct sfp_context *context;
	uint32_t depth;

	/* A dispatch's. */
	void *argument;
	struct sfp_dispatch_sub *at; /* whose handler is running; NULL: none */
	bool ran;
	bool taken;
	bool faulted;
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
	walk->link = head;
	walk->pins = &context->pins[depth];
	walk->slot = 0;
	walk->plain = pins_are_plain();
	walk->anew = false;
	walk->head = head;
	walk->context = context;
	walk->depth = depth;
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

SFP_ALWAYS_INLINE struct sfp_dispatch_sub *sub_in(uintptr_t link)
{
	return (struct sfp_dispatch_sub *)(link & ~SFP_DISPATCH_BITS_);
}

/* The order of the list: strict, so that a place in it can be found again. */
static bool is_behind(const struct sfp_dispatch_sub *sub, int32_t priority, uintptr_t address)
{
	return sub->priority != priority ? sub->priority < priority : (uintptr_t)sub > address;
}

/* What it stands on has left, and leads nowhere: back to the head, and note how far it had come. */
static void __attribute__((noinline, cold)) begin_anew(struct walk *walk)
{
	const struct sfp_dispatch_sub *sub = SFP_CONTAINER(walk->link, struct sfp_dispatch_sub, next);

	if (!walk->anew || is_behind(sub, walk->last_priority, walk->last)) {
		walk->anew = true;
		walk->last_priority = sub->priority;
		walk->last = (uintptr_t)sub;
	}
	walk->link = walk->head;
	sfp_store_release_word(&walk->pins[walk->slot], 0);
}

/* Take out of the list one that has left, whose `next` this is, if it is still where it was seen. */
static void __attribute__((noinline, cold)) take_out(const struct walk *walk, uintptr_t seen, uintptr_t next)
{
	/* Release: pairs with the acquire of the next walker; what comes after was acquired with `next`. */
	(void)sfp_cas_release_word(walk->link, &seen,
				   (next & ~SFP_DISPATCH_BITS_) | (seen & SFP_DISPATCH_QUARANTINED_));
}

SFP_ALWAYS_INLINE void pin(const struct walk *walk, uintptr_t *word, uintptr_t address)
{
	if (SFP_LIKELY(walk->plain)) {
		sfp_store_release_word(word, address);
		sfp_compiler_barrier(); /* pairs with the remote barrier in is_silent() */
	} else {
		(void)sfp_exchange_word(word, address); /* full barrier: pairs with the one in is_silent() */
	}
}

/* The subscription after `link`, pinned and in the list, and its own `next`; NULL: it is the end. */
SFP_ALWAYS_INLINE struct sfp_dispatch_sub *look(struct walk *walk, uintptr_t *next)
{
	for (;;) {
		/* Acquire: pairs with the release by which it was linked. */
		const uintptr_t seen = sfp_load_acquire_word(walk->link);
		struct sfp_dispatch_sub *sub = sub_in(seen);

		walk->seen = seen;
		if (SFP_UNLIKELY(seen & SFP_DISPATCH_LEFT_)) {
			begin_anew(walk);
			continue;
		}
		if (!sub)
			return NULL;
		pin(walk, &walk->pins[walk->slot ^ 1], (uintptr_t)sub);
		if (SFP_UNLIKELY(sfp_load_acquire_word(walk->link) != seen))
			continue; /* may be gone before the pin was seen */
		*next = sfp_load_acquire_word(&sub->next);
		if (SFP_LIKELY(!(*next & SFP_DISPATCH_LEFT_)))
			return sub;
		take_out(walk, seen, *next);
	}
}

/* Go on to what look() found. */
SFP_ALWAYS_INLINE void step(struct walk *walk, struct sfp_dispatch_sub *sub)
{
	/* Release: its handler is done; pairs with the acquire in is_pinned_by(). */
	sfp_store_release_word(&walk->pins[walk->slot], 0);
	walk->slot ^= 1;
	walk->link = &sub->next;
}

/* ---- dispatching -------------------------------------------------------------- */

/* Behind a gate. From `at = sub` to `at = NULL` a fault is this handler's. */
SFP_ALWAYS_INLINE void run(struct walk *walk, const bool first)
{
	struct sfp_dispatch_sub *sub;
	uintptr_t next;

	while ((sub = look(walk, &next))) {
		enum sfp_status status;

		step(walk, sub);
		if (SFP_UNLIKELY(next & SFP_DISPATCH_QUARANTINED_))
			continue;
		if (SFP_UNLIKELY(walk->anew) && !is_behind(sub, walk->last_priority, walk->last))
			continue;
		walk->ran = true;
		walk->at = sub;
		status = sub->handler(sub->context, walk->argument);
		sfp_compiler_barrier();
		walk->at = NULL;
		if (status != SFP_OK)
			continue;
		walk->taken = true;
		if (first)
			return;
	}
}

static enum sfp_status run_all(void *walk)
{
	run((struct walk *)walk, false);
	return SFP_OK;
}

static enum sfp_status run_first(void *walk)
{
	run((struct walk *)walk, true);
	return SFP_OK;
}

/* The handler that was running has faulted. It is pinned. */
static void __attribute__((noinline, cold))
count_fault(const struct sfp_dispatch *dispatch, struct sfp_dispatch_sub *sub)
{
	uint32_t faults = sfp_load_u32(&sub->faults);

	while (faults != UINT32_MAX && !sfp_cas_u32(&sub->faults, &faults, faults + 1))
		;
	if (dispatch->limit && faults + 1 >= dispatch->limit)
		sfp_or_release_word(&sub->next, SFP_DISPATCH_QUARANTINED_);
}

static enum sfp_status outcome(const struct walk *walk)
{
	if (walk->taken)
		return SFP_OK;
	if (walk->faulted)
		return SFP_FAULT;
	return walk->ran ? SFP_EMPTY : SFP_NOT_FOUND;
}

/* A gate has taken a fault. OK: it was a handler's, and the walk can go on behind it. */
static enum sfp_status __attribute__((noinline, cold))
survive(const struct sfp_dispatch *dispatch, struct walk *walk)
{
	struct sfp_dispatch_sub *sub = walk->at;

	if (!sub)
		return SFP_FAULT; /* nobody's: the list itself cannot be walked */
	walk->faulted = true;
	walk->at = NULL;
	count_fault(dispatch, sub);
	return SFP_OK;
}

SFP_ALWAYS_INLINE enum sfp_status dispatch_by(const struct sfp_dispatch *dispatch, uintptr_t *head,
					      void *argument, sfp_gated *gated)
{
	enum sfp_status status = SFP_OK;
	struct walk walk;

	if (sfp_load_word(head) == 0)
		return SFP_NOT_FOUND;
	SFP_TRY(open_walk(&walk, head));
	walk.argument = argument;
	walk.at = NULL;
	walk.ran = false;
	walk.taken = false;
	walk.faulted = false;
	while (status == SFP_OK && SFP_UNLIKELY(sfp_gate_call(walk.context, gated, &walk, NULL) != SFP_OK))
		status = survive(dispatch, &walk);
	close_walk(&walk);
	return status == SFP_OK ? outcome(&walk) : status;
}

enum sfp_status sfp_dispatch_all(const struct sfp_dispatch *dispatch, uintptr_t *head, void *argument)
{
	return dispatch_by(dispatch, head, argument, run_all);
}

enum sfp_status sfp_dispatch_first(const struct sfp_dispatch *dispatch, uintptr_t *head, void *argument)
{
	return dispatch_by(dispatch, head, argument, run_first);
}

/* ---- subscribing ---------------------------------------------------------------- */

/* Stand before the first that comes behind `sub`; what has left on the way is taken out. */
static struct sfp_dispatch_sub *find(struct walk *walk, const struct sfp_dispatch_sub *sub)
{
	struct sfp_dispatch_sub *other;
	uintptr_t next;

	while ((other = look(walk, &next)) && !is_behind(other, sub->priority, (uintptr_t)sub))
		step(walk, other);
	return other;
}

static bool link_before(const struct walk *walk, struct sfp_dispatch_sub *sub,
			const struct sfp_dispatch_sub *other)
{
	uintptr_t expected = walk->seen;

	sub->next = (uintptr_t)other;
	/* Release: all of it; pairs with the acquire of the link in look(). */
	return sfp_cas_release_word(walk->link, &expected,
				    (uintptr_t)sub | (expected & SFP_DISPATCH_QUARANTINED_));
}

enum sfp_status sfp_dispatch_subscribe(uintptr_t *head, struct sfp_dispatch_sub *sub)
{
	uintptr_t nowhere = 0;
	struct walk walk;

	if (!sub->handler)
		return SFP_INVALID;
	SFP_TRY(open_walk(&walk, head));
	/* Known to its own unsubscribing before it can be found. Acquire: pairs with the release of forget(). */
	if (!sfp_cas_acquire_word(&sub->place, &nowhere, (uintptr_t)head)) {
		close_walk(&walk);
		return SFP_BUSY;
	}
	sub->faults = 0;
	while (!link_before(&walk, sub, find(&walk, sub)))
		;
	close_walk(&walk);
	return SFP_OK;
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
	(void)find(&walk, sub);
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
