/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guards, gates and the lock, with a trap at every instruction.
 *
 * Each case runs in a gate of its own within an outer one, so that the inner
 * gate's own entry and exit can trap too. Whatever the instruction: nothing of
 * the case is held afterwards, what somebody else holds is still held, both
 * chains are as before, and the same case runs through once more.
 */
#include <sfp/lock.h>
#include <sweep.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>

/* Held by whoever has put the address of a guard's value there, as a lock is. */
struct thing {
	volatile uintptr_t holder;
};

struct world {
	const struct test *test;
	volatile bool inside;        /* a trap is contained */
	volatile bool unwinds;       /* the case has trapped by itself, and its guards are being released */
	struct sfp_lock lock;
	struct sfp_lock second;
	struct sfp_lock others;      /* held by somebody else, all the time */
	struct thing thing;
	struct thing second_thing;
	struct sfp_guard stranger;   /* whose address "somebody else" is */
	unsigned work;
	enum sfp_status inner;       /* what the case returned */
	enum sfp_status outer;
	bool helped;
};

struct test {
	const char *name;
	sfp_gated *body;             /* takes the world */
	void (*prepare)(struct world *world);
	unsigned long help_at;       /* 0: it does not wait */
	bool traps;                  /* it traps by itself: FAULT even if we leave it alone */
};

static struct world *the_world;

/* ---- things to hold -------------------------------------------------------------- */

static void thing_release(struct thing **thing)
{
	if ((*thing)->holder == (uintptr_t)thing)
		(*thing)->holder = 0;
}
SFP_GUARD(thing, struct thing *, thing_release);

static __attribute__((noinline)) void work(struct world *world)
{
	world->work++;
	__asm__ __volatile__("" ::: "memory");
}

/* ---- cases ------------------------------------------------------------------------- */

static enum sfp_status take_lock(void *argument)
{
	struct world *world = argument;
	struct sfp_lock_guard held;

	SFP_TRY(sfp_lock_acquire(&world->lock, &held));
	work(world);
	sfp_lock_release(&held);
	return SFP_OK;
}

static enum sfp_status take_two_locks(void *argument)
{
	struct world *world = argument;
	struct sfp_lock_guard first;
	struct sfp_lock_guard second;

	SFP_TRY(sfp_lock_acquire(&world->lock, &first));
	SFP_TRY(sfp_lock_acquire(&world->second, &second));
	work(world);
	sfp_lock_release(&second);
	sfp_lock_release(&first);
	return SFP_OK;
}

static enum sfp_status take_lock_twice(void *argument)
{
	struct world *world = argument;
	struct sfp_lock_guard first;
	struct sfp_lock_guard second;

	SFP_TRY(sfp_lock_acquire(&world->lock, &first));
	if (sfp_lock_acquire(&world->lock, &second) != SFP_DEADLOCK ||
	    sfp_port_context()->guards != &first.guard)
		world->work += 1000;
	work(world);
	sfp_lock_release(&first);
	return SFP_OK;
}

static void lock_is_others(struct world *world)
{
	world->lock.owner = (uintptr_t)&world->stranger;
}

static enum sfp_status hold_thing(void *argument)
{
	struct world *world = argument;
	SFP_SCOPED(thing, held, &world->thing);

	world->thing.holder = (uintptr_t)&held.value;
	work(world);
	return SFP_OK;
}

static enum sfp_status hold_things_and_lock(void *argument)
{
	struct world *world = argument;
	struct sfp_lock_guard held;
	SFP_SCOPED(thing, first, &world->thing);

	world->thing.holder = (uintptr_t)&first.value;
	SFP_TRY(sfp_lock_acquire(&world->lock, &held));
	{
		SFP_SCOPED(thing, second, &world->second_thing);

		world->second_thing.holder = (uintptr_t)&second.value;
		work(world);
	}
	sfp_lock_release(&held);
	return SFP_OK;
}

static enum sfp_status gates_within_gates(void *argument)
{
	struct world *world = argument;
	struct sfp_lock_guard held;
	struct sfp_fault why;
	enum sfp_status status;

	SFP_TRY(sfp_lock_acquire(&world->second, &held));
	status = sfp_gate_call(sfp_port_context(), take_lock, world, &why);
	if (status == SFP_OK)
		status = sfp_gate_call(sfp_port_context(), hold_thing, world, NULL);
	/* A fault inside was not ours: this lock is still held. */
	if (world->second.owner != (uintptr_t)&held.guard)
		world->work += 1000;
	sfp_lock_release(&held);
	return status;
}

/* The newest of three holdings traps when it is let go of. */
static void trapping_release(struct world **world)
{
	if (!*world)
		return;
	*world = NULL;
	__builtin_trap();
}
SFP_GUARD(trapping, struct world *, trapping_release);

static enum sfp_status trap_in_release(void *argument)
{
	struct world *world = argument;
	struct sfp_lock_guard first;
	SFP_SCOPED(thing, held, &world->thing);

	world->thing.holder = (uintptr_t)&held.value;
	SFP_TRY(sfp_lock_acquire(&world->lock, &first));
	{
		SFP_SCOPED(trapping, trap, world);

		work(world);
		world->unwinds = true;
		__builtin_trap();
	}
	sfp_lock_release(&first);
	return SFP_OK;
}

/* A release that opens a gate, in which there is a trap. */
static void gated_release(struct world **world)
{
	struct world *mine = *world;

	*world = NULL;
	if (mine)
		SFP_IGNORE(sfp_gate_call(sfp_port_context(), take_two_locks, mine, NULL),
			   "it lets go in any case");
}
SFP_GUARD(gated, struct world *, gated_release);

