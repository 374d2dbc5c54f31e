/* SPDX-License-Identifier: BSD-2-Clause */
/* cpu: see cpu.h. Layouts: Intel SDM volume 3, chapters 3, 6 and 8. */
#include "cpu.h"

#include "nano/nano.h"
#include "thread.h"
#include "trap.h"

#define MSR_GS_BASE 0xc0000101

#define CR0_MONITOR (1ul << 1)
#define CR0_NUMERIC (1ul << 5)
#define CR4_MACHINE_CHECK (1ul << 6)
#define CR4_GLOBAL (1ul << 7)
#define CR4_UMIP (1ul << 11)
#define CR4_SMEP (1ul << 20)
#define CR4_SMAP (1ul << 21)
#define CPUID7_EBX_SMEP (1u << 7)
#define CPUID7_EBX_SMAP (1u << 20)
#define CPUID7_ECX_UMIP (1u << 2)

#define SEGMENT_CODE 0x00af9a000000ffffull
#define SEGMENT_DATA 0x00cf92000000ffffull
#define SEGMENT_TASK 0x0000890000000000ull

#define GATE_INTERRUPT 0x8e /* present, and clears the interrupt flag */

#define PIC_MASTER_MASK 0x21
#define PIC_SLAVE_MASK 0xa1

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t stack;
	uint8_t type;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
};

