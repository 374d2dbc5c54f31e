/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * queue: what the questions about queues ask of each of them.
 *
 * Each queue has a file that says how one payload of 8 bytes is put, taken and
 * settled; BENCH_QUEUE makes the loops around that, inlined in that file, so
 * that its operations are compiled as in its users' code. README.md says what
 * each queue does for one item and why that is the same work for all.
 */
#ifndef SFP_BENCH_QUEUE_H
#define SFP_BENCH_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Room in a bounded queue, or items in a pool, for each producer. */
#define BENCH_ROOM 1024u

struct bench_queue {
	const char *name;
	/* `room` for each producer, a power of two; `scattered`: its items are used in an irregular order. */
	void *(*create)(unsigned producers, size_t room, bool scattered);
	/* Put first, first + 1 ..., `count` or as many as there is room for: returns how many. */
	uint64_t (*produce)(void *queue, unsigned producer, uint64_t first, uint64_t count);
	/* Take `count`, or what there is: returns how many, and adds the payloads to *sum. */
	uint64_t (*consume)(void *queue, uint64_t count, uint64_t *sum);
	/* `count` times: send a request and wait for its answer. Returns the answers' sum. */
	uint64_t (*ask)(void *requests, void *replies, uint64_t count);
	/* The other side: answer with the payload plus one, then settle the request. */
	void (*answer)(void *requests, void *replies, uint64_t count);
	void (*destroy)(void *queue);
};

extern const struct bench_queue bench_sfp_dfq;
extern const struct bench_queue bench_ck_ring_mpsc;
extern const struct bench_queue bench_ck_ring_spsc;
extern const struct bench_queue bench_wfcqueue;
extern const struct bench_queue bench_wfcqueue_splice;
extern const struct bench_queue bench_moodycamel;
#ifdef BENCH_HAS_RUST
extern const struct bench_queue bench_rust_mpsc;
extern const struct bench_queue bench_rust_mpsc_sync;
#endif

#ifdef __cplusplus
}
#endif

/*
 * BENCH_QUEUE(name, create, put, take, settle, destroy) defines bench_name, from
 *   bool put(void *queue, unsigned producer, uint64_t payload);   false: no room
 *   bool take(void *queue, uint64_t *payload);                    false: nothing there
 *   void settle(void *queue);                                     the one taken last was handled
 */
#define BENCH_QUEUE(name, create, put, take, settle, destroy) \
	static uint64_t name##_produce(void *queue, unsigned producer, uint64_t first, uint64_t count) \
	{ \
		uint64_t i; \
\
		for (i = 0; i < count && put(queue, producer, first + i); i++) \
			; \
		return i; \
	} \
	static uint64_t name##_consume(void *queue, uint64_t count, uint64_t *sum) \
	{ \
		uint64_t payload; \
		uint64_t i; \
\
		for (i = 0; i < count && take(queue, &payload); i++) { \
			*sum += payload; \
			settle(queue); \
		} \
		return i; \
	} \
	static uint64_t name##_ask(void *requests, void *replies, uint64_t count) \
	{ \
		uint64_t payload; \
		uint64_t sum = 0; \
		uint64_t i; \
\
		for (i = 0; i < count; i++) { \
			while (!put(requests, 0, i)) \
				; \
			while (!take(replies, &payload)) \
				; \
			settle(replies); \
			sum += payload; \
		} \
		return sum; \
	} \
	static void name##_answer(void *requests, void *replies, uint64_t count) \
	{ \
		uint64_t payload; \
		uint64_t i; \
\
		for (i = 0; i < count; i++) { \
			while (!take(requests, &payload)) \
				; \
			while (!put(replies, 0, payload + 1)) \
				; \
			settle(requests); \
		} \
	} \
	const struct bench_queue bench_##name = { #name, create, name##_produce, name##_consume, \
						  name##_ask, name##_answer, destroy }

#endif /* SFP_BENCH_QUEUE_H */
