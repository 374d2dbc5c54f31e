/* SPDX-License-Identifier: BSD-2-Clause */
/* mux: the questions of the program mux, a source each. */
#ifndef SFP_BENCH_MUX_H
#define SFP_BENCH_MUX_H

#include "bench.h"

void mux_choice(const struct bench_options *options);
void mux_cycle(const struct bench_options *options);
void mux_timers(const struct bench_options *options);

/* The same sequence for everybody. */
static inline uint64_t mux_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 40;
}

#endif /* SFP_BENCH_MUX_H */
