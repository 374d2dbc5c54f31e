/* SPDX-License-Identifier: BSD-2-Clause */
/* thread: see thread.h. */
#include "thread.h"

#include "clock.h"
#include "event.h"
#include "lib/mem.h"
#include "trap.h"

#define PREEMPT_ROOM 2048u       /* of stack, for the switch and whom it asks */
#define FLAG_INTERRUPTS (1ul << 9)

SFP_STATIC_ASSERT(THREADS_MAX == 64, "a bit a thread in a word");
SFP_STATIC_ASSERT(offsetof(struct thread, context) == 0, "contexts are linked as such");

struct thread nano_threads[THREADS_MAX];

static uint64_t sleepers;        /* a bit a thread that blocks; only that thread changes its own */
static uint32_t waker;           /* where the latest wake-up began to look: each is the first in turn */

struct sfp_context *threads_link(void)
{
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		struct thread *thread = &nano_threads[i];

		thread->number = i;
		thread->context.core.next = i + 1 < THREADS_MAX ? &nano_threads[i + 1].context.core : NULL;
		stack_describe(&thread->context.core, stack_of_thread(i), stack_of_thread(i) + 1);
	}
	return &nano_threads[0].context.core;
}

struct thread *thread_this(void)
{
	struct nano_context *context = context_this();
	const uintptr_t offset = (uintptr_t)context - (uintptr_t)nano_threads;

	return offset < sizeof(nano_threads) ? (struct thread *)(void *)context : NULL;
}

/* ---- time used ------------------------------------------------------------------- */

static void account(struct nano_cpu *cpu, struct thread *thread)
{
	const uint64_t now = nano_clock();

	if (thread)
		__atomic_store_n(&thread->used, thread->used + (now - cpu->since), __ATOMIC_RELAXED);
	cpu->since = now;
}

/* ---- the switch ------------------------------------------------------------------- */

static void die(struct thread *thread)
{
	uint64_t state;

	thread_set(thread, THREAD_DEAD);
	__atomic_fetch_add(&thread->deaths, 1, __ATOMIC_SEQ_CST);
	(void)nano_thread_wake(&thread->deaths, THREADS_MAX);
	state = thread_state(thread);
	if ((state & THREAD_FORGOTTEN) && thread_phase_of(state) == THREAD_DEAD)
		(void)thread_change(thread, state, THREAD_FREE); /* or nano_thread_forget() did */
}

/* A wake-up may come while it falls asleep: then it is WOKEN. */
static bool fell_asleep(struct thread *thread)
{
	uint64_t state;

	do {
		state = thread_state(thread);
		if (thread_phase_of(state) != THREAD_BLOCKING)
			return false;
	} while (!thread_change(thread, state, THREAD_BLOCKED));
	return true;
}

/* The registers of who left are saved and its stack is nobody's, so it may run elsewhere from here on. */
void thread_settle(void)
{
	struct nano_cpu *cpu = cpu_this();
	struct thread *left = cpu->left;

	cpu->switching = false;
	cpu->left = NULL;
	if (!left)
		return;
	if (thread_phase_of(thread_state(left)) == THREAD_ENDING) {
		die(left);
	} else if (!fell_asleep(left)) {
		thread_set(left, THREAD_READY);
		scheduler_ready(left);
	}
}

static void switch_to(struct nano_cpu *cpu, struct thread *next, uint64_t slice)
{
	struct thread *from = cpu->thread;

	if (event_is_wanted(NANO_EVENT_SWITCH))
		event_tell(NANO_EVENT_SWITCH, from ? from->owner : NULL, from ? from->number : NANO_EVENT_IDLE,
			   next ? next->number : NANO_EVENT_IDLE);
	cpu->left = from;
	cpu->thread = next;
	cpu->context = next ? &next->context : &cpu->main;
	cpu->wants_switch = false;
	cpu->slice_end = slice ? nano_clock() + slice : 0;
	clock_set(cpu);
	if (next)
		next->processor = cpu->number;
	nano_switch(from ? &from->sp : &cpu->idle_sp, next ? next->sp : cpu->idle_sp);
	thread_settle(); /* another time, and perhaps another processor */
}

/* It goes on; for the next slice. */
static void stay(struct nano_cpu *cpu, struct thread *thread, uint64_t slice)
{
	cpu->wants_switch = false;
	cpu->slice_end = slice ? nano_clock() + slice : 0;
	clock_set(cpu);
	cpu->switching = false;
	thread_set(thread, THREAD_RUNNING);
}

void thread_leave(struct thread *thread)
{
	struct nano_cpu *cpu = cpu_this();
	const bool can_stay = thread_phase_of(thread_state(thread)) == THREAD_YIELDING;
	struct thread *next;
	uint64_t slice;

	cpu->switching = true;
	account(cpu, thread); /* before the scheduler is asked, which may go by it */
	next = scheduler_choose(cpu, can_stay ? thread : NULL, &slice);
	if (can_stay && (!next || next == thread))
		stay(cpu, thread, slice);
	else
		switch_to(cpu, next, slice);
}

void thread_idle(void)
{
	for (;;) {
		struct nano_cpu *cpu = cpu_this();
		struct thread *next;
		uint64_t slice;

		__asm__ __volatile__("cli" : : : "memory");
		/* Before looking: pairs with scheduler_ready(), which looks here after. */
		__atomic_store_n(&cpu->asleep, 1, __ATOMIC_SEQ_CST);
		cpu->switching = true;
		next = scheduler_choose(cpu, NULL, &slice);
		if (!next) {
			cpu->switching = false;
			/* Whom it asked may have made a thread ready itself. */
			if (__atomic_load_n(&cpu->asleep, __ATOMIC_SEQ_CST))
				cpu_sleep();
			continue;
		}
		__atomic_store_n(&cpu->asleep, 0, __ATOMIC_SEQ_CST);
		account(cpu, NULL);
		switch_to(cpu, next, slice);
	}
}

