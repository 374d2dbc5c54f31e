/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sections of monitors with a trap at every instruction, from the call of enter
 * to the return of leave: the lock is free, the guards are gone, interrupts are
 * as they were, and the data is old, new or poisoned, as the policy says, but
 * never half-written.
 */
#include "crash_port.h"

#include <sfp/monitor.h>
#include <sweep.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define OLD 3
#define NEW 8

/* Whole if a and b agree. `other` is what another thread does while a section waits. */
struct pair {
	long a;
	long padding[5];
	long b;
	long other;
};

static void mend(struct pair *pair);
static void mend_and_trap(struct pair *pair);

SFP_MONITOR(spin_rollback, struct pair, SFP_SPIN, SFP_ROLLBACK);
SFP_MONITOR(spin_poison, struct pair, SFP_SPIN, SFP_POISON);
SFP_MONITOR(spin_repair, struct pair, SFP_SPIN, SFP_REPAIR(mend));
SFP_MONITOR(spin_bad_repair, struct pair, SFP_SPIN, SFP_REPAIR(mend_and_trap));
SFP_MONITOR(irq_rollback, struct pair, SFP_SPIN_IRQ, SFP_ROLLBACK);
SFP_MONITOR(irq_poison, struct pair, SFP_SPIN_IRQ, SFP_POISON);
SFP_MONITOR(mutex_rollback, struct pair, SFP_MUTEX, SFP_ROLLBACK);
SFP_MONITOR(mutex_poison, struct pair, SFP_MUTEX, SFP_POISON);
SFP_MONITOR(mutex_bad_repair, struct pair, SFP_MUTEX, SFP_REPAIR(mend_and_trap));

struct situation;

struct world {
	const struct situation *situation;
	bool inside;              /* between enter and leave: what is swept */
	enum sfp_status status;   /* of the contained call */
	enum sfp_status (*section)(struct world *world);
	unsigned wakes;
	struct sfp_monitor *waited_on;
	struct spin_rollback spin_rollback;
	struct spin_rollback second;
	struct spin_poison spin_poison;
	struct spin_repair spin_repair;
	struct spin_bad_repair spin_bad_repair;
	struct irq_rollback irq_rollback;
	struct irq_poison irq_poison;
	struct mutex_rollback mutex_rollback;
	struct mutex_poison mutex_poison;
	struct mutex_bad_repair mutex_bad_repair;
};

static struct world *the_world;
unsigned irq_masked;

static void mend(struct pair *pair)
{
	pair->b = pair->a;
}

static void mend_and_trap(struct pair *pair)
{
	pair->a = 99;
	sfp_fault_raise(1);
}

void crash_port_wake(const uint32_t *word)
{
	(void)word;
	the_world->wakes++;
}

/* Another thread's section, in one store, while the lock is free. */
void crash_port_wait(const uint32_t *word, uint32_t value)
{
	struct mutex_rollback *bank = &the_world->mutex_rollback;
	struct pair *copies = (struct pair *)(void *)mutex_rollback_copies_at_(bank);

	if (word != &bank->core.changes || *word != value || bank->core.owner != 0)
		return;
	copies[bank->core.state & SFP_MONITOR_SECOND_].other = 1;
}

/* ---- the sections ------------------------------------------------------------------ */

/* One write at an end, one in the middle, one at the other end: a trap may stand between. */
#define WRITE(data) \
	do { \
		struct pair *volatile written_ = (data); \
		written_->a = NEW; \
		sfp_compiler_barrier(); \
		written_->b = NEW; \
	} while (0)

#define HOLDING(name) \
	static __attribute__((noinline)) enum sfp_status name##_section(struct world *world) \
	{ \
		SFP_HOLD(name, pair, &world->name); \
		WRITE(pair); \
		return SFP_OK; \
	}

HOLDING(spin_rollback)
HOLDING(spin_poison)
HOLDING(spin_repair)
HOLDING(spin_bad_repair)
HOLDING(irq_rollback)
HOLDING(irq_poison)
HOLDING(mutex_rollback)
HOLDING(mutex_poison)
HOLDING(mutex_bad_repair)

static __attribute__((noinline)) enum sfp_status with_section(struct world *world)
{
	SFP_WITH(spin_rollback, pair, &world->spin_rollback) {
		WRITE(pair);
	} else {
		return SFP_REFUSAL(pair);
	}
	return SFP_OK;
}

static __attribute__((noinline)) enum sfp_status nested_section(struct world *world)
{
	SFP_HOLD(spin_rollback, first, &world->spin_rollback);
	WRITE(first);
	SFP_HOLD(spin_rollback, second, &world->second);
	WRITE(second);
	return SFP_OK;
}

static __attribute__((noinline)) enum sfp_status undo_section(struct world *world)
{
	SFP_HOLD(spin_rollback, pair, &world->spin_rollback);
	pair->a = 55;
	SFP_TRY(SFP_UNDO(spin_rollback, pair));
	pair->b = pair->a;
	return SFP_OK;
}