struct table_pointer {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

struct nano_cpu nano_cpus[PROCESSORS_MAX];
static struct gate gates[TRAP_VECTORS] __attribute__((aligned(16)));

uint64_t cpu_msr(uint32_t number)
{
	uint32_t low, high;

	__asm__ __volatile__("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
	return (uint64_t)high << 32 | low;
}

void cpu_msr_write(uint32_t number, uint64_t value)
{
	__asm__ __volatile__("wrmsr" : : "c"(number), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

struct cpu_id cpu_id(uint32_t leaf)
{
	struct cpu_id id = { .a = leaf };

	__asm__ __volatile__("cpuid" : "+a"(id.a), "=b"(id.b), "+c"(id.c), "=d"(id.d));
	return id;
}

uint64_t cpu_ticks(void)
{
	uint32_t low, high;

	__asm__ __volatile__("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static void segments_load(struct nano_cpu *cpu)
{
	const uint64_t task = (uintptr_t)&cpu->task;
	const uint64_t limit = sizeof(cpu->task) - 1;
	const struct table_pointer pointer = { sizeof(cpu->segments) - 1, (uintptr_t)cpu->segments };

	cpu->segments[SELECTOR_CODE / 8] = SEGMENT_CODE;
	cpu->segments[SELECTOR_DATA / 8] = SEGMENT_DATA;
	cpu->segments[SELECTOR_TASK / 8] =
		SEGMENT_TASK | limit | (task & 0xffffff) << 16 | (task >> 24 & 0xff) << 56;
	cpu->segments[SELECTOR_TASK / 8 + 1] = task >> 32;
	__asm__ __volatile__("lgdt %0\n\t"
			     "pushq %1\n\t"
			     "lea 1f(%%rip), %%rax\n\t"
			     "push %%rax\n\t"
			     "lretq\n"
			     "1:\n\t"
			     "mov %2, %%ds\n\t"
			     "mov %2, %%es\n\t"
			     "mov %2, %%ss\n\t"
			     "ltr %3"
			     : : "m"(pointer), "i"(SELECTOR_CODE), "r"(SELECTOR_DATA),
				 "r"((uint16_t)SELECTOR_TASK)
			     : "rax", "memory");
}

static uintptr_t top(const struct nano_cpu *cpu, unsigned role)
{
	return stack_top(stack_of_processor(cpu->number, role));
}

static void stacks_assign(struct nano_cpu *cpu)
{
	const unsigned first = stack_of_processor(cpu->number, 0);

	cpu->task = (struct cpu_task_segment){
		.interrupt_stacks = {
			[IST_EXCEPTION - 1] = top(cpu, STACK_EXCEPTION),
			[IST_DOUBLE_FAULT - 1] = top(cpu, STACK_DOUBLE_FAULT),
			[IST_NMI - 1] = top(cpu, STACK_NMI),
			[IST_MACHINE_CHECK - 1] = top(cpu, STACK_MACHINE_CHECK),
			[IST_INTERRUPT - 1] = top(cpu, STACK_LEVEL),
		},
		.io_map = sizeof(cpu->task),
	};
	stack_describe(&cpu->main.core, first + STACK_IDLE, first + STACK_IDLE_SPARE);
	for (unsigned level = 0; level < INTERRUPT_LEVELS; level++)
		stack_describe(&cpu->levels[level].core, first + STACK_LEVEL + level,
			       first + STACK_LEVEL_SPARE + level);
}

void cpu_gate(unsigned vector, uint64_t stub, enum cpu_ist stack)
{
	gates[vector] = (struct gate){
		.offset_low = (uint16_t)stub,
		.selector = SELECTOR_CODE,
		.stack = (uint8_t)stack,
		.type = GATE_INTERRUPT,
		.offset_middle = (uint16_t)(stub >> 16),
		.offset_high = (uint32_t)(stub >> 32),
	};
}

static void gates_load(void)
{
	const struct table_pointer pointer = { sizeof(gates) - 1, (uintptr_t)gates };

	__asm__ __volatile__("lidt %0" : : "m"(pointer));
}

/* What this processor has of protections that cost nothing here: there are no user pages yet. */
static void protections_enable(void)
{
	const uint32_t last = cpu_id(0).a;
	const uint32_t b = last < 7 ? 0 : cpu_id(7).b, c = last < 7 ? 0 : cpu_id(7).c;
	uint64_t cr4, cr0;

	__asm__ __volatile__("mov %%cr4, %0" : "=r"(cr4));
	cr4 |= CR4_MACHINE_CHECK; /* else it is a reset */
	cr4 |= (b & CPUID7_EBX_SMEP ? CR4_SMEP : 0) | (b & CPUID7_EBX_SMAP ? CR4_SMAP : 0) |
	       (c & CPUID7_ECX_UMIP ? CR4_UMIP : 0);
	__asm__ __volatile__("mov %0, %%cr4" : : "r"(cr4));
	__asm__ __volatile__("mov %%cr0, %0" : "=r"(cr0));
	__asm__ __volatile__("mov %0, %%cr0" : : "r"(cr0 | CR0_MONITOR | CR0_NUMERIC));
}

/* Whoever looks at all contexts finds those of processors that do not run, too: nothing is in them. */
static void contexts_link(void)
{
	struct sfp_context **link = NULL; /* of the one before */

	for (unsigned i = 0; i < PROCESSORS_MAX; i++) {
		struct nano_cpu *cpu = &nano_cpus[i];

		if (link)
			*link = &cpu->main.core;
		link = &cpu->main.core.next;
		for (unsigned level = 0; level < INTERRUPT_LEVELS; level++) {
			cpu->levels[level].core.interrupt = 1;
			*link = &cpu->levels[level].core;
			link = &cpu->levels[level].core.next;
		}
	}
	*link = threads_link();
}

static void load(struct nano_cpu *cpu)
{
	cpu->self = cpu;
	cpu->context = &cpu->main;
	stacks_assign(cpu);
	segments_load(cpu);
	cpu_msr_write(MSR_GS_BASE, (uintptr_t)cpu);
	gates_load();
	protections_enable();
}

void cpu_init(void)
{
	/* Until a module drives the controllers, nothing may interrupt: the vectors are still the BIOS's. */
	nano_out8(PIC_MASTER_MASK, 0xff);
	nano_out8(PIC_SLAVE_MASK, 0xff);
	for (unsigned i = 0; i < PROCESSORS_MAX; i++)
		nano_cpus[i].number = i;
	contexts_link();
	trap_gates();
	nano_cpus[0].phase = CPU_RUNNING;
	load(&nano_cpus[0]);
}

void cpu_init_other(struct nano_cpu *cpu)
{
	load(cpu);
}

struct sfp_context *sfp_port_context_next(struct sfp_context *after)
{
	return after ? after->next : &nano_cpus[0].main.core;
}

void cpu_page_tables(uint64_t root)
{
	__asm__ __volatile__("mov %0, %%cr3" : : "r"(root) : "memory");
}

uint64_t cpu_page_root(void)
{
	uint64_t root;

	__asm__ __volatile__("mov %%cr3, %0" : "=r"(root));
	return root & ~0xffful;
}

void cpu_page_forget(uintptr_t address)
{
	__asm__ __volatile__("invlpg (%0)" : : "r"(address) : "memory");
}

uintptr_t cpu_fault_address(void)
{
	uintptr_t address;

	__asm__ __volatile__("mov %%cr2, %0" : "=r"(address));
	return address;
}

void cpu_page_forget_all(void)
{
	uint64_t cr4;

	/* Global translations survive a load of cr3; turning them off does not leave any. */
	__asm__ __volatile__("mov %%cr4, %0" : "=r"(cr4));
	__asm__ __volatile__("mov %0, %%cr4" : : "r"(cr4 & ~CR4_GLOBAL) : "memory");
	__asm__ __volatile__("mov %0, %%cr4" : : "r"(cr4) : "memory");
}

void cpu_sleep(void)
{
	/* sti takes effect after the next instruction: an interrupt cannot slip in between the two. */
	__asm__ __volatile__("sti\n\thlt\n\tcli" : : : "memory");
}

void cpu_stop(void)
{
	for (;;)
		__asm__ __volatile__("cli\n\thlt");
}
