/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values moved, put, given and dropped, with a trap at every instruction: each
 * value has exactly one owner afterwards, or is freed, and its word says which.
 */
#include <sfp/owned.h>
#include <sweep.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct thing {
	long weight;
	struct sfp_owned owner;
	bool free;                /* put away: the freer's own state, changed by one store */
};

static void thing_free(struct thing *thing)
{
	thing->free = true;
}

SFP_OWNED(freed, struct thing, owner, SFP_OWNED_FREES(thing_free));
SFP_OWNED(lent, struct thing, owner, SFP_OWNED_RETURNS);

struct situation;

struct world {
	const struct situation *situation;
	bool inside;
	enum sfp_status status;
	struct thing thing;
	struct freed one;
	struct freed other;
	struct freed_cell cell;
	struct lent lent;
	struct lent_cell lent_cell;
};

/* ---- operations ---------------------------------------------------------------------- */

static __attribute__((noinline)) enum sfp_status adopt(struct world *world)
{
	return freed_adopt(&world->one, &world->thing);
}

static __attribute__((noinline)) enum sfp_status move(struct world *world)
{
	return freed_move(&world->one, &world->other);
}

static __attribute__((noinline)) enum sfp_status put_and_take(struct world *world)
{
	SFP_TRY(freed_put(&world->one, &world->cell));
	return freed_take(&world->cell, &world->other);
}

static __attribute__((noinline)) enum sfp_status drop(struct world *world)
{
	return freed_drop(&world->one);
}

static enum sfp_status keep(struct freed *given, struct freed_cell *cell)
{
	freed_borrow(given)->weight++;
	return freed_put(given, cell);
}
SFP_OWNED_GATE(keep, freed, keep, struct freed_cell *);

static enum sfp_status leave(struct freed *given, long more)
{
	freed_borrow(given)->weight += more;
	return SFP_OK;
}
SFP_OWNED_GATE(leave, freed, leave, long);

static enum sfp_status look(struct lent *given, long more)
{
	lent_borrow(given)->weight += more;
	return SFP_OK;
}
SFP_OWNED_GATE(look, lent, look, long);

static enum sfp_status lent_keep(struct lent *given, struct lent_cell *cell)
{
	return lent_put(given, cell);
}
SFP_OWNED_GATE(lent_keep, lent, lent_keep, struct lent_cell *);

static __attribute__((noinline)) enum sfp_status give(struct world *world)
{
	return keep_give(&world->one, &world->cell, NULL);
}

static __attribute__((noinline)) enum sfp_status give_and_leave(struct world *world)
{
	return leave_give(&world->one, 2, NULL);
}

static __attribute__((noinline)) enum sfp_status lend(struct world *world)
{
	return look_give(&world->lent, 2, NULL);
}

static __attribute__((noinline)) enum sfp_status lend_for_good(struct world *world)
{
	return lent_keep_give(&world->lent, &world->lent_cell, NULL);
}

/* ---- who may have it afterwards ------------------------------------------------------------ */

enum owner { NOBODY = 1, ONE = 2, OTHER = 4, CELL = 8, LENT = 16, LENT_CELL = 32, FREED = 64 };

static const struct situation {
	const char *name;
	enum sfp_status (*operation)(struct world *world);
	unsigned at_first;        /* enum owner */
	unsigned at_fault;
	unsigned at_end;
} situations[] = {
	{ "adopt", adopt, NOBODY, NOBODY | ONE, ONE },
	{ "move", move, ONE, ONE | OTHER, OTHER },
	{ "put and take", put_and_take, ONE, ONE | CELL | OTHER, OTHER },
	{ "drop", drop, ONE, ONE | FREED, FREED },
	{ "give", give, ONE, ONE | CELL | FREED, CELL },
	{ "give to one who leaves it", give_and_leave, ONE, ONE | FREED, FREED },
	{ "lend", lend, LENT, LENT, LENT },
	{ "lend to one who keeps it", lend_for_good, LENT, LENT | LENT_CELL, LENT_CELL },
};

