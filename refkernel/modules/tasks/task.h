/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * task: what a client calls to have tasks. Part of tasks.h, which includes it.
 *
 *   struct task worker;                                   // zeroed, in the client's memory
 *   SFP_TRY(task_make(&state->tasks, &worker, "worker", work, &job, 4));
 *   ...
 *   task_end(&worker);                                    // or wait for it
 *   SFP_TRY(task_join(&worker, &status));                 // the record is the client's again
 *
 * All of it runs in the client's own module: what sleeps must not sleep in
 * another's, which could not be replaced meanwhile. And the thread is the
 * client's module's, so that its faults are, too.
 *
 * A task ends when its entry returns, or by a fault that no gate of its own
 * takes, or when it calls nano_thread_exit(). In any case its estate is buried,
 * and the frames that it holds as task_holder() go back. It is ended by others
 * only if it agrees: task_end() asks, task_should_end() and whatever it sleeps
 * in tell it. To end it wherever it is would be to end it in the middle of some
 * module's operation: a fault for that module, which has done nothing wrong.
 */
#ifndef TASK_H
#define TASK_H

#include "frames.h"

#define TASK_BURIAL 16u /* entries at a time, between which others run */

/** By this number frames, and heaps, are the task's: they go back when it ends. */
static inline unsigned task_holder(const struct task *task)
{
	return FRAMES_HOLDER_TASK + task->number;
}

/** The calling task's record; NULL: it is a thread without one, or an interrupt. */
static inline struct task *task_self(void)
{
	return nano_thread_record(nano_thread_self());
}

/** Was it asked to end, or must its module be left since it is being restarted? For loops that do not sleep. */
static inline bool task_should_end(const struct task *task)
{
	struct nano_module_info info;

	if (sfp_load_u32(&task->asked))
		return true;
	return nano_module_info(nano_self(), &info) == SFP_OK && info.phase == NANO_RESTARTING;
}

/* Nothing of it runs but this. AGAIN: the module tasks is being restarted. */
static inline enum sfp_status task_bury_(struct task *task)
{
	enum sfp_status status;

	while ((status = sfp_estate_bury(&task->estate, SFP_PROOF("its entry was left"), TASK_BURIAL)) ==
	       SFP_AGAIN)
		nano_thread_yield();
	SFP_TRY(status);
	return tasks_release(task->tasks, task);
}

static inline enum sfp_status task_enter_(void *record)
{
	struct task *const task = record;

	return task->entry(task->argument);
}

/* In the task's thread: in a gate of its own, so that there is somebody left to bury it. */
static inline enum sfp_status task_run_(void *record)
{
	struct task *const task = record;
	const enum sfp_status status = sfp_gate_call(sfp_port_context(), task_enter_, task, &task->fault);

	SFP_IGNORE(task_bury_(task), "who joins it tries again");
	return status;
}

/**
 * Make a task: a thread of the calling module that begins in entry(argument).
 * @context a thread   @progress as a call of tasks   @order release: what was written before is seen by the task
 * @owner   the record is lent, until task_join() says OK; the argument is shared
 * @retains links to the record; one of the nano-core's threads; the name is copied
 * @cost    two calls and a look for a thread
 * @return  OK; LIMIT: no thread is free; INVALID: no such share, or no code; BUSY: the record is in use; and
 *          what a call returns: there is no module tasks
 */
static inline enum sfp_status task_make(struct tasks_ref *tasks, struct task *task, const char *name,
					task_entry *entry, void *argument, uint32_t share)
{
	enum sfp_status status;

	SFP_TRY(tasks_admit(tasks, task, share));
	task->tasks = tasks;
	task->entry = entry;
	task->argument = argument;
	task->asked = 0;
	task->estate = (struct sfp_estate){ .newest = NULL };
	task->fault = (struct sfp_fault){ .kind = SFP_FAULT_UNKNOWN };
	status = nano_thread_make_known(name, task_run_, task, task, &task->thread);
	if (status != SFP_OK)
		SFP_IGNORE(tasks_dismiss(tasks, task), "then the record is BUSY, and can be dismissed later");
	return status;
}

/**
 * Wait until the task has ended and all that it had is back; then the record is its maker's again.
 * @context a thread, one for a task; not the task itself   @progress blocking   @order acquire
 * @owner   on OK the record is wholly the caller's   @retains nothing
 * @cost    a sleep, if the task lives
 * @return  OK, and *ended is what its entry returned, FAULT if a fault ended it; DEADLOCK: it is the caller;
 *          INVALID: not in a thread; AGAIN, FAULT and others: the task has ended, but its estate or its record
 *          is not back: call it again
 */
static inline enum sfp_status task_join(struct task *task, enum sfp_status *ended)
{
	const enum sfp_status status = nano_thread_join(task->thread, ended);

	if (status != SFP_OK && status != SFP_NOT_FOUND) /* the latter: this was called before */
		return status;
	SFP_TRY(task_bury_(task));
	return tasks_dismiss(task->tasks, task);
}

/** Ask it to end: see above. From any context, while it is lent. It looks up from whatever it sleeps in. */
static inline void task_end(struct task *task)
{
	sfp_store_u32(&task->asked, 1);
	SFP_IGNORE(nano_thread_rouse(task->thread), "then it has ended");
}

#endif /* TASK_H */
