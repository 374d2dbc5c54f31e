/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dfq: a decoupled, fault-tolerant queue; many producers, one consumer.
 *
 * Overview
 *   In an ordinary queue a message leaves its sender when it is sent and the
 *   queue when it is received. Whoever dies in between takes it along, and the
 *   receiver is left with other people's progress in its own state. Here an
 *   *item* lives in its producer's memory and stays the producer's from first
 *   to last; the *queue* belongs to the consumer and holds borrowed links
 *   only; the *consumer* is an incarnation that can be replaced. The producer
 *   learns from the item itself what became of it: DONE, FAILED with a reason,
 *   LOST when the queue was closed. Nothing is acknowledged by being removed:
 *   peeking leaves an item where it is until it is completed.
 *
 *   Not for: many consumers (use one queue each), items whose memory may go
 *   away while they are queued (a producer's estate detaches them first), or a
 *   bounded wait for a place: the queue has no capacity, the producer's own
 *   pool of items is the limit.
 *
 * Usage
 *   struct key_event {
 *           struct sfp_dfq_item link;
 *           char key;
 *   };
 *   SFP_DFQ(keyq, struct key_event, link);
 *
 *   keyq_init(&queue, 3);                                // three attempts an item
 *   keyq_attach(&consumer, &queue, SFP_PROOF("the queue is new"));
 *
 *   keyq_enqueue(&queue, &event);                        // producer: an interrupt handler, say
 *
 *   while (keyq_peek(&consumer, &event) == SFP_OK)       // consumer
 *           st = handle(event) == SFP_OK ? keyq_complete(&consumer, event)
 *                                        : keyq_fail(&consumer, event, WHY);
 *
 *   if (keyq_reclaim(&queue, &event) == SFP_OK)          // producer: whatever became of it, it
 *           event.key = next_key();                      // is idle again and may be reused
 *
 * Concurrency
 *   Any number of producers run against each other and against one consumer.
 *   "one" below: no two of these at once for the same item or consumer.
 *
 *              | enqueue  reclaim  state | peek next look begin complete fail wait close depth
 *   enqueue    |  yes(1)   one      yes  |  yes
 *   reclaim    |  one      one      yes  |  yes
 *   state      |  yes      yes      yes  |  yes
 *   peek ...   |  yes      yes      yes  |  one
 *   attach     |  yes      yes      yes  |  no: needs proof that the older consumer is dead
 *   (1) of different items
 *
 *              | thread | irq | nmi      progress
 *   enqueue    |  yes   | yes | yes      lock-free (a failed swap is another producer's success)
 *   reclaim    |  yes   | yes | yes      wait-free
 *   state      |  yes   | yes | yes      wait-free
 *   consumer   |  yes   | yes | yes      wait-free but for one swap against producers; bounded work
 *
 * Failure
 *   Any producer, and the consumer, may stop for ever at any instruction.
 *   Nobody else waits for it; what was linked stays linked; a new consumer
 *   delivers all that was not acknowledged, and an item that was acknowledged
 *   is not delivered again. Delivery is at least once: a consumer that stops
 *   after it handled an item and before the acknowledging store leaves it to
 *   its successor. A producer that stops before the swap has not enqueued;
 *   after it, it has. Which of both, its successor learns by a marker (mark,
 *   settle). Each handing out is counted as an attempt; past the queue's limit
 *   the item becomes FAILED with reason SFP_DFQ_POISON.
 *
 * Why it is correct
 *   The list from `head` over `next` (newest to oldest) is the only truth;
 *   all other fields of the queue are rebuilt from it by attach.
 *
 *   Enqueue is one compare-and-swap of head: its linearization point. Release;
 *   pairs with the acquire load of head in link_begin(), and since head is
 *   only ever changed by read-modify-writes, later swaps continue the release
 *   sequence: one acquire sees every item below. ABA does no harm: a push
 *   needs head == next and nothing else, and only the consumer takes out.
 *
 *   Retiring an item is three stores. A, its outcome: the acknowledgement,
 *   release, so the handler's effects come first. B, its neighbour's `next`
 *   (or a swap of head): it is out of the list. C, its RELEASED bit, release:
 *   the last access to it. C pairs with the acquire in reclaim(), which makes
 *   the item its producer's again. Between A and C it belongs to the consumer:
 *   BUSY. If the consumer stops there, the successor takes what is terminal
 *   out of the list, never sets RELEASED (the producer may be past it), and
 *   publishes its incarnation last; pairs with the second acquire of reclaim,
 *   which must come after the first.
 *
 *   `waiting` is a bit of head, so that "is it empty" and "wake me" are one
 *   question: either the consumer's swap sees the new item, or the producer's
 *   swap sees the bit. Only the consumer clears it; a producer that stops
 *   between its swap and its hook is made good by the next one's.
 *
 *   The consumer links backwards (`newer`) in bounded steps: a call that has
 *   done its share says AGAIN.
 *
 *   Source: after the decoupled queue of "Theseus: a State Spill-free
 *   Operating System" (Boos, Zhong; PLOS 2017); the protocol is ours.
 */
#ifndef SFP_DFQ_H
#define SFP_DFQ_H

#include <sfp/atomic.h>
#include <sfp/port.h>
#include <sfp/proof.h>
#include <sfp/status.h>

/** What became of an item, as its producer sees it. */
enum sfp_dfq_state {
	SFP_DFQ_IDLE,   /* the producer's, not enqueued */
	SFP_DFQ_QUEUED, /* enqueued, not settled (or, after a crash of the producer: about to be) */
	SFP_DFQ_DONE,   /* completed */
	SFP_DFQ_FAILED, /* given up; the reason says why */
	SFP_DFQ_LOST    /* the queue was closed before its turn came */
};

/** The reason of an item that was handed out as often as its queue allows, in vain. */
#define SFP_DFQ_POISON 0xffffffffu

/** The highest attempt limit; 0 means none. */
#define SFP_DFQ_MAX_ATTEMPTS 254u

/**
 * The share of work of one call: items that it links, settles or passes over, all together (and the
 * neighbours of those). When that was not enough it says AGAIN.
 */
#ifndef SFP_DFQ_BUDGET
#define SFP_DFQ_BUDGET 128u
#endif

/**
 * Turns of sfp_port_relax() that the consumer leaves the head alone before it fetches what producers
 * pushed while it settled the items that it knew. Without them it follows the producers so closely
 * that every item costs both sides a transfer of the head's cache line; with them it takes many at a
 * time. It never waits when the queue is empty. 0 where one processor runs everything.
 */
#ifndef SFP_DFQ_PATIENCE
#define SFP_DFQ_PATIENCE 16u
#endif

/** A snapshot of an item. */
struct sfp_dfq_view {
	enum sfp_dfq_state state; /* what became of it */
	uint32_t attempts;        /* how often it was handed out */
	uint32_t reason;   /* meaningful when FAILED */
};

/** The link in the producer's structure. Zeroed is idle. Written by one side at a time. */
struct sfp_dfq_item {
	struct sfp_dfq_item *next;   /* older; the producer's until enqueued, then the consumer's */
	struct sfp_dfq_item *newer;  /* the consumer's */
	uint32_t word;               /* state, flags, attempts, incarnation: below */
	uint32_t reason;             /* the consumer's, written before the outcome */
};

/* word: bits 0-2 enum sfp_dfq_state, then flags, 8-15 attempts, 16-31 incarnation of the outcome. 6 and 7 are of
 * whoever builds on a queue (<sfp/mux_types.h>); they stay from the push to the outcome. */
#define SFP_DFQ_STATE_ 0x7u
#define SFP_DFQ_RELEASED_ 0x8u  /* C: nobody on the consumer's side refers to it */
#define SFP_DFQ_LINKED_ 0x10u   /* the consumer has come past it: its swap has happened */
#define SFP_DFQ_MARKER_ 0x20u   /* a marker, not handed out */
#define SFP_DFQ_ATTEMPT_ 0x100u
#define SFP_DFQ_ATTEMPTS_ 0xff00u
#define SFP_DFQ_INCARNATION_SHIFT_ 16

/* The limit of a queue without one: the count of attempts stops there. */
#define SFP_DFQ_UNLIMITED_ SFP_DFQ_ATTEMPTS_

/* head: the newest item, and two tags. */
#define SFP_DFQ_CLOSED_ ((uintptr_t)1)
#define SFP_DFQ_WAITING_ ((uintptr_t)2)
#define SFP_DFQ_TAGS_ ((uintptr_t)3)

/** The queue. Zeroed: open, empty, without limit of attempts, without a consumer. */
struct sfp_dfq {
	/* Producers and the consumer, by read-modify-write only. */
	uintptr_t head SFP_CACHE_ALIGNED;

	/* The consumer writes; producers read it when they reclaim after a takeover. */
	uint32_t incarnation SFP_CACHE_ALIGNED;

	/* The consumer's alone. */
	uint32_t attached;             /* the incarnation in charge; 0: none */
	uint32_t latest;               /* the incarnation that was given out last */
	uint32_t limit;                /* attempts, in the place where the word has them; 0: none, or closed */
	uint32_t recovering;           /* the takeover is not finished */
	struct sfp_dfq_item *oldest;   /* linked both ways from here ... */
	struct sfp_dfq_item *linked;   /* ... to here; what is newer is linked one way only */
	struct sfp_dfq_item *cursor;   /* the newest that was handed out; NULL: before the oldest */
	struct sfp_dfq_item *top;      /* linking backwards began here; NULL: none under way ... */
	struct sfp_dfq_item *at;       /* ... and has come down to here */
};

/** A consumer: the right to take from a queue until another incarnation takes over. */
struct sfp_dfq_consumer {
	struct sfp_dfq *queue; /* from which it takes */
	uint32_t incarnation;  /* which of the queue's consumers it is */
};

SFP_STATIC_ASSERT(__alignof__(struct sfp_dfq_item) > SFP_DFQ_TAGS_, "dfq: an item's address has room for the tags");
SFP_STATIC_ASSERT(offsetof(struct sfp_dfq, incarnation) == SFP_PORT_CACHE_LINE,
		  "dfq: what producers write has a cache line of its own");

SFP_ALWAYS_INLINE struct sfp_dfq_item *sfp_dfq_pointer_(uintptr_t head)
{
	return (struct sfp_dfq_item *)(head & ~SFP_DFQ_TAGS_);
}

/**
 * Make a queue: open, empty, without a consumer.
 * @context any   @progress wait-free   @order none: publish the queue by your own means
 * @owner   the queue is the consumer side's   @retains nothing   @cost a few stores
 * @return  SFP_OK, or SFP_LIMIT: more than SFP_DFQ_MAX_ATTEMPTS (0 is no limit)
 */
enum sfp_status sfp_dfq_init(struct sfp_dfq *queue, uint32_t attempt_limit) SFP_NODISCARD;

/* ---- the producer's side --------------------------------------------------- */

/* One item or a chain from `newest` down to `oldest`, already marked QUEUED; *waiting: call the hook. */
SFP_ALWAYS_INLINE enum sfp_status sfp_dfq_push_(struct sfp_dfq *queue, struct sfp_dfq_item *newest,
						struct sfp_dfq_item *oldest, bool *waiting)
{
	uintptr_t head;

	sfp_prefetch_to_write(&queue->head); /* one transfer, not one for the load and one for the swap */
	head = sfp_load_word(&queue->head);
	do {
		if (SFP_UNLIKELY(head & SFP_DFQ_CLOSED_))
			return SFP_GONE;
		oldest->next = sfp_dfq_pointer_(head);
		/* Release: pairs with the acquire of head in link_begin(). */
	} while (SFP_UNLIKELY(!sfp_cas_release_word(&queue->head, &head,
						    (uintptr_t)newest | (head & SFP_DFQ_WAITING_))));
	*waiting = (head & SFP_DFQ_WAITING_) != 0;
	return SFP_OK;
}

/**
 * Enqueue an item.
 * @context any, interrupts and NMI included   @progress lock-free
 * @order   release: what was written to the item before is seen by the consumer
 * @owner   the item stays the caller's; its payload may be read by the consumer until reclaimed
 * @retains the item's link, until reclaim says OK   @cost one compare-and-swap
 * @return  SFP_OK; SFP_GONE: the queue is closed; SFP_BUSY: the item is not idle. But for OK nothing changed
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_dfq_enqueue(struct sfp_dfq *queue, struct sfp_dfq_item *item,
								bool *waiting)
{
	enum sfp_status status;

	*waiting = false;
	if (SFP_UNLIKELY((sfp_load_u32(&item->word) & SFP_DFQ_STATE_) != SFP_DFQ_IDLE))
		return SFP_BUSY;
	sfp_store_u32(&item->word, SFP_DFQ_QUEUED);
	status = sfp_dfq_push_(queue, item, item, waiting);
	if (SFP_UNLIKELY(status != SFP_OK))
		sfp_store_u32(&item->word, SFP_DFQ_IDLE);
	return status;
}

/**
 * Enqueue `count` items, in the order of the array, as one: all or none, next to each other.
 * @context as enqueue   @progress lock-free   @order as enqueue
 * @owner   as enqueue; the array is the caller's again on return   @retains the items' links
 * @cost    one compare-and-swap, and three stores an item
 * @return  as enqueue; SFP_BUSY if any item is not idle, or stands there twice; SFP_INVALID for a count of 0
 *
 * `items` is an array of pointers to the structures that have their link at `offset`.
 */
enum sfp_status sfp_dfq_enqueue_chain(struct sfp_dfq *queue, const void *items, size_t count, size_t offset,
				      bool *waiting) SFP_NODISCARD;

/**
 * What became of an item.
 * @context any   @progress wait-free   @order acquire: after an outcome, the consumer's writes are seen
 * @owner   nothing changes hands   @retains nothing   @cost a load   @return cannot fail
 */
SFP_ALWAYS_INLINE struct sfp_dfq_view sfp_dfq_state(const struct sfp_dfq_item *item)
{
	const uint32_t word = sfp_load_acquire_u32(&item->word);
	struct sfp_dfq_view view;

	view.state = (enum sfp_dfq_state)(word & SFP_DFQ_STATE_);
	view.attempts = (word & SFP_DFQ_ATTEMPTS_) / SFP_DFQ_ATTEMPT_;
	view.reason = view.state == SFP_DFQ_FAILED ? sfp_load_u32(&item->reason) : 0;
	return view;
}

/* Does this word have an outcome? */
SFP_ALWAYS_INLINE bool sfp_dfq_terminal_(uint32_t word)
{
	return (word & SFP_DFQ_STATE_) > SFP_DFQ_QUEUED;
}

/**
 * Take an item back, whatever its outcome; it is idle afterwards.
 * @context any   @progress wait-free
 * @order   acquire, pairs with C of retire, or with the publication of a later incarnation
 * @owner   on SFP_OK the item is wholly the caller's   @retains nothing   @cost one or two loads, a store
 * @return  SFP_OK (an idle item included); SFP_BUSY: queued, or still referred to: later
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_dfq_reclaim(const struct sfp_dfq *queue,
								struct sfp_dfq_item *item)
{
	const uint32_t word = sfp_load_acquire_u32(&item->word);

	if ((word & SFP_DFQ_STATE_) == SFP_DFQ_IDLE)
		return SFP_OK;
	if (SFP_UNLIKELY(!(word & SFP_DFQ_RELEASED_))) {
		uint16_t age;

		if (!sfp_dfq_terminal_(word))
			return SFP_BUSY;
		/* Must come after the load of the word: an older incarnation would prove nothing. */
		age = (uint16_t)(sfp_load_acquire_u32(&queue->incarnation) - (word >> SFP_DFQ_INCARNATION_SHIFT_));
		if ((int16_t)age <= 0)
			return SFP_BUSY;
	}
	sfp_store_u32(&item->word, SFP_DFQ_IDLE);
	return SFP_OK;
}

