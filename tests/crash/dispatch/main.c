/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dispatcher, with every operation stopped for ever at every instruction, in
 * every situation, while others come by and go; and with a trap at every
 * instruction, whose victim lives on. The pins are plain stores, or exchanges.
 */
#include "world.h"

#include <signal.h>

#define OTHERS_BOUND \
	4000ul /* instructions: a dispatch to six, one comes and goes; without optimization too */

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

bool crash_pins_are_plain(void)
{
	return the_world->plain;
}

/* Somebody waits: the guest's handler returns. */
void crash_guest_goes(void)
{
	struct sfp_context *guest = &the_world->contexts[GUEST];

	guest->pins[0] = 0;
	guest->pins[1] = 0;
	guest->pinned = 0;
}

/* False: there is no such operation, or meddling, in this situation. */
static bool make(struct world *world)
{
	const struct situation *situation = world->situation; /* chosen in the other process */
	const struct operation *operation = world->operation;
	const unsigned meddler = world->meddler;
	const bool plain = world->plain;
	bool there;

	memset(world, 0, sizeof(*world));
	world->situation = situation;
	world->operation = operation;
	world->meddler = meddler;
	world->plain = plain;
	if (!make_world(world))
		(void)sfp_sweep_complain("the situation cannot be made");
	there = operation->choose(world) && meddlers[meddler].can(world);
	note_beginning(world);
	return there;
}

/* ---- stops ---------------------------------------------------------------------- */

static void stop_prepare(void *opaque)
{
	struct world *world = opaque;

	crash_self = &world->contexts[SUCCESSOR];
	(void)make(world);
}

static void stop_operate(void *opaque)
{
	struct world *world = opaque;

	crash_self = &world->contexts[VICTIM];
	world->status = world->operation->operate(world);
}

static void stop_meddle(void *opaque)
{
	struct world *world = opaque;

	crash_self = &world->contexts[OTHER];
	meddlers[world->meddler].meddle(world);
}

/* What nobody's death may hold up, within so many instructions. */
static void others(void *opaque)
{
	struct world *world = opaque;

	crash_self = &world->contexts[OTHER];
	dispatch_too(world);
	if (!world->victims[S] && (join(world, S) != SFP_OK || leave(world, S) != SFP_OK))
		(void)sfp_sweep_complain("another one cannot come and go");
	crash_self = &world->contexts[VICTIM];
}

static bool stop_check(void *opaque, const struct sfp_sweep_point *point)
{
	struct world *world = opaque;

	crash_self = &world->contexts[SUCCESSOR];
	return rule_after_stop(world, point->returned);
}

/* ---- traps ------------------------------------------------------------------------ */

static void begin(void)
{
	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		perror("crash_dispatch");
}

static enum sfp_status swept(struct world *world)
{
	enum sfp_status status;

	world->inside = true;
	sfp_compiler_barrier();
	status = world->operation->operate(world);
	world->status = status;
	world->returned = true;
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
	memset(crash_self->pin_gates, 0, sizeof(crash_self->pin_gates));
	(void)make(opaque);
}

static void trap_operate(void *opaque)
{
	struct world *world = opaque;

	world->status = swept_contained(world, NULL);
}

static bool trap_check(void *opaque)
{
	return rule_after_trap(opaque);
}

static bool is_inside(void *opaque, uintptr_t ip)
{
	const struct world *world = opaque;

	(void)ip;
	return world->inside;
}

/* ---- all ----------------------------------------------------------------------------- */

struct counts {
	struct sfp_sweep_count stops;
	struct sfp_sweep_count traps;
};

/* What of it is wanted. */
struct wanted {
	bool expect_bug;       /* no more than the first failure */
	bool all;              /* look closely everywhere, and meddle everywhere */
	bool plain;            /* pins are plain stores */
	const char *situation; /* this one alone; NULL: all */
	const char *operation;
};

static void choose(struct world *world, const struct situation *situation, const struct operation *operation,
		   unsigned meddler, bool plain)
{
	world->situation = situation;
	world->operation = operation;
	world->meddler = meddler;
	world->plain = plain;
}

