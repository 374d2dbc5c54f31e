/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interrupts: the machine's interrupt lines, through IO-APICs, or a pair of 8259s where there are none.
 *
 * A driver asks for the vector of its line, binds its handler to it with
 * nano_interrupt_bind(), and enables the line, in this order: an edge that
 * comes before the handler is bound would never be seen again.
 */
#ifndef INTERRUPTS_H
#define INTERRUPTS_H

#include "nano/nano.h"

#define INTERRUPTS_LINES 16u

/** What has happened so far. */
struct interrupts_counts {
	uint32_t spurious; /* interrupts that were gone when the processor asked which */
};

/*
 * vector   Which vector does `line` arrive at? INVALID: no such line. @retains nothing
 * enable   Let a line through. INVALID: no such line, or the one that joins the 8259s.
 *          @retains the line's mask bit
 * disable  Hold a line back; what it raises meanwhile comes once when it is enabled.
 *          @retains the line's mask bit
 * counts   @retains nothing
 */
#define INTERRUPTS_OPS(OP) \
	OP(vector, SFP_IN(unsigned, line), SFP_OUT(unsigned, vector)) \
	OP(enable, SFP_IN(unsigned, line)) \
	OP(disable, SFP_IN(unsigned, line)) \
	OP(counts, SFP_OUT(struct interrupts_counts, counts))
SFP_INTERFACE(interrupts, 2, INTERRUPTS_OPS);

#endif /* INTERRUPTS_H */
