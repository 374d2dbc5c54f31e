/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * estate_dfq: a pool of queue items as part of an estate.
 *
 * Overview
 *   A producer that dies leaves items in queues. Its successor over the same
 *   memory can settle them; its undertaker, who wants the memory gone, has them
 *   detached: one record a pool and queue, made once, beside the pool.
 *
 *   Detaching waits for the consumer, and for nobody else: an item that is in
 *   the queue is the consumer's to handle, an item of which the dead one has
 *   not said whether it is in the queue is known by a marker that the consumer
 *   has to pass. A consumer that does nothing for ever must be closed or
 *   replaced by somebody who can; until then the burial says AGAIN.
 *
 *   Not for: items of one pool that go to several queues (give each queue a
 *   pool: what became of an item is asked of its queue), or a queue whose own
 *   memory goes first (who ends a consumer ends its producers' access first).
 *
 * Usage
 *   SFP_DFQ(keyq, struct key_event, link);
 *   SFP_ESTATE_DFQ(keyq, struct key_event, link);
 *
 *   struct keyq_estate retained;                     // zeroed; beside the pool
 *   SFP_TRY(keyq_estate_add(&mine, &retained, &queue, pool, 16, "key events"));
 *   // from here on each of pool[0..16) may be enqueued; burying `mine` gets them back
 *
 * Concurrency
 *   As the estate's: the owner adds, before it enqueues the first item. While
 *   it is detached no producer uses the pool.
 *
 * Why it is correct
 *   See settle in <sfp/dfq.h>. The marker is part of the record and enqueued by
 *   the burier only, hence after the producer's last push. When all items are
 *   idle the marker itself is taken back; the queue then refers to nothing in
 *   the record. A burier that stops while it enqueues the marker leaves one
 *   that may be in the queue or not: the next one is sure when it was passed,
 *   or when the queue is empty for a moment.
 */
#ifndef SFP_ESTATE_DFQ_H
#define SFP_ESTATE_DFQ_H

#include <sfp/dfq.h>
#include <sfp/estate.h>

/** What the burier needs to know of a pool. In the client's memory. Zeroed: in no estate. */
struct sfp_estate_dfq {
	struct sfp_estate_entry entry;        /* in the client's estate */
	struct sfp_dfq *queue;                /* to which its items go */
	void (*hook)(struct sfp_dfq *queue);  /* NULL: the consumer polls */
	struct sfp_dfq_item *first;           /* the link of the pool's first item ... */
	size_t stride;                        /* ... the next one's is so many bytes on ... */
	size_t count;                         /* ... and there are so many */
	struct sfp_dfq_item marker;           /* the burier's */
};

/**
 * Detach a pool; a sfp_estate_detach, for the entry of a struct sfp_estate_dfq.
 * @context a burier   @progress wait-free, O(items)   @order as sfp_dfq_settle()
 * @owner   on SFP_OK the items and the record are the burier's to free
 * @retains the marker's link, until SFP_OK   @cost a few loads an item, once one swap
 * @return  SFP_OK: the queue refers to none of it; SFP_BUSY: the consumer has not come that far
 */
enum sfp_status sfp_estate_dfq_detach(struct sfp_estate_entry *entry) SFP_NODISCARD;

/**
 * Put a pool on the list, before the first of its items is enqueued.
 * @context @progress @order @owner @return as sfp_estate_add(); SFP_INVALID also for an empty pool
 * @retains the record, in the client's own memory   @cost ten stores
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_estate_dfq_add(struct sfp_estate *estate,
								   struct sfp_estate_dfq *pool, const char *what)
{
	if (SFP_UNLIKELY(!pool->queue || !pool->first || pool->count == 0))
		return SFP_INVALID;
	return sfp_estate_add(estate, &pool->entry, sfp_estate_dfq_detach, what);
}

#define SFP_ESTATE_DFQ_(name, type, member, hook_of_queue) \
	struct name##_estate { \
		struct sfp_estate_dfq core; \
	}; \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_estate_add(struct sfp_estate *estate, \
								      struct name##_estate *pool, \
								      struct name *queue, type *items, \
								      size_t count, const char *what) \
	{ \
		if (pool->core.entry.estate) \
			return SFP_BUSY; \
		pool->core.queue = &queue->core; \
		pool->core.hook = hook_of_queue; \
		pool->core.first = items ? &items->member : NULL; \
		pool->core.stride = sizeof(type); \
		pool->core.count = count; \
		return sfp_estate_dfq_add(estate, &pool->core, what); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_estate_remove(struct sfp_estate *estate, \
									 struct name##_estate *pool) \
	{ \
		return sfp_estate_remove(estate, &pool->core.entry); \
	} \
	struct name##_estate

/**
 * SFP_ESTATE_DFQ(name, type, member), after SFP_DFQ with the same arguments,
 * generates struct name_estate, name_estate_add() and name_estate_remove().
 */
#define SFP_ESTATE_DFQ(name, type, member) SFP_ESTATE_DFQ_(name, type, member, NULL)

/** The same after SFP_DFQ_HOOKED: the burier's marker wakes the consumer as an item would. */
#define SFP_ESTATE_DFQ_HOOKED(name, type, member) \
	SFP_GENERATED void name##_estate_hook_(struct sfp_dfq *sfp_queue_) \
	{ \
		name##_hook_(SFP_CONTAINER(sfp_queue_, struct name, core)); \
	} \
	SFP_ESTATE_DFQ_(name, type, member, name##_estate_hook_)

#endif /* SFP_ESTATE_DFQ_H */
