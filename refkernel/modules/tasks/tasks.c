/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tasks: owns the queue for processors. Retains links to the records of its
 * clients' tasks while these live, and which numbers are theirs; nothing else
 * of anybody. Called by whoever has tasks, and by the nano-core whenever a
 * processor wants to know what to run.
 */
#include "seats.h"

#include <sfp/monitor.h>

#define FIRST_NUMBER 1u
#define SLICE (SEATS_QUANTUM * 1000ul)

SFP_STATIC_ASSERT(NANO_THREADS_MAX == 64, "a bit of `numbers` a thread that can be");

static void begin_anew(struct seats *seats)
{
	SFP_IGNORE(seats_attach(seats, SFP_PROOF("a fault ended what it was doing, and its section with it")),
		   "there is a proof");
}
SFP_MONITOR(tasks_seats, struct seats, SFP_SPIN_IRQ, SFP_REPAIR(begin_anew));

struct tasks_state {
	struct frames_ref frames;
	struct tasks_seats seats;
	uint64_t numbers;          /* bit n: task n + 1 is somebody's; changed under the lock */
};

/* ---- records ---------------------------------------------------------------------- */

static bool is_admitted(const struct tasks_state *state, const struct task *task)
{
	return task->number >= FIRST_NUMBER && task->number <= NANO_THREADS_MAX &&
	       (state->numbers >> (task->number - FIRST_NUMBER) & 1) != 0;
}

static enum sfp_status serve_admit(struct tasks_state *state, struct task *task, uint32_t share)
{
	SFP_HOLD(tasks_seats, seats, &state->seats);

	if (!seats_has_share(share))
		return SFP_INVALID;
	if (is_admitted(state, task))
		return SFP_BUSY;
	if (state->numbers == UINT64_MAX)
		return SFP_LIMIT;
	task->seat = (struct task_seat){ .link = { .mark = 0 } };
	task->client.fair = (struct tasks_fair_client){ .core = { .mux = NULL } };
	task->thread = NANO_NO_THREAD;
	task->charged = 0;
	task->longest = 0;
	SFP_TRY(seats_bind(seats, task, share));
	task->number = FIRST_NUMBER + (uint32_t)__builtin_ctzl(~state->numbers);
	state->numbers |= 1ul << (task->number - FIRST_NUMBER);
	return SFP_OK;
}

static enum sfp_status serve_release(struct tasks_state *state, struct task *task)
{
	uint32_t count;
	enum sfp_status status;

	if (!is_admitted(state, task))
		return SFP_INVALID;
	status = frames_give_all(&state->frames, task_holder(task), &count);
	return status == SFP_NOT_FOUND ? SFP_OK : status; /* nobody has frames, so nobody took any */
}

static enum sfp_status serve_dismiss(struct tasks_state *state, struct task *task)
{
	SFP_HOLD(tasks_seats, seats, &state->seats);

	if (!is_admitted(state, task))
		return SFP_INVALID;
	SFP_TRY(seats_take_out(seats, task));
	state->numbers &= ~(1ul << (task->number - FIRST_NUMBER));
	task->number = 0;
	return SFP_OK;
}

/* ---- the nano-core's questions ------------------------------------------------------- */

static uint64_t used_by(const struct task *task)
{
	struct nano_thread_info info;

	return nano_thread_info(task->thread % NANO_THREADS_MAX, &info) == SFP_OK ? info.used : 0;
}

/* It may be running already, or sleep: somebody else has chosen it, or a fault made the queue forget. */
static bool can_run(const struct task *task)
{
	struct nano_thread_info info;

	return !task->leaving && nano_thread_info(task->thread % NANO_THREADS_MAX, &info) == SFP_OK &&
	       info.thread == task->thread && info.phase == NANO_THREAD_READY;
}

/* A processor that runs what can wait; NANO_PROCESSORS_MAX: none, or one that has nothing to do. */
static unsigned whom_to_interrupt(const struct task *urgent)
{
	unsigned found = NANO_PROCESSORS_MAX;
	struct nano_processor_info info;

	for (unsigned i = 0; nano_processor_info(i, &info) == SFP_OK; i++) {
		const struct task *task = info.running ? nano_thread_record(info.thread) : NULL;

		if (info.running && info.thread == NANO_NO_THREAD)
			return NANO_PROCESSORS_MAX;
		if (task && (!task_is_urgent(task) || task->share > urgent->share))
			found = i;
	}
	return found;
}

static enum sfp_status put(struct tasks_state *state, uint32_t thread, unsigned *interrupt)
{
	struct task *task;

	SFP_HOLD(tasks_seats, seats, &state->seats);
	task = nano_thread_record(thread);
	if (!task)
		return SFP_NOT_FOUND; /* the nano-core runs it by itself */
	if (task_is_urgent(task))
		*interrupt = whom_to_interrupt(task);
	return seats_put(seats, task, used_by(task));
}

static enum sfp_status ready(void *data, uint32_t thread)
{
	unsigned interrupt = NANO_PROCESSORS_MAX;
	const enum sfp_status status = put(data, thread, &interrupt);

	if (status == SFP_OK && interrupt < NANO_PROCESSORS_MAX)
		SFP_IGNORE(nano_processor_nudge(interrupt), "it has found something to do meanwhile");
	return status;
}

/* Its time is up, others are urgent, or it lets them go first. */
static enum sfp_status put_back(struct seats *seats, struct task *task, bool yields)
{
	const uint64_t used = used_by(task);

	return yields ? seats_pass(seats, task, used) : seats_put(seats, task, used);
}

