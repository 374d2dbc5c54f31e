/* SPDX-License-Identifier: BSD-2-Clause */
/* monitor: waiting for one's turn, sleeping, and what a fault does to a section. */
#include <sfp/monitor.h>

/* ---- sleeping, where the port can ------------------------------------------ */

#if SFP_MONITOR_SLEEPS_

/* The half of the owner's word in which bit 0 lies; ports sleep on 32 bits. */
static const uint32_t *low_half(const uintptr_t *word)
{
	const uint32_t *halves = (const void *)word;

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	return halves + sizeof(*word) / sizeof(*halves) - 1;
#else
	return halves;
#endif
}

static void sleep_on_owner(const struct sfp_monitor *monitor, uintptr_t owner)
{
	sfp_port_wait(low_half(&monitor->owner), (uint32_t)owner);
}

static void wake_all(const uint32_t *word)
{
	sfp_port_wake(word);
}

static void wake_one(const uint32_t *word)
{
#if defined(SFP_PORT_HAS_WAKE_ONE)
	sfp_port_wake_one(word);
#else
	sfp_port_wake(word);
#endif
}

#else

/* SFP_MONITOR refuses SFP_MUTEX on such a port; nothing of this is reached. */
static const uint32_t *low_half(const uintptr_t *word)
{
	return (const void *)word;
}

static void sleep_on_owner(const struct sfp_monitor *monitor, uintptr_t owner)
{
	(void)monitor;
	(void)owner;
	sfp_port_relax();
}

static void wake_all(const uint32_t *word)
{
	(void)word;
}

static void wake_one(const uint32_t *word)
{
	(void)word;
}

#endif

void sfp_monitor_await_change_(struct sfp_monitor *monitor, uint32_t changes)
{
#if SFP_MONITOR_SLEEPS_
	sfp_port_wait(&monitor->changes, changes);
#else
	(void)monitor;
	(void)changes;
#endif
}

void sfp_monitor_wake_(struct sfp_monitor *monitor, bool all)
{
	/* Before the wake: who is about to sleep must find it changed. */
	sfp_store_u32(&monitor->changes, sfp_load_u32(&monitor->changes) + 1);
	if (all)
		wake_all(&monitor->changes);
	else
		wake_one(&monitor->changes);
}

/* ---- one's turn -------------------------------------------------------------- */

static bool holds(const struct sfp_monitor_held *held)
{
	return (sfp_load_word(&held->monitor->owner) & ~SFP_MONITOR_ASLEEP_) == (uintptr_t)&held->guard;
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

static void acquire_spinning(struct sfp_monitor_held *held)
{
	uintptr_t *word = &held->monitor->owner;
	uintptr_t owner = 0;

	while (!sfp_cas_acquire_word(word, &owner, (uintptr_t)&held->guard)) {
		while (sfp_load_word(word) != 0)
			sfp_port_relax();
		owner = 0;
	}
}

/* Is the bit set at this owner, so that it will wake us? If not, look anew. */
static bool is_told(struct sfp_monitor *monitor, uintptr_t *owner)
{
	if (*owner & SFP_MONITOR_ASLEEP_)
		return true;
	if (!sfp_cas_acquire_word(&monitor->owner, owner, *owner | SFP_MONITOR_ASLEEP_))
		return false;
	*owner |= SFP_MONITOR_ASLEEP_;
	return true;
}

void sfp_monitor_acquire_sleeping_(struct sfp_monitor_held *held)
{
	struct sfp_monitor *monitor = held->monitor;
	const uintptr_t mine = (uintptr_t)&held->guard;

	for (;;) {
		uintptr_t owner = 0;

		/* With the bit: others may sleep, and nobody else remembers them. */
		if (sfp_cas_acquire_word(&monitor->owner, &owner, mine | SFP_MONITOR_ASLEEP_))
			return;
		if (owner != 0 && is_told(monitor, &owner))
			sleep_on_owner(monitor, owner);
	}
}

void sfp_monitor_release_waking_(struct sfp_monitor_held *held)
{
	const uint32_t *asleep_on = low_half(&held->monitor->owner);

	sfp_store_release_word(&held->monitor->owner, 0);
	/* The monitor may be gone already: only its address is used. */
	wake_one(asleep_on);
}

enum sfp_status sfp_monitor_contended_(struct sfp_monitor_held *held, enum sfp_monitor_lock lock)
{
	const uintptr_t owner = sfp_load_word(&held->monitor->owner) & ~SFP_MONITOR_ASLEEP_;

	if (owner != 0 && is_mine(held->context, owner)) {
		sfp_monitor_end_(held, lock);
		held->data = NULL;
		return SFP_DEADLOCK;
	}
	if (lock == SFP_MUTEX)
		sfp_monitor_acquire_sleeping_(held);
	else
		acquire_spinning(held);
	return SFP_OK;
}

/* ---- faults ---------------------------------------------------------------------- */

/* Whatever the section was in the middle of, nobody else may wait for it. */
static void let_go(struct sfp_monitor_held *held, enum sfp_monitor_lock lock)
{
	struct sfp_monitor *monitor = held->monitor;
	const bool held_it = holds(held);

	if (lock == SFP_MUTEX && held_it) {
		sfp_store_u32(&monitor->changes, sfp_load_u32(&monitor->changes) + 1);
		wake_all(&monitor->changes);
	}
	if (held_it)
		sfp_store_release_word(&monitor->owner, 0);
	if (lock == SFP_MUTEX) {
		/* It may have owed a wake-up, or have eaten one that others need. */
		wake_all(low_half(&monitor->owner));
		wake_all(&monitor->changes);
	}
	if (lock == SFP_SPIN_IRQ)
		sfp_port_irq_restore(held->irq);
}

/* The repair faulted as well: the data stays poisoned. */
static void let_go_poisoned(struct sfp_guard *guard)
{
	struct sfp_monitor_held *held = SFP_CONTAINER(guard, struct sfp_monitor_held, let_go);

	let_go(held, (enum sfp_monitor_lock)held->lock);
}

static void poison(struct sfp_monitor *monitor)
{
	sfp_store_u32(&monitor->state, sfp_load_u32(&monitor->state) | SFP_MONITOR_POISONED_);
	sfp_compiler_barrier();
}

static void mend(struct sfp_monitor_held *held, enum sfp_monitor_lock lock, void (*repair)(void *data),
		 void *data)
{
	held->lock = (uint32_t)lock;
	sfp_guard_link(held->context, &held->let_go, let_go_poisoned);
	repair(data);
	sfp_monitor_good_(held->monitor);
	sfp_guard_unlink(held->context, &held->let_go);
}

void sfp_monitor_fault_(struct sfp_guard *guard, enum sfp_monitor_lock lock, enum sfp_monitor_policy policy,
			void (*repair)(void *data), size_t offset)
{
	struct sfp_monitor_held *held = SFP_CONTAINER(guard, struct sfp_monitor_held, guard);

	if (holds(held) && policy != SFP_MONITOR_ROLLBACK_) {
		poison(held->monitor);
		if (policy == SFP_MONITOR_REPAIR_)
			mend(held, lock, repair, (unsigned char *)held->monitor + offset);
	}
	let_go(held, lock);
}