/**
 * For a producer restarted over its old items: enqueue a marker. It is not handed out.
 * @context as enqueue   @progress lock-free   @order as enqueue   @owner as enqueue
 * @retains the marker's link, until sfp_dfq_reclaim() of it says OK   @cost as enqueue
 * @return  SFP_OK; SFP_BUSY: not idle; SFP_GONE: the queue is closed (settle does without it then)
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_dfq_mark(struct sfp_dfq *queue, struct sfp_dfq_item *marker,
							     bool *waiting)
{
	enum sfp_status status;

	*waiting = false;
	if ((sfp_load_u32(&marker->word) & SFP_DFQ_STATE_) != SFP_DFQ_IDLE)
		return SFP_BUSY;
	sfp_store_u32(&marker->word, SFP_DFQ_QUEUED | SFP_DFQ_MARKER_);
	status = sfp_dfq_push_(queue, marker, marker, waiting);
	if (status != SFP_OK)
		sfp_store_u32(&marker->word, SFP_DFQ_IDLE);
	return status;
}

/**
 * For a producer restarted over its old items: settle one of them.
 * An item that is QUEUED may have been linked or not when its producer stopped. Once a marker that
 * was enqueued since then was passed (or the queue is empty), what the consumer has not seen never was.
 * @context as reclaim; after the old producer is proved dead   @progress wait-free
 * @order   acquire, of the marker's word before the item's   @owner as reclaim   @retains nothing
 * @cost    a few loads
 * @return  SFP_OK: idle (never linked, or settled before and now reclaimed; look at state first to
 *          know which); SFP_BUSY: it is in the queue and will be delivered; SFP_AGAIN: the marker has
 *          not been passed yet. `marker` may be NULL: then only an empty queue settles.
 */
