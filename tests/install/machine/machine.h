/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a kernel has before it has libpatterns, as far as docs/porting.md needs it. Here a Linux process
 * without libc plays the machine: its signals are the traps and the interrupt.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include <stdbool.h>
#include <stdint.h>

enum machine_vector {
	VECTOR_DIVIDE = 0,
	VECTOR_UNDEFINED = 6,
	VECTOR_PAGE = 14
};

/* What the trap stub saved, and loads again when the handler returns. */
struct machine_frame {
	uintptr_t ip;
	uintptr_t sp;
	uintptr_t argument; /* the first argument's register */
};

/* The kernel's one stack for threads. */
extern char machine_stack_low[];
extern char machine_stack_high[];

bool machine_interrupts_are_on(void);
void machine_interrupts_on(void);
void machine_interrupts_off(void);
void machine_interrupt_request(void); /* as soon as they are on */
void machine_print(const char *text);
void machine_stop(int code) __attribute__((noreturn));

/* What the machine calls. */
void kernel_main(void);
void kernel_trap(unsigned vector, uintptr_t address, struct machine_frame *frame);
void kernel_interrupt(void);

#endif /* MACHINE_H */
