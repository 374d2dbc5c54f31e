/* SPDX-License-Identifier: BSD-2-Clause */
/* acpi: what the nano-core asks the firmware's tables: who interrupts whom. */
#ifndef NANO_ACPI_H
#define NANO_ACPI_H

#include "nano/nano.h"
#include "stacks.h"

/* What the firmware says of processors and interrupts; zeroed: nothing, it is one processor with two 8259s. */
struct acpi_machine {
	uint64_t controller;                    /* physical address of each processor's own; 0: not told */
	uint32_t count;                         /* processors that can be used, whether they are in `ids` or not */
	uint32_t known;                         /* of `ids` */
	uint32_t ids[PROCESSORS_MAX];           /* the boot processor's among them, anywhere */
	struct nano_lines lines;
};

/*
 * Read the tables into *machine.
 * Before paging_init(): they may lie outside of RAM.
 */
void acpi_read(const void *rsdp, struct acpi_machine *machine);

#endif /* NANO_ACPI_H */
