/* SPDX-License-Identifier: BSD-2-Clause */
/* fault: operations of a victim that are made to trap, and see to it themselves. */
#define _GNU_SOURCE
#include "run.h"
#include "shared.h"

#include <stdio.h>
#include <stdlib.h>

static struct victim the_faulty;
static void (*the_faulty_begin)(void);

/* Run a function of the victim's to its end; false and a complaint if it has none. */
static bool let(struct run *run, void *function, void *world)
{
	enum victim_event event;

	if (function)
		victim_call(run->victim, function, world);
	event = victim_run(run->victim, TIME_LIMIT, 0);
	if (event == VICTIM_RETURNED)
		return true;
	(void)sfp_sweep_complain(event == VICTIM_HUNG ? "it did not end" : "it died (wait status %#x)",
				 (unsigned)run->victim->status);
	return false;
}

/*
 * The way of an operation that is left alone: its addresses, by number of the instruction; 0 where it had been
 * before. To the others a run gets without steps, so that a sweep of n instructions costs n of them, not n * n.
 */
struct trail {
	uintptr_t ip[DEFAULT_LIMIT];
	unsigned long count;
};
static struct trail the_trail;

static bool on_trail(const struct trail *trail, uintptr_t ip)
{
	unsigned long i;

	for (i = 0; i < trail->count; i++)
		if (trail->ip[i] == ip)
			return true;
	return false;
}

/* Step `*at` up to `to`. A signal of its own is delivered by the next step. */
static enum victim_event step_to(struct run *run, unsigned long *at, unsigned long to)
{
	enum victim_event event = VICTIM_STEPPED;

	for (; *at < to && event != VICTIM_RETURNED && event != VICTIM_DIED; ++*at)
		event = victim_step(run->victim);
	return event;
}

/* The same, without steps as far as the trail (or NULL) says how. */
static enum victim_event go_to(struct run *run, const struct trail *trail, unsigned long *at,
			       unsigned long to)
{
	unsigned long known = trail ? to : *at;

	while (known > *at && (known >= trail->count || !trail->ip[known]))
		known--;
	if (known > *at) {
		const enum victim_event event = victim_reach(run->victim, trail->ip[known], TIME_LIMIT);

		if (event != VICTIM_STEPPED)
			return VICTIM_HUNG; /* not the way that it took before */
		*at = known;
	}
	return step_to(run, at, to);
}

/* Bring the operation up to instruction number `step`; HUNG: it has left the trail. */
static enum victim_event advance(struct run *run, const struct sfp_sweep_fault *sweep,
				 const struct trail *trail, unsigned long step)
{
	unsigned long at = 0;

	victim_call(run->victim, (void *)(uintptr_t)sweep->operation, sweep->world);
	if (sweep->help && step > sweep->help_at) {
		const enum victim_event event = go_to(run, trail, &at, sweep->help_at);

		if (event == VICTIM_RETURNED || event == VICTIM_DIED || event == VICTIM_HUNG)
			return event;
		sweep->help(sweep->world);
	}
	return go_to(run, trail, &at, step);
}

/* Let the operation have its way once, and note it. What goes wrong here is reported by who comes after. */
static void note_trail(struct run *run, const struct sfp_sweep_fault *sweep, struct trail *trail)
{
	enum victim_event event = VICTIM_STEPPED;
	unsigned long at = 0;

	trail->count = 0;
	if (!let(run, (void *)(uintptr_t)sweep->prepare, sweep->world))
		return;
	victim_call(run->victim, (void *)(uintptr_t)sweep->operation, sweep->world);
	while (event != VICTIM_RETURNED && event != VICTIM_DIED && trail->count < DEFAULT_LIMIT) {
		const uintptr_t ip = victim_ip(run->victim);

		trail->ip[trail->count] = event == VICTIM_STEPPED && !on_trail(trail, ip) ? ip : 0;
		trail->count++;
		if (sweep->help && at == sweep->help_at)
			sweep->help(sweep->world);
		event = step_to(run, &at, at + 1);
	}
	if (event != VICTIM_RETURNED && run->victim->pid)
		victim_kill(run->victim);
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
	event = advance(run, sweep, &the_trail, step);
	if (event == VICTIM_HUNG) {
		victim_kill(run->victim);
		have_faulty(sweep);
		if (!let(run, (void *)(uintptr_t)sweep->prepare, sweep->world))
			return false;
		event = advance(run, sweep, NULL, step);
	}
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
	have_faulty(sweep);
	note_trail(&run, sweep, &the_trail);
	shared_clear();
	for (run.point.step = 0; more && run.failures < MANY_FAILURES; run.point.step++) {
		have_faulty(sweep);
		if (fault_once(&run, sweep, &more))
			continue;
		run_fail(&run);
		victim_kill(&the_faulty);
	}
	return run.failures == 0;
}
