/* SPDX-License-Identifier: BSD-2-Clause */
/* dfq: the questions of the program dfq, a source each. */
#ifndef SFP_BENCH_DFQ_H
#define SFP_BENCH_DFQ_H

#include "bench.h"

void dfq_throughput(const struct bench_options *options);
void dfq_contention(const struct bench_options *options);
void dfq_round_trip(const struct bench_options *options);
void dfq_queued(const struct bench_options *options);
void dfq_longest_call(const struct bench_options *options);
void dfq_cycles(const struct bench_options *options);

#endif /* SFP_BENCH_DFQ_H */