enum sfp_status sfp_dfq_settle(const struct sfp_dfq *queue, const struct sfp_dfq_item *marker,
			       struct sfp_dfq_item *item) SFP_NODISCARD;

/* ---- the consumer's side ------------------------------------------------------ */

/**
 * Become the consumer, and begin to take over what an older one left.
 * @context any; the older consumer must be dead, its writes visible here   @progress wait-free
 * @order   the new incarnation is published with release when the takeover ends
 * @owner   *consumer is the caller's; it must not be copied   @retains nothing of it
 * @cost    O(1); the takeover goes on within the next calls, SFP_DFQ_BUDGET items each
 * @return  SFP_OK; SFP_INVALID: no reason given
 */
enum sfp_status sfp_dfq_attach(struct sfp_dfq_consumer *consumer, struct sfp_dfq *queue,
			       struct sfp_proof proof) SFP_NODISCARD;

/**
 * End this incarnation in order; the queue stays open for the next one.
 * @context the consumer's   @progress wait-free   @order none: hand over by your own means
 * @owner   *consumer is of no further use   @retains nothing   @cost a store
 * @return  SFP_OK; SFP_STALE
 */
enum sfp_status sfp_dfq_detach(struct sfp_dfq_consumer *consumer) SFP_NODISCARD;

