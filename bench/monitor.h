/* SPDX-License-Identifier: BSD-2-Clause */
/* monitor: the questions of the program monitor, a source each. */
#ifndef SFP_BENCH_MONITOR_H
#define SFP_BENCH_MONITOR_H

#include "bench.h"

void monitor_section(const struct bench_options *options);
void monitor_rollback(const struct bench_options *options);

#endif /* SFP_BENCH_MONITOR_H */
