/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoupled queue, with every operation stopped at every instruction. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#define OTHERS_BOUND 400ul /* instructions of an enqueue, without optimization too */

/* What has been chosen for the next sweep; the functions of a sweep get the world alone. */
static const struct situation *the_situation;
static const struct operation *the_operation;


static void make_chain(struct world *world)
{
	unsigned i;

	for (i = 0; i < 3; i++)
		world->chain[i] = &world->items[CHAIN_FIRST + i];
}

static bool make(struct world *world)
{
	memset(world, 0, sizeof(*world));
	TRY(thingq_init(&world->queue, 0) == SFP_OK);
	TRY(the_situation->make(world));
	world->wakeups = 0;
	world->operation = the_operation;
	make_chain(world);
	return true;
}

static void prepare(void *opaque)
{
	struct world *world = opaque;

	if (!make(world)) {
		(void)sfp_sweep_complain("the situation cannot be made");
		return;
	}
	(void)the_operation->choose(world);
	the_operation->plan(world);
	if (the_operation->consumers)
		world->sleeping = false;
}

static void operate(void *opaque)
{
	struct world *world = opaque;

	world->operation->run(world);
}

/* Does this operation make sense in this situation? One that cannot be made is swept, to be reported. */
static bool is_possible(struct world *world)
{
	return !make(world) || the_operation->choose(world);
}

struct options {
	bool plain;           /* single stops alone */
	bool full;            /* others in the middle of every operation in every situation */
	bool expect_bug;
	const char *situation;
	const char *operation;
};

/* Short runs look closely where much can happen, full ones everywhere. */
static bool closely(const struct options *options)
{
	return !options->plain && (options->full || (the_situation->telling && the_operation->telling));
}

static void sweep_stops(struct sfp_sweep sweep, const struct options *options, struct sfp_sweep_count *count)
{
	if (closely(options) || (!options->plain && the_situation->telling)) {
		sweep.succeed = rule_succeed;
		sweep.again = rule_again;
	}
	sweep.others = rule_others;
	sweep.bound = OTHERS_BOUND;
	(void)sfp_sweep_run(&sweep, count);
}

static void sweep_one(struct world *world, const struct options *options, struct sfp_sweep_count *count)
{
	char name[200];
	struct sfp_sweep sweep = {
		.name = name, .world = world, .prepare = prepare, .operation = operate, .check = rule_check,
		.brisk = !closely(options),
	};
	size_t i;

	snprintf(name, sizeof(name), "%s: %s", the_situation->name, the_operation->name);
	sweep_stops(sweep, options, count);
	for (i = 0; i < meddling_count && !options->plain; i++) {
		if (meddlings[i].consumers != the_operation->consumers)
			continue;
		snprintf(name, sizeof(name), "%s: %s, %s", the_situation->name, the_operation->name,
			 meddlings[i].name);
		sweep.between = meddlings[i].act;
		(void)sfp_sweep_run(&sweep, count);
	}
}

static bool is_wanted(const char *wanted, const char *name)
{
	return !wanted || strcmp(wanted, name) == 0;
}

static void sweep_all(struct world *world, const struct options *options, struct sfp_sweep_count *count)
{
	size_t s;
	size_t o;

	for (s = 0; s < situation_count; s++)
		for (o = 0; o < operation_count; o++) {
			if (options->expect_bug && count->failures)
				return;
			the_situation = &situations[s];
			the_operation = &operations[o];
			if (is_wanted(options->situation, the_situation->name) &&
			    is_wanted(options->operation, the_operation->name) && is_possible(world))
				sweep_one(world, options, count);
		}
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct sfp_sweep_count count = { 0 };
	struct world *world = sfp_sweep_memory(sizeof(*world));
	int i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--full") == 0)
			options.full = true;
		else if (strcmp(argv[i], "--plain") == 0)
			options.plain = true;
		else if (strcmp(argv[i], "--expect-bug") == 0)
			options.expect_bug = true;
		else if (strcmp(argv[i], "--situation") == 0 && i + 1 < argc)
			options.situation = argv[++i];
		else if (strcmp(argv[i], "--operation") == 0 && i + 1 < argc)
			options.operation = argv[++i];
		else {
			fprintf(stderr,
				"usage: %s [--plain | --full] [--expect-bug] [--situation S] [--operation "
				"O]\n",
				argv[0]);
			return 2;
		}
	}
	if (options.expect_bug)
		sfp_sweep_quiet();
	sweep_all(world, &options, &count);
	if (options.expect_bug) {
		printf("%s after %lu crash points in %lu situations%s%s\n",
		       count.failures ? "found" : "NOT FOUND", count.points, count.situations,
		       count.failures ? ": " : "", sfp_sweep_first());
		return count.failures == 0;
	}
	printf("%lu crash points in %lu situations, %lu failures\n", count.points, count.situations,
	       count.failures);
	return count.failures != 0;
}
