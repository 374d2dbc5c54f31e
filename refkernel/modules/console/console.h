/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * console: the place where input from all devices meets, lines are edited, and
 * output is written.
 *
 * Input: drivers enqueue events (input.h) on the console's queue, from their
 * interrupt handlers. Nothing is handled there: that happens when a client
 * calls console_edit(), which takes events off the queue and applies them to a
 * line that lies in the client's own storage. The console keeps no line, no
 * cursor and no client; two clients would simply share the events.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "input.h"
#include "nano/nano.h"

/* Why an event failed. */
enum console_reason {
	CONSOLE_UNKNOWN = 1  /* it means nothing to the line editor */
};

/**
 * A line that is being edited; the client's, and its whole state. The client sets the
 * first group and leaves the rest zero; after a complete line it just calls edit again.
 */
struct console_line {
	const char *prompt;
	char *text;          /* ended by a zero byte when complete */
	char *earlier;       /* as large as text; the line before, for the up arrow; may be NULL */
	uint32_t size;       /* of text: one more than the longest line */

	uint32_t length;
	uint32_t cursor;
	uint32_t excess;     /* characters that had no room; the line is not what was typed */
	uint32_t lost;       /* input that was lost on the way to it */
	uint8_t phase;       /* enum console_phase */
	uint8_t escape;      /* how far into an escape sequence of a terminal */
	uint8_t parameter;   /* its number */
	bool after_return;   /* a line feed now belongs to the carriage return before */
};

enum console_phase {
	CONSOLE_FRESH,       /* the prompt is still to be shown */
	CONSOLE_OPEN,
	CONSOLE_COMPLETE     /* by a return: text[0..length) is what was typed */
};

/** A row of the table of queues: the queue, or one of its sources. */
struct console_queue {
	const char *name;
	bool has_depth;      /* a queue, not a source of one */
	size_t depth;        /* events in it now */
	uint64_t delivered;  /* handled and acknowledged */
	uint64_t attempts;   /* times that a handler began */
	uint64_t failed;     /* given back with a reason */
	uint64_t lost;       /* had no room, in a pool or in the device */
};

/*
 * inputs     The queue that producers enqueue to. From interrupts too. @retains nothing
 * edit       Apply waiting events to the line, at most some dozens a call. OK: the line is complete.
 *            EMPTY: no more input; the next one wakes the nano-core's loop. AGAIN: there may be more.
 *            INVALID: not a sound line. @retains nothing
 * write      Write text to the serial line, and to the screen if there is one; a line feed also
 *            returns to the first column. The status is the serial line's. AGAIN: part of it found no
 *            way out, and is counted. @retains nothing
 * queues     A row of the table, from 0; NOT_FOUND past the last. @retains nothing
 * unwritten  Output that found no way out, in bytes. @retains nothing
 */
#define CONSOLE_OPS(OP) \
	OP(inputs, SFP_OUT(struct input_queue *, queue)) \
	OP(edit, SFP_INOUT(struct console_line, line)) \
	OP(write, SFP_IN(const char *, text), SFP_IN(size_t, length)) \
	OP(queues, SFP_IN(unsigned, index), SFP_OUT(struct console_queue, row)) \
	OP(unwritten, SFP_OUT(uint64_t, bytes))
SFP_INTERFACE(console, 2, CONSOLE_OPS);

#endif /* CONSOLE_H */
