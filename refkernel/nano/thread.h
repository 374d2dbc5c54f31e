/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * thread: what runs on processors when no interrupt does.
 *
 * A thread's phase is one word, changed by compare-and-swap, so two that would
 * change it at once cannot both. While a thread is leaving its processor nobody
 * else may run it: it is in a phase that says so (YIELDING, BLOCKING, ENDING)
 * until the next one, on its own stack, has found it saved and settles it.
 *
 *              make            claim            yield            settle
 *    FREE ----> MAKING -> READY ----> RUNNING -------> YIELDING -------> READY
 *                           ^           | block                 settle
 *                      wake |           +---> BLOCKING ----------------> BLOCKED
 *                           |           |       | wake        settle        |
 *                           |           |       +---> WOKEN --------> READY | wake
 *                           +-----------|-----------------------------------+
 *                                       | return, exit, fault
 *                                       +---> ENDING -> DEAD -> FREE (join, forget)
 *
 * No wake-up is lost. Who blocks writes its phase and its bit in `sleepers`, and
 * then reads the word; who wakes has written the word, and then reads `sleepers`
 * and the phase. Both have a full barrier in between, so one of them sees the
 * other: either the word is seen changed, or the sleeper is seen. The same pair
 * stands between a processor that goes to sleep (asleep, then `ready`) and who
 * makes a thread ready (`ready`, then asleep).
 */
#ifndef NANO_THREAD_H
#define NANO_THREAD_H

#include "cpu.h"
#include "nano/nano.h"

enum thread_phase {
	THREAD_FREE,
	THREAD_MAKING,
	THREAD_READY,
	THREAD_RUNNING,
	THREAD_YIELDING,   /* leaving its processor; runs again as soon as it may */
	THREAD_BLOCKING,   /* leaving; sleeps then */
	THREAD_WOKEN,      /* leaving; was woken already */
	THREAD_BLOCKED,
	THREAD_ENDING,     /* leaving for ever */
	THREAD_DEAD        /* until somebody has taken its exit status */
};

#define THREAD_PHASE 0x7ful
#define THREAD_FORGOTTEN 0x80ul   /* nobody will ask for its exit status */
#define THREAD_TURN 0x100ul

struct thread {
	struct nano_context context;
	uint64_t state;           /* phase, FORGOTTEN, and above how often it was made and blocked */
	uintptr_t sp;             /* while it does not run */
	const uint32_t *word;     /* that it sleeps on, or last did */
	uint32_t roused;          /* it is not to sleep, once; anybody's */
	uint32_t number;
	uint32_t life;            /* how often this place was used */
	uint32_t processor;       /* where it runs, or last ran */
	uint32_t deaths;          /* of this place: who joins sleeps on it */
	bool exiting;             /* by nano_thread_exit() */
	bool yields;              /* by nano_thread_yield(); else it was preempted */
	enum sfp_status status;
	struct sfp_gate *gate;    /* the first: its own */
	nano_thread_entry *entry;
	void *argument;
	void *record;             /* of whoever made it, for a scheduler; never followed here */
	uint64_t used;            /* nanoseconds; only the processor where it runs writes it */
	uint32_t faults;
	struct module *owner;     /* NULL: the nano-core; then its faults are, too */
	char name[NANO_THREAD_NAME];
} SFP_CACHE_ALIGNED;

extern struct thread nano_threads[THREADS_MAX];

/* Have all threads of the module look up from what they sleep in. */
struct module;
void threads_rouse(const struct module *owner);

/* The threads' contexts, chained behind those of processors. */
struct sfp_context *threads_link(void);

/* What a processor does when there is nothing to do; it begins here, on its own stack, interrupts off. */
void thread_idle(void) __attribute__((noreturn));

/* A thread of the nano-core's own. */
enum sfp_status thread_make_own(const char *name, nano_thread_entry *entry) SFP_NODISCARD;

/* May the thread in `frame` be preempted? Then its frame is moved onto its own stack; else NULL. */
struct trap_frame;
struct trap_frame *thread_move_frame(struct nano_cpu *cpu, struct trap_frame *frame);

/* On the thread's own stack, interrupts off: let another run. From trap.S. */
void nano_thread_preempt(void);

/* The running thread; NULL in an interrupt and in the idle loop. */
struct thread *thread_this(void);

/*
 * The running thread has said in its phase what becomes of it; interrupts are off. Returns when it runs
 * again: at once, if it is YIELDING and nobody else wants to.
 */
void thread_leave(struct thread *thread);

/* After a switch: who ran here before becomes what it was leaving for. */
void thread_settle(void);

/* ---- switch.S ---- */

/* Save this stack's registers, keep where in *save, and go on where the other stack was left. */
void nano_switch(uintptr_t *save, uintptr_t load);

/* Where a new thread begins. */
void nano_thread_begin(void) __attribute__((noreturn));

/* ---- scheduler.c: which ---- */

/*
 * The thread that runs next on this processor, claimed; NULL: none is ready. `current` could go on,
 * and is returned if the scheduler says so. *slice: for how long, 0: until it lets go.
 */
struct thread *scheduler_choose(struct nano_cpu *cpu, struct thread *current, uint64_t *slice);

/* It is READY: tell the scheduler, and have a processor that sleeps look. */
void scheduler_ready(struct thread *thread);

/* Nobody's any more: for a module whose start failed, or that is being restarted. */
struct module;
void scheduler_unbind(const struct module *module);

/* Of a set of threads, a bit each and not empty, the first at or after place `from`, in a ring. */
static inline unsigned thread_after(uint64_t set, unsigned from)
{
	const unsigned turn = from % THREADS_MAX;
	const uint64_t turned = set >> turn | set << (THREADS_MAX - turn) % THREADS_MAX;

	return (turn + (unsigned)__builtin_ctzl(turned)) % THREADS_MAX;
}

static inline uint32_t thread_id(const struct thread *thread)
{
	return thread->life * THREADS_MAX + thread->number;
}

static inline enum thread_phase thread_phase_of(uint64_t state)
{
	return (enum thread_phase)(state & THREAD_PHASE);
}

static inline uint64_t thread_state(const struct thread *thread)
{
	return __atomic_load_n(&thread->state, __ATOMIC_SEQ_CST);
}

/* Change only the phase, if it is what `seen` says; false: it is not. */
static inline bool thread_change(struct thread *thread, uint64_t seen, enum thread_phase to)
{
	const uint64_t state = (seen & ~THREAD_PHASE) | to;

	return __atomic_compare_exchange_n(&thread->state, &seen, state, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

/* The same, and count one turn more. */
static inline bool thread_change_turn(struct thread *thread, uint64_t seen, enum thread_phase to)
{
	const uint64_t state = ((seen & ~THREAD_PHASE) + THREAD_TURN) | to;

	return __atomic_compare_exchange_n(&thread->state, &seen, state, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

/* Change the phase, which nobody else changes now. */
static inline void thread_set(struct thread *thread, enum thread_phase to)
{
	while (!thread_change(thread, thread_state(thread), to))
		;
}

#endif /* NANO_THREAD_H */
