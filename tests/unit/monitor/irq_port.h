/* SPDX-License-Identifier: BSD-2-Clause */
/* The POSIX port with a make-believe interrupt mask a thread. */
#ifndef IRQ_PORT_H
#define IRQ_PORT_H

#include <sfp/port/posix.h>

extern __thread unsigned irq_masked;    /* 1: interrupts are off */

static inline sfp_port_irq_t irq_port_save(void)
{
	const sfp_port_irq_t before = irq_masked;

	irq_masked = 1;
	return before;
}

static inline void irq_port_restore(sfp_port_irq_t saved)
{
	irq_masked = saved;
}

#define sfp_port_irq_save irq_port_save
#define sfp_port_irq_restore irq_port_restore

#endif /* IRQ_PORT_H */
