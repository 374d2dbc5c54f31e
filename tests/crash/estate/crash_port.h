/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The POSIX port for the sweep of burials: the contexts lie in the swept world,
 * so that whoever comes after sees what the stopped one pinned. A remote barrier
 * does nothing: a sweep is sequentially consistent. Included before any pattern,
 * so that these names take the place of the port's.
 */
#ifndef CRASH_PORT_H
#define CRASH_PORT_H

#include <sfp/port/posix.h>

/* The context of whoever runs in this process just now. */
extern struct sfp_context *crash_self;

static inline struct sfp_context *crash_context(void)
{
	return crash_self;
}

struct sfp_context *crash_context_next(struct sfp_context *after);

static inline void crash_nothing(void)
{
}

static inline bool crash_pins_are_plain(void)
{
	return true;
}

#define sfp_port_context crash_context
#define sfp_port_context_next crash_context_next
#define sfp_port_context_hold crash_nothing
#define sfp_port_context_release crash_nothing
#define sfp_port_remote_barrier_works crash_pins_are_plain
#define sfp_port_remote_barrier crash_nothing

#endif /* CRASH_PORT_H */
