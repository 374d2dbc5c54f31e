/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The POSIX port for the monitor's sweep: an interrupt mask that is a variable,
 * and a wait that does not sleep but lets another thread's section happen.
 * Included before any pattern, so that these names take the place of the port's.
 */
#ifndef CRASH_PORT_H
#define CRASH_PORT_H

#include <sfp/port/posix.h>

extern unsigned irq_masked;

static inline sfp_port_irq_t crash_port_save(void)
{
	const sfp_port_irq_t before = irq_masked;

	irq_masked = 1;
	return before;
}

static inline void crash_port_restore(sfp_port_irq_t saved)
{
	irq_masked = saved;
}

void crash_port_wait(const uint32_t *word, uint32_t value);
void crash_port_wake(const uint32_t *word);

#define sfp_port_irq_save crash_port_save
#define sfp_port_irq_restore crash_port_restore
#define sfp_port_wait crash_port_wait
#define sfp_port_wake crash_port_wake
#define sfp_port_wake_one crash_port_wake

#endif /* CRASH_PORT_H */
