/* SPDX-License-Identifier: BSD-2-Clause */
/* The engine on the smallest things there are: what is good passes, what is not is told, and where. */
#include <sweep.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct world {
	volatile long a;
	volatile long b;
	volatile long others;
	volatile bool endless;
};

static void prepare(void *opaque)
{
	memset(opaque, 0, sizeof(struct world));
}

/* Two stores: between them a and b differ. */
static void two_stores(void *opaque)
{
	struct world *world = opaque;

	world->a = 1;
	world->b = 1;
}

static void one_store(void *opaque)
{
	struct world *world = opaque;

	world->a = 1;
}

static void hang_if_told(void *opaque)
{
	struct world *world = opaque;

	while (world->endless)
		;
}

static void crash(void *opaque)
{
	(void)opaque;
	__builtin_trap();
}

static bool equal(void *opaque, const struct sfp_sweep_point *point)
{
	const struct world *world = opaque;

	(void)point;
	return world->a == world->b || sfp_sweep_complain("%ld is not %ld", world->a, world->b);
}

static bool any(void *opaque, const struct sfp_sweep_point *point)
{
	struct world *world = opaque;

	(void)point;
	world->a = 99; /* is undone */
	world->b = 99;
	return true;
}

static bool untouched_but_for_one(void *opaque, const struct sfp_sweep_point *point)
{
	const struct world *world = opaque;

	return world->b == 0 && world->a == (point->returned ? 1 : world->a);
}

static bool check_hangs(void *opaque, const struct sfp_sweep_point *point)
{
	volatile bool forever = true;

	(void)opaque;
	(void)point;
	while (forever)
		;
	return true;
}

static bool check_crashes(void *opaque, const struct sfp_sweep_point *point)
{
	(void)opaque;
	(void)point;
	__builtin_trap();
}

static void add_to_b(void *opaque)
{
	struct world *world = opaque;

	world->others++;
	if (world->a == 0)
		world->b = 5; /* is overwritten, unless the operation stops first */
}

static bool others_win_or_lose(void *opaque, const struct sfp_sweep_point *point)
{
	const struct world *world = opaque;

	if (world->others != point->meddled)
		return sfp_sweep_complain("others were there %ld times", world->others);
	return !point->returned || world->b == 1;
}

static void tell_to_hang(void *opaque)
{
	struct world *world = opaque;

	world->endless = true;
}

/* The successor's two stores can be stopped too; a third party would see it. */
static void repair(void *opaque)
{
	struct world *world = opaque;

	world->b = world->a;
}

static bool no_worse_than_one_apart(void *opaque, const struct sfp_sweep_point *point)
{
	const struct world *world = opaque;

	return !(point->twice && point->returned) || world->a == world->b;
}

static void nothing(void *opaque)
{
	(void)opaque;
}

static unsigned wrong;

/* Sweep; it must find what it must. */
static void expect(struct sfp_sweep sweep, struct world *world, bool good, unsigned long least_points)
{
	struct sfp_sweep_count count = { 0 };
	bool found;

	sweep.world = world;
	sweep.prepare = prepare;
	found = sfp_sweep_run(&sweep, &count);
	if (found == good && (count.failures == 0) == good && count.points >= least_points)
		return;
	wrong++;
	printf("FAIL %s: %s, %lu points, %lu failures\n", sweep.name, found ? "good" : "not good", count.points,
	       count.failures);
}

static struct world *the_world;

static void begin_nothing(void)
{
}

static void begin_ignoring(void)
{
	signal(SIGUSR1, SIG_IGN);
}

static bool is_one(void *opaque)
{
	const struct world *world = opaque;

	return world->a == 1;
}

static void expect_fault(const char *name, void (*begin)(void), int signal, bool good)
{
	const struct sfp_sweep_fault sweep = {
		.name = name, .world = the_world, .begin = begin, .prepare = prepare, .operation = one_store,
		.check = is_one, .signal = signal,
	};
	struct sfp_sweep_count count = { 0 };

	if (sfp_sweep_fault_run(&sweep, &count) == good && count.points >= 2)
		return;
	wrong++;
	printf("FAIL %s: %lu points, %lu failures\n", name, count.points, count.failures);
}

int main(void)
{
	struct world *world = sfp_sweep_memory(sizeof(*world));

	the_world = world;
	sfp_sweep_quiet();
	expect((struct sfp_sweep){ .name = "a check that is content", .operation = two_stores, .check = any }, world,
	       true, 3);
	expect((struct sfp_sweep){ .name = "checks are undone", .operation = one_store, .check = untouched_but_for_one },
	       world, true, 2);
	expect((struct sfp_sweep){ .name = "two stores", .operation = two_stores, .check = equal }, world, false, 3);
	expect((struct sfp_sweep){ .name = "a check that hangs", .operation = one_store, .check = check_hangs }, world,
	       false, 1);
	expect((struct sfp_sweep){ .name = "a check that crashes", .operation = one_store, .check = check_crashes },
	       world, false, 1);
	expect((struct sfp_sweep){ .name = "an operation that crashes", .operation = crash, .check = any }, world,
	       false, 1);
	expect((struct sfp_sweep){ .name = "still alive", .operation = one_store, .check = any }, world, true, 2);
	expect((struct sfp_sweep){ .name = "others in between", .operation = two_stores, .check = others_win_or_lose,
				   .between = add_to_b }, world, true, 9);
	expect((struct sfp_sweep){ .name = "others in between, briskly", .operation = two_stores,
				   .check = others_win_or_lose, .between = add_to_b, .brisk = true }, world, true, 6);
	expect((struct sfp_sweep){ .name = "an operation that ends", .operation = hang_if_told, .check = any,
				   .limit = 100 }, world, true, 2);
	expect((struct sfp_sweep){ .name = "an operation that others keep from its end", .operation = hang_if_told,
				   .check = any, .between = tell_to_hang, .limit = 100 }, world, false, 2);
	expect((struct sfp_sweep){ .name = "others who get on", .operation = two_stores, .check = any,
				   .others = one_store, .bound = 50 }, world, true, 3);
	expect((struct sfp_sweep){ .name = "others who do not get on", .operation = tell_to_hang, .check = any,
				   .others = hang_if_told, .bound = 50 }, world, false, 2);
	expect((struct sfp_sweep){ .name = "a successor that repairs", .operation = two_stores, .again = repair,
				   .succeed = nothing, .check = no_worse_than_one_apart }, world, true, 9);
	expect((struct sfp_sweep){ .name = "a successor that does not", .operation = two_stores, .again = nothing,
				   .succeed = nothing, .check = no_worse_than_one_apart }, world, false, 4);
	expect_fault("a signal that is ignored", begin_ignoring, SIGUSR1, true);
	expect_fault("a signal that kills", begin_nothing, SIGSEGV, false);
	printf("sweep: 17 sweeps, %u not as they should be\n", wrong);
	return wrong != 0;
}
