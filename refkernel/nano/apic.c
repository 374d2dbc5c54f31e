/* SPDX-License-Identifier: BSD-2-Clause */
/* apic: see apic.h. Registers: Intel SDM volume 3, chapter 11. */
#include "apic.h"

#include "early.h"
#include "memory.h"
#include "nano/nano.h"

#define MSR_APIC_BASE 0x1b
#define BASE_ENABLED (1ul << 11)
#define BASE_EXTENDED (1ul << 10)   /* x2APIC: no registers in memory */
#define CPUID1_EDX_APIC (1u << 9)

enum apic_register {
	REGISTER_ID = 0x20,
	REGISTER_PRIORITY = 0x80,
	REGISTER_END = 0xb0,
	REGISTER_SPURIOUS = 0xf0,
	REGISTER_IN_SERVICE = 0x100, /* 32 vectors a register */
	REGISTER_COMMAND = 0x300,
	REGISTER_COMMAND_TARGET = 0x310,
	REGISTER_TIMER = 0x320,
	REGISTER_PIN0 = 0x350,
	REGISTER_PIN1 = 0x360,
	REGISTER_ERROR = 0x370,
	REGISTER_TIMER_START = 0x380,
	REGISTER_TIMER_LEFT = 0x390,
	REGISTER_TIMER_DIVISOR = 0x3e0
};

#define SOFTWARE_ENABLED 0x100
#define MASKED (1u << 16)
#define FROM_8259 0x700              /* the vector comes from the old controllers */
#define NON_MASKABLE 0x400
#define COMMAND_PENDING (1u << 12)
#define DIVIDE_BY_16 3

static volatile uint8_t *registers;  /* the same address on each processor: each sees its own */

static uint32_t get(enum apic_register at)
{
	return *(volatile uint32_t *)(registers + at);
}

static void set(enum apic_register at, uint32_t value)
{
	*(volatile uint32_t *)(registers + at) = value;
}

bool apic_present(void)
{
	return registers != NULL;
}

void apic_enable(void)
{
	set(REGISTER_SPURIOUS, SOFTWARE_ENABLED | VECTOR_SPURIOUS);
	set(REGISTER_PRIORITY, 0);
	/* The old controllers' line goes to the boot processor, and waits there until a module opens it. */
	set(REGISTER_PIN0, cpu_this()->number == 0 ? FROM_8259 : MASKED);
	set(REGISTER_PIN1, NON_MASKABLE);
	set(REGISTER_ERROR, MASKED);
	set(REGISTER_TIMER_DIVISOR, DIVIDE_BY_16);
	set(REGISTER_TIMER, VECTOR_TIMER);
	set(REGISTER_TIMER_START, 0);
}

void apic_init(uint64_t physical)
{
	volatile void *at;

	if (physical == 0 || !(cpu_id(1).d & CPUID1_EDX_APIC))
		return;
	if ((cpu_msr(MSR_APIC_BASE) & (BASE_ENABLED | BASE_EXTENDED)) != BASE_ENABLED) {
		early_print("nano: the processor's interrupt controller is in a mode that is not known here\n");
		return;
	}
	if (nano_device_map(physical, PAGE_SIZE, &at) != SFP_OK)
		return;
	registers = at;
	apic_enable();
}

uint32_t apic_id(void)
{
	return get(REGISTER_ID) >> 24;
}

void apic_send(uint32_t id, unsigned command)
{
	/* Target and command are two registers: nothing of this processor's may come between. */
	const sfp_port_irq_t saved = sfp_port_irq_save();

	while (get(REGISTER_COMMAND) & COMMAND_PENDING)
		sfp_port_relax();
	set(REGISTER_COMMAND_TARGET, id << 24);
	set(REGISTER_COMMAND, command);
	while (get(REGISTER_COMMAND) & COMMAND_PENDING)
		sfp_port_relax();
	sfp_port_irq_restore(saved);
}

/* `int` and the old controllers come to a vector without being in service here. */
bool apic_end(unsigned vector)
{
	if (!registers ||
	    !(get((enum apic_register)(REGISTER_IN_SERVICE + vector / 32 * 0x10)) >> vector % 32 & 1))
		return false;
	set(REGISTER_END, 0);
	return true;
}

void apic_timer_set(uint32_t count)
{
	set(REGISTER_TIMER_START, count);
}

uint32_t apic_timer_left(void)
{
	return get(REGISTER_TIMER_LEFT);
}