static __attribute__((noinline)) enum sfp_status deadlock_section(struct world *world)
{
	SFP_HOLD(irq_rollback, pair, &world->irq_rollback);
	struct irq_rollback_held second;

	WRITE(pair);
	if (irq_rollback_enter(&world->irq_rollback, &second) != SFP_DEADLOCK)
		pair->a = 0;
	irq_rollback_leave(&second);
	return SFP_OK;
}

/* First half whole, wait, second half; what the other thread did meanwhile must stay. */
static __attribute__((noinline)) enum sfp_status wait_section(struct world *world)
{
	SFP_HOLD(mutex_rollback, pair, &world->mutex_rollback);
	WRITE(pair);
	while (!pair->other)
		SFP_TRY(SFP_WAIT(mutex_rollback, pair));
	pair->a++;
	sfp_compiler_barrier();
	pair->b++;
	SFP_WAKE_ALL(mutex_rollback, pair);
	return SFP_OK;
}

static enum sfp_status mend_all(struct pair *pair)
{
	pair->a = OLD;
	sfp_compiler_barrier();
	pair->b = OLD;
	return SFP_OK;
}

static __attribute__((noinline)) enum sfp_status repair_section(struct world *world)
{
	return mutex_poison_repair(&world->mutex_poison, mend_all);
}

static enum sfp_status swept(struct world *world)
{
	enum sfp_status status;

	world->inside = true;
	sfp_compiler_barrier();
	status = world->section(world);
	sfp_compiler_barrier();
	world->inside = false;
	return status;
}
SFP_GATE(swept, swept, struct world *);

/* A kernel's gate puts the interrupt state back as it was when it was opened; so does this one. */
static void operate(void *opaque)
{
	struct world *world = opaque;
	const unsigned masked = irq_masked;

	world->status = swept_contained(world, NULL);
	if (world->status == SFP_FAULT)
		irq_masked = masked;
}

/* ---- what must hold afterwards ---------------------------------------------------------- */

static bool is_whole(const struct pair *pair)
{
	if (pair->a != pair->b)
		return sfp_sweep_complain("half-written: %ld and %ld", pair->a, pair->b);
	return true;
}

static bool is_old_or_new(const struct world *world, const struct pair *pair)
{
	if (!is_whole(pair))
		return false;
	if (pair->a != NEW && pair->a != OLD)
		return sfp_sweep_complain("neither old nor new: %ld", pair->a);
	if (world->status == SFP_OK && pair->a != NEW)
		return sfp_sweep_complain("not done, though it said so");
	return true;
}

#define READER(name) \
	static enum sfp_status name##_read(struct name *monitor, struct pair *pair) \
	{ \
		SFP_HOLD(name, data, monitor); \
		*pair = *data; \
		return SFP_OK; \
	} \
	static bool name##_check(struct world *world, bool may_be_poisoned) \
	{ \
		struct pair pair = { 0 }; \
		const enum sfp_status status = name##_read(&world->name, &pair); \
		\
		if (status == SFP_POISONED && may_be_poisoned && world->status == SFP_FAULT) \
			return true; \
		if (status != SFP_OK) \
			return sfp_sweep_complain("refused: %s", sfp_status_name(status)); \
		return is_old_or_new(world, &pair); \
	}

READER(spin_rollback)
READER(spin_poison)
READER(spin_repair)
READER(spin_bad_repair)
READER(irq_rollback)
READER(irq_poison)
READER(mutex_rollback)
READER(mutex_poison)
READER(mutex_bad_repair)

static bool check_free(const struct world *world)
{
	const struct sfp_context *context = sfp_port_context();

	if (world->spin_rollback.core.owner || world->second.core.owner || world->spin_poison.core.owner ||
	    world->spin_repair.core.owner || world->spin_bad_repair.core.owner ||
	    world->irq_rollback.core.owner || world->irq_poison.core.owner ||
	    world->mutex_rollback.core.owner || world->mutex_poison.core.owner ||
	    world->mutex_bad_repair.core.owner)
		return sfp_sweep_complain("a lock is held by nobody");
	if (context->guards || context->gate)
		return sfp_sweep_complain("a guard or a gate is left");
	if (irq_masked)
		return sfp_sweep_complain("interrupts are off");
	return true;
}

/* Old, new; or after the wait: the first half and what the other one did, or all of it. */
static bool check_waited(struct world *world)
{
	struct pair pair = { 0 };

	if (mutex_rollback_read(&world->mutex_rollback, &pair) != SFP_OK)
		return sfp_sweep_complain("refused");
	if (!is_whole(&pair))
		return false;
	if (pair.a == OLD || pair.a == NEW)
		return world->status == SFP_FAULT || sfp_sweep_complain("not done, though it said so");
	if (pair.a != NEW + 1 || !pair.other)
		return sfp_sweep_complain("what the other thread did is lost: %ld", pair.other);
	return true;
}

