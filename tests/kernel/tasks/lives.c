/* SPDX-License-Identifier: BSD-2-Clause */
/* lives: how tasks end, what is left of them, and what becomes of them where the module tasks fails. */
#include "jobs.h"

#include "lib/text.h"

#define LIVES 4000u
#define BATCH 24u
#define GENTLE ((enum sfp_status)-3)
#define HEAP_BYTES (64u * NANO_FRAME_BYTES)
#define SPINNERS 3u
#define SLEEPERS 3u

/* ---- the end ------------------------------------------------------------------------ */

static enum sfp_status come_and_go(void *argument)
{
	((struct job *)argument)->turns++;
	return GENTLE;
}

static enum sfp_status trap(void *argument)
{
	(void)argument;
	__asm__ __volatile__("ud2");
	return SFP_OK;
}

static enum sfp_status leave(void *argument)
{
	(void)argument;
	nano_thread_exit(GENTLE);
}

static enum sfp_status join_itself(void *argument)
{
	enum sfp_status ended;

	if (task_self() != &((struct job *)argument)->task)
		return SFP_INVALID;
	return task_join(task_self(), &ended);
}

/* Until it is asked to end, it looks up from a sleep in which nobody wakes it. */
static enum sfp_status sleep(void *argument)
{
	struct job *const job = argument;

	while (!task_should_end(&job->task)) {
		ADD(job->turns, 1);
		SFP_TRY(nano_thread_block(&job->word, 0));
	}
	return SFP_OK;
}

static void judge_end(struct jobs_state *state, const char *how, task_entry *entry, enum sfp_status wanted)
{
	judge(state, begin(state, 0, entry, 1) == SFP_OK && end(state, 1, wanted) == 1, "a task ends by %s: %s", how,
	      sfp_status_text(wanted));
}

static void judge_ends(struct jobs_state *state)
{
	struct task *const task = &state->jobs[0].task;

	judge_end(state, "returning", come_and_go, GENTLE);
	judge_end(state, "leaving", leave, GENTLE);
	judge_end(state, "a fault", trap, SFP_FAULT);
	judge(state, task->fault.kind == SFP_FAULT_INSTRUCTION, "and its record says which");
	judge_end(state, "nothing: it cannot wait for itself", join_itself, SFP_DEADLOCK);
	judge(state, begin(state, 0, come_and_go, 0) == SFP_INVALID &&
			     begin(state, 0, come_and_go, TASK_WEIGHT_MOST + 1) == SFP_INVALID &&
			     begin(state, 0, come_and_go, TASK_URGENT(32)) == SFP_INVALID &&
			     begin(state, 0, NULL, 1) == SFP_OK && end(state, 1, SFP_FAULT) == 1,
	      "no task is made with a share that there is not; one of no code faults");
}

static void judge_records(struct jobs_state *state)
{
	struct task *const task = &state->jobs[0].task;

	judge(state, begin(state, 0, sleep, 1) == SFP_OK, "a task sleeps");
	while (LOAD(state->jobs[0].turns) == 0)
		nano_thread_yield();
	judge(state, task_make(&state->tasks, task, "again", sleep, task, 1) == SFP_BUSY, "its record is in use");
	judge(state, stop(state, 1) == 1, "it looks up when it is asked to end");
	judge(state, tasks_dismiss(&state->tasks, task) == SFP_INVALID &&
			     tasks_weigh(&state->tasks, task, 1) == SFP_INVALID &&
			     tasks_release(&state->tasks, task) == SFP_INVALID, "and its record is no task's any more");
}

/* ---- thousands ------------------------------------------------------------------------- */

