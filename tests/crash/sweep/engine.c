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

static struct world *the_world;
static unsigned sweeps;
static unsigned wrong;

/* Sweep; it must find what it must. */
static void expect(struct sfp_sweep sweep, bool good, unsigned long least_points)
{
	struct sfp_sweep_count count = { 0 };
	bool found;

	sweeps++;
	sweep.world = the_world;
	sweep.prepare = prepare;
	found = sfp_sweep_run(&sweep, &count);
	if (found == good && (count.failures == 0) == good && count.points >= least_points)
		return;
	wrong++;
	printf("FAIL %s: %s, %lu points, %lu failures\n", sweep.name, found ? "good" : "not good",
	       count.points, count.failures);
}

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
		.name = name, .world = the_world, .begin = begin, .prepare = prepare,
		.operation = one_store, .check = is_one, .signal = signal,
	};
	struct sfp_sweep_count count = { 0 };

	sweeps++;
	if (sfp_sweep_fault_run(&sweep, &count) == good && count.points >= 2)
		return;
	wrong++;
	printf("FAIL %s: %lu points, %lu failures\n", name, count.points, count.failures);
}

#define GOOD(its_name, least, ...) expect((struct sfp_sweep){ .name = (its_name), __VA_ARGS__ }, true, least)
#define BAD(its_name, least, ...) expect((struct sfp_sweep){ .name = (its_name), __VA_ARGS__ }, false, least)

int main(void)
{
	the_world = sfp_sweep_memory(sizeof(*the_world));
	sfp_sweep_quiet();
	GOOD("a check that is content", 3, .operation = two_stores, .check = any);
	GOOD("checks are undone", 2, .operation = one_store, .check = untouched_but_for_one);
	BAD("two stores", 3, .operation = two_stores, .check = equal);
	BAD("a check that hangs", 1, .operation = one_store, .check = check_hangs);
	BAD("a check that crashes", 1, .operation = one_store, .check = check_crashes);
	BAD("an operation that crashes", 1, .operation = crash, .check = any);
	GOOD("still alive", 2, .operation = one_store, .check = any);
	GOOD("others in between", 9, .operation = two_stores, .check = others_win_or_lose,
	     .between = add_to_b);
	GOOD("others in between, briskly", 6, .operation = two_stores, .check = others_win_or_lose,
	     .between = add_to_b, .brisk = true);
	GOOD("an operation that ends", 2, .operation = hang_if_told, .check = any, .limit = 100);
	BAD("an operation that others keep from its end", 2, .operation = hang_if_told, .check = any,
	    .between = tell_to_hang, .limit = 100);
	GOOD("others who get on", 3, .operation = two_stores, .check = any, .others = one_store, .bound = 50);
	BAD("others who do not get on", 2, .operation = tell_to_hang, .check = any,
	    .others = hang_if_told, .bound = 50);
	GOOD("a successor that repairs", 9, .operation = two_stores, .again = repair, .succeed = nothing,
	     .check = no_worse_than_one_apart);
	BAD("a successor that does not", 4, .operation = two_stores, .again = nothing,
	    .succeed = nothing, .check = no_worse_than_one_apart);
	expect_fault("a signal that is ignored", begin_ignoring, SIGUSR1, true);
	expect_fault("a signal that kills", begin_nothing, SIGSEGV, false);
	printf("sweep: %u sweeps, %u not as they should be\n", sweeps, wrong);
	return wrong != 0;
}
