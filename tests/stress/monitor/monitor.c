/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads that change the same pairs behind every lock and policy, some of them
 * with a fault half-way: no section sees a pair that is not whole, and what is
 * counted at the end is what was committed.
 */
#include <sfp/monitor.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 4
#define ROUNDS 6000

struct pair {
	long a;
	long padding[7];
	long b;
};

static void mend(struct pair *pair)
{
	pair->b = pair->a;
}

static enum sfp_status mend_poisoned(struct pair *pair)
{
	pair->b = pair->a;
	return SFP_OK;
}

SFP_MONITOR(undone, struct pair, SFP_SPIN, SFP_ROLLBACK);
SFP_MONITOR(poisoned, struct pair, SFP_SPIN_IRQ, SFP_POISON);
SFP_MONITOR(mended, struct pair, SFP_MUTEX, SFP_REPAIR(mend));
SFP_MONITOR(asleep, struct pair, SFP_MUTEX, SFP_ROLLBACK);

static struct undone undone;
static struct poisoned poisoned;
static struct mended mended;
static struct asleep asleep;

struct turn {
	bool fault;
	bool *half;    /* a section that saw half a pair */
};

/* A section that adds one to both, or traps between. Counted by status, but for faults of those in place. */
#define ADDING(name) \
	static enum sfp_status name##_add(struct turn *turn) \
	{ \
		SFP_HOLD(name, pair, &name); \
		if (pair->a != pair->b) \
			*turn->half = true; \
		pair->a++; \
		if (turn->fault) \
			sfp_fault_raise(1); \
		pair->b++; \
		return SFP_OK; \
	} \
	SFP_GATE(name##_add, name##_add, struct turn *)

ADDING(undone);
ADDING(poisoned);
ADDING(mended);
ADDING(asleep);

/* A token that goes round: each waits until it has its number, and passes it on. */
static enum sfp_status pass_token(struct asleep *monitor, long number)
{
	SFP_HOLD(asleep, pair, monitor);
	while (pair->padding[0] % THREADS != number)
		SFP_TRY(SFP_WAIT(asleep, pair));
	pair->padding[0]++;
	SFP_WAKE_ALL(asleep, pair);
	return SFP_OK;
}

struct worker {
	pthread_t thread;
	long number;
	long done[4];      /* committed: undone, poisoned, mended, asleep */
	long repairs;
	bool half;
	bool wrong;
};

static void add_poisoned(struct worker *worker, struct turn *turn)
{
	const enum sfp_status status = poisoned_add_contained(turn, NULL);

	if (status == SFP_POISONED) {
		worker->repairs += poisoned_repair(&poisoned, mend_poisoned) == SFP_OK;
		return;
	}
	/* Half of it was written, and mended to a whole. */
	worker->done[1] += status == SFP_OK || status == SFP_FAULT;
}

static void *work(void *opaque)
{
	struct worker *worker = opaque;
	struct turn turn = { .half = &worker->half };
	long i;

	for (i = 0; i < ROUNDS; i++) {
		turn.fault = (i * 7 + worker->number) % 11 == 0;
		worker->done[0] += undone_add_contained(&turn, NULL) == SFP_OK;
		add_poisoned(worker, &turn);
		worker->done[2] += mended_add_contained(&turn, NULL) != SFP_POISONED;
		worker->done[3] += asleep_add_contained(&turn, NULL) == SFP_OK;
		if (i % 20 == 0 && pass_token(&asleep, worker->number) != SFP_OK)
			worker->wrong = true;
	}
	return NULL;
}

#define READ(name, expected) \
	do { \
		SFP_WITH(name, pair, &name) { \
			if (pair->a != (expected) || pair->b != (expected)) { \
				printf(#name ": %ld and %ld, not %ld\n", pair->a, pair->b, \
				       (long)(expected)); \
				wrong = true; \
			} \
		} else { \
			printf(#name ": refused, %s\n", sfp_status_name(SFP_REFUSAL(pair))); \
			wrong = true; \
		} \
	} while (0)

int main(void)
{
	static struct worker workers[THREADS];
	long done[4] = { 0 };
	long repairs = 0;
	bool wrong = false;
	int i;
	int j;

	for (i = 0; i < THREADS; i++) {
		workers[i].number = i;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			return 2;
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		wrong |= workers[i].half || workers[i].wrong;
		repairs += workers[i].repairs;
		for (j = 0; j < 4; j++)
			done[j] += workers[i].done[j];
	}
	repairs += poisoned_repair(&poisoned, mend_poisoned) == SFP_OK;
	READ(undone, done[0]);
	READ(poisoned, done[1]);
	READ(mended, done[2]);
	READ(asleep, done[3]);
	printf("monitor: %d threads, %ld sections committed or mended, %ld repairs, %s\n", THREADS,
	       done[0] + done[1] + done[2] + done[3], repairs,
	       wrong ? "WRONG" : "all pairs whole and counted");
	return wrong;
}