static void judge_thousands(struct jobs_state *state)
{
	uint64_t before, during;
	unsigned lives = 0, good = 0;

	judge_end(state, "returning", come_and_go, GENTLE); /* all modules are started by now */
	before = lasting();
	SFP_IGNORE(begin(state, 0, sleep, 1), "then nothing differs");
	during = lasting();
	judge(state, stop(state, 1) == 1 && during != before, "a task that lives is seen in what lasts");
	while (lives < LIVES) {
		unsigned made = 0;

		while (made < BATCH && begin(state, made, made % 5 ? come_and_go : trap,
					     made % 3 ? 1 + made : TASK_URGENT(made)) == SFP_OK)
			made++;
		lives += made;
		for (unsigned i = 0; i < made; i++) {
			enum sfp_status ended = SFP_INVALID;

			good += task_join(&state->jobs[i].task, &ended) == SFP_OK &&
				ended == (i % 5 ? GENTLE : SFP_FAULT);
		}
		if (made < BATCH)
			break;
	}
	judge(state, good == lives && lives >= LIVES, "%u tasks came and went", good);
	judge(state, lasting() == before, "and nothing that lasts has changed");
}

void judge_lives(struct jobs_state *state)
{
	judge_ends(state);
	judge_records(state);
	judge_thousands(state);
}

/* ---- estates ------------------------------------------------------------------------------ */

static enum sfp_status detach(struct sfp_estate_entry *entry)
{
	struct job *const job = SFP_CONTAINER(entry, struct job, kept);

	job->detached++;
	return job->detached < 3 ? SFP_BUSY : SFP_OK; /* others must run first */
}

static enum sfp_status refuse_once(struct sfp_estate_entry *entry)
{
	struct job *const job = SFP_CONTAINER(entry, struct job, stubborn);

	if (job->word++ == 0)
		__asm__ __volatile__("ud2");
	return SFP_OK;
}

static enum sfp_status own(struct job *job)
{
	const unsigned holder = task_holder(&job->task);
	struct jobs_state *const state = job->state;
	struct heap *heap;
	uint64_t first;
	void *at;

	SFP_TRY(sfp_estate_add(&job->task.estate, &job->kept, detach, "a link, by the test"));
	SFP_TRY(sfp_estate_add(&job->task.estate, &job->stubborn, refuse_once, "a link that faults once"));
	SFP_TRY(frames_take(&state->frames, 3, holder, &first));
	SFP_TRY(heap_make(&state->heap, holder, HEAP_BYTES, &heap));
	for (size_t size = 100; size < NANO_FRAME_BYTES; size *= 2)
		SFP_TRY(heap_alloc(&state->heap, heap, size, &at));
	job->turns = 1;
	return SFP_OK;
}

static enum sfp_status own_and_return(void *job)
{
	return own(job);
}

static enum sfp_status own_and_trap(void *job)
{
	SFP_TRY(own(job));
	return trap(job);
}

static enum sfp_status own_and_leave(void *job)
{
	SFP_TRY(own(job));
	nano_thread_exit(SFP_OK);
}

static uint32_t free_frames(struct jobs_state *state)
{
	struct frames_counts counts = { .free = 0 };

	return frames_counts(&state->frames, &counts) == SFP_OK ? counts.free : 0;
}

static void judge_estate(struct jobs_state *state, const char *how, task_entry *entry, enum sfp_status wanted)
{
	const uint32_t before = free_frames(state);
	struct job *const job = &state->jobs[0];
	enum sfp_status ended = SFP_INVALID, status;
	unsigned tries = 0;

	judge(state, begin(state, 0, entry, 1) == SFP_OK, "a task with an estate begins");
	do {
		status = task_join(&job->task, &ended);
	} while (status == SFP_FAULT && ++tries < 4);
	judge(state, status == SFP_OK && ended == wanted && job->turns == 1, "it ends by %s", how);
	judge(state, job->detached == 3 && !job->kept.estate, "and links to its memory are back");
	judge(state, before > 0 && free_frames(state) == before, "and its frames, and those of its heap");
}

void judge_estates(struct jobs_state *state)
{
	judge_estate(state, "returning", own_and_return, SFP_OK);
	judge_estate(state, "a fault", own_and_trap, SFP_FAULT);
	judge_estate(state, "leaving", own_and_leave, SFP_OK);
}