/* The cold halves of peek and next, and of retiring; in libpatterns/dfq.c. */
enum sfp_status sfp_dfq_hand_out_(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *after,
				  struct sfp_dfq_item **item) SFP_NODISCARD;
void sfp_dfq_retire_newest_(struct sfp_dfq *queue, struct sfp_dfq_item *item, uint32_t word, unsigned *share);

/* May the consumer settle it or go on from it? Not settled, and linked: else it has no neighbours. */
SFP_ALWAYS_INLINE bool sfp_dfq_unsettled_(uint32_t word)
{
	return (word & (SFP_DFQ_STATE_ | SFP_DFQ_LINKED_)) == (SFP_DFQ_QUEUED | SFP_DFQ_LINKED_);
}

/* May this item be handed out without a second look? Queued, no marker, attempts left. */
SFP_ALWAYS_INLINE bool sfp_dfq_plain_(const struct sfp_dfq *queue, uint32_t word)
{
	return (word & (SFP_DFQ_STATE_ | SFP_DFQ_MARKER_)) == SFP_DFQ_QUEUED &&
	       (word & SFP_DFQ_ATTEMPTS_) < queue->limit;
}

/**
 * Hand out the oldest item that is not settled; it stays in the queue. Counted as an attempt.
 * @context the consumer's   @progress wait-free, bounded
 * @order   acquire: what the producer wrote to the item before it enqueued is seen
 * @owner   the item stays its producer's; its payload is the consumer's to use until settled
 * @retains the link, as before   @cost O(1) when linked; else up to SFP_DFQ_BUDGET items are linked
 * @return  SFP_OK; SFP_EMPTY; SFP_AGAIN: there is something, call again; SFP_GONE: closed by an older
 *          incarnation, call close; SFP_STALE: another consumer has taken over
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_dfq_peek(struct sfp_dfq_consumer *consumer,
							     struct sfp_dfq_item **item)
{
	struct sfp_dfq *queue = consumer->queue;
	struct sfp_dfq_item *oldest = queue->oldest;
	uint32_t word;

	if (SFP_LIKELY(oldest && consumer->incarnation == queue->attached)) {
		word = sfp_load_u32(&oldest->word);
		if (SFP_LIKELY(sfp_dfq_plain_(queue, word))) {
			queue->cursor = oldest;
			sfp_store_u32(&oldest->word, word + SFP_DFQ_ATTEMPT_);
			*item = oldest;
			return SFP_OK;
		}
	}
	return sfp_dfq_hand_out_(consumer, NULL, item);
}

/**
 * Hand out the item after the one that was handed out last; that one stays unsettled, or was
 * settled already. So a poisoned item blocks nobody.
 * @context @progress @order @owner @retains @cost @return as sfp_dfq_peek()
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_dfq_next(struct sfp_dfq_consumer *consumer,
							     struct sfp_dfq_item **item)
{
	return sfp_dfq_hand_out_(consumer, consumer->queue->cursor, item);
}

/**
 * Look at the item after `after` (NULL: at the oldest) without handing it out: nothing is counted.
 * @context the consumer's   @progress wait-free, bounded   @order as peek
 * @owner   nothing changes hands   @retains nothing   @cost as peek
 * @return  as peek; `after` must be an unsettled item of this queue, else SFP_INVALID
 */
