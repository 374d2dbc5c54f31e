/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * liburcu's wait-free concurrent queue, inlined. It is intrusive, as the DFQ
 * is: nodes come from each producer's own pool, and since the queue itself does
 * not tell a producer when a node may be used again, a flag in the node does.
 */
#define _LGPL_SOURCE
#include "bench.h"
#include "pool.h"
#include "queue.h"

#include <urcu/wfcqueue.h>

#include <stdlib.h>

struct node {
	struct cds_wfcq_node link;
	uint64_t payload;
	uint64_t busy;  /* from put to settle */
};

struct pool {
	struct node *nodes __attribute__((aligned(64)));
	struct bench_order order;
};

/* Head and tail on lines of their own, as its documentation advises. */
struct wfcqueue {
	struct __cds_wfcq_head head __attribute__((aligned(64)));
	struct cds_wfcq_tail tail __attribute__((aligned(64)));
	struct __cds_wfcq_head own_head __attribute__((aligned(64))); /* what was spliced off */
	struct cds_wfcq_tail own_tail;
	struct node *taken;
	unsigned producers;
	struct pool pools[] __attribute__((aligned(64)));
};

static void *create(unsigned producers, size_t room, bool scattered)
{
	struct wfcqueue *queue = bench_allocate(sizeof(*queue) + producers * sizeof(queue->pools[0]));
	unsigned i;

	queue->producers = producers;
	for (i = 0; i < producers; i++) {
		queue->pools[i].nodes = bench_allocate(room * sizeof(queue->pools[i].nodes[0]));
		queue->pools[i].order = bench_order_make(room, scattered);
	}
	__cds_wfcq_init(&queue->head, &queue->tail);
	__cds_wfcq_init(&queue->own_head, &queue->own_tail);
	return queue;
}

static void destroy(void *opaque)
{
	struct wfcqueue *queue = opaque;
	unsigned i;

	for (i = 0; i < queue->producers; i++)
		free(queue->pools[i].nodes);
	free(queue);
}

static inline bool put(void *opaque, unsigned producer, uint64_t payload)
{
	struct wfcqueue *queue = opaque;
	struct pool *pool = &queue->pools[producer];
	struct node *node = &pool->nodes[pool->order.at];

	if (__atomic_load_n(&node->busy, __ATOMIC_ACQUIRE))
		return false;
	node->busy = 1;
	node->payload = payload;
	cds_wfcq_node_init(&node->link);
	cds_wfcq_enqueue(&queue->head, &queue->tail, &node->link);
	bench_order_advance(&pool->order);
	return true;
}

static inline bool take_from(struct wfcqueue *queue, struct __cds_wfcq_head *head, struct cds_wfcq_tail *tail,
			     uint64_t *payload)
{
	struct cds_wfcq_node *link = __cds_wfcq_dequeue_nonblocking(head, tail);

	if (!link || link == CDS_WFCQ_WOULDBLOCK)
		return false;
	queue->taken = caa_container_of(link, struct node, link);
	*payload = queue->taken->payload;
	return true;
}

static inline bool take(void *opaque, uint64_t *payload)
{
	struct wfcqueue *queue = opaque;

	return take_from(queue, &queue->head, &queue->tail, payload);
}

/* All that is there at once, then item by item from what is nobody else's. */
static inline bool take_spliced(void *opaque, uint64_t *payload)
{
	struct wfcqueue *queue = opaque;

	if (take_from(queue, &queue->own_head, &queue->own_tail, payload))
		return true;
	if (!cds_wfcq_empty(&queue->own_head, &queue->own_tail))
		return false; /* its producer has not linked it yet */
	(void)__cds_wfcq_splice_nonblocking(&queue->own_head, &queue->own_tail, &queue->head, &queue->tail);
	return take_from(queue, &queue->own_head, &queue->own_tail, payload);
}

static inline void settle(void *opaque)
{
	struct wfcqueue *queue = opaque;

	__atomic_store_n(&queue->taken->busy, 0, __ATOMIC_RELEASE);
}

BENCH_QUEUE(wfcqueue, create, put, take, settle, destroy);
BENCH_QUEUE(wfcqueue_splice, create, put, take_spliced, settle, destroy);
