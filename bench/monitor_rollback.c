/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What does it cost to be able to take a section back? One increment in data of
 * 8 bytes to 4 KiB, worked on in place (SFP_POISON) and on a copy (SFP_ROLLBACK).
 */
#include "monitor.h"

#include <sfp/monitor.h>

#define TIMES 1000u

#define SIZES(EACH) EACH(8) EACH(64) EACH(256) EACH(1024) EACH(4096)

#define DECLARE(size) \
	struct data_##size { \
		uint64_t words[size / 8]; \
	}; \
	SFP_MONITOR(rollback_##size, struct data_##size, SFP_SPIN, SFP_ROLLBACK); \
	SFP_MONITOR(poison_##size, struct data_##size, SFP_SPIN, SFP_POISON); \
	static struct rollback_##size rollback_data_##size SFP_CACHE_ALIGNED; \
	static struct poison_##size poison_data_##size SFP_CACHE_ALIGNED; \
	SECTIONS(rollback, size) \
	SECTIONS(poison, size)

#define SECTIONS(policy, size) \
	static double policy##_sections_##size(void) \
	{ \
		const uint64_t began = bench_ticks(); \
		unsigned i; \
		\
		for (i = 0; i < TIMES; i++) { \
			SFP_WITH(policy##_##size, data, &policy##_data_##size) { \
				__asm__ __volatile__("incq %0" : "+m"(data->words[size / 16])); \
			} else { \
				bench_fail("monitor/rollback: the monitor is refused"); \
			} \
		} \
		return (double)(bench_ticks() - began) / TIMES; \
	}

SIZES(DECLARE)

#define ENTRY(size) { size, { poison_sections_##size, rollback_sections_##size } },
static const struct point {
	uint64_t size;
	double (*measure[2])(void);
} points[] = { SIZES(ENTRY) };

static double measure(void *context, size_t variant)
{
	const struct point *point = context;

	return point->measure[variant]();
}

void monitor_rollback(const struct bench_options *options)
{
	static const char *const names[] = { "poison", "rollback" };
	static struct bench_series series[2];
	const struct bench_options many = { .rounds = BENCH_MAX_SAMPLES, .quick = options->quick };
	size_t p;
	size_t n;

	bench_pin(bench_cpus() - 1);
	for (p = 0; p < sizeof(points) / sizeof(points[0]); p++) {
		for (n = 0; n < 2; n++)
			series[n] = (struct bench_series){
				.bench = "monitor/rollback", .variant = names[n], .unit = "ticks",
				.x_name = "bytes", .x = points[p].size
			};
		bench_rounds(series, 2, &many, measure, (void *)(uintptr_t)&points[p]);
	}
}
