/* SPDX-License-Identifier: BSD-2-Clause */
/* pic: the two 8259 controllers that every PC has or pretends to have. */
#ifndef INTERRUPTS_PIC_H
#define INTERRUPTS_PIC_H

#include "nano/nano.h"

#define PIC_CASCADE_LINE 2u /* joins the second one to the first */

/* All lines masked; line n arrives at vector first + n. */
void pic_start(unsigned first);

/* A bit a line. */
void pic_mask(uint16_t masked);
bool pic_has_mask(uint16_t masked);

/* The interrupt of that line was served. False: there was none, it was gone when the processor asked which. */
bool pic_end(unsigned line);

#endif /* INTERRUPTS_PIC_H */
