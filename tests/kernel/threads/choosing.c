/* SPDX-License-Identifier: BSD-2-Clause */
/* choosing: a module says who runs: well, badly, and in ways in which it must not. */
#include "threads.h"

#define MANY 12u
#define ROUNDS 4u
#define PATIENCE 16u  /* of the nano-core, in wrong answers */

enum mood {
	BY_NUMBER,   /* the highest place first */
	TRAPS,
	RUBBISH,
	DEAF         /* traps when it is told */
};

/* Rude: with no lock, by atomic operations. What is taken here is ready, and nobody else's. */
static enum sfp_status tell(void *state, uint32_t thread)
{
	struct threads_state *const threads = state;

	if (LOAD(threads->mood) == DEAF)
		__asm__ __volatile__("ud2");
	ADD(threads->told, 1);
	__atomic_fetch_or(&threads->ready, 1ul << thread % NANO_THREADS_MAX, __ATOMIC_SEQ_CST);
	return SFP_OK;
}

static uint32_t take_highest(struct threads_state *state)
{
	uint64_t ready = LOAD(state->ready);
	struct nano_thread_info info;
	unsigned place;

	do {
		if (ready == 0)
			return NANO_NO_THREAD;
		place = 63u - (unsigned)__builtin_clzl(ready);
	} while (!__atomic_compare_exchange_n(&state->ready, &ready, ready & ~(1ul << place), false,
					      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	return nano_thread_info(place, &info) == SFP_OK ? info.thread : NANO_NO_THREAD;
}

static enum sfp_status choose(void *state, struct nano_choice *choice)
{
	struct threads_state *const threads = state;

	ADD(threads->asked, 1);
	switch (LOAD(threads->mood)) {
	case TRAPS:
		__asm__ __volatile__("ud2");
		return SFP_OK;
	case RUBBISH:
		choice->thread = 12345 + LOAD(threads->asked) * 77;
		choice->slice = 0;
		return SFP_OK;
	default:
		choice->thread = take_highest(threads);
		if (choice->thread == NANO_NO_THREAD)
			choice->thread = choice->current;
		choice->slice = 1000000;
		return choice->thread == NANO_NO_THREAD ? SFP_EMPTY : SFP_OK;
	}
}

static enum sfp_status note_order(void *argument)
{
	struct worker *const worker = argument;

	worker->turns = ADD(worker->state->order, 1);
	return SFP_OK;
}

static void judge_mood(struct threads_state *state, enum mood mood, const char *what)
{
	unsigned count;

	STORE(state->asked, 0);
	STORE(state->told, 0);
	STORE(state->mood, mood);
	STORE(state->ready, 0);
	judge(state, nano_scheduler_bind(tell, choose, state) == SFP_OK, "a scheduler is bound that %s", what);
	for (unsigned i = 0; i < ROUNDS; i++) {
		count = begin(state, MANY, note_order);
		if (end(state, count, SFP_OK) != MANY)
			judge(state, false, "a thread was lost");
	}
	judge(state, mood == DEAF || LOAD(state->asked) > 0, "it was asked, and all threads ran");
}

/* Other processors may be asking already when one has had enough, of this one and of the one before. */
static void judge_patience(struct threads_state *state, const char *what)
{
	const uint32_t asked = LOAD(state->asked);

	judge(state, asked >= PATIENCE && asked < PATIENCE + 2 * state->processors, "after %u %s it was asked no more",
	      asked, what);
}

/* They were all ready before any of them could run: there is one processor, and it was not let go of. */
static void judge_order(struct threads_state *state)
{
	bool in_order = true;
	sfp_port_irq_t irq;
	unsigned count;

	STORE(state->order, 0);
	irq = sfp_port_irq_save();
	count = begin(state, MANY, note_order);
	sfp_port_irq_restore(irq);
	judge(state, end(state, count, SFP_OK) == MANY, "all that were ready ran");
	for (unsigned i = 0; i + 1 < MANY && state->processors == 1; i++) {
		if (state->workers[i].thread % NANO_THREADS_MAX < state->workers[i + 1].thread % NANO_THREADS_MAX)
			in_order = in_order && state->workers[i].turns > state->workers[i + 1].turns;
	}
	judge(state, in_order, "they ran in the order that it chose");
}

void judge_choosing(struct threads_state *state)
{
	judge(state, nano_scheduler_bind(tell, (nano_scheduler_choose *)(void *)state, state) == SFP_INVALID,
	      "a scheduler that is no code is refused");
	judge_mood(state, BY_NUMBER, "goes by number");
	judge_order(state);
	judge_mood(state, DEAF, "traps when it is told");
	judge_mood(state, TRAPS, "traps when it is asked");
	judge_patience(state, "traps");
	judge_mood(state, RUBBISH, "talks rubbish");
	judge_patience(state, "wrong answers");
}
