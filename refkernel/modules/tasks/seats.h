/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * seats: the queue for processors: two muxes, and the order between them. Those
 * that are urgent come first, by their level; the others by their weights. A
 * task's request is pending while the task is ready, and in flight from when
 * it was chosen until it is ready again: whether it runs, or sleeps.
 *
 * The caller has the monitor in which the queue lies. A fault in the middle of
 * anything here ends an incarnation of both servers; the next one derives the
 * order anew, and each request that was not in a queue yet is found out when
 * its task is ready the next time.
 */
#ifndef SEATS_H
#define SEATS_H

#include "tasks.h"

/* Microseconds: what a turn is worth, for a unit of weight; and how long one runs at a time. */
#define SEATS_QUANTUM 5000u

struct seats {
	struct tasks_fair fair;
	struct tasks_fair_server fair_server;
	struct tasks_urgent urgent;
	struct tasks_urgent_server urgent_server;
};

/** Two empty queues. */
enum sfp_status seats_init(struct seats *seats) SFP_NODISCARD;

/** Begin an incarnation; the one before is dead. */
enum sfp_status seats_attach(struct seats *seats, struct sfp_proof proof) SFP_NODISCARD;

/** Is there such a share? */
bool seats_has_share(uint32_t share);

/** The record becomes a client, with nothing pending. */
enum sfp_status seats_bind(struct seats *seats, struct task *task, uint32_t share) SFP_NODISCARD;

/** The task is ready, having used `used` nanoseconds in its life; wherever it was. */
enum sfp_status seats_put(struct seats *seats, struct task *task, uint64_t used) SFP_NODISCARD;

/** It is no client any more, and nothing refers to its record. BUSY: call again. */
enum sfp_status seats_take_out(struct seats *seats, struct task *task) SFP_NODISCARD;

/** What its turn is left of is not wanted: it goes behind the others. */
enum sfp_status seats_pass(struct seats *seats, struct task *task, uint64_t used) SFP_NODISCARD;

/** Who is next; in flight from here on. EMPTY: nobody. */
enum sfp_status seats_next(struct seats *seats, struct task **task) SFP_NODISCARD;

/** For each that is in a queue, pending or in flight. False: one of the muxes could not be walked. */
bool seats_each(struct seats *seats, bool (*see)(const struct task *task, void *argument), void *argument);

static inline bool task_is_urgent(const struct task *task)
{
	return (task->share & TASK_URGENT_) != 0;
}

#endif /* SEATS_H */
