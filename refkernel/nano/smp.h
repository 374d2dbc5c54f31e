/* SPDX-License-Identifier: BSD-2-Clause */
/* smp: the other processors: starting them, waking them, and having them see what was changed. */
#ifndef NANO_SMP_H
#define NANO_SMP_H

#include "acpi.h"
#include "cpu.h"
#include "multiboot2.h"

/*
 * Start all that there are places for, and tell how many came. With interrupts
 * on at the boot processor, after the last page of the boot was mapped.
 */
void smp_start(const struct boot_information *boot, const struct acpi_machine *machine);

/* Is it running? */
bool smp_is_running(const struct nano_cpu *cpu);

/* Have it look for work, or for a better thread: an interrupt. */
void smp_nudge(const struct nano_cpu *cpu);

/* Every processor forgets what it knew of page tables before this returns. Anywhere but in smp_freeze(). */
void smp_flush(void);

/*
 * Stop all other processors wherever they are, interrupts off or on, and let
 * them go on. In between nothing may be taken that they may hold.
 */
void smp_freeze(void);
void smp_thaw(void);

/* For a panic: the others stop for ever. */
void smp_stop_others(void);

/* What a non-maskable interrupt has this processor do. */
void smp_told(struct nano_cpu *cpu);

#endif /* NANO_SMP_H */
