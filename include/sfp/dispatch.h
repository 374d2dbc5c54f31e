/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dispatch: one source, many handlers. The source runs whoever has subscribed,
 * while others subscribe and leave, and survives every handler.
 *
 * Overview
 *   An interrupt line, a hot-plug event, a trace point: one source, any number
 *   of parties that want to be called. Where the source allocates a record for
 *   each of them it keeps state for its clients; where it takes a lock to walk
 *   them an interrupt waits for a thread; where a handler traps the ones behind
 *   it are not called; and where a party leaves nobody can say when its memory
 *   is its own again. Here a *subscription* is a record in the client's memory,
 *   {function, context, priority}; the *dispatcher* has one word a key, and
 *   borrowed links. Dispatching takes no lock and waits for nobody: it pins the
 *   subscription that it is at in the context it runs in, and calls. Leaving is
 *   one store, after which no dispatch that comes by enters the handler, and an
 *   answer: SFP_OK, nobody is in it and nobody will ever look at the record
 *   again, it may be unmapped; or SFP_RUNNING, somebody still is.
 *
 *   Not for: work that shall be done later (<sfp/dfq.h>), one callee that can
 *   be replaced (<sfp/iface.h>), thousands of subscriptions under one key
 *   (subscribing walks them).
 *
 * Usage
 *   SFP_DISPATCH(irqs, struct irq_frame, SFP_KEYED(256));
 *
 *   static enum sfp_status on_key(struct kbd *kbd, struct irq_frame *frame)
 *   {
 *           return kbd_take(kbd, frame);             // SFP_OK: it was for me
 *   }
 *   SFP_HANDLER(irqs, on_key, struct kbd);           // generates on_key_irqs_closure()
 *
 *   kbd->sub = on_key_irqs_closure(kbd, 10);         // no cast, no allocation; 10: its priority
 *   SFP_TRY(irqs_subscribe(&irqs, 33, &kbd->sub));
 *
 *   st = irqs_dispatch(&irqs, 33, &frame);           // the source: all handlers of 33
 *   st = irqs_dispatch_first(&irqs, 33, &frame);     // or until one says SFP_OK
 *
 *   st = irqs_unsubscribe(&irqs, &kbd->sub);         // SFP_OK: silent. SFP_RUNNING: ask again
 *   SFP_TRY(irqs_unsubscribe_wait(&irqs, &kbd->sub)); // silent when it returns
 *
 * Concurrency
 *   All operations run against all others; of one subscription one party at a
 *   time subscribes and unsubscribes, and its own handler may unsubscribe it
 *   meanwhile.
 *
 *                       | thread | irq    | nmi       progress
 *   dispatch            |  yes   | yes(1) | yes(1)    lock-free, plus the handlers'
 *   subscribe           |  yes   | yes(1) | yes(1)    lock-free
 *   unsubscribe         |  yes   | yes(2) | yes(2)    lock-free, plus a look at each context
 *   unsubscribe_wait    |  yes   | no     | no        blocking: for that handler alone
 *   reinstate           |  yes   | yes    | yes       wait-free
 *   (1) in a context of its own level, which the port enumerates
 *   (2) the same; marked interrupt in the context it says SFP_RUNNING at best:
 *       ask again from a thread
 *   "lock-free": it looks again only because somebody else got something done.
 *
 * Failure
 *   A handler that faults ends at the gate around the walk. The fault is counted
 *   in its subscription, and the walk goes on behind it, through a new gate; at
 *   the dispatcher's limit of faults the subscription is *quarantined*: it stays
 *   where it is and is passed over until reinstated. A fault of the library's
 *   own accesses (a list that was overwritten) ends the dispatch, SFP_FAULT; in
 *   the few instructions around the call of a handler it is that handler's. A
 *   fault that ends subscribing may leave a subscription that is in the list, or
 *   in none and says SFP_BUSY: unsubscribe it first. All else is done again.
 *
 *   Who stops for ever in a handler keeps that one subscription from becoming
 *   silent, and nobody from anything else: others dispatch, subscribe and leave,
 *   and the same handler is entered by others. Who stops in the middle of any
 *   operation leaves a list that others use and mend in passing, and at most two
 *   pins, which sfp_iface_reap() takes back. A client's death is its estate's
 *   business: name_retained().
 *
 * Why it is correct
 *   The list is sorted, by priority and then by address, and singly linked;
 *   bit 0 of a subscription's own `next` says that it has left. Setting it is
 *   the linearization point of leaving; the compare-and-swap of the link before
 *   it, that of subscribing. A link with bit 0 set is never changed again until
 *   its owner is told that all is silent, so nothing is linked behind one that
 *   leaves. Whoever comes to one that has left, source or client, takes it out
 *   by a compare-and-swap of the link before it. Whoever stands on one that has
 *   left goes from the head to the first that comes behind it in the order, and
 *   on to that very one: that is what the order is for, and why it is strict.
 *
 *   No memory is touched that is not pinned. A walker stands on a link whose
 *   record it has pinned (or on the head); it pins what the link says, and looks
 *   at the link again: if that still says so, the record was in the list after
 *   the pin could be seen. Who unsubscribes takes it out and then looks through
 *   all pins. Each side writes its own word and then reads the other's, with a
 *   full barrier in between: they cannot both miss the other. So a walker that
 *   goes on was seen, and one that was not seen does not go on. Dropping a pin
 *   is a release, which pairs with the acquire of the scan: what the handler did
 *   is done when the memory is used again.
 *
 *   The two barriers are not alike. A walk passes one at every handler; leaving
 *   is rare. Where the port has a remote barrier (membarrier(2), an interrupt
 *   between processors, on one processor nothing at all) the walker's is a
 *   compiler barrier, and who leaves has every processor pass a full one between
 *   taking out and looking. Elsewhere the walker's pin is an exchange. The model
 *   in tests/model/dispatch has store buffers and both ways, and fails without the
 *   remote barrier, without the second look, without the scan, and when walking
 *   on from one that has left.
 *
 *   A record cannot come back as another one under a walker's feet: it is not
 *   silent while it is pinned, and not subscribed anew before it is silent.
 *   A walker needs two words of its context, the one it stands on and the one it
 *   tries; while a handler runs only that handler's subscription is pinned, so
 *   nobody waits for a handler but who wants that very subscription.
 *
 *   After T. Harris, "A Pragmatic Implementation of Non-Blocking Linked-Lists"
 *   (DISC 2001), and M. Michael, "Hazard Pointers" (IEEE TPDS 15/6, 2004).
 */
