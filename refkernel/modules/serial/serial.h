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

/** What has happened so far. */
struct serial_counts {
	uint64_t received; /* events sent to the console */
	uint64_t lost;     /* overruns of the device */
	uint64_t held;     /* times that the line was held for want of a free event */
};

/*
 * write   Write bytes as they are; `written` of them are out, fewer than `length` where the line
 *         is stuck. AGAIN: none, it is stuck. @retains nothing
 * counts  @retains nothing
 */
#define SERIAL_OPS(OP) \
	OP(write, SFP_IN(const char *, text), SFP_IN(size_t, length), SFP_OUT(size_t, written)) \
	OP(counts, SFP_OUT(struct serial_counts, counts))
SFP_INTERFACE(serial, 2, SERIAL_OPS);

#endif /* SERIAL_H */