enum sfp_status sfp_dfq_look(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *after,
			     struct sfp_dfq_item **item) SFP_NODISCARD;

/**
 * Hand out an item that sfp_dfq_look() showed: its handler begins, an attempt is counted.
 * @context the consumer's   @progress wait-free   @order none   @owner as peek   @retains as peek
 * @cost    two stores
 * @return  SFP_OK; SFP_LIMIT: it had all its attempts and is FAILED now; SFP_INVALID: not unsettled; SFP_STALE
 */
enum sfp_status sfp_dfq_begin(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *item) SFP_NODISCARD;

/*
 * Give an item its outcome and take it out. The three stores A, B, C of the text above. `share` is
 * what is left of the call's; NULL: all of it.
 */
SFP_ALWAYS_INLINE enum sfp_status sfp_dfq_retire_(struct sfp_dfq_consumer *consumer,
						  struct sfp_dfq_item *item, enum sfp_dfq_state outcome,
						  unsigned *share)
{
	struct sfp_dfq *queue = consumer->queue;
	struct sfp_dfq_item *older;
	struct sfp_dfq_item *newer;
	uint32_t word;

	if (SFP_UNLIKELY(consumer->incarnation != queue->attached))
		return SFP_STALE;
	word = sfp_load_u32(&item->word);
	if (SFP_UNLIKELY(!sfp_dfq_unsettled_(word) || queue->recovering))
		return SFP_INVALID;
	word = (word & SFP_DFQ_ATTEMPTS_) | (uint32_t)outcome |
	       (consumer->incarnation << SFP_DFQ_INCARNATION_SHIFT_);
	older = item->next;
	sfp_store_release_u32(&item->word, word); /* A: pairs with the acquire in state() and settle() */
	if (queue->cursor == item)
		queue->cursor = older;
	if (SFP_UNLIKELY(item == queue->linked)) {
		sfp_dfq_retire_newest_(queue, item, word, share);
		return SFP_OK;
	}
	newer = item->newer;
	sfp_compiler_barrier();
	newer->next = older; /* B: only this store matters to a successor */
	sfp_compiler_barrier();
	if (older)
		older->newer = newer;
	else
		queue->oldest = newer;
	sfp_store_release_u32(&item->word, word | SFP_DFQ_RELEASED_); /* C: pairs with reclaim() */
	return SFP_OK;
}

