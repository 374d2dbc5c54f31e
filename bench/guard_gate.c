/* SPDX-License-Identifier: BSD-2-Clause */
/* What does a call through a gate cost, when nothing happens in it? In ticks of the time stamp counter. */
#include "guard.h"

#include <sfp/guard.h>

#define CALLS 1000u

struct job {
	uint64_t count;
};

/* Not inlined, so that all three ways call the same function. */
static __attribute__((noinline)) enum sfp_status work(struct job *job)
{
	job->count++;
	__asm__ __volatile__("" ::: "memory"); /* a call is a call */
	return SFP_OK;
}
SFP_GATE(work, work, struct job *);

static enum sfp_status (*volatile work_pointer)(struct job *) = work;

static double direct(struct job *job)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < CALLS; i++)
		if (work(job) != SFP_OK)
			bench_fail("guard/gate: a call failed");
	return (double)(bench_ticks() - began) / CALLS;
}

static double indirect(struct job *job)
{
	enum sfp_status (*const pointer)(struct job *) = work_pointer;
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < CALLS; i++)
		if (pointer(job) != SFP_OK)
			bench_fail("guard/gate: a call failed");
	return (double)(bench_ticks() - began) / CALLS;
}

static double contained(struct job *job)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < CALLS; i++)
		if (work_contained(job, NULL) != SFP_OK)
			bench_fail("guard/gate: a contained call failed");
	return (double)(bench_ticks() - began) / CALLS;
}

static const struct {
	const char *name;
	double (*measure)(struct job *job);
} variants[] = {
	{ "direct_call", direct },
	{ "indirect_call", indirect },
	{ "sfp_gate", contained },
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static double measure(void *context, size_t variant)
{
	return variants[variant].measure(context);
}

void guard_gate(const struct bench_options *options)
{
	static struct bench_series series[VARIANTS];
	const struct bench_options many = { .rounds = BENCH_MAX_SAMPLES, .quick = options->quick };
	struct job job = { 0 };
	size_t n;

	bench_pin(bench_cpus() - 1);
	for (n = 0; n < VARIANTS; n++)
		series[n] = (struct bench_series){ .bench = "guard/gate", .variant = variants[n].name, .unit = "ticks" };
	bench_rounds(series, VARIANTS, &many, measure, &job);
}
