/* SPDX-License-Identifier: BSD-2-Clause */
/* thread_life: how threads begin and end, and what can be seen of them. */
#include "lib/text.h"
#include "modules.h"
#include "symbols.h"
#include "thread.h"

#define SAVED_REGISTERS 6u       /* what nano_switch() pops */

/* In the thread's first gate. It is inside of its module for as long as it lives. */
static enum sfp_status run(void *argument)
{
	struct thread *thread = argument;
	struct sfp_iface_pin pin;
	enum sfp_status status;

	thread->gate = thread->context.core.gate;
	SFP_TRY(module_enter(thread->owner, &pin));
	status = thread->entry(thread->argument);
	sfp_iface_exit(&pin);
	return status;
}

/* The first code on a thread's own stack: nano_switch() "returns" to it, interrupts off. */
void nano_thread_begin(void)
{
	struct thread *thread = cpu_this()->thread;
	enum sfp_status status;

	thread_settle();
	__asm__ __volatile__("sti" : : : "memory");
	if (thread->owner)
		status = sfp_gate_call(&thread->context.core, run, thread, NULL);
	else
		status = thread->entry(thread->argument); /* a fault finds no gate, and ends the system */
	__asm__ __volatile__("cli" : : : "memory");
	if (!thread->exiting)
		thread->status = status;
	thread_set(thread, THREAD_ENDING);
	thread_leave(thread);
	__builtin_unreachable();
}

/* A place for one more, with a new life; NULL: there is none. */
static struct thread *take_place(void)
{
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		struct thread *thread = &nano_threads[i];
		const uint64_t state = thread_state(thread);

		if (thread_phase_of(state) == THREAD_FREE && thread_change(thread, state, THREAD_MAKING))
			return thread;
	}
	return NULL;
}

/* As if it had called nano_switch() just before its first instruction. */
static void prepare_stack(struct thread *thread)
{
	uintptr_t *top = (uintptr_t *)thread->context.core.stack_high;

	*--top = 0; /* where a return address would be: the stack is aligned as at a call */
	*--top = (uintptr_t)nano_thread_begin;
	for (unsigned i = 0; i < SAVED_REGISTERS; i++)
		*--top = 0;
	thread->sp = (uintptr_t)top;
}

static enum sfp_status make(const char *name, nano_thread_entry *entry, void *argument, void *record,
			    struct module *owner, uint32_t *id)
{
	struct thread *thread = take_place();

	if (!thread)
		return SFP_LIMIT;
	__atomic_store_n(&thread->life, thread->life + 1, __ATOMIC_SEQ_CST);
	thread->gate = NULL;
	text_format(thread->name, sizeof(thread->name), "%s", name);
	thread->entry = entry;
	thread->argument = argument;
	__atomic_store_n(&thread->record, record, __ATOMIC_RELAXED);
	thread->used = 0;
	thread->faults = 0;
	thread->owner = owner;
	thread->exiting = false;
	thread->yields = false;
	thread->roused = 0;
	thread->context.module = NULL; /* whose code runs its pins say */
	prepare_stack(thread);
	*id = thread_id(thread);
	/* Its first turn; of the life before nothing is left, nor that it was forgotten. */
	__atomic_store_n(&thread->state,
			 ((thread_state(thread) & ~(THREAD_PHASE | THREAD_FORGOTTEN)) + THREAD_TURN) | THREAD_READY,
			 __ATOMIC_SEQ_CST);
	scheduler_ready(thread);
	return SFP_OK;
}

enum sfp_status nano_thread_make_known(const char *name, nano_thread_entry *entry, void *argument, void *record,
				       uint32_t *thread)
{
	struct module *owner = context_module(context_this());
	sfp_port_irq_t saved;
	enum sfp_status status;

	if (!symbols_is_code((uintptr_t)entry) || !owner)
		return SFP_INVALID;
	/* Off: from where it is ready on it may be somebody else's, and its name must be told before. */
	saved = sfp_port_irq_save();
	status = make(name, entry, argument, record, owner, thread);
	sfp_port_irq_restore(saved);
	return status;
}

enum sfp_status nano_thread_make(const char *name, nano_thread_entry *entry, void *argument, uint32_t *thread)
{
	return nano_thread_make_known(name, entry, argument, NULL, thread);
}

enum sfp_status thread_make_own(const char *name, nano_thread_entry *entry)
{
	uint32_t id;

	return make(name, entry, NULL, NULL, NULL, &id);
}

void nano_thread_exit(enum sfp_status status)
{
	struct thread *thread = thread_this();
	struct sfp_context *context;

	if (!thread || !thread->owner || !thread->gate)
		sfp_fault_raise((uintptr_t)status); /* an interrupt, or the nano-core's: only what was called ends */
	context = &thread->context.core;
	thread->status = status;
	thread->exiting = true;
	/* All that is held under any gate of its is let go of at the first one; the pins here. */
	while (context->pinned > 0)
		__atomic_store_n(&context->pins[--context->pinned], 0, __ATOMIC_RELEASE);
	context->gate = thread->gate;
	sfp_fault_raise((uintptr_t)status);
}

