/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The POSIX port for the sweep of interfaces and estates: the contexts lie in
 * the swept world, so that whoever comes after sees what the stopped one pinned.
 * Included before any pattern, so that these names take the place of the port's.
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

static inline void crash_context_hold(void)
{
}

#define sfp_port_context crash_context
#define sfp_port_context_next crash_context_next
#define sfp_port_context_hold crash_context_hold
#define sfp_port_context_release crash_context_hold

#endif /* CRASH_PORT_H */
