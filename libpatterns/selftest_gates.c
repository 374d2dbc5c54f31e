/* SPDX-License-Identifier: BSD-2-Clause */
/* selftest: gates and guards, and the way from a trap to them, which is the port's. */
#include "selftest.h"

#include <sfp/lock.h>

/* ---- things to hold: their releases leave a trace, a digit each ------------------- */

struct trace {
	uint32_t digits;
	uintptr_t at; /* the stack on which the last one was released */
};

struct note {
	struct trace *trace; /* NULL: released */
	uint32_t digit;
};

static void note_release(struct note *note)
{
	if (note->trace) {
		note->trace->digits = note->trace->digits * 10 + note->digit;
		note->trace->at = (uintptr_t)__builtin_frame_address(0);
	}
	note->trace = NULL;
}
SFP_GUARD(note, struct note, note_release);

static void note_release_and_fault(struct note *note)
{
	const bool first = note->trace != NULL;

	note_release(note);
	if (first)
		sfp_fault_raise(9);
}
SFP_GUARD(bad_note, struct note, note_release_and_fault);

/* ---- what runs in gates -------------------------------------------------------------- */

struct run {
	struct trace trace;
	uint32_t fault; /* enum fault_way */
	uintptr_t unmapped;
	const char *found;
	bool survived; /* code after the fault ran */
};

enum fault_way {
	NO_FAULT,
	RAISE,
	TRAP,
	LOAD
};

/* A sanitizer would load from somewhere else first. */
__attribute__((noinline, no_sanitize("address"), no_sanitize("thread"))) static char
load_from(uintptr_t address)
{
	return *(const volatile char *)address;
}

/* An undefined instruction. The compiler must believe that it returns, for a handler that makes it return. */
static void trap(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ __volatile__("ud2" : : : "memory");
#elif defined(__aarch64__)
	__asm__ __volatile__("udf #0" : : : "memory");
#elif defined(__riscv)
	__asm__ __volatile__("unimp" : : : "memory");
#else
	__builtin_trap();
#endif
}

__attribute__((noinline)) static void fault(const struct run *run)
{
	switch (run->fault) {
	case RAISE:
		sfp_fault_raise(77);
	case TRAP:
		trap();
		break;
	case LOAD:
		(void)load_from(run->unmapped);
		break;
	default:
		break;
	}
}

static enum sfp_status hold_three(struct run *run)
{
	SFP_SCOPED(note, first, ((struct note){ &run->trace, 1 }));
	SFP_SCOPED(note, second, ((struct note){ &run->trace, 2 }));
	SFP_SCOPED(note, third, ((struct note){ &run->trace, 3 }));

	fault(run);
	run->survived = true;
	return SFP_AGAIN;
}
SFP_GATE(three, hold_three, struct run *);

static enum sfp_status hold_a_bad_one(struct run *run)
{
	SFP_SCOPED(note, first, ((struct note){ &run->trace, 1 }));
	SFP_SCOPED(bad_note, second, ((struct note){ &run->trace, 2 }));
	SFP_SCOPED(note, third, ((struct note){ &run->trace, 3 }));

	sfp_fault_raise(77);
}
SFP_GATE(bad, hold_a_bad_one, struct run *);

/* The chains must be as they were before the gate. */
static const char *chains_differ(const struct sfp_context *context, const struct sfp_context *before)
{
	SELFTEST_THAT(sfp_port_context() == context, "after a fault the thread has another context");
	SELFTEST_THAT(context->gate == before->gate, "the gate is still open after its call");
	SELFTEST_THAT(context->guards == before->guards, "a guard is still in force after its gate");
	SELFTEST_THAT(context->pinned == before->pinned, "a pin is still taken after its gate");
	return NULL;
}

static const char *gate_passes_on(const struct sfp_selftest_host *host)
{
	const struct sfp_context before = *sfp_port_context();
	struct run run = { .fault = NO_FAULT };
	struct sfp_fault why = { .code = 5 };

	(void)host;
	SELFTEST_THAT(three_contained(&run, &why) == SFP_AGAIN,
		      "a gate changes the status that comes through it");
	SELFTEST_THAT(run.trace.digits == 321, "guards at the end of a block are not released newest first");
	SELFTEST_THAT(why.code == 5, "a gate without a fault tells of one");
	return chains_differ(sfp_port_context(), &before);
}

/* Compilers may keep data just below the stack pointer: releases run below that too, or on the spare stack. */
#define RED_ZONE 128u

static bool is_below(const struct sfp_context *context, uintptr_t at, uintptr_t sp)
{
	return at < sp - RED_ZONE || (at >= context->spare_low && at < context->spare_high);
}

