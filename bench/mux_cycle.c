/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What does a task pay that becomes ready, is chosen, and blocks again? Eight
 * tasks, each a client of its own: submit, next, complete, reclaim. The peer
 * does what a run queue is usually made of: a list behind a spin lock, which
 * nobody contends for.
 */
#include "mux.h"

#include <sfp/mux.h>

#include <ck_spinlock.h>
#include <sys/queue.h>

#define TASKS 8u
#define TIMES 10000u

struct task {
	struct sfp_mux_request link;
	TAILQ_ENTRY(task) neighbours;
};

SFP_MUX(fifo, struct task, link, SFP_FIFO);
SFP_MUX(fair, struct task, link, SFP_WEIGHTED);
SFP_MUX(ranks, struct task, link, SFP_PRIORITY);

static struct task tasks[TASKS];

#define QUANTUM_fifo
#define QUANTUM_fair , 4
#define QUANTUM_ranks
#define SHARE_fifo
#define SHARE_fair , 1 + i % 4
#define SHARE_ranks , i % 4

#define CYCLE(name) \
	static struct name name##_mux; \
	static struct name##_server name##_server; \
	static struct name##_client name##_clients[TASKS]; \
\
	static double name##_measure(void) \
	{ \
		struct task *task = NULL; \
		uint64_t began; \
		unsigned i; \
\
		__builtin_memset(tasks, 0, sizeof(tasks)); \
		__builtin_memset(name##_clients, 0, sizeof(name##_clients)); \
		if (name##_init(&name##_mux, 0 QUANTUM_##name) != SFP_OK || \
		    name##_attach(&name##_server, &name##_mux, SFP_PROOF("the mux is new")) != SFP_OK) \
			bench_fail("mux/cycle: the mux cannot be made"); \
		for (i = 0; i < TASKS; i++) \
			if (name##_bind(&name##_mux, &name##_clients[i] SHARE_##name) != SFP_OK || \
			    name##_submit(&name##_clients[i], &tasks[i]) != SFP_OK) \
				bench_fail("mux/cycle: the tasks cannot be made"); \
		began = bench_ticks(); \
		for (i = 0; i < TIMES; i++) { \
			struct name##_client *client; \
\
			if (name##_next(&name##_server, &task) != SFP_OK) \
				bench_fail("mux/cycle: no task is ready"); \
			client = &name##_clients[task - tasks]; \
			if (name##_complete(&name##_server, task, 0) != SFP_OK || \
			    name##_reclaim(client, task) != SFP_OK || name##_submit(client, task) != SFP_OK) \
				bench_fail("mux/cycle: a task is lost"); \
		} \
		return (double)(bench_ticks() - began) / TIMES; \
	}

CYCLE(fifo)
CYCLE(fair)
CYCLE(ranks)

static double tailq_measure(void)
{
	static TAILQ_HEAD(, task) ready;
	static ck_spinlock_t lock;
	uint64_t began;
	unsigned i;

	ck_spinlock_init(&lock);
	TAILQ_INIT(&ready);
	for (i = 0; i < TASKS; i++)
		TAILQ_INSERT_TAIL(&ready, &tasks[i], neighbours);
	began = bench_ticks();
	for (i = 0; i < TIMES; i++) {
		struct task *task;

		ck_spinlock_lock(&lock); /* the scheduler's */
		task = TAILQ_FIRST(&ready);
		TAILQ_REMOVE(&ready, task, neighbours);
		ck_spinlock_unlock(&lock);
		__asm__ __volatile__("" : "+r"(task) : : "memory");
		ck_spinlock_lock(&lock); /* the waker's */
		TAILQ_INSERT_TAIL(&ready, task, neighbours);
		ck_spinlock_unlock(&lock);
	}
	return (double)(bench_ticks() - began) / TIMES;
}

static double (*const measures[])(void) = { fifo_measure, fair_measure, ranks_measure, tailq_measure };

static double measure(void *context, size_t variant)
{
	(void)context;
	return measures[variant]();
}

void mux_cycle(const struct bench_options *options)
{
	static const char *const names[] = { "fifo", "weighted", "priority", "tailq_ck_spinlock" };
	static struct bench_series series[4];
	size_t v;

	bench_pin(bench_cpus() - 1);
	for (v = 0; v < 4; v++)
		series[v] =
			(struct bench_series){ .bench = "mux/cycle", .variant = names[v], .unit = "ticks" };
	bench_rounds(series, 4, options, measure, NULL);
}
