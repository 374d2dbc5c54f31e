/* SPDX-License-Identifier: BSD-2-Clause */
/* power: the ways in which the system ends. */
#include "cpu.h"
#include "early.h"
#include "nano/nano.h"
#include "panic.h"
#include "smp.h"

/* QEMU's isa-debug-exit: its status is (value << 1) | 1. */
#define DEBUG_EXIT 0xf4
#define EXIT_BASE 0x10           /* so that no exit looks like QEMU's own failures: 33 is nano_exit(0) */
#define EXIT_PANIC 0x7e

#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_FULL 0x02
#define KEYBOARD_RESET 0xfe
#define RESET_CONTROL 0xcf9
#define RESET_HARD 0x06

void nano_exit(unsigned status)
{
	nano_out8(DEBUG_EXIT, (uint8_t)(EXIT_BASE + status));
	early_text("nano: nothing here ends the machine; it may be switched off\n");
	cpu_stop();
}

void nano_reboot(void)
{
	const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_gates = { 0, 0 };

	__asm__ __volatile__("cli");
	nano_out8(RESET_CONTROL, RESET_HARD);
	for (unsigned tries = 0; tries < 100000 && (nano_in8(KEYBOARD_COMMAND) & KEYBOARD_FULL); tries++)
		sfp_port_relax();
	nano_out8(KEYBOARD_COMMAND, KEYBOARD_RESET);
	/* Neither did it: a trap without gates makes every x86 start over. */
	__asm__ __volatile__("lidt %0\n\tint3" : : "m"(no_gates));
	cpu_stop();
}

static __attribute__((noreturn)) void end(void)
{
	nano_out8(DEBUG_EXIT, EXIT_PANIC);
	cpu_stop();
}

void panic(const char *why)
{
	smp_stop_others();
	early_alone();
	early_print("panic: %s\n", why);
	end();
}

void panic_again(const struct trap_frame *frame)
{
	smp_stop_others();
	early_alone();
	early_print("panic: a fault while a fault was handled: vector %lu at %lx, address %lx\n",
		    frame->vector, frame->rip, cpu_fault_address());
	end();
}

void sfp_port_panic(const char *text)
{
	panic(text);
}
