/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long does it take to send a request to another processor and to have its
 * answer? One queue there, one back; both sides poll without a pause. `two_lines`
 * is what bounds it: one cache line there and one back, without any queue.
 */
#include "dfq.h"
#include "queue.h"

#include <pthread.h>
#include <stdlib.h>

/* A word on a line of its own, for one payload at a time. */
struct line {
	uint64_t sent __attribute__((aligned(64)));
	uint64_t taken __attribute__((aligned(64))); /* the receiver's own */
};

static void *line_create(unsigned producers, size_t room, bool scattered)
{
	(void)producers;
	(void)room;
	(void)scattered;
	return bench_allocate(sizeof(struct line));
}

static inline bool line_put(void *queue, unsigned producer, uint64_t payload)
{
	struct line *line = queue;

	(void)producer;
	__atomic_store_n(&line->sent, payload + 1, __ATOMIC_RELEASE);
	return true;
}

/* Payloads grow from one to the next, which is all that a receiver needs here. */
static inline bool line_take(void *queue, uint64_t *payload)
{
	struct line *line = queue;
	const uint64_t sent = __atomic_load_n(&line->sent, __ATOMIC_ACQUIRE);

	if (sent == line->taken)
		return false;
	line->taken = sent;
	*payload = sent - 1;
	return true;
}

static inline void line_settle(void *queue)
{
	(void)queue;
}

extern const struct bench_queue bench_two_lines;
BENCH_QUEUE(two_lines, line_create, line_put, line_take, line_settle, free);

static const struct bench_queue *const queues[] = {
	&bench_sfp_dfq,   &bench_ck_ring_spsc, &bench_ck_ring_mpsc, &bench_wfcqueue, &bench_moodycamel,
#ifdef BENCH_HAS_RUST
	&bench_rust_mpsc,
#endif
	&bench_two_lines,
};
#define QUEUES (sizeof(queues) / sizeof(queues[0]))

#define WARM_UP 1000u
#define TRIPS 4000u

struct trial {
	const struct bench_queue *kind;
	void *requests;
	void *replies;
	pthread_barrier_t start;
};

static void *answer(void *argument)
{
	struct trial *trial = argument;

	bench_pin(bench_cpus() - 1);
	pthread_barrier_wait(&trial->start);
	trial->kind->answer(trial->requests, trial->replies, WARM_UP + TRIPS);
	return NULL;
}

static double measure(void *context, size_t variant)
{
	const struct bench_queue *kind = queues[variant];
	struct trial trial = {
		.kind = kind,
		.requests = kind->create(1, BENCH_ROOM, false),
		.replies = kind->create(1, BENCH_ROOM, false),
	};
	pthread_t other;
	uint64_t sum;
	double began;
	double took;

	(void)context;
	bench_pin_to_other(0);
	pthread_barrier_init(&trial.start, NULL, 2);
	if (pthread_create(&other, NULL, answer, &trial) != 0)
		bench_fail("cannot start a thread");
	pthread_barrier_wait(&trial.start);
	(void)kind->ask(trial.requests, trial.replies, WARM_UP);
	began = bench_now_ns();
	sum = kind->ask(trial.requests, trial.replies, TRIPS);
	took = bench_now_ns() - began;
	pthread_join(other, NULL);
	pthread_barrier_destroy(&trial.start);
	kind->destroy(trial.requests);
	kind->destroy(trial.replies);
	if (sum != (uint64_t)TRIPS * (TRIPS + 1) / 2)
		bench_fail("dfq/round-trip: a wrong answer");
	return took / TRIPS;
}

void dfq_round_trip(const struct bench_options *options)
{
	static struct bench_series series[QUEUES];
	size_t q;

	for (q = 0; q < QUEUES; q++)
		series[q] = (struct bench_series){ .bench = "dfq/round-trip", .variant = queues[q]->name,
						   .unit = "ns/round-trip" };
	bench_rounds(series, QUEUES, options, measure, NULL);
}