/* ---- where the module tasks fails -------------------------------------------------------------- */

static bool find(struct nano_module_info *info)
{
	for (unsigned i = 0; nano_module_info(i, info) == SFP_OK; i++) {
		if (text_equal(info->name, "tasks"))
			return true;
	}
	return false;
}

/* Some run, some sleep: all of them go on without anybody who chooses. */
void begin_under_faults(struct jobs_state *state)
{
	unsigned made = 0;

	for (unsigned i = 0; i < SPINNERS + SLEEPERS; i++)
		made += begin(state, i, i < SPINNERS ? spin : sleep, 1u << i % 3) == SFP_OK;
	judge(state, made == SPINNERS + SLEEPERS, "%u tasks begin", made);
	for (unsigned i = SPINNERS; i < made; i++) {
		while (LOAD(state->jobs[i].turns) == 0)
			nano_thread_yield();
	}
	let_run(state, SPINNERS, 50);
}

/* Restarted, this module has left none of its tasks running code that is no more; nobody asked them. */
void judge_told(struct jobs_state *state)
{
	bool asked = false;

	for (unsigned i = 0; i < SPINNERS + SLEEPERS; i++)
		asked = asked || LOAD(state->jobs[i].task.asked);
	judge(state, !asked && end(state, SPINNERS + SLEEPERS, SFP_OK) == SPINNERS + SLEEPERS,
	      "the tasks of a module that is restarted end");
}

void fault_often(struct jobs_state *state)
{
	struct nano_module_info info = { .restarts = 0 };
	struct sfp_fault why;
	unsigned trapped = 0;

	if (find(&info))
		state->restarts = info.restarts;
	SFP_IGNORE(nano_fault_inject("tasks", "choose", &why), "it traps when a processor asks it next");
	SFP_IGNORE(nano_fault_inject("tasks", "ready", &why), "and when it is told something");
	let_run(state, SPINNERS, 100);
	for (unsigned i = 0; i < 16; i++)
		trapped += nano_fault_inject("tasks", NULL, &why) == SFP_FAULT;
	judge(state, trapped == 16, "the module tasks trapped %u times", trapped);
}

/* What its check will not believe. */
void lose_state(struct jobs_state *state)
{
	struct nano_state_info info;

	for (unsigned i = 0; nano_state_info(i, &info) == SFP_OK; i++) {
		for (const struct nano_field *field = info.fields; field && field->name; field++) {
			if (text_equal(info.owner, "tasks") && text_equal(field->name, "numbers"))
				*(volatile uint64_t *)((uintptr_t)info.memory + field->offset) = 0;
		}
	}
	(void)state;
}

bool is_back(struct jobs_state *state)
{
	struct nano_module_info info;

	nano_wake(); /* come again */
	return find(&info) && info.phase == NANO_STARTED && info.restarts > state->restarts;
}

void judge_after(struct jobs_state *state, const char *what)
{
	struct job *const sleeper = &state->jobs[SPINNERS];
	const uint32_t turns = LOAD(state->jobs[0].turns);
	struct tasks_info info = { .number = 0 };
	unsigned seen = 0;

	judge(state, nano_module_check("tasks", NULL) == SFP_OK, "the module is back, and sound: %s", what);
	for (unsigned i = 0; tasks_look(&state->tasks, i, &info) == SFP_OK; i++)
		seen += info.number != 0;
	judge(state, seen == SPINNERS + SLEEPERS, "%s: it knows of %u tasks", what, seen);
	while (LOAD(state->jobs[0].turns) == turns)
		nano_thread_yield();
	judge(state, true, "%s: they go on", what);
	judge(state, sleeper->task.number != 0 && stop(state, SPINNERS + SLEEPERS) == SPINNERS + SLEEPERS,
	      "%s: all end, and are their maker's again", what);
	judge_shares(state, what);
}
