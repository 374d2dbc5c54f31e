/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tasks: the commands that show tasks, and make some that do nothing but use
 * their share, so that it can be seen. Their records lie in a heap of the shell's
 * own, which ends with the last of them.
 */
#include "tasks.h"
#include "heap.h"
#include "shell.h"

#include "lib/mem.h"
#include "lib/text.h"

#define SPINNERS_MOST 16u
#define SPIN_WEIGHT 1u
#define TURN 20000u /* steps between two looks at whether it is to end */

struct shell_spinners {
	struct heap *heap;                /* this lies in */
	struct task tasks[SPINNERS_MOST]; /* of the others the entry is NULL */
};

/* ---- showing ------------------------------------------------------------------- */

static const char *phase_name(enum nano_thread_phase phase)
{
	static const char *const names[] = {
		[NANO_THREAD_FREE] = "free",       [NANO_THREAD_READY] = "ready",
		[NANO_THREAD_RUNNING] = "running", [NANO_THREAD_BLOCKED] = "asleep",
		[NANO_THREAD_DEAD] = "ended",
	};

	return names[phase];
}

static void say_share(const struct tasks_info *info, char *text, size_t size)
{
	if (info->number == 0)
		text_format(text, size, "-");
	else if (info->share & TASK_URGENT_)
		text_format(text, size, "urgent %u", info->share & ~TASK_URGENT_);
	else
		text_format(text, size, "%u", info->share);
}

static void say_task(struct shell_state *state, const struct tasks_info *info)
{
	const struct nano_thread_info *const thread = &info->thread;
	char share[16], number[8] = "-";

	if (info->number != 0)
		text_format(number, sizeof(number), "%u", info->number);
	say_share(info, share, sizeof(share));
	shell_say(state, "%4s %-15s %-10s %-9s %-8s %4u %10lu %6u\n", number, thread->name, thread->owner,
		  share, phase_name(thread->phase), thread->processor, thread->used / 1000000,
		  thread->faults);
}

enum sfp_status shell_tasks(struct shell_state *state, char *arguments)
{
	enum sfp_status status;
	struct tasks_info info;

	SFP_TRY(shell_words(arguments, NULL, 0, 0));
	shell_say(state, "task name            module     weight    phase     cpu    used ms faults\n");
	for (unsigned i = 0; (status = tasks_look(&state->tasks, i, &info)) == SFP_OK; i++) {
		if (info.thread.phase != NANO_THREAD_FREE)
			say_task(state, &info);
	}
	if (status != SFP_NOT_FOUND)
		shell_say(state, "tasks: %s\n", sfp_status_text(status));
	return SFP_OK;
}

/* ---- those that spin ------------------------------------------------------------- */

/* Never lets go of its processor by itself. */
static enum sfp_status spin(void *argument)
{
	const struct task *const task = argument;

	while (!task_should_end(task)) {
		for (unsigned i = 0; i < TURN; i++)
			sfp_compiler_barrier();
	}
	return SFP_OK;
}

/* None are there yet: they need memory. */
static enum sfp_status furnish(struct shell_state *state)
{
	struct heap *heap;
	enum sfp_status status;
	void *at;

	if (state->spinners != NULL)
		return SFP_OK;
	SFP_TRY(heap_make(&state->heap, FRAMES_HOLDER_MODULE + nano_self(),
			  2 * sizeof(struct shell_spinners) + 4 * NANO_FRAME_BYTES, &heap));
	status = heap_alloc(&state->heap, heap, sizeof(struct shell_spinners), &at);
	if (status != SFP_OK) {
		SFP_IGNORE(heap_destroy(&state->heap, heap), "its frames stay with the shell");
		return status;
	}
	memset(at, 0, sizeof(struct shell_spinners));
	((struct shell_spinners *)at)->heap = heap;
	state->spinners = at;
	return SFP_OK;
}

static enum sfp_status spin_one(struct shell_state *state, uint32_t weight)
{
	SFP_TRY(furnish(state));
	for (unsigned i = 0; i < SPINNERS_MOST; i++) {
		struct task *const task = &state->spinners->tasks[i];

		if (task->entry == NULL)
			return task_make(&state->tasks, task, "spin", spin, task, weight);
	}
	return SFP_LIMIT;
}

static void spin_many(struct shell_state *state, unsigned count, uint32_t weight)
{
	enum sfp_status status = SFP_OK;
	unsigned made = 0;

	while (made < count && (status = spin_one(state, weight)) == SFP_OK)
		made++;
	shell_say(state, "%u spin, with a weight of %u", made, weight);
	if (status != SFP_OK)
		shell_say(state, "; then: %s", sfp_status_text(status));
	shell_say(state, "\n");
}

/* All are asked before any is waited for. */
static void end_all(struct shell_state *state)
{
	struct shell_spinners *const spinners = state->spinners;
	enum sfp_status ended;
	unsigned count = 0, kept = 0;

	for (unsigned i = 0; spinners && i < SPINNERS_MOST; i++) {
		if (spinners->tasks[i].entry != NULL)
			task_end(&spinners->tasks[i]);
	}
	for (unsigned i = 0; spinners && i < SPINNERS_MOST; i++) {
		if (spinners->tasks[i].entry == NULL)
			continue;
		if (task_join(&spinners->tasks[i], &ended) != SFP_OK) {
			kept++;
			continue;
		}
		spinners->tasks[i].entry = NULL;
		count++;
	}
	if (spinners && kept == 0) {
		state->spinners = NULL;
		SFP_IGNORE(heap_destroy(&state->heap, spinners->heap), "its frames stay with the shell");
	}
	shell_say(state, "%u have ended", count);
	if (kept > 0)
		shell_say(state, ", %u cannot yet; ask again", kept);
	shell_say(state, "\n");
}

enum sfp_status shell_spin(struct shell_state *state, char *arguments)
{
	uint64_t count = 0, weight = SPIN_WEIGHT;
	char *word[2];

	SFP_TRY(shell_words(arguments, word, 1, 2));
	if (text_equal(word[0], "end") && word[1] == NULL) {
		end_all(state);
		return SFP_OK;
	}
	if (text_to_number(word[0], &count) != SFP_OK || count == 0 || count > SPINNERS_MOST)
		return SFP_MALFORMED;
	if (word[1] != NULL &&
	    (text_to_number(word[1], &weight) != SFP_OK || weight == 0 || weight > TASK_WEIGHT_MOST))
		return SFP_MALFORMED;
	spin_many(state, (unsigned)count, (uint32_t)weight);
	return SFP_OK;
}
