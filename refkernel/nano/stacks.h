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

#ifndef __ASSEMBLER__
#include <sfp/guard.h>

enum stack_number {
	STACK_MAIN,           /* the boot's, and the main loop's; first: boot.S knows */
	STACK_MAIN_SPARE,     /* where releases run when the main stack is exhausted */
	STACK_DOUBLE_FAULT,
	STACK_NMI,
	STACK_MACHINE_CHECK,
	STACK_LEVEL,          /* of interrupts: one a level */
	STACK_LEVEL_SPARE = STACK_LEVEL + INTERRUPT_LEVELS,
	STACK_COUNT = STACK_LEVEL_SPARE + INTERRUPT_LEVELS
};

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
