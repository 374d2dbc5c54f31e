/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stacks: every stack of the nano-core, each above a page that is not mapped,
 * so that running out of one is a fault and never somebody else's memory.
 */
#ifndef NANO_STACKS_H
#define NANO_STACKS_H

#define STACK_GUARD_BYTES 4096
#define STACK_BYTES 16384
#define STACK_STRIDE (STACK_GUARD_BYTES + STACK_BYTES)

/* Levels of interrupts that can nest; the last only counts and ends what comes to it. */
#define INTERRUPT_LEVELS 5

/* Processors that run; more than these are left parked. */
#define PROCESSORS_MAX 8

#define THREADS_MAX 64

#ifndef __ASSEMBLER__
#include <sfp/guard.h>

/* What each processor has stacks for. The boot's is the first processor's first: boot.S knows. */
enum stack_role {
	STACK_IDLE,           /* of its idle loop, and before that of the boot */
	STACK_IDLE_SPARE,     /* where releases run when the stack itself is exhausted */
	STACK_EXCEPTION,
	STACK_DOUBLE_FAULT,
	STACK_NMI,
	STACK_MACHINE_CHECK,
	STACK_LEVEL,          /* of interrupts: one a level */
	STACK_LEVEL_SPARE = STACK_LEVEL + INTERRUPT_LEVELS,
	STACK_ROLES = STACK_LEVEL_SPARE + INTERRUPT_LEVELS
};

#define STACK_THREADS (STACK_ROLES * PROCESSORS_MAX) /* a thread has one and a spare one */
#define STACK_COUNT (STACK_THREADS + 2 * THREADS_MAX)

/* The number of a processor's or a thread's stack; of a thread's, the spare one is the next. */
static inline unsigned stack_of_processor(unsigned processor, unsigned role)
{
	return processor * STACK_ROLES + role;
}

static inline unsigned stack_of_thread(unsigned thread)
{
	return STACK_THREADS + 2 * thread;
}

uintptr_t stack_low(unsigned number);
uintptr_t stack_top(unsigned number);

/* Tell the gates of `context` about its stack and its spare one. */
void stack_describe(struct sfp_context *context, unsigned number, unsigned spare);

/* Is this in a guard page? */
bool stack_is_guard(uintptr_t address);

/* Take the guard pages out of the page tables. */
enum sfp_status stacks_guard(void) SFP_NODISCARD;

#endif
#endif /* NANO_STACKS_H */
