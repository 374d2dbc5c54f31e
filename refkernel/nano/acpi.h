/* SPDX-License-Identifier: BSD-2-Clause */
/* acpi: the one thing that the nano-core asks the firmware's tables. */
#ifndef NANO_ACPI_H
#define NANO_ACPI_H

/*
 * How many processors the machine has; 1 if its tables do not say.
 * Before paging_init(): the tables may lie outside of RAM.
 */
unsigned acpi_processors(const void *rsdp);

#endif /* NANO_ACPI_H */
