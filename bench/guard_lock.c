/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What does a lock cost that a fault releases, beside one that it does not? Lock,
 * one store to what is locked, unlock; uncontended. In ticks of the time stamp counter.
 */
#include "guard.h"

#include <ck_spinlock.h>
#include <sfp/lock.h>

#define TIMES 1000u

static struct {
	ck_spinlock_t fas;
	ck_spinlock_cas_t cas;
	struct sfp_lock sfp;
	uint64_t data;
} shared SFP_CACHE_ALIGNED = { .fas = CK_SPINLOCK_INITIALIZER, .cas = CK_SPINLOCK_CAS_INITIALIZER };

/* What the lock is for; the compiler must leave it between lock and unlock. */
static inline void critical(void)
{
	__asm__ __volatile__("incq %0" : "+m"(shared.data));
}

static double bare_exchange(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TIMES; i++) {
		ck_spinlock_lock(&shared.fas);
		critical();
		ck_spinlock_unlock(&shared.fas);
	}
	return (double)(bench_ticks() - began) / TIMES;
}

static double bare_cas(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TIMES; i++) {
		ck_spinlock_cas_lock(&shared.cas);
		critical();
		ck_spinlock_cas_unlock(&shared.cas);
	}
	return (double)(bench_ticks() - began) / TIMES;
}

static double guarded(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TIMES; i++) {
		struct sfp_lock_guard held;

		if (sfp_lock_acquire(&shared.sfp, &held) != SFP_OK)
			bench_fail("guard/lock: the lock is taken");
		critical();
		sfp_lock_release(&held);
	}
	return (double)(bench_ticks() - began) / TIMES;
}

static const struct {
	const char *name;
	double (*measure)(void);
} variants[] = {
	{ "ck_spinlock", bare_exchange },
	{ "ck_spinlock_cas", bare_cas },
	{ "sfp_lock", guarded },
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static double measure(void *context, size_t variant)
{
	(void)context;
	return variants[variant].measure();
}

void guard_lock(const struct bench_options *options)
{
	static struct bench_series series[VARIANTS];
	const struct bench_options many = { .rounds = BENCH_MAX_SAMPLES, .quick = options->quick };
	size_t n;

	bench_pin(bench_cpus() - 1);
	for (n = 0; n < VARIANTS; n++)
		series[n] = (struct bench_series){ .bench = "guard/lock", .variant = variants[n].name, .unit = "ticks" };
	bench_rounds(series, VARIANTS, &many, measure, NULL);
}
