/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long does it take from a fault to the return of the gate around it? The
 * whole contained call is measured, so the gate itself is in the figure. The
 * software path is what a trap costs beyond the processor's own; `signal` is
 * the same with a real trap that the operating system delivers to the process.
 * In ticks of the time stamp counter.
 */
#include "guard.h"

#include <sfp/guard.h>
#include <sfp/lock.h>

#define TIMES 200u

enum ending {
	RETURN, /* which no variant does, but the compiler must not know */
	RAISE,
	TRAP,
};

struct job {
	unsigned depth;
	enum ending ending;
	struct sfp_lock lock;
};

static void fault(const struct job *job)
{
	if (job->ending == TRAP)
		__builtin_trap();
	if (job->ending == RAISE)
		sfp_fault_raise(1);
}

static void clear(unsigned *value)
{
	*value = 0;
}
SFP_GUARD(number, unsigned, clear);

static __attribute__((noinline)) enum sfp_status bare(struct job *job)
{
	fault(job);
	return SFP_OK;
}

static __attribute__((noinline)) enum sfp_status locked(struct job *job)
{
	struct sfp_lock_guard held;

	SFP_TRY(sfp_lock_acquire(&job->lock, &held));
	fault(job);
	sfp_lock_release(&held);
	return SFP_OK;
}

/* A guard a frame, this many frames. */
static __attribute__((noinline)) enum sfp_status deep(struct job *job)
{
	SFP_SCOPED(number, held, job->depth);

	if (--job->depth > 0)
		SFP_TRY(deep(job));
	else
		fault(job);
	return held.value ? SFP_OK : SFP_INVALID;
}

SFP_GATE(bare, bare, struct job *);
SFP_GATE(locked, locked, struct job *);
SFP_GATE(deep, deep, struct job *);

static const struct {
	const char *name;
	enum sfp_status (*contained)(struct job *job, struct sfp_fault *why);
	unsigned depth;
	enum ending ending;
} variants[] = {
	{ "raised", bare_contained, 1, RAISE },
	{ "raised_lock_held", locked_contained, 1, RAISE },
	{ "raised_20_guards", deep_contained, 20, RAISE },
	{ "signal", bare_contained, 1, TRAP },
	{ "signal_20_guards", deep_contained, 20, TRAP },
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static double measure(void *context, size_t variant)
{
	struct job job = { .ending = variants[variant].ending };
	struct sfp_fault why;
	const uint64_t began = bench_ticks();
	unsigned i;

	(void)context;
	for (i = 0; i < TIMES; i++) {
		job.depth = variants[variant].depth;
		if (variants[variant].contained(&job, &why) != SFP_FAULT)
			bench_fail("guard/fault: a fault did not end its gate");
		if (sfp_lock_is_held(&job.lock))
			bench_fail("guard/fault: a lock leaked");
	}
	return (double)(bench_ticks() - began) / TIMES;
}

void guard_fault(const struct bench_options *options)
{
	static struct bench_series series[VARIANTS];
	const struct bench_options many = { .rounds = BENCH_MAX_SAMPLES, .quick = options->quick };
	size_t n;

	bench_pin(bench_cpus() - 1);
	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		bench_fail("guard/fault: cannot catch signals");
	for (n = 0; n < VARIANTS; n++)
		series[n] = (struct bench_series){ .bench = "guard/fault", .variant = variants[n].name,
						   .unit = "ticks" };
	bench_rounds(series, VARIANTS, &many, measure, NULL);
}
