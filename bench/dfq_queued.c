/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What does an item cost when 1 to 1,000,000 are queued before the first is
 * taken? One thread fills and drains; the items lie one after the other, or
 * scattered. `memory` is what the memory alone costs: the payloads are written
 * in the same order, and read again, without any queue.
 */
#include "dfq.h"
#include "pool.h"
#include "queue.h"

#include <stdlib.h>

/* As large as a message of the DFQ. */
struct cell {
	uint64_t payload;
	uint64_t rest[3];
};

struct bare {
	struct cell *cells;
	struct bench_order put;
	struct bench_order taken;
	uint64_t count;
};

static void *bare_create(unsigned producers, size_t room, bool scattered)
{
	struct bare *bare = bench_allocate(sizeof(*bare));

	(void)producers;
	bare->cells = bench_allocate(room * sizeof(bare->cells[0]));
	bare->put = bench_order_make(room, scattered);
	bare->taken = bare->put;
	return bare;
}

static void bare_destroy(void *opaque)
{
	struct bare *bare = opaque;

	free(bare->cells);
	free(bare);
}

static inline bool bare_put(void *opaque, unsigned producer, uint64_t payload)
{
	struct bare *bare = opaque;

	(void)producer;
	__atomic_store_n(&bare->cells[bare->put.at].payload, payload, __ATOMIC_RELAXED);
	bench_order_advance(&bare->put);
	bare->count++;
	return true;
}

static inline bool bare_take(void *opaque, uint64_t *payload)
{
	struct bare *bare = opaque;

	if (bare->count == 0)
		return false;
	bare->count--;
	*payload = __atomic_load_n(&bare->cells[bare->taken.at].payload, __ATOMIC_RELAXED);
	bench_order_advance(&bare->taken);
	return true;
}

static inline void bare_settle(void *opaque)
{
	(void)opaque;
}

extern const struct bench_queue bench_memory;
BENCH_QUEUE(memory, bare_create, bare_put, bare_take, bare_settle, bare_destroy);

static const struct variant {
	const char *name;
	const struct bench_queue *kind;
	bool scattered;
} variants[] = {
	{ "sfp_dfq", &bench_sfp_dfq, false },
	{ "sfp_dfq_scattered", &bench_sfp_dfq, true },
	{ "wfcqueue", &bench_wfcqueue, false },
	{ "wfcqueue_scattered", &bench_wfcqueue, true },
	{ "ck_ring_mpsc", &bench_ck_ring_mpsc, false },
	{ "moodycamel", &bench_moodycamel, false },
#ifdef BENCH_HAS_RUST
	{ "rust_mpsc", &bench_rust_mpsc, false },
#endif
	{ "memory", &bench_memory, false },
	{ "memory_scattered", &bench_memory, true },
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* A sample moves at least so many items. */
#define AT_LEAST 65536u

static void fill_and_drain(const struct bench_queue *kind, void *queue, uint64_t queued)
{
	uint64_t sum = 0;

	if (kind->produce(queue, 0, 0, queued) != queued || kind->consume(queue, queued, &sum) != queued ||
	    sum != queued * (queued - 1) / 2)
		bench_fail("dfq/queued: items were lost, doubled or changed");
}

static double measure(void *context, size_t n)
{
	const uint64_t queued = *(const uint64_t *)context;
	const struct variant *variant = &variants[n];
	const uint64_t times = (AT_LEAST + queued - 1) / queued;
	size_t room = 2;
	void *queue;
	double began;
	double took;
	uint64_t i;

	while (room <= queued)
		room *= 2;
	bench_pin(bench_cpus() - 1);
	queue = variant->kind->create(1, room, variant->scattered);
	fill_and_drain(variant->kind, queue, queued);
	began = bench_now_ns();
	for (i = 0; i < times; i++)
		fill_and_drain(variant->kind, queue, queued);
	took = bench_now_ns() - began;
	variant->kind->destroy(queue);
	return took / (double)(times * queued);
}

void dfq_queued(const struct bench_options *options)
{
	static struct bench_series series[VARIANTS];
	uint64_t queued;
	size_t n;

	for (queued = 1; queued <= 1000000; queued *= 10) {
		for (n = 0; n < VARIANTS; n++)
			series[n] = (struct bench_series){ .bench = "dfq/queued", .variant = variants[n].name,
							   .unit = "ns/item", .x_name = "queued", .x = queued };
		bench_rounds(series, VARIANTS, options, measure, &queued);
	}
}