#ifndef SFP_DISPATCH_H
#define SFP_DISPATCH_H

#include <sfp/atomic.h>
#include <sfp/estate.h>
#include <sfp/guard.h>
#include <sfp/port.h>
#include <sfp/status.h>

/** A handler, without its types. SFP_OK: it was for me; SFP_EMPTY, say: it was not. */
typedef enum sfp_status sfp_dispatch_handler(void *context, void *argument);

/** A subscription: the client's, in place from subscribing until silent. Zeroed but for the first three. */
struct sfp_dispatch_sub {
	/* The client's; unchanged while subscribed. */
	sfp_dispatch_handler *handler;
	void *context;
	int32_t priority;          /* the higher comes first; among equals there is no promised order */

	/* The library's. */
	uint32_t faults;           /* counted by whoever dispatched */
	uintptr_t next;            /* the next one, and the bits below */
	uintptr_t place;           /* the head of the list it is in, or leaving; 0: silent */
	struct sfp_estate_entry retained;
};

/* In `next`: */
#define SFP_DISPATCH_LEFT_ ((uintptr_t)1)         /* not entered any more, to be taken out */
#define SFP_DISPATCH_QUARANTINED_ ((uintptr_t)2)  /* passed over */
#define SFP_DISPATCH_BITS_ ((uintptr_t)3)

