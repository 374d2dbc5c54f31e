/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stress of the decoupled queue: what its parts share. See dfq.c.
 */
#ifndef STRESS_H
#define STRESS_H

#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sfp/dfq.h>

#define MAX_PRODUCERS 8
#define MAX_JOBS 300      /* a producer's: more than twice a share of work */
#define MAX_MARKERS 4000  /* one for each restart of a producer in a round */
#define CACHE_LINE 64

/* What the handler is to do with a job; the producer decides, and checks that it came true. */
enum plan {
	PLAN_DONE,
	PLAN_FAIL,
	PLAN_SLOW,  /* settle it only when it is handed out a second time */
	PLAN_NEVER, /* never settle it: it must become poison */
	PLANS
};

struct job {
	/* The producer's, while idle. */
	uint32_t owner;
	uint32_t plan;
	uint64_t sequence;
	uint64_t check;
	/* The consumer's, while it has it. */
	uint64_t delivered; /* the sequence that was handed out */
	uint64_t handled;   /* the sequence whose handler came to its end */
	uint32_t deliveries;

	struct sfp_dfq_item link;
};

struct jobs;
void ring(struct jobs *rung);
SFP_DFQ_HOOKED(jobs, struct job, link, ring);

enum outcome {
	OUTCOME_DONE,
	OUTCOME_FAILED,
	OUTCOME_POISON,
	OUTCOME_LOST,
	OUTCOMES
};

struct producer {
	pthread_t thread;
	uint32_t number;
	uint64_t random;
	struct job job[MAX_JOBS];
	struct jobs_marker marker[MAX_MARKERS];
	/* Survive a stop: written so that each is right after any instruction. */
	uint64_t sequence;
	unsigned long enqueued;
	unsigned long outcomes[OUTCOMES];
	unsigned long never_linked;
	unsigned restarts;
	bool begun;
	/* Of the stop. */
	sigjmp_buf stop;
	volatile sig_atomic_t stoppable;
} __attribute__((aligned(CACHE_LINE)));

struct consumer {
	pthread_t thread;
	uint64_t random;
	struct jobs_consumer jobs;
	uint64_t highest[MAX_PRODUCERS]; /* the newest sequence handed out, of each producer */
	unsigned long deliveries;
	unsigned long incarnations;
	unsigned long sleeps;
	uint32_t fuse; /* steps until it stops by itself */
	sigjmp_buf stop;
	volatile sig_atomic_t stoppable;
} __attribute__((aligned(CACHE_LINE)));

/* One round: a queue from its making to its end. */
struct round {
	unsigned producers;
	unsigned jobs;      /* in use, a producer */
	uint32_t limit;     /* of attempts */
	bool sleeps;        /* the consumer waits for the hook; else it polls */
	bool closes;        /* ends by close; else by draining */
	bool signals;       /* threads are stopped at any instruction too */
	uint32_t fuse;      /* the consumer stops by itself about every so many steps */
	uint32_t chains;    /* per cent of enqueues that are chains */
	unsigned long operations;
};

enum phase {
	PHASE_RUN,
	PHASE_DRAIN,
	PHASE_CLOSE
};

extern struct round this_round;
extern struct jobs the_queue;
extern struct producer producers[MAX_PRODUCERS];
extern struct consumer the_consumer;

/* Shared words; all access by these. */
extern uint32_t phase;
extern uint32_t running_producers;
extern uint32_t consumer_over;

static inline uint32_t get(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void set(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Count a thing that the watchdog reads; only one thread writes it. */
static inline void count(unsigned long *counter)
{
	__atomic_store_n(counter, *counter + 1, __ATOMIC_RELAXED);
}

static inline uint32_t random_below(uint64_t *state, uint32_t bound)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)((*state >> 16) % bound);
}

static inline uint64_t check_of(const struct job *job)
{
	return (job->sequence * 0x9e3779b97f4a7c15u) ^ ((uint64_t)job->owner << 32) ^ job->plan;
}

static inline uint32_t reason_of(uint64_t sequence)
{
	return (uint32_t)sequence & 0xffffff;
}

#define CHECK(condition) \
	do { \
		if (__builtin_expect(!(condition), 0)) \
			wrong(#condition, __FILE__, __LINE__); \
	} while (0)

/* Report, and end the program. */
void wrong(const char *what, const char *file, int line) __attribute__((noreturn, cold));

/* The event that the hook latches: its value now; sleep while it is that. */
uint32_t event_now(void);
void event_sleep(uint32_t seen);

/* Threads. */
void *produce(void *producer);
void *consume(void *consumer);

#endif /* STRESS_H */