static const char *fault_comes_back(struct run *run, struct sfp_fault *why)
{
	struct sfp_context *context = sfp_port_context();
	const struct sfp_context before = *context;
	const enum sfp_status status = three_contained(run, why);

	SELFTEST_THAT(!run->survived, "the code that faulted went on after its fault");
	SELFTEST_THAT(status == SFP_FAULT, "a gate whose call faulted does not return SFP_FAULT");
	SELFTEST_THAT(run->trace.digits != 0, "no guard is released by a fault");
	SELFTEST_THAT(run->trace.digits == 321, "guards are not released newest first, or not each once");
	SELFTEST_THAT(is_below(context, run->trace.at, why->sp),
		      "releases run on what the faulting code had in use: not where landing.sp says");
	return chains_differ(context, &before);
}

static const char *raised_fault_comes_back(const struct sfp_selftest_host *host)
{
	struct run run = { .fault = RAISE };
	struct sfp_fault why = { .kind = SFP_FAULT_UNKNOWN };
	const char *found = fault_comes_back(&run, &why);

	(void)host;
	SELFTEST_THAT(!found, found);
	SELFTEST_THAT(why.kind == SFP_FAULT_RAISED && why.code == 77,
		      "a raised fault does not say what was raised");
	return NULL;
}

static const char *release_may_fault(const struct sfp_selftest_host *host)
{
	struct sfp_context *context = sfp_port_context();
	const struct sfp_context before = *context;
	struct run run = { .fault = RAISE };
	struct sfp_fault why = { .kind = SFP_FAULT_UNKNOWN };

	(void)host;
	SELFTEST_THAT(bad_contained(&run, &why) == SFP_FAULT, "a fault in a release is not the gate's");
	SELFTEST_THAT(run.trace.digits == 321, "after a fault in a release the others are not released");
	SELFTEST_THAT(why.code == 77 && why.cleanup_faults == 1, "it is not the first fault that is told");
	return chains_differ(context, &before);
}

static enum sfp_status nest(struct run *run)
{
	SFP_SCOPED(note, outer, ((struct note){ &run->trace, 4 }));
	struct run inside = { .fault = run->fault };

	SELFTEST_IN_GATE(&run->found, three_contained(&inside, NULL) == SFP_FAULT,
			 "an inner gate does not take the fault");
	SELFTEST_IN_GATE(&run->found, inside.trace.digits == 321 && outer.value.trace,
			 "an inner gate releases what is held outside of it");
	return SFP_OK;
}
SFP_GATE(nest, nest, struct run *);

static const char *gates_nest(const struct sfp_selftest_host *host)
{
	struct run run = { .fault = RAISE };

	(void)host;
	SELFTEST_THAT(nest_contained(&run, NULL) == SFP_OK, "a fault in an inner gate ends the outer one");
	SELFTEST_THAT(run.found || run.trace.digits == 4, "the outer gate's guard is not released");
	return run.found;
}

struct locked {
	struct sfp_lock lock;
	const char *found;
};

static enum sfp_status lock_and_fault(struct locked *locked)
{
	struct sfp_lock_guard held;
	struct sfp_lock_guard again;

	SFP_TRY(sfp_lock_acquire(&locked->lock, &held));
	if (sfp_lock_acquire(&locked->lock, &again) != SFP_DEADLOCK)
		locked->found = "a lock that is held does not know its holder";
	sfp_fault_raise(1);
}
SFP_GATE(locked, lock_and_fault, struct locked *);

static const char *fault_lets_go(const struct sfp_selftest_host *host)
{
	struct locked locked = { .found = NULL };

	(void)host;
	SELFTEST_THAT(locked_contained(&locked, NULL) == SFP_FAULT,
		      "a gate whose call faulted does not return SFP_FAULT");
	SELFTEST_THAT(!sfp_lock_is_held(&locked.lock), "a fault leaves a lock taken");
	return locked.found;
}

/* ---- the port's part of it ------------------------------------------------------------- */

static const char *without_a_gate_it_says_so(const struct sfp_selftest_host *host)
{
	struct sfp_context none = { .gate = NULL };
	const struct sfp_fault fault = { .sp = (uintptr_t)&none };
	struct sfp_landing landing;

	(void)host;
	SELFTEST_THAT(sfp_fault_deliver(&none, &fault, &landing) == SFP_NOT_FOUND,
		      "a fault outside of all gates finds one");
	return NULL;
}

/* Where it says that it happened must be somewhere in what ran. */
static const char *place_is_wrong(const struct sfp_fault *why, uintptr_t here)
{
	const uintptr_t reach = 65536;

	SELFTEST_THAT(why->ip != 0, "the fault does not say at which instruction (fault.ip)");
	SELFTEST_THAT(why->sp < here && why->sp + reach > here,
		      "the fault's stack pointer (fault.sp) is not that of the code that trapped");
	return NULL;
}

