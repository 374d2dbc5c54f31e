/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jobs: has tasks, and sees what becomes of them, on all the processors that
 * there are. Ends the machine: status 0 if every promise was kept.
 */
#include "jobs.h"

#include "lib/mem.h"
#include "lib/text.h"

#define STEPS 2000u

void judge(struct jobs_state *state, bool kept, const char *format, ...)
{
	char line[160];
	size_t length;
	va_list arguments;

	length = text_format(line, sizeof(line), "%s: ", kept ? "ok" : "FAILED");
	va_start(arguments, format);
	text_vformat(line + length, sizeof(line) - length, format, arguments);
	va_end(arguments);
	nano_log("judge", line);
	*(kept ? &state->kept : &state->broken) += 1;
}

enum sfp_status begin(struct jobs_state *state, unsigned number, task_entry *entry, uint32_t share)
{
	struct job *const job = &state->jobs[number];

	*job = (struct job){ .state = state, .number = number };
	return task_make(&state->tasks, &job->task, "job", entry, job, share);
}

unsigned end(struct jobs_state *state, unsigned count, enum sfp_status wanted)
{
	unsigned good = 0;

	for (unsigned i = 0; i < count; i++) {
		enum sfp_status ended = SFP_INVALID;

		enum sfp_status status;

		/* AGAIN: somebody else is just starting a module that is needed. */
		while ((status = task_join(&state->jobs[i].task, &ended)) == SFP_AGAIN)
			nano_thread_yield();
		good += status == SFP_OK && ended == wanted;
	}
	return good;
}

unsigned stop(struct jobs_state *state, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		task_end(&state->jobs[i].task);
	return end(state, count, SFP_OK);
}

enum sfp_status spin(void *argument)
{
	struct job *const job = argument;

	while (!task_should_end(&job->task)) {
		for (unsigned i = 0; i < STEPS; i++)
			sfp_compiler_barrier();
		ADD(job->turns, 1);
	}
	return SFP_OK;
}

uint64_t used(const struct job *job)
{
	struct nano_thread_info info;

	return nano_thread_info(job->task.thread % NANO_THREADS_MAX, &info) == SFP_OK ? info.used : 0;
}

void let_run(struct jobs_state *state, unsigned count, uint64_t milliseconds)
{
	uint64_t all;

	do {
		nano_thread_yield();
		all = 0;
		for (unsigned i = 0; i < count; i++)
			all += used(&state->jobs[i]);
	} while (all < milliseconds * 1000000);
}

/* ---- what lasts ---------------------------------------------------------------- */

static bool lasts(const struct nano_state_info *info, uint32_t at)
{
	for (const struct nano_field *field = info->fields; field && field->name; field++) {
		if (at - field->offset < field->size)
			return field->kind == NANO_LASTING;
	}
	return true;
}

uint64_t lasting(void)
{
	uint64_t hash = 14695981039346656037u;
	struct nano_state_info info;

	for (unsigned i = 0; nano_state_info(i, &info) == SFP_OK; i++) {
		const volatile uint8_t *const bytes = info.memory;

		if (text_equal(info.owner, "jobs") || text_equal(info.owner, "frames"))
			continue; /* of frames only those that are free are counted, elsewhere */
		for (uint32_t at = 0; at < info.bytes; at++) {
			if (lasts(&info, at))
				hash = (hash ^ bytes[at]) * 1099511628211u;
		}
	}
	return hash;
}

/* ---- the order of it all ---------------------------------------------------------- */

static unsigned processors(void)
{
	struct nano_processor_info info;
	unsigned count = 0;

	for (unsigned i = 0; nano_processor_info(i, &info) == SFP_OK; i++)
		count += info.running;
	return count;
}

static void finish(struct jobs_state *state)
{
	char line[80];

	text_format(line, sizeof(line), "%u promises kept, %u broken", state->kept, state->broken);
	nano_log("judge", line);
	nano_exit(state->broken ? 1 : 0);
}

static void judge_whole(struct jobs_state *state)
{
	struct tasks_info info;

	state->processors = processors();
	judge(state, tasks_look(&state->tasks, 0, &info) == SFP_OK, "the module tasks is started");
	judge_shares(state, "at first");
	judge_urgent(state);
	judge_lives(state);
	judge_estates(state);
}

static enum sfp_status stay(struct jobs_state *state)
{
	state->step--;
	return SFP_OK;
}

/* A module is restarted by the main loop, in which this runs: so it must come back to it. */
static enum sfp_status poll(struct jobs_state *state)
{
	switch (state->step++) { /* what faults in here is not done again, and is missed in the count */
	case 0:
		judge_whole(state);
		begin_under_faults(state); /* this module has faulted so often that it is restarted itself */
		break;
	case 1:
		judge_told(state);
		begin_under_faults(state);
		fault_often(state);
		break;
	case 2:
		if (!is_back(state))
			return stay(state);
		judge_after(state, "it took over its state");
		begin_under_faults(state);
		lose_state(state);
		fault_often(state);
		break;
	default:
		if (!is_back(state))
			return stay(state);
		judge_after(state, "its state was lost");
		finish(state);
	}
	return SFP_OK;
}

static enum sfp_status check(struct jobs_state *state)
{
	(void)state;
	return SFP_OK;
}

static enum sfp_status takeover(struct jobs_state *state)
{
	(void)state;
	return SFP_OK;
}

NANO_HOOK(jobs, check, check)
NANO_HOOK(jobs, takeover, takeover)
NANO_HOOK(jobs, poll, poll)

static const struct nano_use uses[] = {
	NANO_USE(jobs, tasks, tasks, NANO_LAZILY),
	NANO_USE(jobs, frames, frames, NANO_LAZILY),
	NANO_USE(jobs, heap, heap, NANO_LAZILY),
	NANO_USES_END
};

NANO_MODULE(jobs,
	.version = 1,
	.summary = "has tasks, and sees what becomes of them",
	.state_size = sizeof(struct jobs_state),
	.state_version = 1,
	.uses = uses,
	.check = jobs_check_hook_,
	.takeover = jobs_takeover_hook_,
	.poll = jobs_poll_hook_,
);
