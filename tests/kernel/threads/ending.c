/* SPDX-License-Identifier: BSD-2-Clause */
/* ending: by return, exit and fault, with what is held let go of; and many lives in few places. */
#include "threads.h"

#define LIVES 4000u
#define GENTLE ((enum sfp_status)-3)

static void count_release(struct threads_state **held)
{
	if (*held)
		ADD((*held)->let_go, 1);
	*held = NULL;
}
SFP_GUARD(counted, struct threads_state *, count_release);

static enum sfp_status trap(void *argument)
{
	SFP_SCOPED(counted, held, ((struct worker *)argument)->state);

	__asm__ __volatile__("ud2");
	return SFP_OK;
}

static __attribute__((noinline)) uint64_t deeper(uint64_t depth)
{
	volatile uint64_t here[32];

	here[depth % 32] = depth;
	return depth == UINT64_MAX ? 0 : deeper(depth + 1) + here[depth % 32];
}

static enum sfp_status overflow(void *argument)
{
	SFP_SCOPED(counted, held, ((struct worker *)argument)->state);

	return deeper(0) == 0 ? SFP_OK : SFP_INVALID;
}

static enum sfp_status leave(void *argument)
{
	SFP_SCOPED(counted, held, argument);

	nano_thread_exit(GENTLE);
}

/* Out of the middle of a call through a gate: that gate's caller must never know. */
static enum sfp_status exit_inside(void *argument)
{
	struct threads_state *const state = ((struct worker *)argument)->state;
	SFP_SCOPED(counted, held, state);

	SFP_IGNORE(sfp_gate_call(sfp_port_context(), leave, state, NULL), "it does not come back");
	ADD(state->let_go, 100);
	return SFP_OK;
}

static enum sfp_status come_and_go(void *argument)
{
	((struct worker *)argument)->turns++;
	return GENTLE;
}

static void judge_fault(struct threads_state *state, const char *what, nano_thread_entry *entry)
{
	const uint32_t faults = faults_of_threads();
	const uint32_t let_go = LOAD(state->let_go);
	const unsigned count = begin(state, 4, entry);

	judge(state, end(state, count, SFP_FAULT) == 4, "%s ends the thread alone", what);
	judge(state, LOAD(state->let_go) == let_go + 4, "%s: what was held was let go of", what);
	judge(state, faults_of_threads() == faults + 4, "%s: it was counted", what);
}

static void judge_exit(struct threads_state *state)
{
	const uint32_t let_go = LOAD(state->let_go);
	const unsigned count = begin(state, 1, exit_inside);

	judge(state, end(state, count, GENTLE) == 1 && LOAD(state->let_go) == let_go + 2,
	      "exit ends a thread from inside of a call, and all is let go of");
}

static void judge_join(struct threads_state *state)
{
	struct worker *const worker = &state->workers[0];
	enum sfp_status status = SFP_OK;
	unsigned count;

	judge(state, nano_thread_join(nano_thread_self(), &status) == SFP_DEADLOCK, "a thread cannot join itself");
	count = begin(state, 1, come_and_go);
	judge(state, end(state, count, GENTLE) == 1, "a thread's status is what it returned");
	judge(state, nano_thread_join(worker->thread, &status) == SFP_NOT_FOUND, "it is joined once");
	judge(state, nano_thread_forget(worker->thread) == SFP_NOT_FOUND, "and cannot be forgotten then");
	judge(state, nano_thread_join(NANO_NO_THREAD, &status) == SFP_NOT_FOUND, "nobody cannot be joined");
	judge(state, nano_thread_make("data", (nano_thread_entry *)(void *)state, NULL, &worker->thread) ==
			     SFP_INVALID, "what is no code cannot be a thread");
}

static unsigned free_places(void)
{
	struct nano_thread_info info;
	unsigned count = 0;

	for (unsigned i = 0; nano_thread_info(i, &info) == SFP_OK; i++)
		count += info.phase == NANO_THREAD_FREE;
	return count;
}

/* As many as there are places for, and again: a thread's place, stack and context are as good as new. */
static void judge_lives(struct threads_state *state)
{
	const unsigned places = free_places();
	unsigned lives = 0, good = 0;

	while (lives < LIVES) {
		const unsigned count = begin(state, WORKERS_MAX, come_and_go);

		if (count != places)
			break;
		lives += count;
		good += end(state, count, GENTLE);
	}
	judge(state, lives >= LIVES && good == lives, "%u threads lived in %u places", good, places);
	judge(state, free_places() == places, "all places are free again");
}

static void judge_forgotten(struct threads_state *state)
{
	const unsigned places = free_places();

	for (unsigned i = 0; i < LIVES / 8; i++) {
		struct worker *const worker = &state->workers[0];

		*worker = (struct worker){ .state = state };
		while (nano_thread_make("forgotten", come_and_go, worker, &worker->thread) == SFP_LIMIT)
			nano_thread_yield();
		if (nano_thread_forget(worker->thread) != SFP_OK)
			judge(state, false, "a thread could not be forgotten");
	}
	while (free_places() != places)
		nano_thread_yield();
	judge(state, true, "%u that were forgotten freed their places", LIVES / 8);
}

void judge_ending(struct threads_state *state)
{
	judge_fault(state, "a fault", trap);
	judge_fault(state, "a stack overflow", overflow);
	judge_exit(state);
	judge_join(state);
	judge_lives(state);
	judge_forgotten(state);
}
