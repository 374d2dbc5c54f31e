/* SPDX-License-Identifier: BSD-2-Clause */
/* lock: the halves of the spin lock that need not be inline. */
#include <sfp/lock.h>

void sfp_lock_guard_release(struct sfp_guard *guard)
{
	struct sfp_lock_guard *held = SFP_CONTAINER(guard, struct sfp_lock_guard, guard);

	/* Nobody else can have stored this address: it is ours while the guard lives. */
	if (sfp_load_word(&held->lock->owner) == (uintptr_t)guard)
		sfp_store_release_word(&held->lock->owner, 0);
}

/* The owner's guard may be on another thread's stack: compare its address, never read it. */
static bool is_mine(const struct sfp_context *context, uintptr_t owner)
{
	const struct sfp_guard *guard;

	for (guard = context->guards; guard; guard = guard->older)
		if ((uintptr_t)guard == owner)
			return true;
	return false;
}

enum sfp_status sfp_lock_acquire_contended(struct sfp_lock_guard *held)
{
	uintptr_t owner = sfp_load_word(&held->lock->owner);

	if (owner != 0 && is_mine(held->context, owner)) {
		sfp_guard_unlink(held->context, &held->guard);
		return SFP_DEADLOCK;
	}
	for (;;) {
		owner = 0;
		if (sfp_cas_acquire_word(&held->lock->owner, &owner, (uintptr_t)&held->guard))
			return SFP_OK;
		while (sfp_load_word(&held->lock->owner) != 0)
			sfp_port_relax();
	}
}
