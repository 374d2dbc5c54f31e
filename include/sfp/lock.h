/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lock: a spin lock whose word is the address of its holder's guard.
 *
 * Overview
 *   An ordinary spin lock taken and then guarded leaks if the holder traps
 *   between the two; guarded and then taken, a fault releases a lock that
 *   somebody else holds. Here both are one event: the guard is linked first,
 *   and the compare-and-swap that takes the lock stores the guard's address.
 *   "Do I hold it?" is then a comparison, true exactly from that store to the
 *   store that lets go, and a lock knows its owner.
 *
 *   Not for: long waits (it spins), fairness (whoever is first to swap wins),
 *   or holders that stop for ever without a fault: a spin lock cannot survive
 *   fail-stop. Use a decoupled queue there.
 *
 * Usage
 *   struct sfp_lock_guard held;
 *
 *   SFP_TRY(sfp_lock_acquire(&table->lock, &held));
 *   table->entries++;
 *   sfp_lock_release(&held);             // a fault before here lets go as well
 */
#ifndef SFP_LOCK_H
#define SFP_LOCK_H

#include <sfp/guard.h>

/** Zeroed is free. One word; the holder's guard, or 0. */
struct sfp_lock {
	uintptr_t owner; /* the address of the holder's guard, or 0 */
};

/** A holding, on the holder's stack. Not to be moved or copied while it lasts. */
struct sfp_lock_guard {
	struct sfp_guard guard;      /* in force while it lasts */
	struct sfp_context *context; /* the holder's */
	struct sfp_lock *lock;       /* what is held */
};

/**
 * The cold half of sfp_lock_acquire(), which calls it with *held linked: wait, or find that this context
 * holds it already.
 * @context @owner @retains @return as sfp_lock_acquire()   @progress blocking
 * @order   acquire, pairs with the release store of sfp_lock_release()
 * @cost    as long as others hold the lock; sfp_port_relax() a turn
 */
enum sfp_status sfp_lock_acquire_contended(struct sfp_lock_guard *held) SFP_NODISCARD;

/**
 * What a fault does to a holding: let go if it holds, else nothing. For the chain of guards, not for users.
 * @context where a fault's releases run   @progress wait-free
 * @order   release, pairs with the acquire of the next holder's compare-and-swap
 * @owner   *guard is its holder's again   @retains nothing   @cost a load, a compare and a store
 * @return  cannot fail; may run when nothing is held (any more)
 */
void sfp_lock_guard_release(struct sfp_guard *guard);

/**
 * Take the lock; *held is in force until sfp_lock_release().
 * @context any with a context of its own; where interrupt handlers take it too, with interrupts off
 * @progress blocking   @order acquire, pairs with the release store of sfp_lock_release()
 * @owner   *held stays the caller's and must not move   @retains *held, until released
 * @cost    one compare-and-swap and four stores
 * @return  SFP_OK, or SFP_DEADLOCK if this context holds it already (nothing is changed)
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_lock_acquire(struct sfp_lock *lock,
								 struct sfp_lock_guard *held)
{
	uintptr_t expected = 0;

	held->context = sfp_port_context();
	held->lock = lock;
	sfp_guard_link(held->context, &held->guard, sfp_lock_guard_release);
	if (SFP_LIKELY(sfp_cas_acquire_word(&lock->owner, &expected, (uintptr_t)&held->guard)))
		return SFP_OK;
	return sfp_lock_acquire_contended(held);
}

/**
 * Let go.
 * @context the context that took it   @progress wait-free
 * @order   release, pairs with the acquire of the next holder's compare-and-swap
 * @owner   *held is wholly the caller's again   @retains nothing   @cost two stores
 * @return  cannot fail; *held must hold the lock and be the newest guard
 */
SFP_ALWAYS_INLINE void sfp_lock_release(struct sfp_lock_guard *held)
{
	sfp_store_release_word(&held->lock->owner, 0);
	sfp_guard_unlink(held->context, &held->guard);
}

/**
 * Does anybody hold it?
 * @context any   @progress wait-free   @order none: old news by the time it is read
 * @owner   nothing changes hands   @retains nothing   @cost a load   @return true or false
 */
SFP_ALWAYS_INLINE bool sfp_lock_is_held(const struct sfp_lock *lock)
{
	return sfp_load_word(&lock->owner) != 0;
}

#endif /* SFP_LOCK_H */