/** What a dispatcher has beside its heads. Zeroed is ready: no handler is ever quarantined. */
struct sfp_dispatch {
	uint32_t limit;            /* quarantine at this many faults; 0: never */
};

/**
 * Run all handlers in the list, in order.
 * @context any, with a context of its own level that the port enumerates
 * @progress lock-free, plus the handlers'   @order what was written before subscribing is seen by the handler
 * @owner   the argument stays the caller's   @retains two pins in the caller's own context, until it returns
 * @cost    one gate; a handler: a call, two stores and three loads, and an exchange where the port has no
 *          remote barrier; a fault: one gate more
 * @return  SFP_OK: a handler said so; SFP_EMPTY: some ran and none said so; SFP_FAULT: the same, and at
 *          least one faulted; SFP_NOT_FOUND: none was there to run; SFP_LIMIT: no two of SFP_PINS are free
 */
enum sfp_status sfp_dispatch_all(const struct sfp_dispatch *dispatch, uintptr_t *head,
				 void *argument) SFP_NODISCARD;

/**
 * Run handlers in order until one says SFP_OK. All else as sfp_dispatch_all().
 * @context @progress @order @owner @retains @cost @return as sfp_dispatch_all()
 */
enum sfp_status sfp_dispatch_first(const struct sfp_dispatch *dispatch, uintptr_t *head,
				   void *argument) SFP_NODISCARD;

/**
 * Put a subscription into the list. A dispatch that is under way may run it or not.
 * @context any, as dispatch   @progress lock-free
 * @order   release: pairs with the acquire of the link in a dispatch
 * @owner   the subscription stays the client's, and must neither change nor move
 * @retains the subscription, in the list, until it is silent   @cost O(subscriptions), one compare-and-swap
 * @return  SFP_OK; SFP_BUSY: it is in a list already, or not silent yet (or a fault ended subscribing it:
 *          unsubscribe first); SFP_INVALID: no handler; SFP_LIMIT as dispatch
 */
enum sfp_status sfp_dispatch_subscribe(uintptr_t *head, struct sfp_dispatch_sub *sub) SFP_NODISCARD;

/**
 * Leave: no dispatch that comes to it from now on enters its handler. Is it silent?
 * @context any, see the matrix; its own handler too   @progress lock-free
 * @order   full barrier, pairs with that of the walker's pin; on SFP_OK acquire of all that its handler did
 * @owner   on SFP_OK the subscription is the client's alone   @retains nothing on SFP_OK
 * @cost    O(subscriptions), an exchange, the port's remote barrier, a few loads a context
 * @return  SFP_OK: silent (also if it is in no list). SFP_RUNNING: its handler is being run, or a dispatch is
 *          just looking at it; it is silent when they have returned, and this, called again, says so.
 *          SFP_LIMIT: no two pins are free: it has left, ask again from less deep
 */
enum sfp_status sfp_dispatch_unsubscribe(struct sfp_dispatch_sub *sub) SFP_NODISCARD;

/**
 * Leave, and wait until it is silent.
 * @context threads, not its own handler   @progress blocking   @order as unsubscribe   @owner as unsubscribe
 * @retains nothing on SFP_OK   @cost as unsubscribe, and a few loads a context and turn
 * @return  SFP_OK; SFP_DEADLOCK: it runs, and the caller is its handler or an interrupt, which might wait for
 *          whom it interrupted (it has left); SFP_LIMIT as unsubscribe
 */
enum sfp_status sfp_dispatch_unsubscribe_wait(struct sfp_dispatch_sub *sub) SFP_NODISCARD;

/**
 * End a quarantine: forget the faults, and enter it again.
 * @context any, by who subscribed it   @progress wait-free
 * @order   release: pairs with the acquire of a dispatch   @owner nothing changes hands
 * @retains nothing new
 * @cost    two stores, one of them locked
 * @return  cannot fail; nothing to do is fine
 */
void sfp_dispatch_reinstate(struct sfp_dispatch_sub *sub);

