/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scheduler: which thread is next. A module may say; it is asked through a gate,
 * and what it says is checked: the thread must be ready, and is claimed by a
 * compare-and-swap, so no answer can have a thread run twice. Where it is gone,
 * faults or talks nonsense the nano-core goes round robin by itself.
 */
#include "early.h"
#include "modules.h"
#include "smp.h"
#include "symbols.h"
#include "thread.h"

#include <ck_sequence.h>

#define SLICE (10 * 1000000ul)   /* nanoseconds, where nobody says */
#define MISSES_MAX 16u           /* wrong answers; then it is asked no more */

struct hooks {
	nano_scheduler_ready *ready;
	nano_scheduler_choose *choose;
	void *state;
	struct module *owner;    /* NULL: nobody is bound */
};

static struct {
	ck_sequence_t version;   /* readers look again if it has changed; writers have `busy` */
	uint32_t busy;
	struct hooks hooks;
	uint32_t misses;         /* in a row */
	uint32_t traps;          /* when it was told something; ever since it was bound */
} bound;

/* A bit a thread. Set after its phase is READY, cleared before it is claimed: a bit too many, never one too few. */
static uint64_t ready;
static uint64_t untold;          /* and the scheduler does not know of it */
static uint32_t latest;          /* that round robin took */

static bool read_hooks(struct hooks *hooks)
{
	uint32_t version;

	do {
		version = ck_sequence_read_begin(&bound.version);
		*hooks = bound.hooks;
	} while (ck_sequence_read_retry(&bound.version, version));
	/* Who had enough says so here first: it may take him long to unbind. */
	return hooks->owner != NULL && __atomic_load_n(&bound.misses, __ATOMIC_RELAXED) < MISSES_MAX &&
	       __atomic_load_n(&bound.traps, __ATOMIC_RELAXED) < MISSES_MAX;
}

static sfp_port_irq_t write_begin(void)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();

	while (__atomic_exchange_n(&bound.busy, 1, __ATOMIC_ACQUIRE))
		sfp_port_relax();
	ck_sequence_write_begin(&bound.version);
	return saved;
}

static void write_end(sfp_port_irq_t saved)
{
	ck_sequence_write_end(&bound.version);
	__atomic_store_n(&bound.busy, 0, __ATOMIC_RELEASE);
	sfp_port_irq_restore(saved);
}

/* ---- claiming ------------------------------------------------------------------- */

static bool claim(struct thread *thread)
{
	const uint64_t bit = 1ul << thread->number;
	uint64_t state;

	/* Before looking: if it becomes ready again after this, its bit is set after this. */
	__atomic_fetch_and(&ready, ~bit, __ATOMIC_SEQ_CST);
	__atomic_fetch_and(&untold, ~bit, __ATOMIC_SEQ_CST);
	/* Until it is ready no more: what else may change is that it is forgotten, and then its bit is still ours. */
	do {
		state = thread_state(thread);
		if (thread_phase_of(state) != THREAD_READY)
			return false;
	} while (!thread_change(thread, state, THREAD_RUNNING));
	return true;
}

/* The next of `among`, behind the one that was taken last. */
static struct thread *claim_any(const uint64_t *among)
{
	const uint32_t from = __atomic_load_n(&latest, __ATOMIC_RELAXED) + 1;
	uint64_t left = __atomic_load_n(among, __ATOMIC_SEQ_CST);

	while (left != 0) {
		const unsigned number = thread_after(left, from);

		left &= ~(1ul << number);
		if (claim(&nano_threads[number])) {
			__atomic_store_n(&latest, number, __ATOMIC_RELAXED);
			return &nano_threads[number];
		}
	}
	return NULL;
}

/* ---- asking -------------------------------------------------------------------------- */

struct question {
	const struct hooks *hooks;
	struct nano_choice *choice; /* NULL: tell it that `thread` is ready */
	uint32_t thread;
};

static enum sfp_status ask_gated(void *argument)
{
	const struct question *question = argument;
	const struct hooks *hooks = question->hooks;

	return question->choice ? hooks->choose(hooks->state, question->choice)
				: hooks->ready(hooks->state, question->thread);
}

/* Inside the module, through a gate, interrupts off; a rude one may have had them on. */
static enum sfp_status ask(struct question *question)
{
	enum sfp_status status;
	struct sfp_iface_pin pin;

	SFP_TRY(module_enter(question->hooks->owner, &pin));
	status = sfp_gate_call(sfp_port_context(), ask_gated, question, NULL);
	__asm__ __volatile__("cli" : : : "memory");
	sfp_iface_exit(&pin);
	return status;
}

