/* SPDX-License-Identifier: BSD-2-Clause */
/* The DFQ: items from each producer's own pool, reclaimed before they are used again. */
#include "bench.h"
#include "pool.h"
#include "queue.h"

#include <sfp/dfq.h>

#include <stdlib.h>

struct message {
	struct sfp_dfq_item link;
	uint64_t payload;
};
SFP_DFQ(messages, struct message, link);

/* Each producer's, on a line of its own. */
struct pool {
	struct message *items SFP_CACHE_ALIGNED;
	struct bench_order order;
};

struct dfq {
	struct messages queue;
	struct messages_consumer consumer SFP_CACHE_ALIGNED;
	struct message *taken;
	unsigned producers;
	struct pool pools[] SFP_CACHE_ALIGNED;
};

static void *create(unsigned producers, size_t room, bool scattered)
{
	struct dfq *dfq = bench_allocate(sizeof(*dfq) + producers * sizeof(dfq->pools[0]));
	unsigned i;

	dfq->producers = producers;
	for (i = 0; i < producers; i++) {
		dfq->pools[i].items = bench_allocate(room * sizeof(dfq->pools[i].items[0]));
		dfq->pools[i].order = bench_order_make(room, scattered);
	}
	if (messages_init(&dfq->queue, 0) != SFP_OK ||
	    messages_attach(&dfq->consumer, &dfq->queue, SFP_PROOF("the queue is new")) != SFP_OK)
		bench_fail("sfp_dfq: cannot make a queue");
	return dfq;
}

static void destroy(void *queue)
{
	struct dfq *dfq = queue;
	unsigned i;

	for (i = 0; i < dfq->producers; i++)
		free(dfq->pools[i].items);
	free(dfq);
}

static inline bool put(void *queue, unsigned producer, uint64_t payload)
{
	struct dfq *dfq = queue;
	struct pool *pool = &dfq->pools[producer];
	struct message *message = &pool->items[pool->order.at];

	if (messages_reclaim(&dfq->queue, message) != SFP_OK)
		return false;
	message->payload = payload;
	if (messages_enqueue(&dfq->queue, message) != SFP_OK)
		bench_fail("sfp_dfq: enqueue refused an idle item");
	bench_order_advance(&pool->order);
	return true;
}

static inline bool take(void *queue, uint64_t *payload)
{
	struct dfq *dfq = queue;
	enum sfp_status status;

	do
		status = messages_peek(&dfq->consumer, &dfq->taken);
	while (SFP_UNLIKELY(status == SFP_AGAIN));
	if (status != SFP_OK)
		return false;
	*payload = dfq->taken->payload;
	return true;
}

static inline void settle(void *queue)
{
	struct dfq *dfq = queue;

	if (messages_complete(&dfq->consumer, dfq->taken) != SFP_OK)
		bench_fail("sfp_dfq: complete refused an item that was handed out");
}

BENCH_QUEUE(sfp_dfq, create, put, take, settle, destroy);