static enum sfp_status gate_in_release(void *argument)
{
	struct world *world = argument;
	SFP_SCOPED(thing, held, &world->thing);
	SFP_SCOPED(gated, gate, world);

	world->thing.holder = (uintptr_t)&held.value;
	work(world);
	return SFP_OK;
}

static enum sfp_status raise_it(void *argument)
{
	struct world *world = argument;
	struct sfp_lock_guard held;

	SFP_TRY(sfp_lock_acquire(&world->lock, &held));
	world->unwinds = true;
	sfp_fault_raise(1);
	return SFP_OK;
}

static const struct test tests[] = {
	{ .name = "a free lock", .body = take_lock },
	{ .name = "a lock that somebody else holds for a while", .body = take_lock, .prepare = lock_is_others,
	  .help_at = 160 },
	{ .name = "a lock taken twice", .body = take_lock_twice },
	{ .name = "two locks", .body = take_two_locks },
	{ .name = "a scope", .body = hold_thing },
	{ .name = "scopes and a lock", .body = hold_things_and_lock },
	{ .name = "gates within gates", .body = gates_within_gates },
	{ .name = "a gate in a release", .body = gate_in_release },
	{ .name = "a trap in a release", .body = trap_in_release, .traps = true },
	{ .name = "a raised fault", .body = raise_it, .traps = true },
};

/* ---- running them --------------------------------------------------------------------- */

static enum sfp_status in_outer_gate(void *argument)
{
	struct world *world = argument;

	world->inside = true;
	world->inner = sfp_gate_call(sfp_port_context(), world->test->body, world, NULL);
	world->unwinds = false;
	world->inside = false;
	return SFP_OK;
}

static void begin(void)
{
	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		abort();
}

static void prepare(void *opaque)
{
	struct world *world = opaque;
	const struct test *test = world->test;

	memset(world, 0, sizeof(*world));
	world->test = test;
	world->others.owner = (uintptr_t)&world->stranger;
	if (test->prepare)
		test->prepare(world);
	world->inner = SFP_FAULT;
}

static void operate(void *opaque)
{
	struct world *world = opaque;

	world->outer = sfp_gate_call(sfp_port_context(), in_outer_gate, world, NULL);
}

static void help(void *opaque)
{
	struct world *world = opaque;

	world->lock.owner = 0;
	world->helped = true;
}

static bool nothing_is_held(const struct world *world)
{
	const bool waits = world->test->help_at && !world->helped;

	if (world->lock.owner != (waits ? (uintptr_t)&world->stranger : 0))
		return sfp_sweep_complain(waits ? "the lock of somebody else was taken or let go"
						: "the lock is held");
	if (world->second.owner)
		return sfp_sweep_complain("the second lock is held");
	if (world->thing.holder || world->second_thing.holder)
		return sfp_sweep_complain("a scope has not let go");
	if (world->others.owner != (uintptr_t)&world->stranger)
		return sfp_sweep_complain("what somebody else holds was let go");
	if (sfp_port_context()->guards || sfp_port_context()->gate)
		return sfp_sweep_complain("a chain is not as it was before");
	return true;
}

static bool check(void *opaque)
{
	struct world *world = opaque;
	const enum sfp_status expected = world->test->traps ? SFP_FAULT : SFP_OK;

	if (!nothing_is_held(world))
		return false;
	if (world->work >= 1000)
		return sfp_sweep_complain("a lock did not know its holder");
	world->lock.owner = 0;
	world->helped = true;
	world->inner = SFP_BUSY;
	operate(world);
	if (world->outer != SFP_OK || world->inner != expected)
		return sfp_sweep_complain("the next one says %s", sfp_status_name(world->inner));
	return nothing_is_held(world);
}

/* In the assembly, one after the other. */
void sfp_gate_landing(void *gate);
void sfp_gate_jump(void *gate, uintptr_t sp, uintptr_t ip);

/*
 * Wherever the outer gate is open. After a trap of the case's own: in the landing. What comes before
 * that is the trap handler's, and a release that traps while a fault is cleaned up is given up.
 */
static bool may_trap(void *opaque, uintptr_t ip)
{
	const struct world *world = opaque;

	if (world->unwinds)
		return ip >= (uintptr_t)sfp_gate_landing && ip < (uintptr_t)sfp_gate_jump;
	return world->inside;
}

int main(int argc, char **argv)
{
	const bool expect_bug = argc == 2 && strcmp(argv[1], "--expect-bug") == 0;
	struct sfp_sweep_count count = { 0 };
	size_t i;

	the_world = sfp_sweep_memory(sizeof(*the_world));
	if (expect_bug)
		sfp_sweep_quiet();
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]) && !(expect_bug && count.failures); i++) {
		const struct sfp_sweep_fault sweep = {
			.name = tests[i].name,
			.world = the_world,
			.begin = begin,
			.prepare = prepare,
			.operation = operate,
			.check = check,
			.signal = i % 2 ? SIGILL : SIGSEGV,
			.eligible = may_trap,
			.help = tests[i].help_at ? help : NULL,
			.help_at = tests[i].help_at,
		};

		the_world->test = &tests[i];
		(void)sfp_sweep_fault_run(&sweep, &count);
	}
	if (expect_bug) {
		printf("%s after %lu fault points%s%s\n", count.failures ? "found" : "NOT FOUND",
		       count.points, count.failures ? ": " : "", sfp_sweep_first());
		return count.failures == 0;
	}
	printf("%lu fault points in %lu situations, %lu leaks\n", count.points, count.situations,
	       count.failures);
	return count.failures != 0;
}
