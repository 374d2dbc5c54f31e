/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench: what every bench program shares: time, pinning, samples, records.
 *
 * A program answers questions. A question measures all of its variants in
 * rounds, one sample of each variant a round, so that whatever else the machine
 * does meets all of them alike. The first round warms up and is thrown away.
 * The records go to standard output, one JSON object a line; what a person
 * wants to see meanwhile goes to standard error.
 */
#ifndef SFP_BENCH_H
#define SFP_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BENCH_MAX_SAMPLES 101u
#define BENCH_MAX_VARIANTS 32u

/* How much of everything. */
struct bench_options {
	unsigned rounds;      /* samples of each variant that are kept */
	bool quick;           /* shorter samples too */
};

struct bench_question {
	const char *name;     /* "dfq/throughput" */
	const char *what;     /* one line for --list */
	void (*run)(const struct bench_options *options);
};

/* Reads the command line, runs what it names. The whole of a bench program's main(). */
int bench_main(int count, char **words, const struct bench_question *questions, size_t questions_count);

/* The samples of one variant at one point of its plot. */
struct bench_series {
	const char *bench;
	const char *variant;
	const char *unit;
	const char *x_name;   /* "producers", "queued", or NULL where there is no x */
	uint64_t x;
	unsigned count;
	double samples[BENCH_MAX_SAMPLES];
};

void bench_add(struct bench_series *series, double sample);
double bench_median(const struct bench_series *series);

/* Write the record, one JSON object on one line. */
void bench_emit(const struct bench_series *series);

/*
 * Take the samples of all variants, round by round, and write their records.
 * `measure` returns one sample of the variant with this index.
 */
void bench_rounds(struct bench_series *series, size_t variants, const struct bench_options *options,
		  double (*measure)(void *context, size_t variant), void *context);

/* Ends the program: a result that is wrong has no speed. */
void bench_fail(const char *what) __attribute__((noreturn, cold));

double bench_now_ns(void);

/* Time stamp counter, with everything before it done and nothing after it begun. */
static inline uint64_t bench_ticks(void)
{
	uint32_t low;
	uint32_t high;

	__asm__ __volatile__("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* Time stamp counter's ticks a nanosecond, measured once. */
double bench_ticks_per_ns(void);

/* The calling thread runs on this processor only. */
void bench_pin(unsigned cpu);

/* ... on one of those that are not the last, which is the consumer's. */
void bench_pin_to_other(unsigned number);

unsigned bench_cpus(void);

/* Zeroed, touched, and begins a cache line. */
void *bench_allocate(size_t bytes);

/*
 * One turn of a wait for the other side: 1, 2, 4 ... 64 pauses, then the
 * processor to others. It is what Rust's channel does when it waits by itself.
 * Set *turn to 0 after every success.
 */
#define BENCH_SPIN_TURNS 6u

void bench_yield(void);

static inline void bench_wait(unsigned *turn)
{
	unsigned pauses;

	if (*turn > BENCH_SPIN_TURNS) {
		bench_yield();
		return;
	}
	for (pauses = 1u << *turn; pauses > 0; pauses--)
		__asm__ __volatile__("pause" ::: "memory");
	++*turn;
}

#ifdef __cplusplus
}
#endif

#endif /* SFP_BENCH_H */
