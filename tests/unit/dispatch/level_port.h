/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The POSIX port with interrupts: a signal is one, and runs in a context of its
 * own, which is enumerated before those of the threads. Included before any
 * pattern, so that these names take the place of the port's.
 */
#ifndef LEVEL_PORT_H
#define LEVEL_PORT_H

#include <sfp/port/posix.h>

#ifdef LEVEL_PORT_NO_REMOTE_BARRIER
#undef SFP_PORT_HAS_REMOTE_BARRIER
#endif

/* The context of the interrupt that this thread is in; NULL: it is in none. */
extern __thread struct sfp_context *level_context;

static inline struct sfp_context *level_port_context(void)
{
	return level_context ? level_context : &sfp_posix_context_self;
}

struct sfp_context *level_port_context_next(struct sfp_context *after);

/* How often the list of contexts was held; an interrupt must not. */
extern uint32_t level_holds;
void level_port_context_hold(void);

#define sfp_port_context level_port_context
#define sfp_port_context_next level_port_context_next
#define sfp_port_context_hold level_port_context_hold

#endif /* LEVEL_PORT_H */
