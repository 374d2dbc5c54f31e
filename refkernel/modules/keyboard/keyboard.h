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

#define keyboard_VERSION 1u

/** What has happened so far. @retains nothing */
struct keyboard_counts {
	uint64_t sent;     /* out: events sent to the console */
	uint64_t lost;     /* out: key presses without a free event, or before there was a console */
	uint64_t bytes;    /* out: bytes read from the device */
};

NANO_OPERATION_DECLARE(keyboard, counts, 0)

#endif /* KEYBOARD_H */
