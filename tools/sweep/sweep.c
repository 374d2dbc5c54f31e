/* SPDX-License-Identifier: BSD-2-Clause */
/* sweep: stopping operations of a victim that shares its memory with this process. */
#define _GNU_SOURCE
#include "sweep.h"
#include "shared.h"
#include "victim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RED_ZONE 128u
#define DEFAULT_LIMIT 20000ul
#define TIME_LIMIT 5000u  /* milliseconds, for what runs without steps */
#define MANY_FAILURES 3ul /* of one situation; more say nothing new */

/* One sweep under way. */
struct run {
	const struct sfp_sweep *sweep;
	struct sfp_sweep_count *count;
	struct victim *victim;
	struct sfp_sweep_point point;
	unsigned long failures;     /* of this situation */
	struct snapshot *last;      /* what the last point that was looked at in depth had left */
};

static struct victim the_victim;

static bool have_victim(struct victim *victim)
{
	if (!victim->pid && victim_start(victim, NULL, shared_stack_top()) != 0) {
		perror("sweep: no victim");
		exit(3);
	}
	return true;
}

static void fail(struct run *run)
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
		fail(run);
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
	fail(run);
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
		fail(run);
	}
	(void)ended_badly(run, event);
}

static void try_again(struct run *run)
{
	enum victim_event event = VICTIM_STEPPED;
	const struct sfp_sweep_point point = run->point;

	if (!shared_try(do_succeed, run)) {
		fail(run);
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
	if (ended_badly(run, victim_run(run->victim, TIME_LIMIT)))
		return;
	run->point.returned = true;
	check_point(run);
}

static void meddle(struct run *run)
{
	const struct sfp_sweep_point point = run->point;

	if (!shared_try(do_between, run)) {
		fail(run);
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
			fail(run);
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
		fail(&run);
		return false;
	}
	victim_call(&the_victim, (void *)(uintptr_t)sweep->operation, sweep->world);
	go_on(&run);
	snapshot_free(run.last);
	return run.failures == 0;
}

/* ---- traps ---------------------------------------------------------------------------- */

static struct victim the_faulty;
static void (*the_faulty_begin)(void);

/* Run a function of the victim's to its end; false and a complaint if it has none. */
static bool let(struct run *run, void *function, void *world)
{
	enum victim_event event;

	if (function)
		victim_call(run->victim, function, world);
	event = victim_run(run->victim, TIME_LIMIT);
	if (event == VICTIM_RETURNED)
		return true;
	(void)sfp_sweep_complain(event == VICTIM_HUNG ? "it did not end" : "it died (wait status %#x)",
				 (unsigned)run->victim->status);
	return false;
}

/* Bring the operation up to instruction number `step`. A signal of its own is delivered by the next step. */
static enum victim_event advance(struct run *run, const struct sfp_sweep_fault *sweep, unsigned long step)
{
	enum victim_event event = VICTIM_STEPPED;
	unsigned long i;

	victim_call(run->victim, (void *)(uintptr_t)sweep->operation, sweep->world);
	for (i = 0; i < step && event != VICTIM_RETURNED && event != VICTIM_DIED; i++) {
		if (sweep->help && i == sweep->help_at)
			sweep->help(sweep->world);
		event = victim_step(run->victim);
	}
	return event;
}

/* Ask the victim whether all is well. */
static bool ask(struct run *run, const struct sfp_sweep_fault *sweep)
{
	if (!let(run, (void *)(uintptr_t)sweep->check, sweep->world))
		return false;
	if ((victim_result(run->victim) & 0xff) == 0)
		return sfp_sweep_complain("the check failed");
	return true;
}

static bool check_fault(struct run *run, const struct sfp_sweep_fault *sweep)
{
	const uintptr_t at = victim_ip(run->victim);
	bool good;

	run->count->points++;
	victim_fault(run->victim, sweep->signal);
	good = let(run, NULL, NULL) && ask(run, sweep);
	if (!good)
		run->victim->regs.rip = at; /* for the report */
	return good;
}

static void have_faulty(const struct sfp_sweep_fault *sweep)
{
	if (the_faulty.pid && the_faulty_begin == sweep->begin)
		return;
	victim_kill(&the_faulty);
	if (victim_start(&the_faulty, sweep->begin, NULL) != 0) {
		perror("sweep: no victim");
		exit(3);
	}
	the_faulty_begin = sweep->begin;
}

static bool leave_alone(struct run *run, const struct sfp_sweep_fault *sweep, unsigned long step)
{
	if (sweep->help && step <= sweep->help_at)
		sweep->help(sweep->world);
	return let(run, NULL, NULL);
}

/* One run of the operation, with a trap at instruction number `step`; *more: it was longer than that. */
static bool fault_once(struct run *run, const struct sfp_sweep_fault *sweep, bool *more)
{
	const unsigned long step = run->point.step;
	enum victim_event event;

	*more = false;
	if (!let(run, (void *)(uintptr_t)sweep->prepare, sweep->world))
		return false;
	event = advance(run, sweep, step);
	if (event == VICTIM_DIED)
		return sfp_sweep_complain("the operation itself died (wait status %#x)",
					  (unsigned)run->victim->status);
	*more = event != VICTIM_RETURNED;
	if (!*more)
		return ask(run, sweep);
	if (event == VICTIM_SIGNALLED ||
	    (sweep->eligible && !sweep->eligible(sweep->world, victim_ip(run->victim))))
		return leave_alone(run, sweep, step);
	return check_fault(run, sweep);
}

bool sfp_sweep_fault_run(const struct sfp_sweep_fault *sweep, struct sfp_sweep_count *count)
{
	const struct sfp_sweep plain = { .name = sweep->name };
	struct run run = { .sweep = &plain, .count = count, .victim = &the_faulty };
	bool more = true;

	count->situations++;
	shared_clear();
	for (run.point.step = 0; more && run.failures < MANY_FAILURES; run.point.step++) {
		have_faulty(sweep);
		if (fault_once(&run, sweep, &more))
			continue;
		fail(&run);
		victim_kill(&the_faulty);
	}
	return run.failures == 0;
}