/**
 * How often its handler has faulted since it was subscribed or reinstated; old news by the time it is read.
 * @context any, by who subscribed it   @progress wait-free   @order none   @owner nothing changes hands
 * @retains nothing   @cost a load   @return the count; it stays at its greatest value
 */
SFP_ALWAYS_INLINE uint32_t sfp_dispatch_faults(const struct sfp_dispatch_sub *sub)
{
	return sfp_load_u32(&sub->faults);
}

/**
 * Is it passed over? Old news by the time it is read.
 * @context any, by who subscribed it   @progress wait-free   @order none   @owner nothing changes hands
 * @retains nothing   @cost a load   @return true or false
 */
SFP_ALWAYS_INLINE bool sfp_dispatch_is_quarantined(const struct sfp_dispatch_sub *sub)
{
	return (sfp_load_word(&sub->next) & SFP_DISPATCH_QUARANTINED_) != 0;
}

/**
 * For the client's estate: a sfp_estate_detach, for `retained` of a subscription.
 * @context a burier   @progress as unsubscribe   @order as unsubscribe   @owner as unsubscribe
 * @retains nothing on SFP_OK   @cost as unsubscribe   @return as unsubscribe
 */
enum sfp_status sfp_dispatch_detach(struct sfp_estate_entry *entry) SFP_NODISCARD;

/* Is the subscription in one of these lists, or in none? */
SFP_ALWAYS_INLINE bool sfp_dispatch_fits_(const struct sfp_dispatch_sub *sub, const uintptr_t *heads,
					  size_t count)
{
	const uintptr_t place = sfp_load_word(&sub->place);

	return place == 0 || place - (uintptr_t)heads < count * sizeof(*heads);
}

/* ---- the generating macros -------------------------------------------------------- */

/* How handlers are found: the third argument of SFP_DISPATCH. Two tokens: what to generate, how many. */
#define SFP_KEYED(count) SFP_DISPATCH_KEYED_, (count) /* by keys from 0 to below `count`, a list each */
#define SFP_LISTED SFP_DISPATCH_LISTED_, 1            /* all in one list */

#define SFP_DISPATCH_TYPES_(name, type, count) \
	typedef type name##_argument_; \
	struct name { \
		struct sfp_dispatch core; \
		uintptr_t heads[count]; \
	}; \
	struct name##_sub { \
		struct sfp_dispatch_sub core; \
	}; \
	SFP_STATIC_ASSERT((count) > 0 && (count) <= 65536, "SFP_KEYED: keys are 0 to at most 65535")

