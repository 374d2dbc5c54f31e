/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The POSIX port with interrupts (SIGUSR1, which can be masked, with a context of their own), and with
 * one thing broken at a time.
 */
#ifndef BROKEN_PORT_H
#define BROKEN_PORT_H

#include <sfp/port/posix.h>

enum breakage {
	NOTHING,
	CONTEXT_NULL,
	CONTEXT_CHANGES,
	CONTEXT_SHARED,
	CONTEXT_LEFT_CHANGED,
	PINS_NOT_ZEROED,
	NEXT_MISSES_RUNNING,
	NEXT_MISSES_INTERRUPT,
	NEXT_MISSES_OTHERS,
	NEXT_TWICE,
	NEXT_ENDLESS,
	STACK_ELSEWHERE,
	SPARE_TINY,
	SPARE_IN_USE,
	CPU_CHANGES,
	BARRIER_ONLY_AT_FIRST,
	SAVE_DOES_NOT_MASK,
	SAVE_TWICE_UNMASKS,
	RESTORE_DOES_NOT,
	RESTORE_ALWAYS_UNMASKS,
	INTERRUPT_IN_THREADS_CONTEXT,
	INTERRUPT_IS_NOT_MARKED,
	TRAP_IS_SKIPPED,
	TRAP_WITHOUT_KIND,
	TRAP_WITHOUT_PLACE,
	TRAP_WITHOUT_STACK,
	TRAP_WITHOUT_ADDRESS,
	TRAP_AS_MEMORY,
	TRAP_LEAVES_MASKED,
	TRAP_RESUMES_ON_OLD_STACK
};
extern enum breakage broken;

sfp_port_irq_t broken_irq_save(void);
void broken_irq_restore(sfp_port_irq_t saved);
struct sfp_context *broken_context(void);
struct sfp_context *broken_context_next(struct sfp_context *after);
unsigned broken_cpu(void);
bool broken_barrier_works(void);

#define sfp_port_irq_save broken_irq_save
#define sfp_port_irq_restore broken_irq_restore
#define sfp_port_context broken_context
#define sfp_port_context_next broken_context_next
#define sfp_port_cpu broken_cpu
#define sfp_port_remote_barrier_works broken_barrier_works

/* What the test needs of it. */
void broken_port_begin(void);  /* in the first thread: catch traps and interrupts */
void broken_port_repair(void); /* after each run: contexts and mask as at the beginning */
bool broken_interruptible(void);
void broken_interrupt(void (*handler)(void *), void *argument);
bool broken_thread(void (*body)(void *), void *argument);

#endif /* BROKEN_PORT_H */
