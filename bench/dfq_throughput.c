/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long does an item take through the queue, when 1 to 64 producers send as
 * fast as they can to one consumer?
 *
 * The consumer has a processor of its own, the producers share the others. A
 * sample lasts for a time, not for a number of items: a queue whose producers
 * wait for each other can take milliseconds an item when one of them is not
 * scheduled. The time begins with the first item that arrives.
 */
#include "dfq.h"
#include "queue.h"

#include <pthread.h>

static const struct bench_queue *const queues[] = {
	&bench_sfp_dfq,  &bench_ck_ring_mpsc,   &bench_wfcqueue, &bench_wfcqueue_splice, &bench_moodycamel,
#ifdef BENCH_HAS_RUST
	&bench_rust_mpsc, &bench_rust_mpsc_sync,
#endif
};
#define QUEUES (sizeof(queues) / sizeof(queues[0]))

static const unsigned producer_counts[] = { 1, 2, 4, 16, 64 };
#define MOST_PRODUCERS 64u

/* Items between two looks at whether it is over: one where an item takes very long. */
#define CHUNK 64u
#define VERY_LONG_NS 1e6

struct trial {
	const struct bench_queue *kind;
	void *queue;
	pthread_barrier_t start;
	bool over;                   /* the consumer says so ... */
	unsigned producers;          /* ... and takes what comes until none is left */
	double very_long;            /* VERY_LONG_NS in ticks */
};

struct producer {
	struct trial *trial;
	pthread_t thread;
	unsigned number;
	uint64_t count;
};

/* What arrived. */
struct arrived {
	uint64_t count;
	uint64_t sum;
};

/*
 * A producer that finds no room waits, longer each time, until it can send a
 * whole chunk again: one that sends each item as soon as there is a place for
 * it stays right behind the consumer and takes the cache lines from under it.
 */
static void *produce(void *argument)
{
	struct producer *self = argument;
	struct trial *trial = self->trial;
	uint64_t chunk = 1;
	unsigned turn = 0;

	bench_pin_to_other(self->number);
	pthread_barrier_wait(&trial->start);
	while (!__atomic_load_n(&trial->over, __ATOMIC_RELAXED)) {
		const uint64_t began = bench_ticks();
		const uint64_t done = trial->kind->produce(trial->queue, self->number, self->count, chunk);

		self->count += done;
		if (done == chunk)
			turn = 0;
		else
			bench_wait(&turn);
		chunk = (double)(bench_ticks() - began) < trial->very_long ? CHUNK : 1;
	}
	__atomic_sub_fetch(&trial->producers, 1, __ATOMIC_RELEASE);
	return NULL;
}

static bool consume(struct trial *trial, struct arrived *arrived, unsigned *turn)
{
	const uint64_t done = trial->kind->consume(trial->queue, CHUNK, &arrived->sum);

	arrived->count += done;
	if (done > 0)
		*turn = 0;
	else
		bench_wait(turn);
	return done > 0;
}

/* Nanoseconds an item, as the consumer sees it for this long. */
static double consume_for(struct trial *trial, double duration, struct arrived *arrived)
{
	unsigned turn = 0;
	uint64_t first;
	double began;
	double now;

	while (!consume(trial, arrived, &turn))
		;
	first = arrived->count;
	began = bench_now_ns();
	do {
		unsigned i;

		for (i = 0; i < 16; i++)
			(void)consume(trial, arrived, &turn);
		now = bench_now_ns();
	} while (now - began < duration || arrived->count == first);
	return (now - began) / (double)(arrived->count - first);
}

static void start(struct trial *trial, struct producer *producers)
{
	unsigned i;

	pthread_barrier_init(&trial->start, NULL, trial->producers + 1);
	for (i = 0; i < trial->producers; i++) {
		producers[i] = (struct producer){ .trial = trial, .number = i };
		if (pthread_create(&producers[i].thread, NULL, produce, &producers[i]) != 0)
			bench_fail("cannot start a thread");
	}
}

/* Let the producers end, and check that everything that they sent has arrived. */
static void stop(struct trial *trial, struct producer *producers, unsigned count, struct arrived *arrived)
{
	unsigned turn = 0;
	unsigned i;

	__atomic_store_n(&trial->over, true, __ATOMIC_RELAXED);
	while (__atomic_load_n(&trial->producers, __ATOMIC_ACQUIRE) > 0)
		(void)consume(trial, arrived, &turn);
	while (consume(trial, arrived, &turn))
		;
	for (i = 0; i < count; i++) {
		const uint64_t sent = producers[i].count;

		pthread_join(producers[i].thread, NULL);
		arrived->count -= producers[i].count;
		arrived->sum -= sent * (sent - 1) / 2;
	}
	pthread_barrier_destroy(&trial->start);
	if (arrived->count != 0 || arrived->sum != 0)
		bench_fail("dfq/throughput: items were lost, doubled or changed");
}

struct point {
	unsigned producers;
	double duration;
};

static double measure(void *context, size_t variant)
{
	const struct point *point = context;
	const struct bench_queue *kind = queues[variant];
	static struct producer producers[MOST_PRODUCERS];
	struct trial trial = { .kind = kind, .producers = point->producers,
			       .very_long = VERY_LONG_NS * bench_ticks_per_ns() };
	struct arrived arrived = { 0, 0 };
	double cost;

	bench_pin(bench_cpus() - 1);
	trial.queue = kind->create(point->producers, BENCH_ROOM, false);
	start(&trial, producers);
	pthread_barrier_wait(&trial.start);
	cost = consume_for(&trial, point->duration, &arrived);
	stop(&trial, producers, point->producers, &arrived);
	kind->destroy(trial.queue);
	return cost;
}

void dfq_throughput(const struct bench_options *options)
{
	static struct bench_series series[QUEUES];
	size_t n;
	size_t q;

	for (n = 0; n < sizeof(producer_counts) / sizeof(producer_counts[0]); n++) {
		struct point point = { producer_counts[n], options->quick ? 10e6 : 30e6 };

		for (q = 0; q < QUEUES; q++)
			series[q] = (struct bench_series){ .bench = "dfq/throughput", .variant = queues[q]->name,
							   .unit = "ns/item", .x_name = "producers",
							   .x = producer_counts[n] };
		bench_rounds(series, QUEUES, options, measure, &point);
	}
}