static void miss(const struct hooks *hooks, uint32_t *count)
{
	if (__atomic_add_fetch(count, 1, __ATOMIC_RELAXED) != MISSES_MAX)
		return;
	scheduler_unbind(hooks->owner); /* before it is told, which takes long */
	early_print("nano: module %s: its scheduler was wrong %u times; it is asked no more\n",
		    hooks->owner->name, MISSES_MAX);
}

/* What the module chose, claimed, or `current`; NULL: nothing, or nothing that makes sense. */
static struct thread *chosen(const struct nano_choice *choice, struct thread *current)
{
	struct thread *thread = &nano_threads[choice->thread % THREADS_MAX];

	if (choice->thread == NANO_NO_THREAD || thread_id(thread) != choice->thread)
		return NULL;
	return thread == current || claim(thread) ? thread : NULL;
}

struct thread *scheduler_choose(struct nano_cpu *cpu, struct thread *current, uint64_t *slice)
{
	struct nano_choice choice = {
		.processor = cpu->number,
		.current = current ? thread_id(current) : NANO_NO_THREAD,
		.yields = current && current->yields,
		.thread = NANO_NO_THREAD,
		.slice = SLICE,
	};
	struct hooks hooks;
	struct thread *thread;
	enum sfp_status status;

	*slice = SLICE;
	if (!read_hooks(&hooks))
		return claim_any(&ready);
	thread = claim_any(&untold);
	if (thread)
		return thread;
	status = ask(&(struct question){ .hooks = &hooks, .choice = &choice });
	if (status == SFP_EMPTY)
		return NULL;
	thread = status == SFP_OK ? chosen(&choice, current) : NULL;
	if (!thread) {
		miss(&hooks, &bound.misses);
		return claim_any(&ready);
	}
	__atomic_store_n(&bound.misses, 0, __ATOMIC_RELAXED);
	*slice = choice.slice;
	return thread;
}

/* ---- telling -------------------------------------------------------------------------- */

/* This one if it sleeps, it looks again as soon as the interrupt that this is ends; else any that does. */
static void wake_processor(void)
{
	const unsigned me = cpu_this()->number;

	for (unsigned i = 0; i < PROCESSORS_MAX; i++) {
		struct nano_cpu *cpu = &nano_cpus[(me + i) % PROCESSORS_MAX];

		/* Pairs with thread_idle(): it says that it sleeps, then looks at `ready`. */
		if (!__atomic_load_n(&cpu->asleep, __ATOMIC_SEQ_CST) ||
		    !__atomic_exchange_n(&cpu->asleep, 0, __ATOMIC_SEQ_CST))
			continue;
		if (i > 0)
			smp_nudge(cpu);
		return;
	}
}

static void tell(const struct hooks *hooks, const struct thread *thread)
{
	const enum sfp_status status = ask(&(struct question){ .hooks = hooks, .thread = thread_id(thread) });

	if (status != SFP_OK)
		__atomic_fetch_or(&untold, 1ul << thread->number, __ATOMIC_SEQ_CST);
	if (status == SFP_FAULT)
		miss(hooks, &bound.traps);
}

void scheduler_ready(struct thread *thread)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();
	struct hooks hooks;

	__atomic_fetch_or(&ready, 1ul << thread->number, __ATOMIC_SEQ_CST);
	if (read_hooks(&hooks))
		tell(&hooks, thread);
	wake_processor();
	sfp_port_irq_restore(saved);
}

/* ---- binding ----------------------------------------------------------------------------- */

/* What is ready already it hears now. */
static void tell_all(const struct hooks *hooks)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();

	for (unsigned i = 0; i < THREADS_MAX; i++) {
		if (thread_phase_of(thread_state(&nano_threads[i])) == THREAD_READY)
			tell(hooks, &nano_threads[i]);
	}
	sfp_port_irq_restore(saved);
}

enum sfp_status nano_scheduler_bind(nano_scheduler_ready *tell_ready, nano_scheduler_choose *choose, void *state)
{
	const struct hooks hooks = { tell_ready, choose, state, context_module(context_this()) };
	enum sfp_status status = SFP_EXISTS;
	sfp_port_irq_t saved;

	if (!hooks.owner || !symbols_is_code((uintptr_t)tell_ready) || !symbols_is_code((uintptr_t)choose))
		return SFP_INVALID;
	saved = write_begin();
	if (!bound.hooks.owner || bound.hooks.owner == hooks.owner) {
		bound.hooks = hooks;
		bound.misses = 0;
		bound.traps = 0;
		status = SFP_OK;
	}
	write_end(saved);
	if (status == SFP_OK)
		tell_all(&hooks);
	return status;
}

void scheduler_unbind(const struct module *module)
{
	const sfp_port_irq_t saved = write_begin();

	if (bound.hooks.owner == module)
		bound.hooks = (struct hooks){ .owner = NULL };
	write_end(saved); /* `untold` stays: all of it is in `ready`, too, and nobody looks at it */
}
