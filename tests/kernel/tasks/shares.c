/* SPDX-License-Identifier: BSD-2-Clause */
/* shares: the processors go by weight, the urgent first, and all are preempted. */
#include "jobs.h"

#define TOGETHER 700u /* milliseconds, a processor */
#define QUANTUM 5000u /* microseconds: what a turn is worth, for a unit of weight */
#define ROUNDS 20u

/* ---- weights ---------------------------------------------------------------------- */

/*
 * What is promised is counted in what was charged, so it holds however slow the machine is: what two of
 * them got for a unit of weight differs by a quantum and the longest that one was charged at once; by
 * that for each processor that may have been serving one of them meanwhile.
 */
static uint64_t bound(const struct jobs_state *state, unsigned count)
{
	uint64_t longest = 0;

	for (unsigned i = 0; i < count; i++) {
		if (state->jobs[i].task.longest > longest)
			longest = state->jobs[i].task.longest;
	}
	return (QUANTUM + longest) * state->processors;
}

static uint64_t worst(const struct jobs_state *state, unsigned count)
{
	uint64_t least = UINT64_MAX, most = 0;

	for (unsigned i = 0; i < count; i++) {
		const uint64_t got = used(&state->jobs[i]) / 1000 / state->jobs[i].task.share;

		least = got < least ? got : least;
		most = got > most ? got : most;
	}
	return most - least;
}

static void judge_weights(struct jobs_state *state, unsigned sets, const char *when)
{
	const unsigned count = 3 * sets;
	uint64_t allowed, found;
	sfp_port_irq_t irq;

	irq = sfp_port_irq_save();
	for (unsigned i = 0; i < count; i++)
		SFP_IGNORE(begin(state, i, spin, 1u << i % 3), "then it uses nothing");
	sfp_port_irq_restore(irq);
	let_run(state, count, (uint64_t)TOGETHER * state->processors);
	found = worst(state, count);
	allowed = bound(state, count);
	judge(state, found <= allowed,
	      "%s: %u tasks of weights 1, 2, 4 differ by %lu us for a unit, %lu are allowed", when, count,
	      found, allowed);
	judge(state, stop(state, count) == count, "%s: and all ended when they were asked to", when);
}

/* A share that changes while the task runs. */
static void judge_weigh(struct jobs_state *state)
{
	uint64_t before[2], got[2];

	for (unsigned i = 0; i < 2; i++)
		SFP_IGNORE(begin(state, i, spin, 1), "then it uses nothing");
	let_run(state, 2, 100);
	judge(state,
	      tasks_weigh(&state->tasks, &state->jobs[1].task, 0) == SFP_INVALID &&
		      tasks_weigh(&state->tasks, &state->jobs[1].task, TASK_WEIGHT_MOST + 1) == SFP_INVALID &&
		      tasks_weigh(&state->tasks, &state->jobs[1].task, TASK_URGENT(32)) == SFP_INVALID &&
		      tasks_weigh(&state->tasks, &state->jobs[1].task, 9) == SFP_OK,
	      "a share can be changed, to one that there is");
	for (unsigned i = 0; i < 2; i++)
		before[i] = used(&state->jobs[i]);
	let_run(state, 2, 100 + TOGETHER);
	for (unsigned i = 0; i < 2; i++)
		got[i] = used(&state->jobs[i]) - before[i];
	judge(state, state->processors > 1 || got[1] > 4 * got[0],
	      "and then goes for the task that runs: %lu to %lu", got[1] / 1000000, got[0] / 1000000);
	judge(state, stop(state, 2) == 2, "and both end");
}

/* ---- all processors ------------------------------------------------------------------ */

static unsigned bits(uint32_t set)
{
	unsigned count = 0;

	for (; set != 0; set &= set - 1)
		count++;
	return count;
}

/* Stays until somebody was on every processor. */
static enum sfp_status appear(void *argument)
{
	struct jobs_state *const state = ((struct job *)argument)->state;

	do { /* it may be moved meanwhile */
		__atomic_fetch_or(&state->present, 1u << sfp_port_cpu(), __ATOMIC_SEQ_CST);
		sfp_port_relax();
	} while (bits(LOAD(state->present)) < state->processors);
	return SFP_OK;
}

static void judge_everywhere(struct jobs_state *state)
{
	STORE(state->present, 0);
	for (unsigned i = 0; i < state->processors; i++)
		SFP_IGNORE(begin(state, i, appear, 1), "then the others never end");
	judge(state, end(state, state->processors, SFP_OK) == state->processors,
	      "tasks run on %u processors at once", state->processors);
}

