/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trace: what happened last, in order: a ring of events a processor, and one
 * of fault records. Events are overwritten by later ones; whoever reads keeps
 * its own place, in a struct trace_reader, and is told how many it missed.
 */
#ifndef TRACE_H
#define TRACE_H

#include "nano/nano.h"

#define TRACE_PROCESSORS 8u
#define TRACE_TEXT_BYTES 32u

enum trace_kind {
	TRACE_NOTE,       /* a module's own; text and value[0] are its */
	TRACE_FAULT,      /* value[0]: the record's number */
	TRACE_START,      /* of module; value[0]: the status of its start, value[1]: 1 where it was restarted */
	TRACE_INTERRUPT,  /* served by module; value[0]: the vector */
	TRACE_CALL,       /* by module; value[0]: the module that is called, value[1]: an address in the call */
	TRACE_SWITCH,     /* value[0]: the thread that left the processor, value[1]: the one that got it */
	TRACE_KINDS
};

/** A bit a kind. */
#define TRACE_ALWAYS (1u << TRACE_NOTE | 1u << TRACE_FAULT | 1u << TRACE_START)

struct trace_event {
	uint64_t time;                   /* as nano_clock() */
	uint16_t kind;                   /* enum trace_kind */
	uint16_t processor;
	uint32_t module;                 /* nano_module_info()'s index, or none that it has: the nano-core */
	uint64_t value[2];
	char text[TRACE_TEXT_BYTES];     /* of a note; it ends with a zero byte */
};

/** A reader's place. The reader's own; what is in it is written by `begin` and `next`. */
struct trace_reader {
	uint64_t place[TRACE_PROCESSORS];
	uint64_t end[TRACE_PROCESSORS];  /* what comes later is not read: reading makes events, too */
	uint64_t missed;                 /* events that were overwritten before they could be read */
};

/*
 * All may be called from interrupts, nested ones too, and by any number at once; none waits.
 *
 * note    Write an event of the caller's: a text, which is cut to TRACE_TEXT_BYTES - 1, and a number.
 *         AGAIN: it was lost, and readers are told. @retains a copy of both, until it is overwritten
 * begin   A reader of the `latest` events of all processors together that are there now. @retains nothing
 * next    The next of them, by time; but one that was interrupted as it was written stands behind the
 *         interrupt's, and a fault where its record came. EMPTY: no more. @retains nothing
 * fault   The fault record of that number. STALE: it was overwritten; NOT_FOUND: there is none (yet).
 *         @retains nothing
 * faults  The numbers of the oldest record that is there, and of the next that will be. @retains nothing
 * select  Which kinds are recorded from now on, a bit a kind; faults, starts and notes always are.
 *         INVALID: no such kinds. @retains the kinds, of all processors and for everybody
 * kinds   Which they are. @retains nothing
 */
#define TRACE_OPS(OP) \
	OP(note, SFP_IN(const char *, text), SFP_IN(uint64_t, number)) \
	OP(begin, SFP_IN(unsigned, latest), SFP_OUT(struct trace_reader, reader)) \
	OP(next, SFP_INOUT(struct trace_reader, reader), SFP_OUT(struct trace_event, event)) \
	OP(fault, SFP_IN(uint64_t, number), SFP_OUT(struct nano_fault_record, record)) \
	OP(faults, SFP_OUT(uint64_t, oldest), SFP_OUT(uint64_t, next)) \
	OP(select, SFP_IN(unsigned, kinds)) \
	OP(kinds, SFP_OUT(unsigned, kinds))
SFP_INTERFACE(trace, 1, TRACE_OPS);

#endif /* TRACE_H */
