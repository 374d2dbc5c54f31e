/* SPDX-License-Identifier: BSD-2-Clause */
/* ioapic: the controllers that have the lines where every processor has one of its own. */
#ifndef INTERRUPTS_IOAPIC_H
#define INTERRUPTS_IOAPIC_H

#include "nano/nano.h"

/* Where a line comes in. */
struct ioapic_input {
	volatile uint32_t *registers; /* NULL: at none that was found */
	uint32_t number;
	uint32_t vector;              /* with how it is wired, as the controller wants it */
	uint32_t processor;
};

/* Find the inputs of all lines, and mask every input there is; line n arrives at vector first + n. */
enum sfp_status ioapic_start(const struct nano_lines *lines, unsigned first, struct ioapic_input *inputs)
	SFP_NODISCARD;

/* One at a time: it takes two accesses. */
void ioapic_mask(const struct ioapic_input *input, bool masked);
bool ioapic_has_mask(const struct ioapic_input *input, bool masked);

#endif /* INTERRUPTS_IOAPIC_H */
