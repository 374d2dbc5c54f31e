/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ring: the latest records of a kind, each whole. Private to the module trace;
 * pure: no hardware, no clock.
 *
 * Overview
 *   Any number of writers, on any processor, in threads, in interrupts nested
 *   in each other and in whatever cannot be masked; none of them ever waits.
 *   New records take the place of the oldest. A reader keeps its own place,
 *   changes nothing, and is told how many records it came too late for.
 *
 *   Not for: records that must not be lost (<sfp/dfq.h>).
 *
 * How it works
 *   Records are numbered. Number n belongs into slot n % slots. A slot has an
 *   owner, who may write it, and a stamp, which says what is in it:
 *     0        nothing yet
 *     2n + 1   record n is being written, or its writer died
 *     2n + 2   record n, whole
 *   A writer looks at the next number, makes itself the owner of the slot by one
 *   compare-and-swap, stamps it, moves `next` on, writes, stamps it again, and
 *   is the owner no more. If the slot is another's, or the number was used, it
 *   moves `next` on itself and tries the next number.
 *
 * Concurrency
 *            | write | read | undo          thread | irq | nmi   progress
 *   write    |  yes  | yes  |  no           yes    | yes | yes   wait-free: RING_ATTEMPTS numbers at most
 *   read     |  yes  | yes  |  yes          yes    | yes | yes   wait-free, per record
 *
 * Why it is correct
 *   One owner: the compare-and-swap is from 0 to the address of the writer's
 *   guard. So a slot's words have one writer at a time; its release store of 0
 *   pairs with the next owner's acquire.
 *   Stamps only grow: an owner goes on only if the stamp is below its own number's. A writer
 *   that slept through whole turns of the ring finds a greater one, and starts over.
 *   No torn record is read: each word is stored with release, after the stamp
 *   2n + 1, and loaded with acquire, before the stamp is loaded again. A reader
 *   that got a word of a later record therefore sees a later stamp as well.
 *   Whoever interrupts a writer, at any instruction, finds the slot either free
 *   (and uses it: the interrupted one finds the number used) or owned (and uses
 *   the next). So it ends without the interrupted one, which is why it may be an
 *   interrupt or an NMI. The guard is linked on the interrupted context's chain
 *   and off again before that goes on, as if nothing had been.
 *   A writer that faults is not the owner any more (its guard); the stamp stays
 *   odd, readers count the record as missed, and the next turn overwrites it.
 */
#ifndef TRACE_RING_H
#define TRACE_RING_H

#include <sfp/port.h>
#include <sfp/status.h>

/* Numbers that a write tries. More than writers that can be stopped in the middle at once. */
#define RING_ATTEMPTS 128u

/** Where a ring lies; the memory is the module's state, and zeroed memory is an empty ring. */
struct ring {
	uintptr_t *next;      /* number of the next record */
	uintptr_t *memory;    /* slots of RING_SLOT_WORDS(words) */
	uint32_t slots;       /* more than RING_ATTEMPTS */
	uint32_t words;       /* of a record */
};

#define RING_SLOT_WORDS(words) (2u + (words))

/**
 * Write a record of ring->words words. @return OK; AGAIN: that many others are writing; it is lost, and
 * readers are told
 */
enum sfp_status ring_write(const struct ring *ring, const uintptr_t *record) SFP_NODISCARD;

/**
 * Read the record at or after *place, and move *place past it. *missed grows by those before it that were
 * overwritten or never became whole.
 * @return OK; EMPTY: no record is at *place yet; AGAIN: it is being written
 */
enum sfp_status ring_read(const struct ring *ring, uint64_t *place, uint64_t *missed,
			  uintptr_t *record) SFP_NODISCARD;

/** The number of the next record, and of the oldest that can still be there. */
uint64_t ring_next(const struct ring *ring);
uint64_t ring_oldest(const struct ring *ring);

/** What stopped writers left, given the proof that there are none any more. As often as one likes. */
void ring_undo(const struct ring *ring);

/** What is wrong with it; NULL: nothing. While others write, too. */
const char *ring_wrong(const struct ring *ring);

#endif /* TRACE_RING_H */