/* ---- others' threads --------------------------------------------------------------------- */

/* The thread that the number means, in this life; NULL: it is gone. */
static struct thread *find(uint32_t id)
{
	struct thread *thread = &nano_threads[id % THREADS_MAX];

	return __atomic_load_n(&thread->life, __ATOMIC_SEQ_CST) == id / THREADS_MAX ? thread : NULL;
}

/* OK: it is dead, and was taken from its place. AGAIN: it lives. */
static enum sfp_status reap(uint32_t id, enum sfp_status *status)
{
	struct thread *thread = find(id);
	const uint64_t state = thread ? thread_state(thread) : THREAD_FREE;
	enum sfp_status said;

	if (!thread || thread_phase_of(state) == THREAD_FREE || thread_phase_of(state) == THREAD_MAKING)
		return SFP_NOT_FOUND;
	if (thread_phase_of(state) != THREAD_DEAD)
		return SFP_AGAIN;
	said = thread->status;
	/* The state counts lives: it is this one's as long as nobody else has taken it. */
	if (!find(id) || !thread_change(thread, state, THREAD_FREE))
		return SFP_NOT_FOUND;
	*status = said;
	return SFP_OK;
}

enum sfp_status nano_thread_join(uint32_t id, enum sfp_status *status)
{
	struct thread *thread = find(id);

	if (!thread)
		return SFP_NOT_FOUND;
	if (thread == thread_this())
		return SFP_DEADLOCK;
	for (;;) {
		/* Before looking: whoever dies after this changes it. */
		const uint32_t deaths = __atomic_load_n(&thread->deaths, __ATOMIC_SEQ_CST);
		const enum sfp_status reaped = reap(id, status);

		if (reaped != SFP_AGAIN)
			return reaped;
		SFP_TRY(nano_thread_block(&thread->deaths, deaths));
	}
}

enum sfp_status nano_thread_forget(uint32_t id)
{
	struct thread *thread = &nano_threads[id % THREADS_MAX];
	enum sfp_status status, ended;
	uint64_t state;

	/* In the state, which counts lives: of another life nothing is forgotten. */
	do {
		state = thread_state(thread);
		if (!find(id) || thread_phase_of(state) == THREAD_FREE || thread_phase_of(state) == THREAD_MAKING)
			return SFP_NOT_FOUND;
	} while (!__atomic_compare_exchange_n(&thread->state, &state, state | THREAD_FORGOTTEN, false,
					      __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
	ended = reap(id, &status);
	return ended == SFP_NOT_FOUND || ended == SFP_AGAIN ? SFP_OK : ended; /* it frees itself, or has */
}

void threads_rouse(const struct module *owner)
{
	for (unsigned i = 0; i < THREADS_MAX; i++) {
		const struct thread *thread = &nano_threads[i];

		if (thread->owner == owner && thread_phase_of(thread_state(thread)) != THREAD_FREE)
			SFP_IGNORE(nano_thread_rouse(thread_id(thread)), "then it has ended");
	}
}

/* The life is looked at again: the record was that of this life. */
void *nano_thread_record(uint32_t id)
{
	const struct thread *thread = find(id);
	const enum thread_phase phase = thread ? thread_phase_of(thread_state(thread)) : THREAD_FREE;
	void *record = thread ? __atomic_load_n(&thread->record, __ATOMIC_ACQUIRE) : NULL;

	return phase != THREAD_FREE && phase != THREAD_MAKING && find(id) ? record : NULL;
}

uint32_t nano_thread_self(void)
{
	const struct thread *thread = thread_this();

	return thread ? thread_id(thread) : NANO_NO_THREAD;
}

static enum nano_thread_phase shown(enum thread_phase phase)
{
	switch (phase) {
	case THREAD_READY:
	case THREAD_WOKEN:
	case THREAD_YIELDING:
		return NANO_THREAD_READY;
	case THREAD_RUNNING:
	case THREAD_ENDING:
		return NANO_THREAD_RUNNING;
	case THREAD_BLOCKING:
	case THREAD_BLOCKED:
		return NANO_THREAD_BLOCKED;
	case THREAD_DEAD:
		return NANO_THREAD_DEAD;
	default:
		return NANO_THREAD_FREE;
	}
}

enum sfp_status nano_thread_info(unsigned index, struct nano_thread_info *info)
{
	const struct thread *thread = &nano_threads[index < THREADS_MAX ? index : 0];

	if (index >= THREADS_MAX)
		return SFP_NOT_FOUND;
	*info = (struct nano_thread_info){
		.thread = thread_id(thread),
		.phase = shown(thread_phase_of(thread_state(thread))),
		.owner = thread->owner ? thread->owner->name : "nano-core",
		.processor = thread->processor,
		.status = thread->status,
		.faults = __atomic_load_n(&thread->faults, __ATOMIC_RELAXED),
		.used = __atomic_load_n(&thread->used, __ATOMIC_RELAXED),
	};
	if (info->phase != NANO_THREAD_FREE)
		text_format(info->name, sizeof(info->name), "%s", thread->name);
	return SFP_OK;
}
