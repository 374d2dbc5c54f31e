/* SPDX-License-Identifier: BSD-2-Clause */
/* seats: see seats.h. */
#include "seats.h"

#define MICROSECOND 1000u
#define TRIES 8u /* each takes in as much as a mux takes in at a time */

#define ADMITTED SFP_PROOF("all that was in the queue was taken in, and it was not there")

static struct task *task_of(struct task_seat *seat)
{
	return SFP_CONTAINER(seat, struct task, seat);
}

enum sfp_status seats_init(struct seats *seats)
{
	SFP_TRY(tasks_fair_init(&seats->fair, 0, SEATS_QUANTUM));
	return tasks_urgent_init(&seats->urgent, 0);
}

enum sfp_status seats_attach(struct seats *seats, struct sfp_proof proof)
{
	SFP_TRY(tasks_fair_attach(&seats->fair_server, &seats->fair, proof));
	return tasks_urgent_attach(&seats->urgent_server, &seats->urgent, proof);
}

/* ---- the two kinds of clients --------------------------------------------------- */

bool seats_has_share(uint32_t share)
{
	if (share & TASK_URGENT_)
		return (share & ~TASK_URGENT_) < SFP_MUX_LEVELS;
	return share > 0 && share <= TASK_WEIGHT_MOST;
}

enum sfp_status seats_bind(struct seats *seats, struct task *task, uint32_t share)
{
	if (share & TASK_URGENT_)
		SFP_TRY(tasks_urgent_bind(&seats->urgent, &task->client.urgent, share & ~TASK_URGENT_));
	else
		SFP_TRY(tasks_fair_bind(&seats->fair, &task->client.fair, share));
	task->share = share;
	task->incarnation = 0;
	task->leaving = 0;
	return SFP_OK;
}

static uint32_t incarnation(const struct seats *seats, const struct task *task)
{
	return task_is_urgent(task) ? seats->urgent_server.core.consumer.incarnation
				    : seats->fair_server.core.consumer.incarnation;
}

static enum sfp_status submit(struct task *task)
{
	return task_is_urgent(task) ? tasks_urgent_submit(&task->client.urgent, &task->seat)
				    : tasks_fair_submit(&task->client.fair, &task->seat);
}

static enum sfp_status reclaim(struct task *task)
{
	return task_is_urgent(task) ? tasks_urgent_reclaim(&task->client.urgent, &task->seat)
				    : tasks_fair_reclaim(&task->client.fair, &task->seat);
}

static enum sfp_status abandon(struct task *task, struct task_seat *seat)
{
	return task_is_urgent(task) ? tasks_urgent_abandon(&task->client.urgent, seat, ADMITTED)
				    : tasks_fair_abandon(&task->client.fair, seat, ADMITTED);
}

static enum sfp_status unbind(struct task *task)
{
	return task_is_urgent(task) ? tasks_urgent_unbind(&task->client.urgent)
				    : tasks_fair_unbind(&task->client.fair);
}

/* Both take in what has come first, a part of it at a time. */
static enum sfp_status requeue(struct seats *seats, struct task *task)
{
	enum sfp_status status = SFP_AGAIN;

	for (unsigned i = 0; status == SFP_AGAIN && i < TRIES; i++)
		status = task_is_urgent(task) ? tasks_urgent_requeue(&seats->urgent_server, &task->seat)
					      : tasks_fair_requeue(&seats->fair_server, &task->seat);
	return status;
}

static enum sfp_status complete(struct seats *seats, struct task *task)
{
	enum sfp_status status = SFP_AGAIN;

	for (unsigned i = 0; status == SFP_AGAIN && i < TRIES; i++)
		status = task_is_urgent(task) ? tasks_urgent_complete(&seats->urgent_server, &task->seat, 0)
					      : tasks_fair_complete(&seats->fair_server, &task->seat, 0);
	return status;
}

/* ---- accounting ------------------------------------------------------------------ */

