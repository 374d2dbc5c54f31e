/* SPDX-License-Identifier: BSD-2-Clause */
/* shared: the memory that victims share, copies of it, and calls that may not come back. */
#ifndef SFP_SWEEP_SHARED_H
#define SFP_SWEEP_SHARED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct snapshot;

/** Where the victims' stack begins: its highest address. */
void *shared_stack_top(void);

/** Copy the world, and the stack from `stack_low` up. */
struct snapshot *snapshot_take(uintptr_t stack_low);
void snapshot_restore(const struct snapshot *snapshot);
void snapshot_free(struct snapshot *snapshot);

/** Is the world (not the stack) as it was then? */
bool snapshot_is_current(const struct snapshot *snapshot);

/** function(argument), here; false if it complained, crashed or did not end. */
bool shared_try(void (*function)(void *), void *argument);

/** Forget the complaint. */
void shared_clear(void);

/** `where` and the complaint make a failure; print it if `loud`. Clears the complaint. */
void shared_report(const char *where, bool loud);

/** An address of this program in words. */
void shared_where(uintptr_t address, char *text, size_t size);

#endif /* SFP_SWEEP_SHARED_H */
