/* SPDX-License-Identifier: BSD-2-Clause */
/* running: on all processors, preempted wherever they are, while code is patched under them. */
#include "threads.h"

#define STEPS 200000u
#define TURNS 5u          /* each of several slices */
#define PATCHES 20u

static uint64_t compute(uint64_t from)
{
	uint64_t a = from, b = ~from, c = 1, d = 3;

	for (unsigned i = 0; i < STEPS; i++) {
		a = a * 6364136223846793005u + b;
		b = (b << 7 | b >> 57) ^ c;
		c += d ^ a;
		d = d * 5 + (c >> 3);
	}
	return a ^ b ^ c ^ d;
}

/* Never lets go of its processor by itself. */
static enum sfp_status spin(void *argument)
{
	struct worker *const worker = argument;

	worker->result = compute(worker->number);
	while (!LOAD(worker->state->stop)) {
		STORE(worker->processor, sfp_port_cpu());
		if (compute(worker->number) != worker->result)
			return SFP_INVALID;
		ADD(worker->turns, 1);
	}
	return SFP_OK;
}

static void until_all_have(struct threads_state *state, unsigned count, uint32_t turns)
{
	for (unsigned i = 0; i < count; i++) {
		while (LOAD(state->workers[i].turns) < turns)
			nano_thread_yield();
	}
}

/* More than there are processors: none of them yields, so each can go on only since others are stopped. */
static void judge_preemption(struct threads_state *state)
{
	const unsigned count = begin(state, state->processors + 2, spin);

	until_all_have(state, count, TURNS);
	judge(state, true, "%u threads that never yield go on on %u processors", count, state->processors);
	STORE(state->stop, 1);
	judge(state, end(state, count, SFP_OK) == count, "what they had in registers was theirs at all times");
	STORE(state->stop, 0);
}

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
	struct worker *const worker = argument;
	struct threads_state *const state = worker->state;

	/* It may begin where another began, and be moved. */
	while (bits(LOAD(state->go)) < state->processors) {
		__atomic_fetch_or(&state->go, 1u << sfp_port_cpu(), __ATOMIC_SEQ_CST);
		sfp_port_relax();
	}
	return SFP_OK;
}

static void judge_everywhere(struct threads_state *state)
{
	unsigned count;

	STORE(state->go, 0);
	count = begin(state, state->processors, appear);
	judge(state, end(state, count, SFP_OK) == state->processors, "threads run on all of %u processors at once",
	      state->processors);
}

/* Others run the module's code while that code is changed and its pages' rights are. */
static void judge_patching(struct threads_state *state)
{
	const unsigned count = begin(state, state->processors, spin);
	unsigned trapped = 0;

	until_all_have(state, count, 1);
	for (unsigned i = 0; i < PATCHES; i++) {
		struct sfp_fault why;

		trapped += nano_fault_inject("threads", NULL, &why) == SFP_FAULT;
	}
	until_all_have(state, count, 2);
	STORE(state->stop, 1);
	judge(state, trapped == PATCHES && end(state, count, SFP_OK) == count,
	      "code is patched %u times while %u processors run it", trapped, state->processors);
	STORE(state->stop, 0);
}

void judge_running(struct threads_state *state)
{
	judge_everywhere(state);
	judge_preemption(state);
	judge_patching(state);
}
