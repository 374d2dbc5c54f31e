/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * clock: time since the boot, and each processor's timer. One timer serves two:
 * the end of the running thread's slice, which is the nano-core's affair, and
 * one deadline of a module that makes many of it (nano_timer_arm).
 */
#ifndef NANO_CLOCK_H
#define NANO_CLOCK_H

#include "cpu.h"

#define MICROSECOND 1000ul
#define MILLISECOND 1000000ul

/* Find out how fast the processor's counter and its timer go, by the machine's 8254. */
void clock_init(void);

/* Wait, doing nothing else. */
void clock_wait(uint64_t nanoseconds);

/* Have this processor's timer interrupt at the earlier of its two ends, if there is one. Interrupts off. */
void clock_set(struct nano_cpu *cpu);

/*
 * The timer's interrupt: which ends have come? True: the module's deadline has. It comes again in 10 ms,
 * unless another one is set meanwhile: a fault of whoever should have done so loses nothing.
 */
bool clock_expired(struct nano_cpu *cpu);

/* Another processor told this one something: was it nano_timer_kick()? Interrupts off. */
void clock_nudged(struct nano_cpu *cpu);

/* The vector at which the timer's interrupts arrive; 0: nobody drives their line. */
unsigned clock_vector(void);

#endif /* NANO_CLOCK_H */
