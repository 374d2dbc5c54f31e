/* SPDX-License-Identifier: BSD-2-Clause */
/* threads: what the files of this module share. */
#ifndef THREADS_H
#define THREADS_H

#include <nano/nano.h>

#define WORKERS_MAX 64u

/* Whoever stores here is another processor; nobody orders anything by it. */
#define LOAD(word) __atomic_load_n(&(word), __ATOMIC_SEQ_CST)
#define STORE(word, value) __atomic_store_n(&(word), (value), __ATOMIC_SEQ_CST)
#define ADD(word, value) __atomic_fetch_add(&(word), (value), __ATOMIC_SEQ_CST)

struct threads_state;

struct worker {
	struct threads_state *state;
	uint32_t number;
	uint32_t thread;
	uint32_t turns;      /* that it has done */
	uint32_t processor;  /* where it last was */
	uint64_t result;
};

struct threads_state {
	uint32_t kept, broken;
	uint32_t processors;  /* that run */
	uint32_t stop;
	uint32_t go;
	uint32_t ball;
	uint32_t let_go;      /* releases of guards */
	uint32_t alarms;
	uint32_t order;       /* of those that have run */
	uint32_t asked, told; /* the scheduler of choosing.c */
	uint32_t mood;
	uint64_t ready;
	struct worker workers[WORKERS_MAX];
};

/* One promise: a line, and a count. */
void judge(struct threads_state *state, bool kept, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Make `count` workers of `entry`; how many there are then, numbered from 0. */
unsigned begin(struct threads_state *state, unsigned count, nano_thread_entry *entry);

/* Join that many; how many ended with `wanted`. */
unsigned end(struct threads_state *state, unsigned count, enum sfp_status wanted);

uint32_t faults_of_threads(void);

void judge_running(struct threads_state *state);
void judge_sleeping(struct threads_state *state);
void judge_ending(struct threads_state *state);
void judge_choosing(struct threads_state *state);
void judge_time(struct threads_state *state);

#endif /* THREADS_H */