static enum sfp_status choose(void *data, struct nano_choice *choice)
{
	struct tasks_state *const state = data;
	struct task *current, *task;

	SFP_HOLD(tasks_seats, seats, &state->seats);
	current = choice->current != NANO_NO_THREAD ? nano_thread_record(choice->current) : NULL;
	if (current)
		SFP_TRY(put_back(seats, current, choice->yields));
	do {
		SFP_TRY(seats_next(seats, &task));
	} while (task != current && !can_run(task)); /* it stays in flight until it is ready */
	if (current && task != current)
		current->leaving = 1;
	choice->thread = task->thread;
	choice->slice = SLICE;
	return SFP_OK;
}

/* ---- other shares, and a look ------------------------------------------------------------ */

static enum sfp_status serve_weigh(struct tasks_state *state, struct task *task, uint32_t share)
{
	enum sfp_mux_state was;

	SFP_HOLD(tasks_seats, seats, &state->seats);
	if (!is_admitted(state, task) || !seats_has_share(share))
		return SFP_INVALID;
	was = tasks_fair_state(&task->seat).state;
	SFP_TRY(seats_take_out(seats, task));
	SFP_TRY(seats_bind(seats, task, share));
	/* One that runs, or sleeps, is put in when it is ready the next time. */
	return was == SFP_MUX_PENDING ? seats_put(seats, task, used_by(task)) : SFP_OK;
}

static enum sfp_status serve_look(struct tasks_state *state, unsigned index, struct tasks_info *info)
{
	const struct task *task;

	SFP_HOLD(tasks_seats, seats, &state->seats);
	(void)seats; /* held so that no record goes while it is read */
	*info = (struct tasks_info){ .number = 0 };
	SFP_TRY(nano_thread_info(index, &info->thread));
	task = nano_thread_record(info->thread.thread);
	if (task) {
		info->number = task->number;
		info->share = task->share;
	}
	return SFP_OK;
}

/* ---- the module ---------------------------------------------------------------------------- */

/* What was another state's client becomes this one's. */
static enum sfp_status adopt(struct tasks_state *state, struct seats *seats, struct task *task)
{
	const uint64_t bit = 1ul << (task->number - FIRST_NUMBER);

	if (task->number < FIRST_NUMBER || task->number > NANO_THREADS_MAX || (state->numbers & bit))
		return SFP_OK; /* a record that we know nothing of: the nano-core runs it */
	task->seat = (struct task_seat){ .link = { .mark = 0 } };
	task->client.fair = (struct tasks_fair_client){ .core = { .mux = NULL } };
	state->numbers |= bit;
	return seats_bind(seats, task, task->share);
}

static enum sfp_status found(struct tasks_state *state)
{
	struct nano_thread_info info;

	SFP_HOLD(tasks_seats, seats, &state->seats);
	SFP_TRY(seats_init(seats));
	SFP_TRY(seats_attach(seats, SFP_PROOF("they are new")));
	for (unsigned i = 0; nano_thread_info(i, &info) == SFP_OK; i++) {
		struct task *task = nano_thread_record(info.thread);

		if (task)
			SFP_TRY(adopt(state, seats, task));
	}
	return SFP_OK;
}

static enum sfp_status start(struct tasks_state *state)
{
	SFP_TRY(found(state));
	return nano_scheduler_bind(ready, choose, state);
}

static enum sfp_status succeed(struct tasks_state *state)
{
	SFP_HOLD(tasks_seats, seats, &state->seats);
	return seats_attach(seats, SFP_PROOF("nobody is inside of the instance before"));
}

/* The requests are in the queues that the state has; only the order is derived anew. */
static enum sfp_status takeover(struct tasks_state *state)
{
	SFP_TRY(succeed(state));
	return nano_scheduler_bind(ready, choose, state);
}

struct census {
	const struct tasks_state *state;
	uint64_t seen;
};

static bool see(const struct task *task, void *argument)
{
	struct census *const census = argument;
	uint64_t bit;

	if (!is_admitted(census->state, task))
		return false;
	bit = 1ul << (task->number - FIRST_NUMBER);
	if (census->seen & bit)
		return false;
	census->seen |= bit;
	return true;
}

static enum sfp_status check(struct tasks_state *state)
{
	struct census census = { .state = state };

	SFP_HOLD(tasks_seats, seats, &state->seats);
	NANO_HOLDS(seats->fair.core.quantum == SEATS_QUANTUM, "the queue was made");
	NANO_HOLDS(seats_each(seats, see, &census), "what is in the queue is a task's, and there once");
	return SFP_OK;
}

SFP_PROVIDER(serve, struct tasks_state, tasks, TASKS_OPS);
NANO_HOOK(tasks, start, start)
NANO_HOOK(tasks, takeover, takeover)
NANO_HOOK(tasks, check, check)

static const struct nano_use uses[] = { NANO_USE(tasks, frames, frames, NANO_LAZILY), NANO_USES_END };

static const struct nano_field fields[] = {
	NANO_FIELD(tasks, frames, NANO_AGGREGATE), /* where it was found */
	NANO_FIELD(tasks, seats, NANO_BORROWED),
	NANO_FIELD(tasks, numbers, NANO_LASTING),
	NANO_FIELDS_END
};

NANO_MODULE(tasks,
	.version = 1,
	.summary = "threads by weight and urgency, on all processors",
	.state_size = sizeof(struct tasks_state),
	.state_version = 1,
	.uses = uses,
	.fields = fields,
	NANO_OFFERS(serve, tasks),
	.start = tasks_start_hook_,
	.takeover = tasks_takeover_hook_,
	.check = tasks_check_hook_,
);
