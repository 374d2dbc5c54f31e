/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handles, with every operation made to trap at each of its instructions inside a gate, and stopped for ever
 * at each of its instructions. A handle that is used is as it was or as it shall be, and free, or after a
 * stop taken until it is recovered. One that is made or ended is empty, whole, or torn and told.
 */
#include <sfp/handle.h>
#include <sweep.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define OLD 3
#define NEW 8

struct pair_1 {
	uint32_t a;
	uint32_t b;
};
/* Whole if a and b agree. */
struct pair {
	uint64_t a;
	uint64_t padding[4];
	uint64_t b;
};
SFP_HANDLE_ROOMY(older, struct pair_1, 1, sizeof(struct pair));
SFP_HANDLE(pairs, struct pair, 2);
SFP_HANDLE_UNSHARED(lone, struct pair, 2);

static enum sfp_status from_1(const struct pair_1 *old, struct pair *today)
{
	today->a = old->a;
	sfp_compiler_barrier();
	today->b = old->b;
	return SFP_OK;
}
SFP_HANDLE_MIGRATE(pairs, struct pair_1, 1, from_1);

struct situation;

struct world {
	const struct situation *situation;
	enum sfp_status status;
	bool inside;
	bool stopped;             /* the sweep stops for ever; else it traps */
	struct sfp_realm realm;
	uintptr_t generation;     /* the first */
	struct pairs h;           /* what the operation is about */
	struct lone lone;
	struct pairs copy;        /* made elsewhere: bytes of h */
	struct pairs_wire wire;
	struct pair out;
};

struct situation {
	const char *name;
	enum sfp_status (*operation)(struct world *world);
	bool (*make)(struct world *world);
	enum sfp_status says;     /* when nothing is in its way */
	uint64_t leaves;          /* and what is in the handle then; 0: it is empty */
	bool makes_or_ends;
};

/* ---- operations -------------------------------------------------------------------- */

#define WRITE(data) \
	do { \
		struct pair *volatile written_ = (data); \
		written_->a = NEW; \
		sfp_compiler_barrier(); \
		written_->b = NEW; \
	} while (0)

static enum sfp_status do_import(struct world *world)
{
	SFP_IMPORT(pairs, s, &world->realm, &world->h);
	WRITE(s);
	return SFP_OK;
}

static enum sfp_status do_import_lone(struct world *world)
{
	SFP_IMPORT(lone, s, &world->realm, &world->lone);
	WRITE(s);
	return SFP_OK;
}

static enum sfp_status do_abandon(struct world *world)
{
	SFP_IMPORT(pairs, s, &world->realm, &world->h);
	WRITE(s);
	SFP_ABANDON(s);
	return SFP_OK;
}

static enum sfp_status do_import_copy(struct world *world)
{
	SFP_IMPORT(pairs, s, &world->realm, &world->copy);
	WRITE(s);
	return SFP_OK;
}

static enum sfp_status do_twice(struct world *world)
{
	SFP_IMPORT(pairs, s, &world->realm, &world->h);
	WRITE(s);
	return do_import(world);
}

static enum sfp_status do_seal(struct world *world)
{
	return pairs_seal(&world->realm, &world->h, &world->wire);
}

static enum sfp_status do_take(struct world *world)
{
	return pairs_take(&world->realm, &world->h, &world->out);
}

static enum sfp_status do_drop(struct world *world)
{
	return pairs_drop(&world->h);
}

static enum sfp_status do_export(struct world *world)
{
	const struct pair old = { .a = OLD, .b = OLD };

	return pairs_export(&world->realm, &old, &world->h);
}

static enum sfp_status do_open(struct world *world)
{
	return pairs_open(&world->realm, &world->wire, &world->h);
}

static enum sfp_status do_revoked(struct world *world)
{
	SFP_TRY(sfp_realm_revoke(&world->realm));
	return do_import(world);
}

/* ---- situations --------------------------------------------------------------------- */

static bool make_empty(struct world *world)
{
	(void)world;
	return true;
}

static bool make_fresh(struct world *world)
{
	const struct pair old = { .a = OLD, .b = OLD };

	return pairs_export(&world->realm, &old, &world->h) == SFP_OK;
}

/* An import behind it, so that the other slot holds. */
static enum sfp_status touch(struct world *world)
{
	SFP_IMPORT(pairs, s, &world->realm, &world->h);
	s->padding[0]++;
	return SFP_OK;
}

