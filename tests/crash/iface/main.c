/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Operations of interfaces and estates, stopped at every instruction, and with
 * a trap at every instruction. After a stop its context is reaped with a proof;
 * after a trap its caller lives on. Either way the operation can be finished,
 * nothing is left pinned or held, others are served, and a dead client can be
 * buried and its pages unmapped.
 */
#include "world.h"

#include <signal.h>
#include <stdlib.h>

struct world *the_world;
struct sfp_context *crash_self;

/* The world's contexts, and this thread's own, which traps come to. */
struct sfp_context *crash_context_next(struct sfp_context *after)
{
	if (!after)
		return &the_world->contexts[0];
	if (after == &sfp_posix_context_self)
		return NULL;
	return after == &the_world->contexts[CONTEXTS - 1] ? &sfp_posix_context_self : after + 1;
}

static bool make(struct world *world)
{
	const struct situation *situation = world->situation; /* chosen in the other process */

	memset(world, 0, sizeof(*world));
	world->situation = situation;
	world->status = SFP_EMPTY;
	return situation->make(world);
}

static bool is_clean(const struct sfp_context *context)
{
	unsigned i;

	if (context->guards || context->gate || context->pinned)
		return sfp_sweep_complain("a guard, a gate or a pin is left");
	for (i = 0; i < SFP_PINS; i++)
		if (context->pins[i])
			return sfp_sweep_complain("pin %u is left", i);
	for (i = 0; i < SLOTS; i++)
		if (the_world->slots[i].busy)
			return sfp_sweep_complain("slot %u is held by nobody", i);
	return true;
}

/* ---- stops ---------------------------------------------------------------------- */

static void stop_prepare(void *opaque)
{
	struct world *world = opaque;

	crash_self = &world->contexts[SUCCESSOR];
	if (!make(world))
		(void)sfp_sweep_complain("the situation cannot be made");
}

static void stop_operate(void *opaque)
{
	struct world *world = opaque;

	crash_self = &world->contexts[VICTIM];
	world->status = world->situation->operate(world);
}

static void stop_meddle(void *opaque)
{
	struct world *world = opaque;

	crash_self = &world->contexts[SUCCESSOR];
	world->situation->meanwhile(world);
}

static bool stop_check(void *opaque, const struct sfp_sweep_point *point)
{
	struct world *world = opaque;

	crash_self = &world->contexts[SUCCESSOR];
	if (!point->returned)
		world->status = SFP_EMPTY;
	else if (world->status != SFP_OK)
		return sfp_sweep_complain("the operation says %s", sfp_status_name(world->status));
	else if (!is_clean(&world->contexts[VICTIM]))
		return false;
	TRY_IS(SFP_OK, sfp_iface_reap(&world->realm, &world->contexts[VICTIM], DEAD));
	return world->situation->check(world) && is_clean(&world->contexts[SUCCESSOR]);
}

/* ---- traps ------------------------------------------------------------------------ */

static void begin(void)
{
	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		perror("crash_iface");
}

static enum sfp_status swept(struct world *world)
{
	enum sfp_status status;

	world->inside = true;
	sfp_compiler_barrier();
	status = world->situation->operate(world);
	sfp_compiler_barrier();
	world->inside = false;
	return status;
}
SFP_GATE(swept, swept, struct world *);

static void trap_prepare(void *opaque)
{
	crash_self = &sfp_posix_context_self;
	/* An operation that was stopped where no trap may be was left in the middle. */
	crash_self->gate = NULL;
	crash_self->guards = NULL;
	crash_self->pinned = 0;
	memset(crash_self->pins, 0, sizeof(crash_self->pins));
	if (!make(opaque))
		(void)sfp_sweep_complain("the situation cannot be made");
}

static void trap_operate(void *opaque)
{
	struct world *world = opaque;

	crash_self = &sfp_posix_context_self;
	world->status = swept_contained(world, NULL);
}

static bool trap_check(void *opaque)
{
	struct world *world = opaque;

	if (!is_clean(crash_self))
		return false;
	if (world->status != SFP_OK && world->status != SFP_FAULT)
		return sfp_sweep_complain("the operation says %s", sfp_status_name(world->status));
	return world->situation->check(world) && is_clean(crash_self);
}

static bool is_inside(void *opaque, uintptr_t ip)
{
	const struct world *world = opaque;

	(void)ip;
	return world->inside;
}

/* ---- all ----------------------------------------------------------------------------- */

static void sweep_one(struct world *world, const struct situation *situation, struct sfp_sweep_count *count)
{
	const struct sfp_sweep stop = {
		.name = situation->name, .world = world, .prepare = stop_prepare, .operation = stop_operate,
		.check = stop_check, .between = situation->meanwhile ? stop_meddle : NULL, .brisk = true,
	};
	char name[100];
	const struct sfp_sweep_fault trap = {
		.name = name, .world = world, .begin = begin, .prepare = trap_prepare, .operation = trap_operate,
		.check = trap_check, .signal = SIGSEGV, .eligible = is_inside,
	};

	world->situation = situation;
	(void)sfp_sweep_run(&stop, count);
	snprintf(name, sizeof(name), "%s, trapped", situation->name);
	world->situation = situation;
	if (situation->traps)
		(void)sfp_sweep_fault_run(&trap, count);
}

int main(int argc, char **argv)
{
	const bool expect_bug = argc > 1 && strcmp(argv[1], "--expect-bug") == 0;
	const char *only = argc > 1 + expect_bug ? argv[1 + expect_bug] : NULL;
	struct sfp_sweep_count count = { 0 };
	size_t i;

	the_world = sfp_sweep_memory(sizeof(*the_world));
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (expect_bug)
		sfp_sweep_quiet();
	for (i = 0; i < situation_count && !(expect_bug && count.failures); i++)
		if (!only || strcmp(only, situations[i].name) == 0)
			sweep_one(the_world, &situations[i], &count);
	if (expect_bug) {
		printf("%s after %lu crash points in %lu situations%s%s\n", count.failures ? "found" : "NOT FOUND",
		       count.points, count.situations, count.failures ? ": " : "", sfp_sweep_first());
		return count.failures == 0;
	}
	printf("%lu crash points in %lu situations, %lu failures\n", count.points, count.situations, count.failures);
	return count.failures != 0 || (!only && count.points < 3000);
}
