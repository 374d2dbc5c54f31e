/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mux, with every operation of a client or of the server stopped for ever
 * at every instruction, in every situation, under every policy; and with a trap
 * at every instruction of the server's, who lives on.
 */
#include "world.h"

#include <sfp/guard.h>

#include <signal.h>
#include <stdio.h>

#define OTHERS_BOUND 600ul /* instructions of a submit, without optimization too */

/* What is chosen stands in the world: a victim sees nothing else that has changed since it was made. */
static void choose(struct world *world, const struct kind *kind, const struct situation *situation,
		   const struct operation *operation)
{
	memset(world, 0, sizeof(*world));
	world->kind = kind;
	world->situation = situation;
	world->operation = operation;
}

static bool make(struct world *world)
{
	unsigned i;

	choose(world, world->kind, world->situation, world->operation);
	for (i = 0; i < REQUESTS; i++)
		world->things[i].number = i;
	TRY(expect(world, INIT, 0, SFP_OK) && expect(world, ATTACH, 0, SFP_OK));
	TRY(expect(world, BIND, 0, SFP_OK) && expect(world, BIND, 1, SFP_OK));
	return world->situation->make(world);
}

static void prepare(void *opaque)
{
	struct world *world = opaque;

	if (!make(world)) {
		(void)sfp_sweep_complain("the situation cannot be made");
		return;
	}
	(void)world->operation->choose(world);
	world->operation->plan(world);
	world->got = &world->things[0];
	world->status = SFP_INVALID;
}

static unsigned argument_of(const struct world *world)
{
	return world->target == REQUESTS ? 0 : world->target;
}

static void operate(void *opaque)
{
	struct world *world = opaque;

	world->status = act(world, world->operation->verb, argument_of(world));
}

/* Somebody else's request in the middle of it; and what nobody's death may hold up. */
static void others_submit(void *opaque)
{
	struct world *world = opaque;
	const enum sfp_status status = act(world, SUBMIT, OTHERS_REQUEST);

	if (status != SFP_OK && (status != SFP_GONE || world->operation->verb != CLOSE))
		(void)sfp_sweep_complain("another client's submit says %s", sfp_status_name(status));
}

/* ---- traps --------------------------------------------------------------------------- */

static enum sfp_status swept(struct world *world)
{
	enum sfp_status status;

	world->inside = true;
	sfp_compiler_barrier();
	status = act(world, world->operation->verb, argument_of(world));
	sfp_compiler_barrier();
	world->inside = false;
	return status;
}
SFP_GATE(swept, swept, struct world *);

static void operate_gated(void *opaque)
{
	struct world *world = opaque;

	world->status = swept_contained(world, NULL);
}

static bool eligible(void *opaque, uintptr_t ip)
{
	const struct world *world = opaque;

	(void)ip;
	return world->inside;
}

static void begin(void)
{
	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		(void)sfp_sweep_complain("faults cannot be caught");
}

/* ---- all of it ------------------------------------------------------------------------ */

static void sweep_one(struct world *world, bool fault, struct sfp_sweep_count *count)
{
	char name[200];
	const struct sfp_sweep stops = {
		.name = name,
		.world = world,
		.prepare = prepare,
		.operation = operate,
		.check = rule_check,
		.between =
			world->kind == kinds ? others_submit : NULL, /* it is the inbox's, see is_wanted() */
		.brisk = true,
		.others = others_submit,
		.bound = OTHERS_BOUND,
	};
	const struct sfp_sweep_fault faults = {
		.name = name,
		.world = world,
		.begin = begin,
		.prepare = prepare,
		.operation = operate_gated,
		.check = rule_after_fault,
		.signal = SIGSEGV,
		.eligible = eligible,
	};

	snprintf(name, sizeof(name), "%s: %s, %s%s", world->kind->name, world->situation->name,
		 world->operation->name, fault ? ", trap" : "");
	if (fault)
		(void)sfp_sweep_fault_run(&faults, count);
	else
		(void)sfp_sweep_run(&stops, count);
}

/*
 * Every policy has its own orders; what is the inbox's is swept for the first
 * of them, and in tests/crash/dfq. A situation that cannot be made is swept, to
 * be reported.
 */
static bool is_wanted(struct world *world, bool fault)
{
	if (world->operation->servers ? false : fault || world->kind != kinds)
		return false;
	return !make(world) || world->operation->choose(world);
}

/* `policy`: this one alone; NULL: all. */
static void sweep_all(struct world *world, bool expect_bug, const char *policy, bool fault,
		      struct sfp_sweep_count *count)
{
	size_t k;
	size_t s;
	size_t o;

	for (k = 0; k < kind_count; k++)
		for (s = 0; s < situation_count; s++)
			for (o = 0; o < operation_count; o++) {
				if (expect_bug && count->failures)
					return;
				if (policy && strcmp(policy, kinds[k].name) != 0)
					continue;
				choose(world, &kinds[k], &situations[s], &operations[o]);
				if (is_wanted(world, fault))
					sweep_one(world, fault, count);
			}
}

int main(int argc, char **argv)
{
	const bool expect_bug = argc > 1 && strcmp(argv[1], "--expect-bug") == 0;
	const char *policy = expect_bug && argc > 2 ? argv[2] : NULL;
	struct world *world = sfp_sweep_memory(sizeof(*world));
	struct sfp_sweep_count stops = { 0 };
	struct sfp_sweep_count traps = { 0 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (expect_bug)
		sfp_sweep_quiet();
	sweep_all(world, expect_bug, policy, false, &stops);
	if (!expect_bug || stops.failures == 0)
		sweep_all(world, expect_bug, policy, true, &traps);
	if (expect_bug) {
		printf("%s after %lu stops, %lu traps: %s\n",
		       stops.failures + traps.failures ? "found" : "NOT FOUND", stops.points, traps.points,
		       sfp_sweep_first());
		return stops.failures + traps.failures == 0;
	}
	printf("%lu crash points in %lu situations, %lu failures; %lu of them traps\n",
	       stops.points + traps.points, stops.situations + traps.situations,
	       stops.failures + traps.failures, traps.points);
	return stops.failures + traps.failures != 0;
}