static bool make_used(struct world *world)
{
	return make_fresh(world) && touch(world) == SFP_OK;
}

static bool make_lone(struct world *world)
{
	const struct pair old = { .a = OLD, .b = OLD };

	return lone_export(&world->realm, &old, &world->lone) == SFP_OK;
}

/* The same kind, as a server of the first layout makes it. */
static bool make_older(struct world *world)
{
	const struct pair_1 old = { .a = OLD, .b = OLD };

	if (older_export(&world->realm, &old, (struct older *)(void *)&world->h) != SFP_OK)
		return false;
	world->h.head.kind = pairs_kind_.kind;
	world->h.head.self = sfp_handle_self_(&world->h.head, world->h.head.kind, world->h.head.room);
	return true;
}

static bool make_copied(struct world *world)
{
	if (!make_fresh(world))
		return false;
	memcpy(&world->copy, &world->h, sizeof(world->copy));
	return true;
}

static bool make_sealed(struct world *world)
{
	return make_fresh(world) && do_seal(world) == SFP_OK && do_drop(world) == SFP_OK;
}

static const struct situation situations[] = {
	{ "import", do_import, make_fresh, SFP_OK, NEW, false },
	{ "import, second slot", do_import, make_used, SFP_OK, NEW, false },
	{ "import, unshared", do_import_lone, make_lone, SFP_OK, NEW, false },
	{ "import, migrating", do_import, make_older, SFP_OK, NEW, false },
	{ "import, abandoned", do_abandon, make_used, SFP_OK, OLD, false },
	{ "import, migrating, abandoned", do_abandon, make_older, SFP_OK, OLD, false },
	{ "import of a byte copy", do_import_copy, make_copied, SFP_FORGED, OLD, false },
	{ "import within an import", do_twice, make_fresh, SFP_DEADLOCK, NEW, false },
	{ "import after revocation", do_revoked, make_fresh, SFP_STALE, OLD, false },
	{ "seal", do_seal, make_used, SFP_OK, OLD, false },
	{ "take", do_take, make_used, SFP_OK, 0, true },
	{ "drop", do_drop, make_used, SFP_OK, 0, true },
	{ "export", do_export, make_empty, SFP_OK, OLD, true },
	{ "open", do_open, make_sealed, SFP_OK, OLD, true },
};

static void prepare(void *opaque)
{
	static const unsigned char key[16] = { 1, 2, 3 };
	struct world *world = opaque;
	const struct situation *situation = world->situation;
	const bool stopped = world->stopped;

	memset(world, 0, sizeof(*world));
	world->situation = situation;
	world->stopped = stopped;
	world->status = SFP_EMPTY;
	/* An operation that was stopped where no trap may be was left in the middle. */
	sfp_port_context()->gate = NULL;
	sfp_port_context()->guards = NULL;
	if (sfp_realm_init(&world->realm, key) != SFP_OK || !situation->make(world))
		(void)sfp_sweep_complain("the situation cannot be made");
	world->generation = world->realm.generation;
}

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

static void operate_contained(void *opaque)
{
	struct world *world = opaque;

	world->status = swept_contained(world, NULL);
}

static void operate(void *opaque)
{
	struct world *world = opaque;

	world->status = swept(world);
}

/* ---- what must hold afterwards ---------------------------------------------------------- */

static bool is_zero(const void *at, size_t size)
{
	const unsigned char *byte = at;

	while (size > 0 && byte[size - 1] == 0)
		size--;
	return size == 0;
}

static enum sfp_status read_pair(struct world *world, struct pair *pair)
{
	if (world->lone.head.word) {
		SFP_IMPORT(lone, s, &world->realm, &world->lone);
		*pair = *s;
	} else {
		SFP_IMPORT(pairs, s, &world->realm, &world->h);
		*pair = *s;
	}
	return SFP_OK;
}

/* After a stop: taken means BUSY, and recovering frees it. */
static bool recover(struct world *world)
{
	struct sfp_handle *handle = world->lone.head.word ? &world->lone.head : &world->h.head;
	const bool torn = handle->word == SFP_HANDLE_TORN_;
	struct pair pair;

	if (sfp_handle_is_imported(handle) && read_pair(world, &pair) != SFP_BUSY)
		return sfp_sweep_complain("taken, and not busy");
	if (torn && read_pair(world, &pair) != SFP_POISONED)
		return sfp_sweep_complain("torn, and not told");
	if (sfp_handle_recover(handle, SFP_PROOF("this test has stopped it")) != SFP_OK)
		return sfp_sweep_complain("not recovered");
	if (torn && !is_zero(handle, sizeof(world->h)))
		return sfp_sweep_complain("torn, recovered, and not empty");
	return true;
}

