/* SPDX-License-Identifier: BSD-2-Clause */
/* thread: see thread.h. */
#include "thread.h"

#include "cpu.h"

void thread_idle(void)
{
	for (;;) {
		__asm__ __volatile__("cli" : : : "memory");
		cpu_sleep();
	}
}
