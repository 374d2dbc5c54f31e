/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serial: the first serial line, a 16550, 115200 baud, 8N1.
 *
 * What arrives goes to the console's queue as events of this module's pool.
 * When all of them are in use the line is held: the bytes stay in the device
 * and with whoever sends, and go on when the console has caught up.
 */
#ifndef SERIAL_H
#define SERIAL_H

#include "nano/nano.h"

#define serial_VERSION 1u

/** Write bytes as they are. AGAIN: the line is stuck, `written` of them are out. @retains nothing */
struct serial_write {
	const char *text;
	size_t length;
	size_t written;    /* out */
};

/** What has happened so far. @retains nothing */
struct serial_counts {
	uint64_t received; /* out: events sent to the console */
	uint64_t lost;     /* out: overruns of the device */
	uint64_t held;     /* out: times that the line was held for want of a free event */
};

NANO_OPERATION_DECLARE(serial, write, 0)
NANO_OPERATION_DECLARE(serial, counts, 1)

#endif /* SERIAL_H */
