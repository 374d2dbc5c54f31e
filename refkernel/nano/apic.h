/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * apic: each processor's own interrupt controller (local APIC): ends interrupts,
 * interrupts other processors, and counts down. It belongs to the nano-core
 * since without it no processor can be started or woken; the controller of the
 * machine's lines belongs to a module.
 */
#ifndef NANO_APIC_H
#define NANO_APIC_H

#include "cpu.h"

/* Vectors of the nano-core's own. They are above those of lines, so they come first. */
#define VECTOR_TIMER 0xef
#define VECTOR_NUDGE 0xf0    /* look for work, or for a better thread */
#define VECTOR_SPURIOUS 0xff /* the controller took it back; its low four bits must be set */

/* What apic_send() has another processor do. */
enum apic_command {
	APIC_NUDGE = VECTOR_NUDGE,
	APIC_STOP = 0x400,           /* a non-maskable interrupt */
	APIC_RESET = 0x4500,         /* wait for a start command */
	APIC_START = 0x4600          /* + page: begin in real mode at its first byte */
};

/* Map it, if the firmware named one and it is in the mode that is known here, and switch on this processor's. */
void apic_init(uint64_t physical);

/* Is there one in use? */
bool apic_present(void);

/* On each other processor. */
void apic_enable(void);

/* This processor's number at the controllers. */
uint32_t apic_id(void);

/* Tell one processor. */
void apic_send(uint32_t id, unsigned command);

/* Is this vector being served, as the controller sees it? Then end it. */
bool apic_end(unsigned vector);

/* Count down from `count` and interrupt at VECTOR_TIMER; 0: do not. What is left of it. */
void apic_timer_set(uint32_t count);
uint32_t apic_timer_left(void);

#endif /* NANO_APIC_H */
