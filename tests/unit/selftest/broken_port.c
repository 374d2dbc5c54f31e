/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include <sfp/guard.h>

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

/* The one that the POSIX port defines, by its own name. */
#undef sfp_port_context_next

enum breakage broken;

static struct sfp_context level;  /* the interrupt's */
static struct sfp_context *first; /* the first thread's */
static __thread unsigned depth;   /* 1: in an interrupt */
static __thread bool another;     /* not the first thread */
static bool switched;             /* another one has run */

/* ---- masking --------------------------------------------------------------------- */

static void mask(bool on)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(on ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

bool broken_interruptible(void)
{
	sigset_t set;

	pthread_sigmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, SIGUSR1) == 0;
}

sfp_port_irq_t broken_irq_save(void)
{
	const sfp_port_irq_t before = broken_interruptible();

	if (broken != SAVE_DOES_NOT_MASK)
		mask(!(broken == SAVE_TWICE_UNMASKS && !before));
	return before;
}

void broken_irq_restore(sfp_port_irq_t saved)
{
	if ((saved && broken != RESTORE_DOES_NOT) || broken == RESTORE_ALWAYS_UNMASKS)
		mask(false);
}

/* ---- contexts ------------------------------------------------------------------------ */

struct sfp_context *broken_context(void)
{
	static struct sfp_context others[2];
	static unsigned turn;

	if (depth > 0 && broken != INTERRUPT_IN_THREADS_CONTEXT)
		return &level;
	switch (broken) {
	case CONTEXT_NULL:
		return NULL;
	case CONTEXT_CHANGES:
		return &others[turn++ % 2];
	case CONTEXT_SHARED:
		return first;
	case CONTEXT_LEFT_CHANGED:
		switched |= another;
		return switched && !another ? &others[0] : &sfp_posix_context_self;
	default:
		return &sfp_posix_context_self;
	}
}

static bool is_missed(const struct sfp_context *context)
{
	return (broken == NEXT_MISSES_RUNNING && context == &sfp_posix_context_self) ||
	       (broken == NEXT_MISSES_INTERRUPT && context == &level) ||
	       (broken == NEXT_MISSES_OTHERS && context != &level && context != &sfp_posix_context_self);
}

/* The interrupt's, then the threads'. */
struct sfp_context *broken_context_next(struct sfp_context *after)
{
	static bool again;
	struct sfp_context *next = after ? sfp_port_context_next(after == &level ? NULL : after) : &level;

	while (next && is_missed(next))
		next = sfp_port_context_next(next == &level ? NULL : next);
	if (!next && broken == NEXT_ENDLESS)
		return &level;
	if (!next && broken == NEXT_TWICE) {
		again = !again;
		return again ? &level : NULL;
	}
	return next;
}

unsigned broken_cpu(void)
{
	static unsigned number;

	if (broken == CPU_CHANGES)
		number++;
	return number;
}

bool broken_barrier_works(void)
{
	static bool worked;

	if (broken != BARRIER_ONLY_AT_FIRST)
		return true;
	worked = !worked;
	return worked;
}

/* ---- interrupts, traps, threads -------------------------------------------------------- */

static void (*pending)(void *);
static void *pending_argument;

static void on_interrupt(int signal)
{
	(void)signal;
	depth++;
	if (broken != INTERRUPT_IS_NOT_MARKED)
		level.interrupt = 1;
	if (pending)
		pending(pending_argument);
	depth--;
}

void broken_interrupt(void (*handler)(void *), void *argument)
{
	pending = handler;
	pending_argument = argument;
	if (handler)
		raise(SIGUSR1);
}

static void on_trap(int signal, siginfo_t *info, void *opaque)
{
	ucontext_t *uc = opaque;
	greg_t *registers = uc->uc_mcontext.gregs;
	struct sfp_landing landing;
	struct sfp_fault fault = {
		.ip = broken == TRAP_WITHOUT_PLACE ? 0 : (uintptr_t)registers[REG_RIP],
		.sp = (uintptr_t)registers[REG_RSP],
		.address = signal == SIGSEGV && broken != TRAP_WITHOUT_ADDRESS ? (uintptr_t)info->si_addr : 0,
		.kind = signal == SIGSEGV || broken == TRAP_AS_MEMORY ? SFP_FAULT_MEMORY
								      : SFP_FAULT_INSTRUCTION,
	};

	if (broken == TRAP_IS_SKIPPED && signal == SIGILL) {
		registers[REG_RIP] += 2; /* ud2 */
		return;
	}
	if (broken == TRAP_WITHOUT_KIND)
		fault.kind = SFP_FAULT_UNKNOWN;
	if (broken == TRAP_WITHOUT_STACK)
		fault.sp = (uintptr_t)&landing; /* the handler's own */
	if (broken == TRAP_LEAVES_MASKED)
		sigaddset(&uc->uc_sigmask, SIGUSR1);
	if (sfp_fault_deliver(broken_context(), &fault, &landing) != SFP_OK) {
		struct sigaction as_before = { .sa_handler = SIG_DFL };

		sigaction(signal, &as_before, NULL);
		return;
	}
	registers[REG_RIP] = (greg_t)landing.ip;
	if (broken != TRAP_RESUMES_ON_OLD_STACK)
		registers[REG_RSP] = (greg_t)landing.sp;
	registers[REG_RDI] = (greg_t)landing.argument;
}

struct thread {
	void (*body)(void *);
	void *argument;
	bool done;
};

static void *in_thread(void *argument)
{
	struct thread *thread = argument;

	another = true;
	if (sfp_posix_thread_enter() == 0) {
		thread->body(thread->argument);
		thread->done = true;
		sfp_posix_thread_leave();
	}
	return NULL;
}

bool broken_thread(void (*body)(void *), void *argument)
{
	struct thread thread = { .body = body, .argument = argument };
	pthread_t id;

	return pthread_create(&id, NULL, in_thread, &thread) == 0 && pthread_join(id, NULL) == 0 &&
	       thread.done;
}

static struct sfp_context at_first;

void broken_port_begin(void)
{
	struct sigaction interrupt = { .sa_handler = on_interrupt };
	struct sigaction trap = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	if (sfp_posix_thread_enter() != 0 || sigaction(SIGUSR1, &interrupt, NULL) != 0 ||
	    sigaction(SIGILL, &trap, NULL) != 0 || sigaction(SIGSEGV, &trap, NULL) != 0)
		sfp_port_panic("the test cannot begin");
	first = &sfp_posix_context_self;
	at_first = *first;
}

void broken_port_repair(void)
{
	struct sfp_context *next = first->next;

	mask(false);
	switched = false;
	*first = at_first;
	first->next = next;
	memset(&level, 0, sizeof(level));
	switch (broken) {
	case PINS_NOT_ZEROED:
		first->pinned = 0xdead;
		break;
	case STACK_ELSEWHERE:
		first->stack_low += 1u << 24, first->stack_high += 1u << 24;
		break;
	case SPARE_TINY:
		first->spare_low = first->spare_high - 512;
		break;
	case SPARE_IN_USE:
		first->spare_low = first->stack_low, first->spare_high = first->stack_high;
		break;
	default:
		break;
	}
}
