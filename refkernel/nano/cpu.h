/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu: the processor's own tables and registers, and the block that GS points to. */
#ifndef NANO_CPU_H
#define NANO_CPU_H

#include "stacks.h"

#include <sfp/guard.h>

#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_TASK 0x18

/* Numbers in the task segment's table of interrupt stacks; 0 is "the stack as it is". */
enum cpu_ist {
	IST_DOUBLE_FAULT = 1,
	IST_NMI,
	IST_MACHINE_CHECK,
	IST_INTERRUPT,       /* changes with the level of nesting: interrupt.c */
	IST_COUNT = 7
};

struct cpu_task_segment {
	uint32_t reserved0;
	uint64_t privilege_stacks[3];
	uint64_t reserved1;
	uint64_t interrupt_stacks[IST_COUNT]; /* number 1 is the first */
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t io_map;
} __attribute__((packed));

struct module;

/* A line of execution: one a processor and level of interrupts, and one a thread. Only it writes it. */
struct nano_context {
	struct sfp_context core;             /* first: the processor's block points to it */
	struct module *module;               /* whose code runs; NULL: the nano-core's own */
	const char *broken;                  /* what the latest check in it found broken; a constant, or NULL */
};

/* What belongs to one processor. Only this processor writes it. */
struct nano_cpu {
	struct nano_cpu *self;               /* gs:0 */
	struct nano_context *context;        /* gs:8 */
	uint32_t number;                     /* gs:16 */
	uint32_t depth;                      /* of interrupts being served */
	bool trapping;                       /* inside the trap handler: a further fault ends all */
	bool awake;                          /* nano_wake() since the main loop last began polling */
	uint32_t nmis;
	struct nano_context main;
	struct nano_context levels[INTERRUPT_LEVELS];
	struct cpu_task_segment task;
	uint64_t segments[5];                /* the global descriptor table; a task descriptor takes two */
};

/* The parts that port.h and the assembly have by number. */
SFP_STATIC_ASSERT(offsetof(struct nano_cpu, self) == 0, "gs:0");
SFP_STATIC_ASSERT(offsetof(struct nano_cpu, context) == 8, "port.h: NANO_CPU_CONTEXT");
SFP_STATIC_ASSERT(offsetof(struct nano_cpu, number) == 16, "port.h: NANO_CPU_NUMBER");
SFP_STATIC_ASSERT(offsetof(struct nano_context, core) == 0, "sfp_port_context() is the running nano_context");

static inline struct nano_cpu *cpu_this(void)
{
	struct nano_cpu *cpu;

	__asm__ __volatile__("mov %%gs:0, %0" : "=r"(cpu));
	return cpu;
}

/* The running one; stays the caller's own, whichever processor it goes on on. */
static inline struct nano_context *context_this(void)
{
	return (struct nano_context *)sfp_port_context();
}

/* Make the boot processor's block, segments, trap gates and stacks; mask the old controllers. */
void cpu_init(void);

/* Have vector `vector` come to its stub on that stack. */
void cpu_gate(unsigned vector, uint64_t stub, enum cpu_ist stack);

/* Page tables. */
void cpu_page_tables(uint64_t root);
uint64_t cpu_page_root(void);
void cpu_page_forget(uintptr_t address);

/* The address of the latest page fault. */
uintptr_t cpu_fault_address(void);

/* Sleep until an interrupt, unless nano_wake() was called meanwhile. */
void cpu_sleep(void);

/* End: never come back. */
void cpu_stop(void) __attribute__((noreturn));

#endif /* NANO_CPU_H */
