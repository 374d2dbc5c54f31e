/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pool: in which order a producer uses its items: one after the other, or
 * scattered over the memory by a sequence of full period.
 */
#ifndef SFP_BENCH_POOL_H
#define SFP_BENCH_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct bench_order {
	size_t at;
	size_t mask;      /* of the pool's size, a power of two */
	size_t multiplier;
	size_t increment;
};

static inline struct bench_order bench_order_make(size_t items, bool scattered)
{
	struct bench_order order = { 0, items - 1, 1, 1 };

	if (scattered) { /* Knuth's; its successors are far apart in any pool that exceeds a cache */
		order.multiplier = (size_t)6364136223846793005u;
		order.increment = (size_t)1442695040888963407u;
	}
	return order;
}

static inline void bench_order_advance(struct bench_order *order)
{
	order->at = (order->at * order->multiplier + order->increment) & order->mask;
}

#endif /* SFP_BENCH_POOL_H */