/* Urgent ones do not pay; and what is not in flight cannot yet. */
static void charge(struct seats *seats, struct task *task, uint64_t used)
{
	const uint64_t cost = (used - task->charged) / MICROSECOND;

	if (cost == 0 || task_is_urgent(task))
		return;
	if (tasks_fair_charge(&seats->fair_server, &task->seat,
			      cost < INT32_MAX ? (uint32_t)cost : INT32_MAX) == SFP_OK) {
		task->charged += cost * MICROSECOND;
		task->longest = cost > task->longest ? cost : task->longest;
	}
}

/* ---- in and out --------------------------------------------------------------------- */

/* Not in a queue, whatever its state says: a fault may have ended what was to put it there, or take it out. */
static enum sfp_status put_anew(struct seats *seats, struct task *task)
{
	if (tasks_fair_state(&task->seat).state == SFP_MUX_PENDING ||
	    tasks_fair_state(&task->seat).state == SFP_MUX_RUNNING)
		SFP_TRY(abandon(task, &task->seat));
	SFP_TRY(reclaim(task));
	SFP_TRY(submit(task));
	task->incarnation = incarnation(seats, task);
	return SFP_OK;
}

enum sfp_status seats_put(struct seats *seats, struct task *task, uint64_t used)
{
	const enum sfp_mux_state state = tasks_fair_state(&task->seat).state;
	enum sfp_status status = SFP_INVALID;

	task->leaving = 0;
	if (state == SFP_MUX_PENDING && task->incarnation == incarnation(seats, task))
		return SFP_OK;
	if (state == SFP_MUX_RUNNING)
		charge(seats, task, used);
	if (state == SFP_MUX_PENDING || state == SFP_MUX_RUNNING)
		status = requeue(seats, task);
	if (status != SFP_INVALID) {
		task->incarnation = incarnation(seats, task);
		return status;
	}
	return put_anew(seats, task);
}

/* OK: it is in no queue, and idle. */
static enum sfp_status settle(struct seats *seats, struct task *task)
{
	const enum sfp_status status = complete(seats, task);

	if (status != SFP_OK && status != SFP_INVALID)
		return status;
	if (reclaim(task) == SFP_OK)
		return SFP_OK;
	return status == SFP_INVALID ? abandon(task, &task->seat) : SFP_BUSY;
}

enum sfp_status seats_pass(struct seats *seats, struct task *task, uint64_t used)
{
	charge(seats, task, used);
	SFP_TRY(settle(seats, task));
	return put_anew(seats, task);
}

enum sfp_status seats_take_out(struct seats *seats, struct task *task)
{
	SFP_TRY(settle(seats, task));
	if (unbind(task) == SFP_OK)
		return SFP_OK;
	/* The note is taken in; what a fault kept from being queued never comes back. */
	SFP_IGNORE(complete(seats, task), "INVALID: it is idle");
	if (unbind(task) == SFP_OK)
		return SFP_OK;
	return sfp_dfq_state(&task->client.fair.core.note).state == SFP_DFQ_QUEUED ? abandon(task, NULL)
										   : SFP_BUSY;
}

/* ---- choosing ------------------------------------------------------------------------- */

enum sfp_status seats_next(struct seats *seats, struct task **task)
{
	enum sfp_status status = SFP_AGAIN;
	struct task_seat *seat = NULL;

	for (unsigned i = 0; status == SFP_AGAIN && i < TRIES; i++)
		status = tasks_urgent_next(&seats->urgent_server, &seat);
	if (status == SFP_EMPTY)
		status = SFP_AGAIN;
	for (unsigned i = 0; status == SFP_AGAIN && i < TRIES; i++)
		status = tasks_fair_next(&seats->fair_server, &seat);
	if (status == SFP_OK)
		*task = task_of(seat);
	return status;
}

bool seats_each(struct seats *seats, bool (*see)(const struct task *task, void *argument), void *argument)
{
	struct task_seat *seat = NULL;
	enum sfp_status status;

	while ((status = tasks_urgent_look(&seats->urgent_server, seat, &seat)) == SFP_OK) {
		if (!see(task_of(seat), argument))
			return false;
	}
	if (status != SFP_EMPTY)
		return false;
	seat = NULL;
	while ((status = tasks_fair_look(&seats->fair_server, seat, &seat)) == SFP_OK) {
		if (!see(task_of(seat), argument))
			return false;
	}
	return status == SFP_EMPTY;
}
