/* SPDX-License-Identifier: BSD-2-Clause */
/* jobs: what the files of this module share. */
#ifndef JOBS_H
#define JOBS_H

#include <heap.h>
#include <nano/nano.h>
#include <tasks.h>

#define JOBS_MAX 32u

#define LOAD(word) __atomic_load_n(&(word), __ATOMIC_SEQ_CST)
#define STORE(word, value) __atomic_store_n(&(word), (value), __ATOMIC_SEQ_CST)
#define ADD(word, value) __atomic_fetch_add(&(word), (value), __ATOMIC_SEQ_CST)

struct jobs_state;

struct job {
	struct task task;
	struct jobs_state *state;
	uint32_t number;
	uint32_t turns;
	uint32_t word; /* to sleep on */
	struct sfp_estate_entry kept;
	struct sfp_estate_entry stubborn;
	uint32_t detached;
};

struct jobs_state {
	struct tasks_ref tasks;
	struct frames_ref frames;
	struct heap_ref heap;
	uint32_t kept, broken;
	uint32_t step;
	uint32_t restarts; /* of the module tasks, before it was made to fault */
	uint32_t processors;
	uint32_t present; /* a bit a processor */
	uint32_t order;   /* of those that have run */
	struct job jobs[JOBS_MAX];
};

/* One promise: a line, and a count. */
void judge(struct jobs_state *state, bool kept, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Make job `number`, zeroed before. */
enum sfp_status begin(struct jobs_state *state, unsigned number, task_entry *entry, uint32_t share);

/* Join the first so many; how many ended with `wanted`. */
unsigned end(struct jobs_state *state, unsigned count, enum sfp_status wanted);

/* Ask the first so many to end, and join them. */
unsigned stop(struct jobs_state *state, unsigned count);

/* A job that never lets go of its processor by itself. */
enum sfp_status spin(void *argument);

/* Until the first so many have used that many milliseconds together. */
void let_run(struct jobs_state *state, unsigned count, uint64_t milliseconds);

/* What it has used, in nanoseconds, and by how much its charges can be late. */
uint64_t used(const struct job *job);

/* Of what lasts in all states but this module's: equal if nothing has changed. */
uint64_t lasting(void);

void judge_shares(struct jobs_state *state, const char *when);
void judge_urgent(struct jobs_state *state);
void judge_lives(struct jobs_state *state);
void judge_estates(struct jobs_state *state);

/* Parts of what comes after the module tasks was made to fault. */
void judge_told(struct jobs_state *state);
void fault_often(struct jobs_state *state);
void lose_state(struct jobs_state *state);
bool is_back(struct jobs_state *state);
void begin_under_faults(struct jobs_state *state);
void judge_after(struct jobs_state *state, const char *what);

#endif /* JOBS_H */