/**
 * The item was handled: acknowledge it and take it out, in any order.
 * @context the consumer's   @progress wait-free but for one swap against producers
 * @order   release: the handler's effects are seen by whoever sees the outcome
 * @owner   the item is its producer's to reclaim; do not touch it again   @retains nothing
 * @cost    five stores; one compare-and-swap if it is the newest
 * @return  SFP_OK; SFP_INVALID: not unsettled; SFP_STALE
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_dfq_complete(struct sfp_dfq_consumer *consumer,
								 struct sfp_dfq_item *item)
{
	return sfp_dfq_retire_(consumer, item, SFP_DFQ_DONE, NULL);
}

/**
 * The item cannot be handled: give it back as FAILED.
 * @context @progress @order @owner @retains @cost as sfp_dfq_complete()
 * @return  as complete; SFP_INVALID also for reason SFP_DFQ_POISON, which is the queue's own
 */
enum sfp_status sfp_dfq_fail(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *item,
			     uint32_t reason) SFP_NODISCARD;

/**
 * Before sleeping: have the hook called at the next enqueue, if there is nothing to hand out now.
 * @context the consumer's   @progress wait-free   @order none
 * @owner   nothing changes hands   @retains a bit of head, until the consumer links the next item
 * @cost    one compare-and-swap
 * @return  SFP_OK: sleep on a latched event; SFP_AGAIN: something is there; SFP_GONE; SFP_STALE
 */
