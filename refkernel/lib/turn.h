/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * turn: one at a time, on all processors, with this one's interrupts off; a fault ends it as
 * turn_end() does. For what a driver's interrupt handler shares with its operations, and for devices,
 * which no monitor can roll back.
 */
#ifndef LIB_TURN_H
#define LIB_TURN_H

#include <sfp/lock.h>

struct turn {
	struct sfp_lock_guard held;
	sfp_port_irq_t irq;
};

/* DEADLOCK: this context has it already. Not from code that an interrupt of its own level can interrupt. */
static inline SFP_NODISCARD enum sfp_status turn_take(struct sfp_lock *lock, struct turn *turn)
{
	enum sfp_status status;

	turn->irq = sfp_port_irq_save();
	status = sfp_lock_acquire(lock, &turn->held);
	if (status != SFP_OK)
		sfp_port_irq_restore(turn->irq);
	return status;
}

static inline void turn_end(struct turn *turn)
{
	sfp_lock_release(&turn->held);
	sfp_port_irq_restore(turn->irq);
}

#endif /* LIB_TURN_H */