static unsigned owners(const struct world *world)
{
	unsigned found = 0;

	found |= sfp_owned_has_(&world->one.core) ? ONE : 0;
	found |= sfp_owned_has_(&world->other.core) ? OTHER : 0;
	found |= sfp_owned_has_(&world->cell.core) ? CELL : 0;
	found |= sfp_owned_has_(&world->lent.core) ? LENT : 0;
	found |= sfp_owned_has_(&world->lent_cell.core) ? LENT_CELL : 0;
	found |= world->thing.free ? FREED : 0;
	if (world->thing.owner.owner == 0)
		found |= NOBODY;
	return found;
}

static bool check(void *opaque)
{
	const struct world *world = opaque;
	const struct situation *situation = world->situation;
	const unsigned found = owners(world);
	const unsigned allowed = world->status == SFP_FAULT ? situation->at_fault : situation->at_end;

	if (world->status != SFP_OK && world->status != SFP_FAULT)
		return sfp_sweep_complain("it says %s", sfp_status_name(world->status));
	if (sfp_port_context()->guards || sfp_port_context()->gate)
		return sfp_sweep_complain("a guard or a gate is left");
	if (found == 0 || (found & (found - 1)))
		return sfp_sweep_complain("not one owner: %#x, word %#lx", found,
					  (unsigned long)world->thing.owner.owner);
	if (!(found & allowed))
		return sfp_sweep_complain("the wrong owner: %#x, not of %#x", found, allowed);
	return true;
}

/* ---- the sweep ------------------------------------------------------------------------------------- */

static enum sfp_status swept(struct world *world)
{
	enum sfp_status status;

	world->inside = true;
	sfp_compiler_barrier();
	status = world->situation->operation(world);
	sfp_compiler_barrier();
	world->inside = false;
	return status;
}
SFP_GATE(swept, swept, struct world *);

static void operate(void *opaque)
{
	struct world *world = opaque;

	world->status = swept_contained(world, NULL);
}

static void have(struct sfp_owned_place *place, struct sfp_owned *value)
{
	place->value = value;
	value->owner = (uintptr_t)place;
}

static void prepare(void *opaque)
{
	struct world *world = opaque;
	const struct situation *situation = world->situation; /* chosen in the other process */

	memset(world, 0, sizeof(*world));
	world->situation = situation;
	world->status = SFP_EMPTY;
	if (situation->at_first == ONE)
		have(&world->one.core, &world->thing.owner);
	if (situation->at_first == LENT)
		have(&world->lent.core, &world->thing.owner);
	/* An operation that was stopped where no trap may be was left in the middle. */
	sfp_port_context()->gate = NULL;
	sfp_port_context()->guards = NULL;
}

static void begin(void)
{
	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		perror("crash_owned");
}

/* Where no gate is open a trap ends the program: that is another test's business. */
static bool is_inside(void *opaque, uintptr_t ip)
{
	const struct world *world = opaque;

	(void)ip;
	return world->inside;
}

int main(int argc, char **argv)
{
	const bool expect_bug = argc > 1 && strcmp(argv[1], "--expect-bug") == 0;
	struct world *world = sfp_sweep_memory(sizeof(*world));
	struct sfp_sweep_count count = { 0 };
	size_t i;

	if (expect_bug)
		sfp_sweep_quiet();
	for (i = 0; i < sizeof(situations) / sizeof(situations[0]) && !(expect_bug && count.failures); i++) {
		const struct sfp_sweep_fault sweep = {
			.name = situations[i].name, .world = world, .begin = begin, .prepare = prepare,
			.operation = operate, .check = check, .signal = SIGSEGV, .eligible = is_inside,
		};

		world->situation = &situations[i];
		(void)sfp_sweep_fault_run(&sweep, &count);
	}
	if (expect_bug) {
		printf("%s after %lu crash points in %lu situations%s%s\n",
		       count.failures ? "found" : "NOT FOUND", count.points, count.situations,
		       count.failures ? ": " : "", sfp_sweep_first());
		return count.failures == 0;
	}
	printf("%lu crash points in %lu situations, %lu failures\n", count.points, count.situations,
	       count.failures);
	return count.failures != 0 || count.points < 200;
}
