/* SPDX-License-Identifier: BSD-2-Clause */
/* sweep: stopping operations of a victim that shares its memory with this process. */
#define _GNU_SOURCE
#include "run.h"
#include "shared.h"

#include <stdio.h>
#include <stdlib.h>

#define RED_ZONE 128u

static struct victim the_victim;

static bool have_victim(struct victim *victim)
{
	if (!victim->pid && victim_start(victim, NULL, shared_stack_top()) != 0) {
		perror("sweep: no victim");
		exit(3);
	}
	return true;
}

void run_fail(struct run *run)
{
	char text[256];
	char place[160];

	run->failures++;
	run->count->failures++;
	shared_where(victim_ip(run->victim), place, sizeof(place));
	snprintf(text, sizeof(text), "%s: %s instruction %lu%s, %s", run->sweep->name,
		 run->point.returned ? "after all of"
		 : run->point.twice  ? "again before"
				     : "before",
		 run->point.step, run->point.meddled ? " (others had been there)" : "", place);
	shared_report(text, run->failures <= MANY_FAILURES);
}

/* ---- functions of this process, which a broken structure may hang or crash ---- */

static void do_prepare(void *opaque)
{
	struct run *run = opaque;

	run->sweep->prepare(run->sweep->world);
}

static void do_between(void *opaque)
{
	struct run *run = opaque;

	run->sweep->between(run->sweep->world);
}

static void do_succeed(void *opaque)
{
	struct run *run = opaque;

	run->sweep->succeed(run->sweep->world);
}

static void do_check(void *opaque)
{
	struct run *run = opaque;

	if (!run->sweep->check(run->sweep->world, &run->point))
		(void)sfp_sweep_complain("the check failed");
}

/* ---- looking at one point ----------------------------------------------------------- */

static void check_point(struct run *run)
{
	struct snapshot *before = snapshot_take(victim_sp(run->victim) - RED_ZONE);

	run->count->points++;
	if (!shared_try(do_check, run))
		run_fail(run);
	snapshot_restore(before);
	snapshot_free(before);
}

static bool ended_badly(struct run *run, enum victim_event event)
{
	if (event == VICTIM_STEPPED || event == VICTIM_RETURNED)
		return false;
	(void)sfp_sweep_complain(event == VICTIM_HUNG ? "the operation does not end"
						      : "the operation itself got signal %d",
				 run->victim->signal);
	run_fail(run);
	victim_kill(run->victim);
	return true;
}

/* Somebody else, in the victim's process but below its stack, within `bound` instructions. */
static void try_others(struct run *run)
{
	enum victim_event event = VICTIM_STEPPED;
	unsigned long steps = 0;

	victim_call(run->victim, (void *)(uintptr_t)run->sweep->others, run->sweep->world);
	while (event == VICTIM_STEPPED && steps++ <= run->sweep->bound)
		event = victim_step(run->victim);
	if (event == VICTIM_STEPPED) {
		(void)sfp_sweep_complain("others do not get on within %lu instructions", run->sweep->bound);
		run_fail(run);
	}
	(void)ended_badly(run, event);
}

static void try_again(struct run *run)
{
	enum victim_event event = VICTIM_STEPPED;
	const struct sfp_sweep_point point = run->point;

	if (!shared_try(do_succeed, run)) {
		run_fail(run);
		return;
	}
	victim_call(run->victim, (void *)(uintptr_t)run->sweep->again, run->sweep->world);
	run->point = (struct sfp_sweep_point){ .twice = true };
	do {
		check_point(run);
		event = victim_step(run->victim);
		run->point.step++;
		run->point.returned = event == VICTIM_RETURNED;
	} while (event == VICTIM_STEPPED && run->failures == 0 && run->point.step < DEFAULT_LIMIT);
	if (event == VICTIM_RETURNED)
		check_point(run);
	(void)ended_badly(run, event);
	run->point = point;
}

/* Do `part` in the victim and undo all of it; false if the victim did not survive that. */
static bool aside(struct run *run, void (*part)(struct run *run))
{
	struct victim *victim = run->victim;
	const uintptr_t stack = victim->stack;
	struct snapshot *before = snapshot_take(victim_sp(victim) - RED_ZONE);
	struct victim_place place;
	bool alive;

	victim_keep(victim, &place);
	victim->stack = victim_sp(victim) - 2 * RED_ZONE;
	part(run);
	alive = victim->pid != 0;
	snapshot_restore(before);
	snapshot_free(before);
	victim->stack = stack;
	if (alive)
		victim_go_back(victim, &place);
	return alive;
}

/* The same memory as at the last point leads to the same again: only what is new is looked at in depth. */
static bool is_new(struct run *run)
{
	struct snapshot *now;

	if (run->last && snapshot_is_current(run->last))
		return false;
	now = snapshot_take(victim_sp(run->victim));
	snapshot_free(run->last);
	run->last = now;
	return true;
}

static bool look_in_depth(struct run *run)
{
	const struct sfp_sweep *sweep = run->sweep;

	if (!(sweep->again || sweep->others) || !is_new(run))
		return true;
	if (sweep->others && !aside(run, try_others))
		return false;
	return !sweep->again || run->failures || aside(run, try_again);
}

/* ---- one operation ------------------------------------------------------------------ */

static void go_on(struct run *run);

static void go_to_the_end(struct run *run)
{
	if (ended_badly(run, victim_run(run->victim, TIME_LIMIT, 0)))
		return;
	run->point.returned = true;
	check_point(run);
}

static void meddle(struct run *run)
{
	const struct sfp_sweep_point point = run->point;

	if (!shared_try(do_between, run)) {
		run_fail(run);
		return;
	}
	run->point.meddled = true;
	if (run->sweep->brisk)
		go_to_the_end(run);
	else
		go_on(run);
	run->point = point;
}

/* As aside(), but the victim goes on with the operation itself. */
static bool aside_in_place(struct run *run)
{
	struct snapshot *before = snapshot_take(victim_sp(run->victim) - RED_ZONE);
	struct victim_place place;
	bool alive;

	victim_keep(run->victim, &place);
	meddle(run);
	alive = run->victim->pid != 0;
	snapshot_restore(before);
	snapshot_free(before);
	if (alive)
		victim_go_back(run->victim, &place);
	return alive;
}

/* Sweep from where the victim stands to the operation's end. */
static void go_on(struct run *run)
{
	const unsigned long limit = run->sweep->limit ? run->sweep->limit : DEFAULT_LIMIT;
	enum victim_event event = VICTIM_STEPPED;

	while (event == VICTIM_STEPPED && run->failures < MANY_FAILURES) {
		check_point(run);
		if (!run->point.meddled) {
			if (run->sweep->between && !aside_in_place(run))
				return;
			if (!look_in_depth(run))
				return;
		}
		event = victim_step(run->victim);
		run->point.step++;
		if (run->point.step > limit) {
			(void)sfp_sweep_complain("the operation does not end");
			run_fail(run);
			return;
		}
	}
	if (ended_badly(run, event) || event == VICTIM_STEPPED)
		return;
	run->point.returned = true;
	check_point(run);
}

bool sfp_sweep_run(const struct sfp_sweep *sweep, struct sfp_sweep_count *count)
{
	struct run run = { .sweep = sweep, .count = count, .victim = &the_victim };

	count->situations++;
	shared_clear();
	have_victim(&the_victim);
	if (!shared_try(do_prepare, &run)) {
		run_fail(&run);
		return false;
	}
	victim_call(&the_victim, (void *)(uintptr_t)sweep->operation, sweep->world);
	go_on(&run);
	snapshot_free(run.last);
	return run.failures == 0;
}
