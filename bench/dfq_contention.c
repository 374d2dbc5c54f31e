/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What does an enqueue cost while producers on all processors do nothing else?
 * Nobody consumes meanwhile. It is here that a failed compare-and-swap would
 * show beside an exchange that cannot fail.
 */
#include "dfq.h"
#include "queue.h"

#include <pthread.h>

static const struct bench_queue *const queues[] = {
	&bench_sfp_dfq, &bench_ck_ring_mpsc, &bench_wfcqueue, &bench_moodycamel,
#ifdef BENCH_HAS_RUST
	&bench_rust_mpsc,
#endif
};
#define QUEUES (sizeof(queues) / sizeof(queues[0]))

#define EACH 16384u
#define MOST_PRODUCERS 8u

struct trial {
	const struct bench_queue *kind;
	void *queue;
	pthread_barrier_t barrier;
	unsigned waited_for;         /* producers that are not at the start of this pass yet */
	unsigned producers;
};

struct producer {
	struct trial *trial;
	pthread_t thread;
	unsigned number;
	double took;
};

/* A barrier wakes its threads one after the other; this lets them go at once. */
static void start_together(struct trial *trial)
{
	pthread_barrier_wait(&trial->barrier);
	__atomic_sub_fetch(&trial->waited_for, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&trial->waited_for, __ATOMIC_RELAXED) > 0)
		;
}

/* The first pass brings the pool into this processor's cache; the second is measured. */
static void *produce(void *argument)
{
	struct producer *self = argument;
	struct trial *trial = self->trial;
	unsigned pass;

	bench_pin(self->number);
	for (pass = 0; pass < 2; pass++) {
		double began;

		start_together(trial);
		began = bench_now_ns();
		if (trial->kind->produce(trial->queue, self->number, 0, EACH) != EACH)
			bench_fail("dfq/contention: there was room, but not for all");
		self->took = bench_now_ns() - began;
		pthread_barrier_wait(&trial->barrier);
	}
	return NULL;
}

static void take_all(struct trial *trial)
{
	const uint64_t expected = (uint64_t)EACH * (EACH - 1) / 2 * trial->producers;
	uint64_t sum = 0;
	uint64_t count = 0;
	uint64_t done;

	do
		count += done = trial->kind->consume(trial->queue, EACH, &sum);
	while (done > 0);
	if (count != (uint64_t)EACH * trial->producers || sum != expected)
		bench_fail("dfq/contention: items were lost, doubled or changed");
}

static double measure(void *context, size_t variant)
{
	const unsigned count = *(const unsigned *)context;
	struct trial trial = { .kind = queues[variant], .producers = count };
	static struct producer producers[MOST_PRODUCERS];
	double took = 0;
	unsigned pass;
	unsigned i;

	bench_pin(0);
	trial.queue = trial.kind->create(count, 2 * EACH, false);
	pthread_barrier_init(&trial.barrier, NULL, count + 1);
	for (i = 0; i < count; i++) {
		producers[i] = (struct producer){ .trial = &trial, .number = i };
		if (pthread_create(&producers[i].thread, NULL, produce, &producers[i]) != 0)
			bench_fail("cannot start a thread");
	}
	for (pass = 0; pass < 2; pass++) {
		trial.waited_for = count;
		pthread_barrier_wait(&trial.barrier);
		pthread_barrier_wait(&trial.barrier);
		take_all(&trial);
	}
	for (i = 0; i < count; i++) {
		pthread_join(producers[i].thread, NULL);
		took += producers[i].took;
	}
	pthread_barrier_destroy(&trial.barrier);
	trial.kind->destroy(trial.queue);
	return took / count / EACH;
}

void dfq_contention(const struct bench_options *options)
{
	static struct bench_series series[QUEUES];
	const unsigned most = bench_cpus() < MOST_PRODUCERS ? bench_cpus() : MOST_PRODUCERS;
	unsigned producers;
	size_t q;

	for (producers = 1; producers <= most; producers++) {
		for (q = 0; q < QUEUES; q++)
			series[q] = (struct bench_series){ .bench = "dfq/contention", .variant = queues[q]->name,
							   .unit = "ns/enqueue", .x_name = "producers",
							   .x = producers };
		bench_rounds(series, QUEUES, options, measure, &producers);
	}
}
