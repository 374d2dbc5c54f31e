/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What does a section cost, beside a bare lock around the same increment? Each
 * uncontended, in ticks of the time stamp counter. The process has had a second
 * thread: until then glibc's mutex does without atomic operations.
 */
#include "monitor.h"

#include <ck_spinlock.h>
#include <pthread.h>
#include <sfp/monitor.h>

#define TIMES 1000u

static void nothing_to_mend(uint64_t *data)
{
	(void)data;
}

SFP_MONITOR(spin_poison, uint64_t, SFP_SPIN, SFP_POISON);
SFP_MONITOR(spin_repair, uint64_t, SFP_SPIN, SFP_REPAIR(nothing_to_mend));
SFP_MONITOR(spin_rollback, uint64_t, SFP_SPIN, SFP_ROLLBACK);
SFP_MONITOR(mutex_poison, uint64_t, SFP_MUTEX, SFP_POISON);
SFP_MONITOR(mutex_rollback, uint64_t, SFP_MUTEX, SFP_ROLLBACK);

static struct {
	ck_spinlock_t spin;
	pthread_mutex_t mutex;
	uint64_t data;
	struct spin_poison spin_poison;
	struct spin_repair spin_repair;
	struct spin_rollback spin_rollback;
	struct mutex_poison mutex_poison;
	struct mutex_rollback mutex_rollback;
} shared SFP_CACHE_ALIGNED = { .spin = CK_SPINLOCK_INITIALIZER, .mutex = PTHREAD_MUTEX_INITIALIZER };

/* What the lock is for; the compiler must leave it between lock and unlock. */
static inline void critical(uint64_t *data)
{
	__asm__ __volatile__("incq %0" : "+m"(*data));
}

static double bare_spin(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TIMES; i++) {
		ck_spinlock_lock(&shared.spin);
		critical(&shared.data);
		ck_spinlock_unlock(&shared.spin);
	}
	return (double)(bench_ticks() - began) / TIMES;
}

static double bare_mutex(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TIMES; i++) {
		pthread_mutex_lock(&shared.mutex);
		critical(&shared.data);
		pthread_mutex_unlock(&shared.mutex);
	}
	return (double)(bench_ticks() - began) / TIMES;
}

#define SECTIONS(name) \
	static double name##_sections(void) \
	{ \
		const uint64_t began = bench_ticks(); \
		unsigned i; \
		\
		for (i = 0; i < TIMES; i++) { \
			SFP_WITH(name, data, &shared.name) { \
				critical(data); \
			} else { \
				bench_fail("monitor/section: the monitor is refused"); \
			} \
		} \
		return (double)(bench_ticks() - began) / TIMES; \
	}

SECTIONS(spin_poison)
SECTIONS(spin_repair)
SECTIONS(spin_rollback)
SECTIONS(mutex_poison)
SECTIONS(mutex_rollback)

static const struct {
	const char *name;
	double (*measure)(void);
} variants[] = {
	{ "ck_spinlock", bare_spin },
	{ "pthread_mutex", bare_mutex },
	{ "spin_poison", spin_poison_sections },
	{ "spin_repair", spin_repair_sections },
	{ "spin_rollback", spin_rollback_sections },
	{ "mutex_poison", mutex_poison_sections },
	{ "mutex_rollback", mutex_rollback_sections },
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static double measure(void *context, size_t variant)
{
	(void)context;
	return variants[variant].measure();
}

static void *do_nothing(void *argument)
{
	return argument;
}

void monitor_section(const struct bench_options *options)
{
	static struct bench_series series[VARIANTS];
	const struct bench_options many = { .rounds = BENCH_MAX_SAMPLES, .quick = options->quick };
	pthread_t second;
	size_t n;

	if (pthread_create(&second, NULL, do_nothing, NULL) != 0)
		bench_fail("monitor/section: no second thread");
	pthread_join(second, NULL);
	bench_pin(bench_cpus() - 1);
	for (n = 0; n < VARIANTS; n++)
		series[n] = (struct bench_series){
			.bench = "monitor/section", .variant = variants[n].name, .unit = "ticks"
		};
	bench_rounds(series, VARIANTS, &many, measure, NULL);
}
