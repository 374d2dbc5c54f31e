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

#define console_VERSION 1u

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

/** The queue that producers enqueue to. From interrupts too. @retains nothing */
struct console_inputs {
	struct input_queue *queue; /* out */
};

/**
 * Apply waiting events to the line, at most some dozens a call.
 * OK: the line is complete. EMPTY: no more input; the next one wakes the nano-core's loop.
 * AGAIN: there may be more. INVALID: not a sound line. @retains nothing
 */
struct console_edit {
	struct console_line *line;
};

/**
 * Write text to the serial line, and to the screen if there is one; a line feed also returns
 * to the first column. The status is the serial line's.
 * AGAIN: part of it found no way out, and is counted. @retains nothing
 */
struct console_write {
	const char *text;
	size_t length;
};

/** A row of the queues' table, from 0; NOT_FOUND past the last. @retains nothing */
struct console_queues {
	unsigned index;
	const char *name;    /* out */
	bool has_depth;      /* out: a queue, not a source of one */
	size_t depth;        /* out: events in it now */
	uint64_t delivered;  /* out: handled and acknowledged */
	uint64_t attempts;   /* out: times that a handler began */
	uint64_t failed;     /* out: given back with a reason */
	uint64_t lost;       /* out: had no room, in a pool or in the device */
};

/** Output that found no way out, in bytes. @retains nothing */
struct console_unwritten {
	uint64_t bytes;      /* out */
};

NANO_OPERATION_DECLARE(console, inputs, 0)
NANO_OPERATION_DECLARE(console, edit, 1)
NANO_OPERATION_DECLARE(console, write, 2)
NANO_OPERATION_DECLARE(console, queues, 3)
NANO_OPERATION_DECLARE(console, unwritten, 4)

#endif /* CONSOLE_H */
