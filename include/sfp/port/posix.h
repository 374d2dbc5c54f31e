/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The POSIX port: libpatterns in user space, for its tests and for users who
 * want the same patterns between threads or over shared memory.
 *
 * A thread's context is thread-local and made at first use. Faults come from
 * SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGTRAP once sfp_posix_faults_catch() was
 * called; each thread that opens gates calls sfp_posix_thread_enter() first,
 * which gives it an alternate signal stack and tells the library the bounds of
 * its own.
 */
#ifndef SFP_PORT_POSIX_H
#define SFP_PORT_POSIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__) || defined(__i386__)
#define SFP_PORT_TSO 1
#else
#define SFP_PORT_TSO 0
#endif
#define SFP_PORT_CACHE_LINE 64
#define SFP_PORT_HAS_WAIT 1
#define SFP_PORT_HAS_WAKE_ONE 1
#define SFP_PORT_HAS_CONTEXT_HOLD 1
#define SFP_PORT_HAS_REMOTE_BARRIER 1

/* User space has no interrupts to mask; signal handlers are the test's business. */
typedef unsigned sfp_port_irq_t;

static inline sfp_port_irq_t sfp_port_irq_save(void)
{
	return 0;
}

static inline void sfp_port_irq_restore(sfp_port_irq_t saved)
{
	(void)saved;
}

static inline void sfp_port_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ __volatile__("pause" ::: "memory");
#else
	__asm__ __volatile__("" ::: "memory");
#endif
}

/* Prints the text on standard error and aborts. */
void sfp_port_panic(const char *text) __attribute__((noreturn, cold));

/** The calling thread's context, as a plain load on every later call. */
extern __thread struct sfp_context sfp_posix_context_self;

static inline struct sfp_context *sfp_port_context(void)
{
	return &sfp_posix_context_self;
}

/* Threads between sfp_posix_thread_enter() and sfp_posix_thread_leave(). */
struct sfp_context *sfp_port_context_next(struct sfp_context *after);

/* In between no thread enters or leaves. Nests. */
void sfp_port_context_hold(void);
void sfp_port_context_release(void);

unsigned sfp_port_cpu(void);

/** membarrier(2), which thread_enter registers for; 0 where the system does not have it. */
extern uint32_t sfp_posix_membarrier;

static inline bool sfp_port_remote_barrier_works(void)
{
	return __atomic_load_n(&sfp_posix_membarrier, __ATOMIC_ACQUIRE) != 0;
}

void sfp_port_remote_barrier(void);

/* Sleep until *word != value or somebody wakes the word (may wake early). */
void sfp_port_wait(const uint32_t *word, uint32_t value);
void sfp_port_wake(const uint32_t *word);
void sfp_port_wake_one(const uint32_t *word);

/**
 * Turn traps of this process into SFP_FAULT at the innermost gate. Once a process.
 * @context a thread, before the first gate that shall take a trap   @progress that of sigaction(2)
 * @order   none   @owner nothing changes hands   @retains the process's handlers of five signals
 * @cost    five system calls   @return 0; -1 with errno
 */
int sfp_posix_faults_catch(void);

/**
 * Begin a thread that opens gates: it gets a signal stack and a spare one, and is enumerated.
 * @context the thread itself   @progress blocking: for who enters, leaves or holds
 * @order   as the mutex's   @owner the context stays the port's
 * @retains the thread's context in the list of all, and two stacks, until sfp_posix_thread_leave()
 * @cost    a few system calls   @return 0, also for one that has entered already; -1 with errno
 */
int sfp_posix_thread_enter(void);

/**
 * End such a thread; it may enter again. Without it a thread that ends is enumerated for ever.
 * @context the thread itself, with no gate open   @progress blocking: for who enters, leaves or holds
 * @order   as the mutex's   @owner the context stays the port's   @retains nothing
 * @cost    a few system calls   @return cannot fail; nothing for one that has not entered
 */
void sfp_posix_thread_leave(void);

#endif /* SFP_PORT_POSIX_H */