#define SFP_DISPATCH_COMMON_(name, count) \
	SFP_GENERATED void name##_init(struct name *dispatch, uint32_t limit) \
	{ \
		unsigned sfp_key_; \
		dispatch->core.limit = limit; \
		for (sfp_key_ = 0; sfp_key_ < (count); sfp_key_++) \
			dispatch->heads[sfp_key_] = 0; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_unsubscribe(struct name *dispatch, \
								       struct name##_sub *sub) \
	{ \
		if (!sfp_dispatch_fits_(&sub->core, dispatch->heads, (count))) \
			return SFP_INVALID; \
		return sfp_dispatch_unsubscribe(&sub->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_unsubscribe_wait(struct name *dispatch, \
									    struct name##_sub *sub) \
	{ \
		if (!sfp_dispatch_fits_(&sub->core, dispatch->heads, (count))) \
			return SFP_INVALID; \
		return sfp_dispatch_unsubscribe_wait(&sub->core); \
	} \
	SFP_GENERATED void name##_reinstate(struct name##_sub *sub) \
	{ \
		sfp_dispatch_reinstate(&sub->core); \
	} \
	SFP_GENERATED uint32_t name##_faults(const struct name##_sub *sub) \
	{ \
		return sfp_dispatch_faults(&sub->core); \
	} \
	SFP_GENERATED bool name##_is_quarantined(const struct name##_sub *sub) \
	{ \
		return sfp_dispatch_is_quarantined(&sub->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_retained(struct sfp_estate *estate, \
								    struct name##_sub *sub) \
	{ \
		return sfp_estate_add(estate, &sub->core.retained, sfp_dispatch_detach, \
				      "subscription to " #name); \
	}

#define SFP_DISPATCH_KEYED_(name, type, count) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_subscribe(struct name *dispatch, unsigned key, \
								     struct name##_sub *sub) \
	{ \
		if (key >= (count)) \
			return SFP_INVALID; \
		return sfp_dispatch_subscribe(&dispatch->heads[key], &sub->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_dispatch(struct name *dispatch, unsigned key, \
								    type *argument) \
	{ \
		if (key >= (count)) \
			return SFP_INVALID; \
		return sfp_dispatch_all(&dispatch->core, &dispatch->heads[key], argument); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_dispatch_first(struct name *dispatch, unsigned key, \
									  type *argument) \
	{ \
		if (key >= (count)) \
			return SFP_INVALID; \
		return sfp_dispatch_first(&dispatch->core, &dispatch->heads[key], argument); \
	}

#define SFP_DISPATCH_LISTED_(name, type, count) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_subscribe(struct name *dispatch, struct name##_sub *sub) \
	{ \
		return sfp_dispatch_subscribe(dispatch->heads, &sub->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_dispatch(struct name *dispatch, type *argument) \
	{ \
		return sfp_dispatch_all(&dispatch->core, dispatch->heads, argument); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_dispatch_first(struct name *dispatch, type *argument) \
	{ \
		return sfp_dispatch_first(&dispatch->core, dispatch->heads, argument); \
	}

/**
 * SFP_DISPATCH(name, type, SFP_KEYED(count)) generates, for handlers that are given a `type *`:
 *   struct name                         limit and heads, the source's; zeroed is ready
 *   struct name_sub                     a subscription, the client's
 *   name_init(dispatch, limit)          quarantine at `limit` faults; 0: never
 *   name_subscribe(dispatch, key, sub)
 *   name_dispatch(dispatch, key, argument), name_dispatch_first(dispatch, key, argument)
 *   name_unsubscribe(dispatch, sub), name_unsubscribe_wait(dispatch, sub)
 *   name_reinstate(sub), name_faults(sub), name_is_quarantined(sub)
 *   name_retained(estate, sub)          into the client's estate, before it is subscribed
 * A key that is too great, or a subscription to another dispatcher, is SFP_INVALID.
 * With SFP_LISTED there is one list, and no `key`.
 */
#define SFP_DISPATCH(name, type, ...) SFP_DISPATCH_X_(name, type, __VA_ARGS__)
#define SFP_DISPATCH_X_(name, type, form, count) \
	SFP_DISPATCH_TYPES_(name, type, count); \
	SFP_DISPATCH_COMMON_(name, count) \
	form(name, type, count) \
	struct name

/**
 * SFP_HANDLER(name, function, type): `enum sfp_status function(type *, argument *)` can be subscribed to
 * dispatchers of `name`. Generates
 *   struct name_sub function_name_closure(type *context, int32_t priority);
 * The pointer that is called has the type of what it points to: no cast hides a wrong one.
 */
#define SFP_HANDLER(name, function, type) \
	SFP_GENERATED enum sfp_status function##_##name##_shim_(void *sfp_context_, void *sfp_argument_) \
	{ \
		return function((type *)sfp_context_, (name##_argument_ *)sfp_argument_); \
	} \
	SFP_GENERATED struct name##_sub function##_##name##_closure(type *context, int32_t priority) \
	{ \
		return (struct name##_sub){ .core = { .handler = function##_##name##_shim_, \
						      .context = context, .priority = priority } }; \
	} \
	SFP_STATIC_ASSERT(__builtin_types_compatible_p( \
				  __typeof__(function((type *)0, (name##_argument_ *)0)), enum sfp_status), \
			  "SFP_HANDLER: the function must return enum sfp_status")

#endif /* SFP_DISPATCH_H */
