/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interrupts: the machine's interrupt lines, through a pair of 8259 controllers.
 *
 * A driver asks for the vector of its line, binds its handler to it with
 * nano_interrupt_bind(), and enables the line, in this order: an edge that
 * comes before the handler is bound would never be seen again.
 */
#ifndef INTERRUPTS_H
#define INTERRUPTS_H

#include "nano/nano.h"

#define interrupts_VERSION 1u
#define INTERRUPTS_LINES 16u

/** Which vector does `line` arrive at? INVALID: no such line. @retains nothing */
struct interrupts_vector {
	unsigned line;
	unsigned vector;   /* out */
};

/**
 * Let a line through. INVALID: no such line, or the one that joins the controllers.
 * @retains the line's mask bit
 */
struct interrupts_enable {
	unsigned line;
};

/**
 * Hold a line back; what it raises meanwhile comes once when it is enabled.
 * @retains the line's mask bit
 */
struct interrupts_disable {
	unsigned line;
};

/** What has happened so far. @retains nothing */
struct interrupts_counts {
	uint32_t spurious; /* out: interrupts that were gone when the processor asked which */
};

NANO_OPERATION_DECLARE(interrupts, vector, 0)
NANO_OPERATION_DECLARE(interrupts, enable, 1)
NANO_OPERATION_DECLARE(interrupts, disable, 2)
NANO_OPERATION_DECLARE(interrupts, counts, 3)

#endif /* INTERRUPTS_H */