static bool check_contents(struct world *world, bool done)
{
	const uint64_t leaves = world->situation->leaves;
	struct pair pair = { 0 };
	enum sfp_status status = read_pair(world, &pair);

	if (status == SFP_STALE && world->realm.generation != world->generation) {
		world->realm.generation = world->generation;
		status = read_pair(world, &pair);
	}
	if (world->situation->makes_or_ends && status == SFP_POISONED && !done)
		return true;
	if (status == SFP_INVALID && world->situation->makes_or_ends && (leaves == 0 || !done))
		return is_zero(&world->h, sizeof(world->h)) || sfp_sweep_complain("empty, and not zero");
	if (status != SFP_OK)
		return sfp_sweep_complain("refused: %s", sfp_status_name(status));
	if (pair.a != pair.b)
		return sfp_sweep_complain("half-written: %lu and %lu", (unsigned long)pair.a, (unsigned long)pair.b);
	if (pair.a != OLD && (pair.a != NEW || leaves != NEW))
		return sfp_sweep_complain("neither old nor new: %lu", (unsigned long)pair.a);
	return !done || pair.a == leaves || sfp_sweep_complain("not done, though it said so");
}

static bool check_free(const struct world *world)
{
	const struct sfp_context *context = sfp_port_context();

	if (sfp_handle_is_imported(&world->h.head) || sfp_handle_is_imported(&world->lone.head))
		return sfp_sweep_complain("taken by nobody");
	if (context->guards || context->gate)
		return sfp_sweep_complain("a guard or a gate is left");
	return true;
}

static bool check_trapped(void *opaque)
{
	struct world *world = opaque;

	if (world->status != world->situation->says && world->status != SFP_FAULT)
		return sfp_sweep_complain("it says %s", sfp_status_name(world->status));
	return check_free(world) && check_contents(world, world->status != SFP_FAULT) && check_free(world);
}

static bool check_stopped(void *opaque, const struct sfp_sweep_point *point)
{
	struct world *world = opaque;

	if (point->returned && world->status != world->situation->says)
		return sfp_sweep_complain("it says %s", sfp_status_name(world->status));
	return recover(world) && check_contents(world, point->returned) && check_free(world);
}

/* ---- sweeps ------------------------------------------------------------------------------ */

static void begin(void)
{
	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		perror("crash_handle");
}

/* Where no gate is open a trap ends the program: that is another test's business. */
static bool is_inside(void *opaque, uintptr_t ip)
{
	const struct world *world = opaque;

	(void)ip;
	return world->inside;
}

static void sweep(struct world *world, struct sfp_sweep_count *count)
{
	const struct sfp_sweep_fault traps = {
		.name = world->situation->name, .world = world, .begin = begin, .prepare = prepare,
		.operation = operate_contained, .check = check_trapped, .signal = SIGSEGV, .eligible = is_inside,
	};
	const struct sfp_sweep stops = {
		.name = world->situation->name, .world = world, .prepare = prepare, .operation = operate,
		.check = check_stopped,
	};

	world->stopped = false;
	(void)sfp_sweep_fault_run(&traps, count);
	world->stopped = true;
	(void)sfp_sweep_run(&stops, count);
}

int main(int argc, char **argv)
{
	const bool expect_bug = argc > 1 && strcmp(argv[1], "--expect-bug") == 0;
	struct sfp_sweep_count count = { 0 };
	struct world *world = sfp_sweep_memory(sizeof(*world));
	size_t i;

	if (expect_bug)
		sfp_sweep_quiet();
	for (i = 0; i < sizeof(situations) / sizeof(situations[0]) && !(expect_bug && count.failures); i++) {
		world->situation = &situations[i];
		sweep(world, &count);
	}
	if (expect_bug) {
		printf("%s after %lu crash points in %lu situations%s%s\n", count.failures ? "found" : "NOT FOUND",
		       count.points, count.situations, count.failures ? ": " : "", sfp_sweep_first());
		return count.failures == 0;
	}
	printf("%lu crash points in %lu situations, %lu failures\n", count.points, count.situations, count.failures);
	return count.failures != 0 || count.points < 1000;
}
