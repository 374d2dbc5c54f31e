/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client that has lent a record to the server of every pattern dies, at every
 * instruction of getting into them, using them, and getting out; so does whoever
 * buries it, at every instruction of the burial, round by round. The servers
 * have done something, or nothing, in the middle; or somebody is inside. When a
 * burial says OK the client's pages are unmapped at once, and all others go on.
 */
#include "world.h"

#include <stdio.h>

struct world *the_world;
struct sfp_context *crash_self;

struct sfp_context *crash_context_next(struct sfp_context *after)
{
	if (!after)
		return &the_world->contexts[0];
	return after == &the_world->contexts[CONTEXTS - 1] ? NULL : after + 1;
}

/* False: the burial is over before that many rounds. */
static bool bury_rounds(struct world *world)
{
	unsigned i;

	for (i = 0; i < world->rounds; i++)
		if (bury_some(world) != SFP_AGAIN || !come_by(world))
			return false;
	return true;
}

static bool make(struct world *world)
{
	const struct situation *situation = world->situation;
	const enum inside inside = world->inside;
	const unsigned rounds = world->rounds;

	memset(world, 0, sizeof(*world));
	world->situation = situation;
	world->inside = inside;
	world->rounds = rounds;
	crash_self = &world->contexts[HOST];
	if (!situation->make(world))
		(void)sfp_sweep_complain("the situation cannot be made");
	guest_enters(world);
	return bury_rounds(world);
}

static void prepare(void *opaque)
{
	(void)make(opaque);
}

static void operate(void *opaque)
{
	struct world *world = opaque;

	crash_self = &world->contexts[VICTIM];
	world->status = world->situation->operate(world);
}

static void meddle(void *opaque)
{
	(void)come_by(opaque);
}

static bool check(void *opaque, const struct sfp_sweep_point *point)
{
	struct world *world = opaque;

	if (point->returned && world->status != SFP_OK &&
	    !(world->situation->grave && world->status == SFP_AGAIN))
		return sfp_sweep_complain("the operation says %s", sfp_status_name(world->status));
	return check_burial(world);
}

/* ---- all ------------------------------------------------------------------------------ */

static void sweep_it(struct world *world, enum inside inside, bool meddled, struct sfp_sweep_count *count)
{
	static const char *const where[INSIDES] = { "", ", a guest in a record", ", a guest in a handler",
						    ", a guest in a handle" };
	const struct situation *situation = world->situation;
	char name[100];
	const struct sfp_sweep sweep = {
		.name = name,
		.world = world,
		.prepare = prepare,
		.operation = operate,
		.check = check,
		.between = meddled ? meddle : NULL,
		.brisk = true,
	};

	world->inside = inside;
	snprintf(name, sizeof(name), "%s, round %u%s%s", situation->name, world->rounds, where[inside],
		 meddled ? ", served meanwhile" : "");
	(void)sfp_sweep_run(&sweep, count);
}

/* A round of burial is swept alone and meddled with; a guest would end none. */
static void sweep_rounds(struct world *world, const struct situation *situation,
			 struct sfp_sweep_count *count)
{
	unsigned rounds;
	bool more = true;

	for (rounds = 0; more; rounds++) {
		world->situation = situation;
		world->rounds = rounds;
		sweep_it(world, NOWHERE, true, count);
		world->situation = situation;
		world->inside = NOWHERE;
		world->rounds = rounds + 1;
		more = make(world);
	}
}

static void sweep_situation(struct world *world, const struct situation *situation,
			    struct sfp_sweep_count *count)
{
	const unsigned insides = situation->lent ? INSIDES : 1;
	unsigned i;

	if (situation->grave)
		sweep_rounds(world, situation, count);
	for (i = situation->grave ? 1 : 0; i < insides; i++) {
		world->situation = situation;
		world->rounds = 0;
		sweep_it(world, (enum inside)i, i == NOWHERE, count);
	}
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
			sweep_situation(the_world, &situations[i], &count);
	if (expect_bug) {
		printf("%s after %lu crash points in %lu situations%s%s\n",
		       count.failures ? "found" : "NOT FOUND", count.points, count.situations,
		       count.failures ? ": " : "", sfp_sweep_first());
		return count.failures == 0;
	}
	printf("%lu crash points in %lu situations, %lu failures\n", count.points, count.situations,
	       count.failures);
	return count.failures != 0 || (!only && count.points < 40000);
}
