/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tasks: shares the processors out among tasks: threads that have a record.
 *
 * The record lies in the storage of whoever makes the task, and is lent to this
 * module from task_make() to task_join(): its seat in the queue for processors,
 * its share, its accounting, its estate. The thread is the nano-core's. So the
 * module keeps nothing of a task but links, and a number; where it is gone
 * the threads go on, round robin, and a restarted one finds their records again.
 *
 * Usage: task.h, which this includes, has what a client calls.
 */
#ifndef TASKS_H
#define TASKS_H

#include <sfp/estate.h>
#include <sfp/mux.h>

#include "nano/nano.h"

/** A share of the processors: a weight from 1 to TASK_WEIGHT_MOST, or TASK_URGENT(level). */
#define TASK_WEIGHT_MOST 1000u

/** Before all that have a weight; those of a lower level first. One that never sleeps starves the others. */
#define TASK_URGENT(level) (TASK_URGENT_ | (level))
#define TASK_URGENT_ 0x80000000u

/* A place in the queue for processors. */
struct task_seat {
	struct sfp_mux_request link;
};
SFP_MUX(tasks_fair, struct task_seat, link, SFP_WEIGHTED);
SFP_MUX(tasks_urgent, struct task_seat, link, SFP_PRIORITY);

struct tasks_ref;

typedef enum sfp_status task_entry(void *argument);

/** A task's record. Zeroed: none. Its memory must stay until task_join() has said OK. */
struct task {
	/* The maker's. */
	struct tasks_ref *tasks;
	task_entry *entry;
	void *argument;
	uint32_t thread;           /* written by the nano-core when it makes it */
	uint32_t asked;            /* to end; anybody's */

	/* The task's own, then that of whoever joins it. */
	struct sfp_estate estate;  /* what is detached when it ends, however it does */
	struct sfp_fault fault;    /* the one that ended it */

	/* The module's, from admit to dismiss. */
	struct task_seat seat;
	union {
		struct tasks_fair_client fair;
		struct tasks_urgent_client urgent;
	} client;
	uint32_t share;
	uint32_t number;           /* from 1; 0: not admitted */
	uint32_t incarnation;      /* of the queue's server that last had it in */
	uint32_t leaving;          /* another was chosen, and it is on its way off its processor */
	uint64_t charged;          /* nanoseconds of its time that the queue knows of */
	uint64_t longest;          /* microseconds that it was charged at once */
};

/** What `tasks` shows of a thread. */
struct tasks_info {
	struct nano_thread_info thread;
	uint32_t number;           /* of the task; 0: the nano-core's own, or a thread that has no record */
	uint32_t share;
};

/*
 * Operations on records. All may be called by several at once; none waits for more than the others'
 * turns at a short lock, so that the module can be replaced at any time.
 *
 * admit     The record becomes a task's, with a number and a share, before there is a thread. LIMIT:
 *           there are as many as there can be; INVALID: no such share; BUSY: it is one already.
 *           @retains the number, and links to the record once its thread is ready
 * release   Frames that the task holds go back, and so the heaps in them. INVALID: not a task's record.
 *           @retains nothing
 * dismiss   The record is not needed any more: nothing of the task runs. INVALID: not a task's; BUSY: call
 *           again. @retains nothing
 * weigh     Another share, from its next turn on. INVALID: no such share, or not a task's. @retains
 *           nothing more
 * look      What is at place `index` of the nano-core's threads. NOT_FOUND: past the last. @retains nothing
 */
#define TASKS_OPS(OP) \
	OP(admit, SFP_IN(struct task *, task), SFP_IN(uint32_t, share)) \
	OP(release, SFP_IN(struct task *, task)) \
	OP(dismiss, SFP_IN(struct task *, task)) \
	OP(weigh, SFP_IN(struct task *, task), SFP_IN(uint32_t, share)) \
	OP(look, SFP_IN(unsigned, index), SFP_OUT(struct tasks_info, info))
SFP_INTERFACE(tasks, 1, TASKS_OPS);

#include "task.h"

#endif /* TASKS_H */
