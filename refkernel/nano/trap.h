/* SPDX-License-Identifier: BSD-2-Clause */
/* trap: every way into the nano-core that is not a call. */
#ifndef NANO_TRAP_H
#define NANO_TRAP_H

#define TRAP_VECTORS 256
#define TRAP_EXCEPTIONS 32   /* vectors below are the processor's own, the rest are interrupts */
#define TRAP_STUB_BYTES 16

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stdint.h>

/* What trap.S leaves on the stack. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector;
	uint64_t error;  /* 0 where the processor gives none */
	uint64_t rip, cs, rflags, rsp, ss;
};

/* Fill the table of gates. */
void trap_gates(void);

/* What trap.S resumes; with `preempt` on the thread's own stack, where frame lies then, after another ran. */
struct trap_exit {
	struct trap_frame *frame;
	uint64_t preempt;
};

/* Called by trap.S for each trap, interrupts off. */
struct trap_exit trap_handle(struct trap_frame *frame);

/* interrupt.c: learn who interrupts whom; serve vectors from TRAP_EXCEPTIONS on. */
struct acpi_machine;
void interrupt_init(const struct acpi_machine *machine);

struct sfp_context;

/* Can a word be read there, as far as this context's stacks go? */
bool trap_on_stack(const struct sfp_context *context, uintptr_t sp);
void interrupt_handle(unsigned vector);

#endif
#endif /* NANO_TRAP_H */
