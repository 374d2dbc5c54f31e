/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sweep: stop an operation at every machine instruction in turn, and look.
 *
 * Overview
 *   A structure that survives the death of its users must do so wherever they
 *   die, and "wherever" is a machine instruction, not a line. A sweep runs one
 *   operation in a process of its own (the victim) over memory that it shares
 *   with this one. Before each instruction, all that the dead would leave
 *   behind is exactly that memory: this process plays whoever comes after,
 *   recovers, uses and checks it, puts it back as it was, and lets the victim
 *   go on by one instruction. Nothing is timed or random; a sweep of a hundred
 *   instructions takes some milliseconds.
 *
 *   A fault sweep is for code that survives its own traps: at each instruction
 *   in turn a signal arrives as if the processor had raised it, the victim
 *   handles it, and is asked afterwards whether all is well.
 *
 * Usage
 *   struct world *world = sfp_sweep_memory(sizeof(*world));
 *   const struct sfp_sweep sweep = {
 *           .name = "push to an empty stack", .world = world,
 *           .prepare = make_empty, .operation = push_one, .check = still_a_stack,
 *   };
 *   sfp_sweep_run(&sweep, &count);     // prints what it found
 *
 * Not for: operations that make system calls or take longer than a few thousand
 * instructions; what a store buffer hides (the steps are sequentially
 * consistent); code built with a sanitizer. For programs that were not written for it
 * there is the command, sfp-sweep.
 */
#ifndef SFP_SWEEP_H
#define SFP_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Totals over several sweeps. Zeroed to begin with. */
struct sfp_sweep_count {
	unsigned long situations;
	unsigned long points;      /* instructions at which an operation was stopped and the rule checked */
	unsigned long failures;    /* points, or situations, that broke the rule */
};

/** Where an operation was stopped; for the check. */
struct sfp_sweep_point {
	unsigned long step;        /* instructions that the operation had behind it */
	bool returned;             /* it had all of them behind it */
	bool meddled;              /* `between` was called in its course */
	bool twice;                /* it is `again` that was stopped, after the operation had been */
};

/** One operation in one situation. Only name, world, prepare, operation and check are needed. */
struct sfp_sweep {
	const char *name;
	void *world;               /* the argument of all functions, within sfp_sweep_memory() */
	void (*prepare)(void *world);
	void (*operation)(void *world);   /* runs in the victim; all others run in this process */
	bool (*check)(void *world,
		      const struct sfp_sweep_point *point); /* false after sfp_sweep_complain() */

	/* Somebody else's doing, tried before each instruction in turn. The operation is swept on from there;
	 * if `brisk`, only checked at its end. */
	void (*between)(void *world);
	bool brisk;

	/* The successor's first operation, in a victim too: it is swept in its turn wherever the first stop
	 * left other memory than the stop before. `succeed` is told first, in this process. */
	void (*again)(void *world);
	void (*succeed)(void *world);

	/* What nobody's death may hold up: runs in the victim's place for at most `bound` instructions. */
	void (*others)(void *world);
	unsigned long bound;

	unsigned long limit;       /* an operation longer than this does not end; 0: 20000 */
};

/** Memory that victims share, zeroed; call it once, before the first sweep. Ends the program without it. */
void *sfp_sweep_memory(size_t size);

/**
 * Sweep; adds to *count and prints each failure (the first few of a situation).
 * False if there was any.
 */
bool sfp_sweep_run(const struct sfp_sweep *sweep, struct sfp_sweep_count *count);

/** A trap at every instruction; prepare, operation and check run in the victim. */
struct sfp_sweep_fault {
	const char *name;
	void *world;
	void (*begin)(void);       /* once a victim: install handlers */
	void (*prepare)(void *world);
	void (*operation)(void *world);
	bool (*check)(void *world);
	int signal;                /* SIGSEGV, SIGILL ... */
	bool (*eligible)(void *world, uintptr_t ip); /* may it trap here? in this process; NULL: anywhere */

	/* Before the step of this number, in this process: what ends the operation's waiting. A trap that
	 * comes earlier ends it by itself. */
	void (*help)(void *world);
	unsigned long help_at;
};

bool sfp_sweep_fault_run(const struct sfp_sweep_fault *sweep, struct sfp_sweep_count *count);

/** Say what is wrong; the text goes with the report. Returns false. The first one of a check counts. */
bool sfp_sweep_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Print no failures from now on: for tests that want some. The first is still kept for sfp_sweep_first(). */
void sfp_sweep_quiet(void);

/** The first failure of all, in words; "" if there was none. */
const char *sfp_sweep_first(void);

#endif /* SFP_SWEEP_H */
