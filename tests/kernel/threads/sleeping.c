/* SPDX-License-Identifier: BSD-2-Clause */
/* sleeping: block and wake, by hand and by the library's monitors. */
#include "threads.h"

#include <sfp/monitor.h>

#define ROUNDS 10000u
#define PAIRS 2u
#define ENTRIES 2000u
#define NUDGES 50u
#define RACES 20000u
#define MOMENTS 257u    /* turns of a loop: as long as falling asleep takes, and longer */

struct counted {
	uint32_t entries;
	uint32_t done;
};
SFP_MONITOR(counter, struct counted, SFP_MUTEX, SFP_ROLLBACK);

/* Each of a pair hits the ball when it is its turn, and sleeps while it is not. */
static enum sfp_status play(void *argument)
{
	struct worker *const worker = argument;
	uint32_t *const ball = &worker->state->workers[worker->number & ~1u].turns;

	for (unsigned i = 0; i < ROUNDS; i++) {
		uint32_t seen;

		while (((seen = LOAD(*ball)) & 1) != (worker->number & 1))
			SFP_TRY(nano_thread_block(ball, seen));
		STORE(*ball, seen + 1);
		(void)nano_thread_wake(ball, 1);
	}
	return SFP_OK;
}

static void judge_play(struct threads_state *state)
{
	const unsigned count = begin(state, 2 * PAIRS, play);
	const unsigned good = end(state, count, SFP_OK);
	bool all = good == 2 * PAIRS;

	for (unsigned i = 0; i < PAIRS; i++)
		all = all && state->workers[2 * i].turns == 2 * ROUNDS;
	judge(state, all, "%u pairs woke each other %u times, and no wake-up was lost", PAIRS, 2 * ROUNDS);
}

static enum sfp_status enter(void *argument)
{
	struct worker *const worker = argument;
	struct counter *const counter = (struct counter *)(void *)(uintptr_t)worker->state->ready;

	for (unsigned i = 0; i < ENTRIES; i++) {
		SFP_HOLD(counter, counted, counter);
		counted->entries++;
		if (i + 1 == ENTRIES) {
			counted->done++;
			SFP_WAKE_ALL(counter, counted);
		}
	}
	return SFP_OK;
}

static enum sfp_status wait_for(struct counter *counter, uint32_t count, uint32_t *entries)
{
	SFP_HOLD(counter, counted, counter);

	while (counted->done < count)
		SFP_TRY(SFP_WAIT(counter, counted));
	*entries = counted->entries;
	return SFP_OK;
}

static void judge_monitor(struct threads_state *state)
{
	struct counter counter;
	uint32_t entries = 0;
	unsigned count;

	counter_init(&counter, &(struct counted){ .entries = 0 });
	state->ready = (uintptr_t)&counter;
	count = begin(state, 2 * state->processors, enter);
	judge(state, wait_for(&counter, count, &entries) == SFP_OK && entries == count * ENTRIES,
	      "a sleeping monitor was entered %u times by %u threads", entries, count);
	judge(state, end(state, count, SFP_OK) == count, "and all of them left");
}

/* Whoever sleeps on the word says that it is awake. */
static enum sfp_status answer(void *argument)
{
	struct worker *const worker = argument;

	for (uint32_t i = 0; i < NUDGES; i++) {
		while (LOAD(worker->state->ball) == i)
			SFP_TRY(nano_thread_block(&worker->state->ball, i));
		STORE(worker->state->go, i + 1);
	}
	return SFP_OK;
}

/* This processor's interrupts are off, so it is another one, asleep, that an interrupt must wake. */
static void judge_nudge(struct threads_state *state)
{
	const unsigned count = begin(state, 1, answer);
	unsigned there = 0;

	STORE(state->ball, 0);
	STORE(state->go, 0);
	for (uint32_t i = 0; i < NUDGES; i++) {
		struct nano_thread_info info = { .phase = NANO_THREAD_FREE };
		sfp_port_irq_t irq;

		while (info.phase != NANO_THREAD_BLOCKED) {
			nano_thread_yield();
			if (nano_thread_info(state->workers[0].thread % NANO_THREADS_MAX, &info) != SFP_OK)
				break;
		}
		irq = sfp_port_irq_save();
		STORE(state->ball, i + 1);
		there += nano_thread_wake(&state->ball, 1);
		while (state->processors > 1 && LOAD(state->go) != i + 1)
			sfp_port_relax();
		sfp_port_irq_restore(irq);
	}
	judge(state, end(state, count, SFP_OK) == count && there == NUDGES,
	      "a thread was woken %u times by a processor that lets nobody in", there);
}

static enum sfp_status answer_often(void *argument)
{
	struct worker *const worker = argument;

	for (uint32_t i = 0; i < RACES; i++) {
		while (LOAD(worker->state->ball) == i)
			SFP_TRY(nano_thread_block(&worker->state->ball, i));
		STORE(worker->state->go, i + 1);
	}
	return SFP_OK;
}

/* The word changes at every moment of the other's falling asleep. Once too late for both, and it sleeps for ever. */
static void judge_race(struct threads_state *state)
{
	unsigned count;

	STORE(state->ball, 0);
	STORE(state->go, 0);
	count = begin(state, 1, answer_often);
	for (uint32_t i = 0; i < RACES; i++) {
		for (volatile uint32_t turn = 0; turn < i % MOMENTS; turn = turn + 1)
			;
		STORE(state->ball, i + 1);
		(void)nano_thread_wake(&state->ball, 1);
		while (LOAD(state->go) != i + 1) {
			if (state->processors == 1)
				nano_thread_yield();
		}
	}
	judge(state, end(state, count, SFP_OK) == count, "%u wake-ups that came while it fell asleep were not lost",
	      RACES);
}

static void none(void *state)
{
	struct threads_state *const threads = state;

	STORE(threads->go, nano_thread_block(&threads->ball, LOAD(threads->ball)) == SFP_INVALID &&
				   nano_thread_self() == NANO_NO_THREAD && nano_in_interrupt());
	nano_thread_yield();
}

static void judge_interrupt(struct threads_state *state)
{
	STORE(state->go, 0);
	judge(state, nano_interrupt_bind(0x70, none, state) == SFP_OK, "a handler is bound");
	__asm__ __volatile__("int $0x70" : : : "memory");
	judge(state, LOAD(state->go) == 1, "an interrupt cannot sleep");
	judge(state, nano_thread_self() != NANO_NO_THREAD && !nano_in_interrupt(), "its victim is a thread");
}

void judge_sleeping(struct threads_state *state)
{
	judge_play(state);
	judge_monitor(state);
	judge_nudge(state);
	judge_race(state);
	judge_interrupt(state);
}
