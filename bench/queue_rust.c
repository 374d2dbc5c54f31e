/* SPDX-License-Identifier: BSD-2-Clause */
/* The C face of queue_rust.rs. */
#include "queue.h"

#define RUST_QUEUE(name) \
	void *bench_##name##_create(unsigned producers, size_t room, bool scattered); \
	uint64_t bench_##name##_produce(void *queue, unsigned producer, uint64_t first, uint64_t count); \
	uint64_t bench_##name##_consume(void *queue, uint64_t count, uint64_t *sum); \
	uint64_t bench_##name##_ask(void *requests, void *replies, uint64_t count); \
	void bench_##name##_answer(void *requests, void *replies, uint64_t count); \
	void bench_##name##_destroy(void *queue); \
	const struct bench_queue bench_##name = { \
		#name, bench_##name##_create, bench_##name##_produce, bench_##name##_consume, \
		bench_##name##_ask, bench_##name##_answer, bench_##name##_destroy \
	}

RUST_QUEUE(rust_mpsc);
RUST_QUEUE(rust_mpsc_sync);