static void sweep_stops(struct world *world, bool timed, struct sfp_sweep_count *count)
{
	char name[160];
	const struct sfp_sweep stops = {
		.name = name,
		.world = world,
		.prepare = stop_prepare,
		.operation = stop_operate,
		.check = stop_check,
		.between = world->meddler ? stop_meddle : NULL,
		.brisk = true,
		.others = timed ? others : NULL,
		.bound = OTHERS_BOUND,
	};

	snprintf(name, sizeof(name), "%s: %s%s%s", world->situation->name, world->operation->name,
		 meddlers[world->meddler].name, world->plain ? "" : ", exchanging");
	(void)sfp_sweep_run(&stops, count);
}

static void sweep_traps(struct world *world, struct sfp_sweep_count *count)
{
	char name[160];
	const struct sfp_sweep_fault traps = {
		.name = name,
		.world = world,
		.begin = begin,
		.prepare = trap_prepare,
		.operation = trap_operate,
		.check = trap_check,
		.signal = SIGSEGV,
		.eligible = is_inside,
	};

	snprintf(name, sizeof(name), "%s: %s, trapped%s", world->situation->name, world->operation->name,
		 world->plain ? "" : ", exchanging");
	(void)sfp_sweep_fault_run(&traps, count);
}

/* Traps, and counting what others need, are dear: for an operation in one situation, where most can go wrong. */
static void sweep_operation(struct world *world, const struct situation *situation,
			    const struct operation *operation, const struct wanted *wanted,
			    struct counts *counts)
{
	const bool closely = wanted->all || strcmp(operation->closely_in, situation->name) == 0;
	const unsigned end = wanted->all || situation->busy ? (unsigned)meddler_count : 1;
	unsigned m;

	for (m = 0; m < end; m++) {
		choose(world, situation, operation, m, wanted->plain);
		crash_self = &world->contexts[SUCCESSOR];
		if (!make(world))
			continue;
		sweep_stops(world, closely && m == 0 && operation->pins <= 2, &counts->stops);
		if (m == 0 && closely && !operation->faults)
			sweep_traps(world, &counts->traps);
	}
}

static unsigned long failures(const struct counts *counts)
{
	return counts->stops.failures + counts->traps.failures;
}

static bool is_named(const char *wanted, const char *name)
{
	return !wanted || strcmp(wanted, name) == 0;
}

static void sweep_all(struct world *world, const struct wanted *wanted, struct counts *counts)
{
	size_t s;
	size_t o;

	for (s = 0; s < situation_count; s++)
		for (o = 0; o < operation_count; o++) {
			if (wanted->expect_bug && failures(counts))
				return;
			if (is_named(wanted->situation, situations[s].name) &&
			    is_named(wanted->operation, operations[o].name))
				sweep_operation(world, &situations[s], &operations[o], wanted, counts);
		}
	sweep_client(world, wanted->plain, &counts->stops);
}

static int report_bug(const struct counts *counts)
{
	printf("%s after %lu stops, %lu traps: %s\n", failures(counts) ? "found" : "NOT FOUND",
	       counts->stops.points, counts->traps.points, sfp_sweep_first());
	return failures(counts) == 0;
}

static int report(const struct counts *counts)
{
	printf("%lu crash points in %lu situations, %lu failures; %lu of them traps\n",
	       counts->stops.points + counts->traps.points,
	       counts->stops.situations + counts->traps.situations, failures(counts), counts->traps.points);
	return failures(counts) != 0 || counts->stops.points < 10000 || counts->traps.points < 1000;
}

/* [--all|--exchanging|--expect-bug [SITUATION [OPERATION]]] */
int main(int argc, char **argv)
{
	const char *option = argc > 1 ? argv[1] : "";
	const struct wanted wanted = {
		.expect_bug = strcmp(option, "--expect-bug") == 0,
		.all = strcmp(option, "--all") == 0 || strcmp(option, "--exchanging") == 0,
		.plain = strcmp(option, "--exchanging") != 0,
		.situation = argc > 2 ? argv[2] : NULL,
		.operation = argc > 3 ? argv[3] : NULL,
	};
	struct counts counts = { .stops = { 0 } };

	the_world = sfp_sweep_memory(sizeof(*the_world));
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (wanted.expect_bug)
		sfp_sweep_quiet();
	sweep_all(the_world, &wanted, &counts);
	return wanted.expect_bug ? report_bug(&counts) : report(&counts);
}
