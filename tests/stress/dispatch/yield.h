/* SPDX-License-Identifier: BSD-2-Clause */
/* Let others run, once in sixteen times. */
#ifndef STRESS_YIELD_H
#define STRESS_YIELD_H

#include <sched.h>

static inline void stress_yield(void)
{
	static __thread unsigned drawn;

	drawn = drawn * 1103515245u + 12345u;
	if ((drawn >> 16) % 16 == 0)
		sched_yield();
}

#endif /* STRESS_YIELD_H */