enum sfp_status sfp_dfq_wait(struct sfp_dfq_consumer *consumer) SFP_NODISCARD;

/**
 * Close the queue: enqueue says GONE from now on, and all that is left becomes LOST, oldest first.
 * @context the consumer's   @progress wait-free, bounded   @order as complete
 * @owner   the items are their producers' to reclaim   @retains nothing when it says OK
 * @cost    up to SFP_DFQ_BUDGET items a call
 * @return  SFP_OK: closed and empty; SFP_AGAIN: call again; SFP_STALE
 */
enum sfp_status sfp_dfq_close(struct sfp_dfq_consumer *consumer) SFP_NODISCARD;

/**
 * How many items are not settled. Counted on demand, for people.
 * @context the consumer's   @progress wait-free   @order none   @owner nothing changes hands
 * @retains nothing   @cost O(items queued)   @return SFP_OK; SFP_STALE
 */
enum sfp_status sfp_dfq_depth(struct sfp_dfq_consumer *consumer, size_t *depth) SFP_NODISCARD;

/* ---- the generating macros -------------------------------------------------------- */

#define SFP_DFQ_TYPES_(name, type, member) \
	struct name { \
		struct sfp_dfq core; \
	}; \
	struct name##_consumer { \
		struct sfp_dfq_consumer core; \
	}; \
	struct name##_marker { \
		struct sfp_dfq_item core; \
	}; \
	SFP_STATIC_ASSERT(__builtin_types_compatible_p(__typeof__(((type *)0)->member), struct sfp_dfq_item), \
			  "SFP_DFQ: the member must be a struct sfp_dfq_item")

