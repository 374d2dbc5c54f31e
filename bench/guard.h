/* SPDX-License-Identifier: BSD-2-Clause */
/* guard: the questions of the program guard, a source each. */
#ifndef SFP_BENCH_GUARD_H
#define SFP_BENCH_GUARD_H

#include "bench.h"

void guard_gate(const struct bench_options *options);
void guard_lock(const struct bench_options *options);
void guard_fault(const struct bench_options *options);

#endif /* SFP_BENCH_GUARD_H */
