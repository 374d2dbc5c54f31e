/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu: a processor's own tables and registers, and the block that GS points to. */
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
	IST_EXCEPTION,       /* the others: whoever trapped may have no room left */
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

struct thread;

enum cpu_phase {
	CPU_ABSENT,
	CPU_CALLED,        /* told to start, and not heard of yet */
	CPU_RUNNING,
	CPU_GIVEN_UP       /* did not answer in time: whatever it does later, it stops at once */
};

/* What belongs to one processor. Only this processor writes it, but for what says otherwise. */
struct nano_cpu {
	struct nano_cpu *self;               /* gs:0 */
	struct nano_context *context;        /* gs:8 */
	uint32_t number;                     /* gs:16 */
	uint32_t depth;                      /* of interrupts being served */
	bool trapping;                       /* inside the trap handler: a further fault ends all */
	bool switching;                      /* between two threads: not to be preempted */
	bool wants_switch;                   /* at the end of the outermost interrupt */
	bool woke;                           /* by nano_wake(), and the main loop was not told yet */
	bool freezing;                       /* the others, until smp_thaw() */
	sfp_port_irq_t freeze_irq;
	uint32_t phase;                      /* enum cpu_phase; by compare-and-swap, see smp.c */
	uint32_t apic;                       /* the number of its interrupt controller */
	uint32_t nmis;
	struct thread *thread;               /* that runs; NULL: the idle loop */
	struct thread *left;                 /* that ran before, until it is settled: thread.c */
	uintptr_t idle_sp;                   /* of the idle loop while a thread runs */
	uint64_t since;                      /* when what runs began to, or was last accounted for */
	uint64_t slice_end;                  /* when the running thread has had its time; 0: never */
	uint64_t deadline;                   /* that a module wants to be called at; 0: none */
	uint32_t asleep SFP_CACHE_ALIGNED;   /* in its idle loop with nothing to do; others clear it */
	uint32_t kicked;                     /* its deadline shall have come; others set it: clock.c */
	uint32_t flushed;                    /* the latest request that it has seen: smp.c */
	struct nano_context main SFP_CACHE_ALIGNED; /* of the boot and the idle loop */
	struct nano_context levels[INTERRUPT_LEVELS];
	struct cpu_task_segment task;
	uint64_t segments[5];                /* the global descriptor table; a task descriptor takes two */
};

/* All that there can be; their contexts are enumerated whether they run or not. */
extern struct nano_cpu nano_cpus[PROCESSORS_MAX];

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

/* The same for another processor, on that processor. */
void cpu_init_other(struct nano_cpu *cpu);

/* Have vector `vector` come to its stub on that stack. */
void cpu_gate(unsigned vector, uint64_t stub, enum cpu_ist stack);

/* Page tables. */
void cpu_page_tables(uint64_t root);
uint64_t cpu_page_root(void);
void cpu_page_forget(uintptr_t address);

/* The address of the latest page fault. */
uintptr_t cpu_fault_address(void);

/* Every translation of this processor's, those for ever too. */
void cpu_page_forget_all(void);

/* What cpuid says. */
struct cpu_id {
	uint32_t a, b, c, d;
};
struct cpu_id cpu_id(uint32_t leaf);

uint64_t cpu_msr(uint32_t number);
void cpu_msr_write(uint32_t number, uint64_t value);

/* The processor's counter of time; none of the loads before it is later, none after it earlier. */
uint64_t cpu_ticks(void);

/* With interrupts off: have them on and sleep until one comes, and have them off again. */
void cpu_sleep(void);

/* End: never come back. */
void cpu_stop(void) __attribute__((noreturn));

#endif /* NANO_CPU_H */