#define SFP_DFQ_PRODUCER_(name, type, member, hook) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_init(struct name *queue, uint32_t attempt_limit) \
	{ \
		return sfp_dfq_init(&queue->core, attempt_limit); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_enqueue(struct name *queue, type *item) \
	{ \
		bool sfp_waiting_; \
		const enum sfp_status sfp_status_ = sfp_dfq_enqueue(&queue->core, &item->member, &sfp_waiting_); \
		if (SFP_UNLIKELY(sfp_waiting_)) \
			hook(queue); \
		return sfp_status_; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_enqueue_chain(struct name *queue, type *const *items, \
									 size_t count) \
	{ \
		bool sfp_waiting_; \
		const enum sfp_status sfp_status_ = sfp_dfq_enqueue_chain(&queue->core, items, count, \
									  offsetof(type, member), &sfp_waiting_); \
		if (SFP_UNLIKELY(sfp_waiting_)) \
			hook(queue); \
		return sfp_status_; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_mark(struct name *queue, struct name##_marker *marker) \
	{ \
		bool sfp_waiting_; \
		const enum sfp_status sfp_status_ = sfp_dfq_mark(&queue->core, &marker->core, &sfp_waiting_); \
		if (SFP_UNLIKELY(sfp_waiting_)) \
			hook(queue); \
		return sfp_status_; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_unmark(const struct name *queue, struct name##_marker *marker) \
	{ \
		return sfp_dfq_reclaim(&queue->core, &marker->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_settle(const struct name *queue, \
								  const struct name##_marker *marker, type *item) \
	{ \
		return sfp_dfq_settle(&queue->core, marker ? &marker->core : NULL, &item->member); \
	} \
	SFP_GENERATED struct sfp_dfq_view name##_state(const type *item) \
	{ \
		return sfp_dfq_state(&item->member); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_reclaim(const struct name *queue, type *item) \
	{ \
		return sfp_dfq_reclaim(&queue->core, &item->member); \
	}

#define SFP_DFQ_CONSUMER_(name, type, member) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_attach(struct name##_consumer *consumer, \
								  struct name *queue, struct sfp_proof proof) \
	{ \
		return sfp_dfq_attach(&consumer->core, &queue->core, proof); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_detach(struct name##_consumer *consumer) \
	{ \
		return sfp_dfq_detach(&consumer->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_peek(struct name##_consumer *consumer, type **item) \
	{ \
		struct sfp_dfq_item *sfp_item_; \
		const enum sfp_status sfp_status_ = sfp_dfq_peek(&consumer->core, &sfp_item_); \
		if (SFP_LIKELY(sfp_status_ == SFP_OK)) \
			*item = SFP_CONTAINER(sfp_item_, type, member); \
		return sfp_status_; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_next(struct name##_consumer *consumer, type **item) \
	{ \
		struct sfp_dfq_item *sfp_item_; \
		const enum sfp_status sfp_status_ = sfp_dfq_next(&consumer->core, &sfp_item_); \
		if (SFP_LIKELY(sfp_status_ == SFP_OK)) \
			*item = SFP_CONTAINER(sfp_item_, type, member); \
		return sfp_status_; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_look(struct name##_consumer *consumer, type *after, \
								type **item) \
	{ \
		struct sfp_dfq_item *sfp_item_; \
		const enum sfp_status sfp_status_ = \
			sfp_dfq_look(&consumer->core, after ? &after->member : NULL, &sfp_item_); \
		if (SFP_LIKELY(sfp_status_ == SFP_OK)) \
			*item = SFP_CONTAINER(sfp_item_, type, member); \
		return sfp_status_; \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_begin(struct name##_consumer *consumer, type *item) \
	{ \
		return sfp_dfq_begin(&consumer->core, &item->member); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_complete(struct name##_consumer *consumer, type *item) \
	{ \
		return sfp_dfq_complete(&consumer->core, &item->member); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_fail(struct name##_consumer *consumer, type *item, \
								uint32_t reason) \
	{ \
		return sfp_dfq_fail(&consumer->core, &item->member, reason); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_close(struct name##_consumer *consumer) \
	{ \
		return sfp_dfq_close(&consumer->core); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_depth(struct name##_consumer *consumer, size_t *depth) \
	{ \
		return sfp_dfq_depth(&consumer->core, depth); \
	}

#define SFP_DFQ_NO_HOOK_(queue) ((void)(queue))

/**
 * SFP_DFQ(name, type, member) generates, for items that are `type`s with their
 * `struct sfp_dfq_item` in `member`: struct name, struct name_consumer, struct
 * name_marker, and name_ before each operation above. Its consumer polls.
 */
#define SFP_DFQ(name, type, member) \
	SFP_DFQ_TYPES_(name, type, member); \
	SFP_DFQ_PRODUCER_(name, type, member, SFP_DFQ_NO_HOOK_) \
	SFP_DFQ_CONSUMER_(name, type, member) \
	struct name

/**
 * SFP_DFQ_HOOKED(name, type, member, hook): the same for a consumer that
 * sleeps. After name_wait() said OK, the next enqueue ends with hook(queue), a
 * `void hook(struct name *)` in the producer's context, which wakes it.
 */
#define SFP_DFQ_HOOKED(name, type, member, hook) \
	SFP_DFQ_TYPES_(name, type, member); \
	SFP_GENERATED void name##_hook_(struct name *queue) \
	{ \
		hook(queue); \
	} \
	SFP_DFQ_PRODUCER_(name, type, member, name##_hook_) \
	SFP_DFQ_CONSUMER_(name, type, member) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_wait(struct name##_consumer *consumer) \
	{ \
		return sfp_dfq_wait(&consumer->core); \
	} \
	struct name

#endif /* SFP_DFQ_H */
