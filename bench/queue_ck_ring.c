/* SPDX-License-Identifier: BSD-2-Clause */
/* Concurrency Kit's ring; the payload is the slot's value, nothing else is moved. */
#include "bench.h"
#include "queue.h"

#include <ck_ring.h>

#include <stdlib.h>

struct ring {
	struct ck_ring ring __attribute__((aligned(64)));
	struct ck_ring_buffer *slots;
};

/* A ring's size is a power of two; one slot of it stays empty. */
static void *create(unsigned producers, size_t room, bool scattered)
{
	struct ring *ring = bench_allocate(sizeof(*ring));
	unsigned slots = 2;

	(void)scattered; /* a ring has no choice */
	while (slots < room * producers)
		slots *= 2;
	ring->slots = bench_allocate(slots * sizeof(ring->slots[0]));
	ck_ring_init(&ring->ring, slots);
	return ring;
}

static void destroy(void *queue)
{
	struct ring *ring = queue;

	free(ring->slots);
	free(ring);
}

static inline bool put_mpsc(void *queue, unsigned producer, uint64_t payload)
{
	struct ring *ring = queue;

	(void)producer;
	return ck_ring_enqueue_mpsc(&ring->ring, ring->slots, (void *)(uintptr_t)payload);
}

static inline bool take_mpsc(void *queue, uint64_t *payload)
{
	struct ring *ring = queue;
	void *value;

	if (!ck_ring_dequeue_mpsc(&ring->ring, ring->slots, &value))
		return false;
	*payload = (uintptr_t)value;
	return true;
}

static inline bool put_spsc(void *queue, unsigned producer, uint64_t payload)
{
	struct ring *ring = queue;

	(void)producer;
	return ck_ring_enqueue_spsc(&ring->ring, ring->slots, (void *)(uintptr_t)payload);
}

static inline bool take_spsc(void *queue, uint64_t *payload)
{
	struct ring *ring = queue;
	void *value;

	if (!ck_ring_dequeue_spsc(&ring->ring, ring->slots, &value))
		return false;
	*payload = (uintptr_t)value;
	return true;
}

static inline void settle(void *queue)
{
	(void)queue; /* a payload that was taken out is settled */
}

BENCH_QUEUE(ck_ring_mpsc, create, put_mpsc, take_mpsc, settle, destroy);
BENCH_QUEUE(ck_ring_spsc, create, put_spsc, take_spsc, settle, destroy);