/* ---- yielding ---------------------------------------------------------------------------- */

static enum sfp_status take_turns(void *argument)
{
	struct job *const job = argument;
	struct job *const other = &job->state->jobs[!job->number];

	for (unsigned i = 0; i < ROUNDS; i++) {
		/* It comes back only when the other one was here as often. */
		if (LOAD(job->turns) > LOAD(other->turns) + 1)
			return SFP_INVALID;
		ADD(job->turns, 1);
		nano_thread_yield();
	}
	return SFP_OK;
}

static void judge_yield(struct jobs_state *state)
{
	const sfp_port_irq_t irq = sfp_port_irq_save();
	unsigned good;

	for (unsigned i = 0; i < 2; i++)
		SFP_IGNORE(begin(state, i, take_turns, 1 + 99 * i), "then it does not end well");
	sfp_port_irq_restore(irq);
	good = end(state, 2, SFP_OK);
	judge(state, good == 2 || state->processors > 1,
	      "who yields is behind the others, whatever its weight");
}

void judge_shares(struct jobs_state *state, const char *when)
{
	judge_weights(state, state->processors, when);
	if (state->step > 1)
		return;
	judge_weigh(state);
	judge_everywhere(state);
	judge_yield(state);
}

/* ---- urgency ------------------------------------------------------------------------------ */

static enum sfp_status note_order(void *argument)
{
	struct job *const job = argument;

	job->turns = ADD(job->state->order, 1) + 1;
	return SFP_OK;
}

/* They are all ready before any can run, if there is one processor. */
static void judge_levels(struct jobs_state *state)
{
	static const uint32_t shares[] = { 1000, TASK_URGENT(31), TASK_URGENT(0), TASK_URGENT(7) };
	static const uint32_t order[] = { 4, 3, 1, 2 };
	const sfp_port_irq_t irq = sfp_port_irq_save();
	bool in_order = true;

	STORE(state->order, 0);
	for (unsigned i = 0; i < 4; i++)
		SFP_IGNORE(begin(state, i, note_order, shares[i]), "then the order is wrong");
	sfp_port_irq_restore(irq);
	judge(state, end(state, 4, SFP_OK) == 4, "urgent ones and others end");
	for (unsigned i = 0; i < 4; i++)
		in_order = in_order && state->jobs[i].turns == order[i];
	judge(state, in_order || state->processors > 1, "the urgent first, by their level");
}

/* Each time it is woken it must be here before its waker has gone on. */
static enum sfp_status answer(void *argument)
{
	struct job *const job = argument;

	for (uint32_t i = 0; i < ROUNDS; i++) {
		while (LOAD(job->word) == i && !task_should_end(&job->task))
			SFP_TRY(nano_thread_block(&job->word, i));
		STORE(job->turns, i + 1);
	}
	return SFP_OK;
}

static bool sleeps(const struct job *job)
{
	struct nano_thread_info info;

	return nano_thread_info(job->task.thread % NANO_THREADS_MAX, &info) == SFP_OK &&
	       info.phase == NANO_THREAD_BLOCKED;
}

static enum sfp_status ask(void *argument)
{
	struct job *const job = argument;
	struct job *const other = &job->state->jobs[0];

	for (uint32_t i = 0; i < ROUNDS; i++) {
		while (!sleeps(other))
			nano_thread_yield();
		STORE(other->word, i + 1);
		(void)nano_thread_wake(&other->word, 1);
		for (unsigned k = 0; k < 1000 && LOAD(other->turns) == i; k++)
			sfp_compiler_barrier();
		job->turns += LOAD(other->turns) == i + 1;
	}
	return SFP_OK;
}

static void judge_preemption(struct jobs_state *state)
{
	SFP_IGNORE(begin(state, 0, answer, TASK_URGENT(5)), "then nobody answers");
	SFP_IGNORE(begin(state, 1, ask, 1000), "then nobody asks");
	judge(state, end(state, 2, SFP_OK) == 2, "an urgent task was woken %u times", ROUNDS);
	judge(state, state->jobs[1].turns == ROUNDS || state->processors > 1,
	      "and interrupted who woke it, at once: %u times", state->jobs[1].turns);
}

void judge_urgent(struct jobs_state *state)
{
	judge_levels(state);
	judge_preemption(state);
}