/* Several times: whoever forgets to leave the trap's level or stack does not get far. */
static const char *traps_come_back(const struct sfp_selftest_host *host)
{
	const uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	unsigned times;

	(void)host;
	for (times = 0; times < 4; times++) {
		struct run run = { .fault = TRAP };
		struct sfp_fault why = { .kind = SFP_FAULT_RAISED };
		const char *found = fault_comes_back(&run, &why);

		SELFTEST_THAT(!found, found);
		SELFTEST_THAT(why.kind == SFP_FAULT_INSTRUCTION,
			      "an undefined instruction is told as another kind of fault");
		found = place_is_wrong(&why, here);
		SELFTEST_THAT(!found, found);
	}
	return NULL;
}

static const char *loads_come_back(const struct sfp_selftest_host *host)
{
	struct run run = { .fault = LOAD, .unmapped = host->unmapped };
	struct sfp_fault why = { .kind = SFP_FAULT_RAISED };
	const char *found = fault_comes_back(&run, &why);

	SELFTEST_THAT(!found, found);
	SELFTEST_THAT(why.kind == SFP_FAULT_MEMORY, "a load from nowhere is not told as a memory fault");
	SELFTEST_THAT(why.address == host->unmapped, "the fault does not say which address (fault.address)");
	return NULL;
}

static const char *traps_leave_interrupts(const struct sfp_selftest_host *host)
{
	struct run run = { .fault = TRAP };

	SELFTEST_THAT(three_contained(&run, NULL) == SFP_FAULT, "the trap did not come back");
	SELFTEST_THAT(host->interruptible(),
		      "after a trap interrupts are off: the handler did not restore them");
	return NULL;
}

/* A fault in an interrupt, while the thread below holds something. */
struct below {
	struct sfp_context *interrupted;
	struct trace trace;
	uint32_t done;
	const char *found;
};

static void fault_in_interrupt(void *argument)
{
	struct below *below = argument;
	struct run run = { .fault = RAISE };
	struct sfp_guard *const held = below->interrupted->guards;

	if (three_contained(&run, NULL) != SFP_FAULT || run.trace.digits != 321)
		below->found = "a fault in an interrupt does not come back to its own gate";
	else if (below->interrupted->guards != held || below->trace.digits != 0)
		below->found = "a fault in an interrupt releases what the interrupted thread holds";
	sfp_store_release_u32(&below->done, 1); /* pairs with hold_and_be_interrupted() */
}

static enum sfp_status hold_and_be_interrupted(struct below *below, const struct sfp_selftest_host *host)
{
	SFP_SCOPED(note, held, ((struct note){ &below->trace, 1 }));
	unsigned long turns = 10000000ul;

	host->interrupt(fault_in_interrupt, below);
	while (sfp_load_acquire_u32(&below->done) == 0 && turns-- > 0)
		sfp_port_relax();
	host->interrupt(NULL, NULL); /* whatever comes now finds nothing of this any more */
	return sfp_load_u32(&below->done) ? SFP_OK : SFP_EMPTY;
}

static const char *interrupts_fault_alone(const struct sfp_selftest_host *host)
{
	struct below below = { .interrupted = sfp_port_context() };

	SELFTEST_THAT(hold_and_be_interrupted(&below, host) == SFP_OK, "the host's interrupt did not come");
	return below.found;
}

const struct selftest_check sfp_selftest_gates[] = {
	{ "gate", "passes a status on", gate_passes_on, 0 },
	{ "gate", "a raised fault comes back as a status", raised_fault_comes_back, 0 },
	{ "gate", "a release may fault too", release_may_fault, 0 },
	{ "gate", "gates nest", gates_nest, 0 },
	{ "gate", "a fault lets go of locks", fault_lets_go, 0 },
	{ "trap", "outside of all gates it is nobody's", without_a_gate_it_says_so, 0 },
	{ "trap", "an undefined instruction comes back as a status", traps_come_back, SELFTEST_TRAPS },
	{ "trap", "a load from nowhere comes back as a status", loads_come_back,
	  SELFTEST_TRAPS | SELFTEST_UNMAPPED },
	{ "trap", "leaves interrupts as they were", traps_leave_interrupts,
	  SELFTEST_TRAPS | SELFTEST_INTERRUPTIBLE },
	{ "trap", "in an interrupt, leaves the interrupted alone", interrupts_fault_alone,
	  SELFTEST_INTERRUPT },
	{ .check = NULL },
};