static bool check_undone(struct world *world)
{
	struct pair pair = { 0 };

	if (spin_rollback_read(&world->spin_rollback, &pair) != SFP_OK)
		return sfp_sweep_complain("refused");
	if (pair.a != OLD || pair.b != OLD)
		return sfp_sweep_complain("not undone: %ld and %ld", pair.a, pair.b);
	return true;
}

static bool check_second(struct world *world)
{
	struct pair pair = { 0 };

	if (spin_rollback_read(&world->second, &pair) != SFP_OK)
		return sfp_sweep_complain("the second one is refused");
	return is_old_or_new(world, &pair);
}

/* A repair that faults leaves it poisoned; one that is done leaves it good. */
static bool check_repaired(struct world *world)
{
	struct pair pair = { 0 };
	const enum sfp_status status = mutex_poison_read(&world->mutex_poison, &pair);

	if (status == SFP_POISONED && world->status == SFP_FAULT)
		return true;
	if (status != SFP_OK)
		return sfp_sweep_complain("refused: %s", sfp_status_name(status));
	return is_whole(&pair);
}

/* ---- situations ------------------------------------------------------------------------------ */

enum check { PLAIN, POISON, WAITED, UNDONE, SECOND, REPAIRED };

#define SITUATION(name, kind) { #name, name##_section, name##_check, kind }
static const struct situation {
	const char *name;
	enum sfp_status (*section)(struct world *world);
	bool (*read)(struct world *world, bool may_be_poisoned);
	enum check check;
} situations[] = {
	SITUATION(spin_rollback, PLAIN),
	SITUATION(spin_poison, POISON),
	SITUATION(spin_repair, PLAIN),
	SITUATION(spin_bad_repair, POISON),
	SITUATION(irq_rollback, PLAIN),
	SITUATION(irq_poison, POISON),
	SITUATION(mutex_rollback, PLAIN),
	SITUATION(mutex_poison, POISON),
	SITUATION(mutex_bad_repair, POISON),
	{ "with", with_section, spin_rollback_check, PLAIN },
	{ "nested", nested_section, spin_rollback_check, SECOND },
	{ "deadlock", deadlock_section, irq_rollback_check, PLAIN },
	{ "undo", undo_section, NULL, UNDONE },
	{ "wait", wait_section, NULL, WAITED },
	{ "repair", repair_section, NULL, REPAIRED },
};

static bool check_data(struct world *world)
{
	switch (world->situation->check) {
	case WAITED:
		return check_waited(world);
	case UNDONE:
		return check_undone(world);
	case REPAIRED:
		return check_repaired(world);
	case SECOND:
		return world->situation->read(world, false) && check_second(world);
	default:
		return world->situation->read(world, world->situation->check == POISON);
	}
}

static bool check(void *opaque)
{
	struct world *world = opaque;

	if (world->status != SFP_OK && world->status != SFP_FAULT)
		return sfp_sweep_complain("the section says %s", sfp_status_name(world->status));
	return check_free(world) && check_data(world) && check_free(world);
}

static void prepare(void *opaque)
{
	struct world *world = opaque;
	const struct pair old = { .a = OLD, .b = OLD };

	const struct situation *situation = world->situation; /* chosen in the other process */

	memset(world, 0, sizeof(*world));
	world->situation = situation;
	spin_rollback_init(&world->spin_rollback, &old);
	spin_rollback_init(&world->second, &old);
	spin_poison_init(&world->spin_poison, &old);
	spin_repair_init(&world->spin_repair, &old);
	spin_bad_repair_init(&world->spin_bad_repair, &old);
	irq_rollback_init(&world->irq_rollback, &old);
	irq_poison_init(&world->irq_poison, &old);
	mutex_rollback_init(&world->mutex_rollback, &old);
	mutex_poison_init(&world->mutex_poison, &old);
	mutex_bad_repair_init(&world->mutex_bad_repair, &old);
	if (situation->check == REPAIRED) {
		((struct pair *)(void *)mutex_poison_copies_at_(&world->mutex_poison))->b = 0;
		world->mutex_poison.core.state = SFP_MONITOR_POISONED_;
	}
	world->section = situation->section;
	world->status = SFP_EMPTY;
	irq_masked = 0;
	/* An operation that was stopped where no trap may be was left in the middle. */
	sfp_port_context()->gate = NULL;
	sfp_port_context()->guards = NULL;
}

static void begin(void)
{
	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		perror("crash_monitor");
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
	struct sfp_sweep_count count = { 0 };
	size_t i;

	the_world = sfp_sweep_memory(sizeof(*the_world));
	if (expect_bug)
		sfp_sweep_quiet();
	for (i = 0; i < sizeof(situations) / sizeof(situations[0]) && !(expect_bug && count.failures); i++) {
		const struct sfp_sweep_fault sweep = {
			.name = situations[i].name, .world = the_world, .begin = begin, .prepare = prepare,
			.operation = operate, .check = check, .signal = SIGSEGV, .eligible = is_inside,
		};

		the_world->situation = &situations[i];
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
	return count.failures != 0 || count.points < 500;
}
