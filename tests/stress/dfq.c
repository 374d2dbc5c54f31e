/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stress of the decoupled queue: several producers that use their items again
 * and again, and a consumer that is stopped at random and replaced.
 *
 *   dfq [--operations N] [--seed N] [--signals 0|1]
 *
 * The consumer stops by itself between operations and inside of handlers.
 * Where signals are used (not under the sanitizers), consumer and producers
 * are stopped at any instruction too: the handler of the signal never goes
 * back to where it was.
 *
 * Checked: every outcome that an item tells against a trace that only the
 * handler leaves; attempts against deliveries; the order of each producer;
 * that every item comes back; that the payload is whole when it is delivered;
 * and, by a watchdog, that nobody waits for ever.
 */
#include "stress.h"

#include <unistd.h>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Seconds without any progress after which somebody must be waiting for ever. */
#define PATIENCE 60

struct round this_round;
struct jobs the_queue;
struct producer producers[MAX_PRODUCERS];
struct consumer the_consumer;

uint32_t phase;
uint32_t running_producers;
uint32_t consumer_over;

static uint32_t event;
static uint64_t seed = 1;
static uint64_t chance;

static struct {
	unsigned long outcomes[OUTCOMES];
	unsigned long never_linked;
	unsigned long incarnations;
	unsigned long deliveries;
	unsigned long sleeps;
	unsigned long signals;
	unsigned long restarts;
} total;

void wrong(const char *what, const char *file, int line)
{
	the_consumer.stoppable = 0;
	printf("stress: seed %llu: %s:%d: not true: %s\n", (unsigned long long)seed, file, line, what);
	printf("stress: round: %u producers of %u items, limit %u, %s, %s, "
	       "signals %d, fuse %u, %u%% chains\n",
	       this_round.producers, this_round.jobs, this_round.limit,
	       this_round.sleeps ? "sleeps" : "polls", this_round.closes ? "closes" : "drains",
	       this_round.signals, this_round.fuse, this_round.chains);
	fflush(stdout);
	_exit(1);
}

/* ---- the event ------------------------------------------------------------------------ */

void ring(struct jobs *rung)
{
	CHECK(rung == &the_queue);
	__atomic_fetch_add(&event, 1, __ATOMIC_RELEASE);
	sfp_port_wake(&event);
}

uint32_t event_now(void)
{
	return get(&event);
}

void event_sleep(uint32_t seen)
{
	if (get(&event) == seen)
		sfp_port_wait(&event, seen);
}

/* ---- stopping threads at any instruction ------------------------------------------------ */

static void on_stop(int signal)
{
	const pthread_t self = pthread_self();
	unsigned i;

	(void)signal;
	if (the_consumer.stoppable && pthread_equal(self, the_consumer.thread)) {
		the_consumer.stoppable = 0;
		siglongjmp(the_consumer.stop, 1);
	}
	for (i = 0; i < this_round.producers; i++)
		if (producers[i].stoppable && pthread_equal(self, producers[i].thread)) {
			producers[i].stoppable = 0;
			siglongjmp(producers[i].stop, 1);
		}
}

static void stop_somebody(void)
{
	const unsigned i = random_below(&chance, this_round.producers);

	if (random_below(&chance, 4) || producers[i].restarts + 1 >= MAX_MARKERS)
		pthread_kill(the_consumer.thread, SIGUSR1);
	else
		pthread_kill(producers[i].thread, SIGUSR1);
	total.signals++;
}

/* ---- rounds --------------------------------------------------------------------------------- */

