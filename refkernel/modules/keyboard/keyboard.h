/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyboard: the PS/2 keyboard. Each key press becomes an event of this
 * module's pool and goes to the console's queue from the interrupt handler.
 * When all events are in use the press is counted as lost, and the console is
 * told: the device itself would drop it without a word.
 */
#ifndef KEYBOARD_H
#define KEYBOARD_H

#include "nano/nano.h"

/** What has happened so far. */
struct keyboard_counts {
	uint64_t sent;     /* events sent to the console */
	uint64_t lost;     /* key presses without a free event, or before there was a console */
	uint64_t bytes;    /* bytes read from the device */
};

/* counts  @retains nothing */
#define KEYBOARD_OPS(OP) OP(counts, SFP_OUT(struct keyboard_counts, counts))
SFP_INTERFACE(keyboard, 2, KEYBOARD_OPS);

#endif /* KEYBOARD_H */