/* ---- preemption ----------------------------------------------------------------------- */

static bool has_room(uintptr_t sp, uintptr_t low, uintptr_t high)
{
	return sp <= high && sp > low && sp - low >= PREEMPT_ROOM + sizeof(struct trap_frame);
}

/*
 * The interrupt came on a stack of its level, which the next interrupt needs: what the thread
 * goes on with is moved under what the thread itself has in use.
 */
struct trap_frame *thread_move_frame(struct nano_cpu *cpu, struct trap_frame *frame)
{
	const struct sfp_context *context = &cpu->context->core;
	struct trap_frame *moved;

	if (!cpu->wants_switch || cpu->depth > 0 || !cpu->thread || cpu->switching ||
	    !(frame->rflags & FLAG_INTERRUPTS))
		return NULL;
	if (!has_room(frame->rsp, context->stack_low, context->stack_high) &&
	    !has_room(frame->rsp, context->spare_low, context->spare_high))
		return NULL;
	moved = (struct trap_frame *)((frame->rsp & ~15ul) - sizeof(*frame));
	memcpy(moved, frame, sizeof(*frame));
	return moved;
}

void nano_thread_preempt(void)
{
	struct thread *thread = cpu_this()->thread;

	thread_set(thread, THREAD_YIELDING);
	thread_leave(thread);
}

void nano_thread_yield(void)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();
	struct thread *thread = thread_this();

	if (thread) {
		thread->yields = true;
		nano_thread_preempt();
		thread->yields = false;
	}
	sfp_port_irq_restore(saved);
}

/* ---- block and wake -------------------------------------------------------------------- */

/* Each sleep has a number of its own, in the state: who saw an earlier one changes nothing of this one. */
static void begin_block(struct thread *thread)
{
	uint64_t state;

	do {
		state = thread_state(thread);
	} while (!thread_change_turn(thread, state, THREAD_BLOCKING));
}

enum sfp_status nano_thread_block(const uint32_t *word, uint32_t value)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();
	struct thread *thread = thread_this();

	if (!thread) {
		sfp_port_irq_restore(saved);
		return SFP_INVALID;
	}
	__atomic_store_n(&thread->word, word, __ATOMIC_RELAXED);
	begin_block(thread);
	__atomic_fetch_or(&sleepers, 1ul << thread->number, __ATOMIC_SEQ_CST);
	/* After its phase: pairs with nano_thread_rouse(), which looks at that after it has written this. */
	if (!__atomic_exchange_n(&thread->roused, 0, __ATOMIC_SEQ_CST) &&
	    __atomic_load_n(word, __ATOMIC_SEQ_CST) == value)
		thread_leave(thread);
	else
		thread_set(thread, THREAD_RUNNING); /* it may be WOKEN, by the change that was seen */
	__atomic_fetch_and(&sleepers, ~(1ul << thread->number), __ATOMIC_SEQ_CST);
	sfp_port_irq_restore(saved);
	return SFP_OK;
}

/* True: this call woke it. Its state has a count, so a thread that sleeps anew is never taken for this sleep. */
static bool wake(struct thread *thread, const uint32_t *word)
{
	for (;;) {
		const uint64_t state = thread_state(thread);
		const enum thread_phase phase = thread_phase_of(state);

		if ((phase != THREAD_BLOCKING && phase != THREAD_BLOCKED) ||
		    __atomic_load_n(&thread->word, __ATOMIC_SEQ_CST) != word)
			return false;
		if (phase == THREAD_BLOCKING && thread_change(thread, state, THREAD_WOKEN))
			return true;
		if (phase == THREAD_BLOCKED && thread_change(thread, state, THREAD_READY)) {
			scheduler_ready(thread);
			return true;
		}
	}
}

unsigned nano_thread_wake(const uint32_t *word, unsigned most)
{
	unsigned woken = 0;
	uint64_t left;
	uint32_t from;

	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* the word was written before this looks */
	left = __atomic_load_n(&sleepers, __ATOMIC_SEQ_CST);
	from = __atomic_load_n(&waker, __ATOMIC_RELAXED);
	while (left != 0 && woken < most) {
		const unsigned number = thread_after(left, from);

		left &= ~(1ul << number);
		if (wake(&nano_threads[number], word)) {
			woken++;
			__atomic_store_n(&waker, number + 1, __ATOMIC_RELAXED);
		}
	}
	return woken;
}

enum sfp_status nano_thread_rouse(uint32_t id)
{
	struct thread *thread = &nano_threads[id % THREADS_MAX];

	if (__atomic_load_n(&thread->life, __ATOMIC_SEQ_CST) != id / THREADS_MAX)
		return SFP_NOT_FOUND;
	__atomic_store_n(&thread->roused, 1, __ATOMIC_SEQ_CST);
	(void)wake(thread, __atomic_load_n(&thread->word, __ATOMIC_SEQ_CST));
	return SFP_OK;
}

/* The library's sleep; where nobody can sleep it is a turn of a short wait. */
void sfp_port_wait(const uint32_t *word, uint32_t value)
{
	if (nano_thread_block(word, value) != SFP_OK)
		sfp_port_relax();
}

void sfp_port_wake(const uint32_t *word)
{
	(void)nano_thread_wake(word, THREADS_MAX);
}

void sfp_port_wake_one(const uint32_t *word)
{
	(void)nano_thread_wake(word, 1);
}