static unsigned long settled(void)
{
	unsigned long sum = 0;
	unsigned i;
	int o;

	for (i = 0; i < this_round.producers; i++)
		for (o = 0; o < OUTCOMES; o++)
			sum += __atomic_load_n(&producers[i].outcomes[o], __ATOMIC_RELAXED);
	return sum;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* All progress that there is: what producers got back, and what was handed out. */
static void watch(void)
{
	static unsigned long seen;
	static uint64_t since;
	const unsigned long deliveries = __atomic_load_n(&the_consumer.deliveries, __ATOMIC_RELAXED);
	const unsigned long progress = settled() + deliveries;

	if (progress != seen || since == 0) {
		seen = progress;
		since = now_ms();
	}
	CHECK(now_ms() - since < PATIENCE * 1000); /* nobody waits for ever */
}

static void pause_a_little(void)
{
	const struct timespec span = { 0, 20000 + (long)random_below(&chance, 2000000) };

	nanosleep(&span, NULL);
}

/* Rounds in which stops or sleeps cost far more than the queue does get fewer operations. */
static unsigned long size_of_round(unsigned long operations)
{
	const bool slow = this_round.fuse < 1000 || this_round.jobs < 16;

	return operations / (slow ? 400 : 20) + 1;
}

/* Steps that a takeover of everything may need: most incarnations must come further. */
static uint32_t long_takeover(void)
{
	return this_round.producers * this_round.jobs / SFP_DFQ_BUDGET;
}

static void choose_round(unsigned long operations, bool signals)
{
	static const unsigned crowds[] = { 1, 2, 3, 4, 8 };
	static const unsigned pools[] = { 1, 3, 16, 64, MAX_JOBS };
	static const uint32_t limits[] = { 0, 3, 20, 254 };
	static const uint32_t fuses[] = { 20, 500, 20000 };

	this_round.producers = crowds[random_below(&chance, 5)];
	this_round.jobs = pools[random_below(&chance, 5)];
	this_round.limit = limits[random_below(&chance, 4)];
	this_round.sleeps = random_below(&chance, 2);
	this_round.closes = random_below(&chance, 2);
	this_round.signals = signals && random_below(&chance, 4) != 0;
	this_round.fuse = fuses[random_below(&chance, 3)] + long_takeover();
	this_round.chains = random_below(&chance, 2) ? random_below(&chance, 100) : 0;
	this_round.operations = size_of_round(operations);
}

static void set_up(void)
{
	unsigned i;

	memset(&the_queue, 0, sizeof(the_queue));
	CHECK(jobs_init(&the_queue, this_round.limit) == SFP_OK);
	memset(&the_consumer, 0, sizeof(the_consumer));
	the_consumer.random = chance ^ 0x5eed;
	memset(producers, 0, sizeof(producers));
	for (i = 0; i < this_round.producers; i++) {
		producers[i].number = i;
		producers[i].random = chance ^ ((uint64_t)(i + 1) << 40);
	}
	set(&phase, PHASE_RUN);
	set(&running_producers, this_round.producers);
	set(&consumer_over, 0);
}

static void start(pthread_t *thread, void *(*body)(void *), void *argument)
{
	CHECK(pthread_create(thread, NULL, body, argument) == 0);
}

/* Replace consumers until one of them has seen the end of the round. */
static void supervise(void)
{
	while (!get(&consumer_over)) {
		pause_a_little();
		watch();
		if (get(&phase) == PHASE_RUN && settled() >= this_round.operations) {
			set(&phase, this_round.closes ? PHASE_CLOSE : PHASE_DRAIN);
			ring(&the_queue);
		}
		if (this_round.signals && get(&running_producers))
			stop_somebody();
		if (pthread_tryjoin_np(the_consumer.thread, NULL) == 0)
			start(&the_consumer.thread, consume, &the_consumer);
	}
	pthread_join(the_consumer.thread, NULL);
}

/* The round is over: everything is back, and the sums agree. */
static void judge_round(void)
{
	unsigned i;
	unsigned j;
	int o;

	/* But for markers of producers that were stopped, and which nobody waits for. */
	CHECK(sfp_dfq_pointer_(the_queue.core.head) == NULL || (this_round.signals && !this_round.closes));
	for (i = 0; i < this_round.producers; i++) {
		const struct producer *p = &producers[i];
		unsigned long back = 0;

		for (j = 0; j < this_round.jobs; j++)
			CHECK(jobs_state(&p->job[j]).state == SFP_DFQ_IDLE);
		for (o = 0; o < OUTCOMES; o++) {
			back += p->outcomes[o];
			total.outcomes[o] += p->outcomes[o];
		}
		CHECK(p->restarts > 0 || back == p->enqueued);
		CHECK(this_round.closes || p->outcomes[OUTCOME_LOST] == 0);
		total.restarts += p->restarts;
		total.never_linked += p->never_linked;
	}
	total.incarnations += the_consumer.incarnations;
	total.deliveries += the_consumer.deliveries;
	total.sleeps += the_consumer.sleeps;
}

static void run_round(unsigned long operations, bool signals)
{
	unsigned i;

	choose_round(operations, signals);
	set_up();
	start(&the_consumer.thread, consume, &the_consumer);
	for (i = 0; i < this_round.producers; i++)
		start(&producers[i].thread, produce, &producers[i]);
	supervise();
	for (i = 0; i < this_round.producers; i++)
		pthread_join(producers[i].thread, NULL);
	judge_round();
}

static unsigned long option(int argc, char **argv, const char *name, unsigned long otherwise)
{
	int i;

	for (i = 1; i + 1 < argc; i += 2)
		if (strcmp(argv[i], name) == 0)
			return strtoul(argv[i + 1], NULL, 0);
	return otherwise;
}

static unsigned long items(void)
{
	unsigned long sum = 0;
	int o;

	for (o = 0; o < OUTCOMES; o++)
		sum += total.outcomes[o];
	return sum;
}

static void report(unsigned rounds)
{
	printf("stress: seed %llu: %lu items in %u rounds: %lu done, %lu failed, %lu poison, %lu lost; "
	       "%lu deliveries by %lu incarnations, %lu sleeps; %lu signals, %lu producers restarted, "
	       "%lu items never linked: nothing lost, reordered or falsely reported\n",
	       (unsigned long long)seed, items(), rounds, total.outcomes[OUTCOME_DONE],
	       total.outcomes[OUTCOME_FAILED], total.outcomes[OUTCOME_POISON], total.outcomes[OUTCOME_LOST],
	       total.deliveries, total.incarnations, total.sleeps,
	       total.signals, total.restarts, total.never_linked);
}

int main(int argc, char **argv)
{
	const unsigned long operations = option(argc, argv, "--operations", 1000000);
	const bool signals = option(argc, argv, "--signals", !SANITIZED);
	const struct sigaction action = { .sa_handler = on_stop };
	unsigned rounds = 0;

	seed = option(argc, argv, "--seed", 20240229);
	chance = seed * 2 + 1;
	sigaction(SIGUSR1, &action, NULL);
	do {
		run_round(operations, signals);
		rounds++;
	} while (items() < operations);
	report(rounds);
	return 0;
}
