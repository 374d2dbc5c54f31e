/* SPDX-License-Identifier: BSD-2-Clause */
/* bench: the command line, the clock, medians and records. */
#define _GNU_SOURCE
#include "bench.h"

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void bench_fail(const char *what)
{
	fprintf(stderr, "\nbench: %s\n", what);
	exit(1);
}

double bench_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

double bench_ticks_per_ns(void)
{
	static double ratio;

	if (ratio == 0) {
		const double began = bench_now_ns();
		const uint64_t ticks = bench_ticks();

		while (bench_now_ns() - began < 50e6)
			;
		ratio = (double)(bench_ticks() - ticks) / (bench_now_ns() - began);
	}
	return ratio;
}

unsigned bench_cpus(void)
{
	const long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus < 1 ? 1 : (unsigned)cpus;
}

void bench_pin(unsigned cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu % bench_cpus(), &set);
	if (sched_setaffinity(0, sizeof(set), &set) != 0)
		bench_fail("cannot pin a thread to a processor");
}

void bench_pin_to_other(unsigned number)
{
	const unsigned others = bench_cpus() - 1;

	bench_pin(others > 0 ? number % others : 0);
}

void bench_yield(void)
{
	sched_yield();
}

void *bench_allocate(size_t bytes)
{
	const size_t line = 64;
	void *memory = aligned_alloc(line, (bytes + line - 1) / line * line);

	if (!memory)
		bench_fail("out of memory");
	memset(memory, 0, bytes);
	return memory;
}

/* ---- samples -------------------------------------------------------------- */

void bench_add(struct bench_series *series, double sample)
{
	if (series->count == BENCH_MAX_SAMPLES)
		bench_fail("more samples than there is room for");
	series->samples[series->count++] = sample;
}

static int by_value(const void *left, const void *right)
{
	const double a = *(const double *)left;
	const double b = *(const double *)right;

	return (a > b) - (a < b);
}

double bench_median(const struct bench_series *series)
{
	double sorted[BENCH_MAX_SAMPLES];
	const unsigned half = series->count / 2;

	if (series->count == 0)
		bench_fail("a series without samples");
	memcpy(sorted, series->samples, series->count * sizeof(sorted[0]));
	qsort(sorted, series->count, sizeof(sorted[0]), by_value);
	return series->count % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

void bench_emit(const struct bench_series *series)
{
	unsigned i;

	printf("{\"bench\":\"%s\",\"variant\":\"%s\",", series->bench, series->variant);
	if (series->x_name)
		printf("\"%s\":%" PRIu64 ",", series->x_name, series->x);
	printf("\"unit\":\"%s\",\"median\":%.3f,\"samples\":[", series->unit, bench_median(series));
	for (i = 0; i < series->count; i++)
		printf("%s%.3f", i ? "," : "", series->samples[i]);
	puts("]}");
	fflush(stdout);
}

/* One line, written over and over; the newline of a record ends it. */
static void show_progress(const struct bench_series *series, unsigned round, unsigned rounds)
{
	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%s", series->bench);
	if (series->x_name)
		fprintf(stderr, ", %" PRIu64 " %s", series->x, series->x_name);
	fprintf(stderr, ": round %u of %u", round, rounds);
	fflush(stderr);
}

/*
 * A queue whose producers wait for each other can take minutes for what others
 * do in milliseconds: a variant gets no further samples at one point when it
 * has spent so much, and then its first, cold one counts too.
 */
#define MOST_NS(options) ((options)->quick ? 1e9 : 5e9)

static double timed_sample(double (*measure)(void *context, size_t variant), void *context, size_t n, double *spent)
{
	const double began = bench_now_ns();
	const double sample = measure(context, n);

	*spent += bench_now_ns() - began;
	return sample;
}

void bench_rounds(struct bench_series *series, size_t variants, const struct bench_options *options,
		  double (*measure)(void *context, size_t variant), void *context)
{
	double spent[BENCH_MAX_VARIANTS] = { 0 };
	unsigned round;
	size_t n;

	if (variants > BENCH_MAX_VARIANTS)
		bench_fail("more variants than there is room for");
	for (round = 0; round <= options->rounds; round++) {
		show_progress(series, round, options->rounds);
		for (n = 0; n < variants; n++) {
			if (spent[n] <= MOST_NS(options)) {
				const double sample = timed_sample(measure, context, n, &spent[n]);

				if (round > 0 || spent[n] > MOST_NS(options)) /* the first one warms up */
					bench_add(&series[n], sample);
			}
		}
	}
	for (n = 0; n < variants; n++)
		bench_emit(&series[n]);
}

/* ---- the command line ------------------------------------------------------- */

static void usage(const char *program)
{
	printf("Usage: %s [--quick] [--rounds=N] [--list] [QUESTION]...\n"
	       "Answers the questions named, or all. Records go to standard output.\n", program);
}

static const struct bench_question *question_named(const struct bench_question *questions, size_t count,
						   const char *name)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(questions[i].name, name) == 0)
			return &questions[i];
	return NULL;
}

static void list(const struct bench_question *questions, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		printf("%-20s %s\n", questions[i].name, questions[i].what);
}

/* An option: true if it was one and is taken care of. */
static bool take_option(struct bench_options *options, const char *word)
{
	if (strcmp(word, "--quick") == 0) {
		options->quick = true;
		options->rounds = 7;
		return true;
	}
	if (strncmp(word, "--rounds=", 9) == 0) {
		const long rounds = strtol(word + 9, NULL, 10);

		if (rounds < 1 || rounds > (long)BENCH_MAX_SAMPLES)
			return false;
		options->rounds = (unsigned)rounds;
		return true;
	}
	return false;
}

/* 0: go on; 1: everything was said; 2: wrong usage. */
static int take_words(struct bench_options *options, int count, char **words,
		      const struct bench_question *questions, size_t questions_count)
{
	int n;

	for (n = 1; n < count; n++) {
		if (strcmp(words[n], "--list") == 0) {
			list(questions, questions_count);
			return 1;
		}
		if (strcmp(words[n], "--help") == 0) {
			usage(words[0]);
			return 1;
		}
		if (words[n][0] == '-' ? !take_option(options, words[n])
				       : !question_named(questions, questions_count, words[n])) {
			fprintf(stderr, "%s: '%s' is neither an option nor a question; see --help and --list\n",
				words[0], words[n]);
			return 2;
		}
	}
	return 0;
}

int bench_main(int count, char **words, const struct bench_question *questions, size_t questions_count)
{
	struct bench_options options = { .rounds = 21 };
	const int taken = take_words(&options, count, words, questions, questions_count);
	bool named = false;
	size_t i;
	int n;

	if (taken != 0)
		return taken == 1 ? 0 : taken;
	for (n = 1; n < count; n++)
		if (words[n][0] != '-') {
			question_named(questions, questions_count, words[n])->run(&options);
			named = true;
		}
	for (i = 0; !named && i < questions_count; i++)
		questions[i].run(&options);
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	return 0;
}
