/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * monitor: data that cannot be reached without its lock, and that no fault
 * leaves half-written.
 *
 * Overview
 *   A lock beside its data protects whoever remembers to take it, and nobody
 *   from a holder that traps half-way: the lock may be released for it, but
 *   what it had begun to write stays begun. That is state spill of the worst
 *   kind, one client's accident in everybody's data. Here lock and data are one
 *   object. The data can only be named inside a *section*, which ends with its
 *   block, whichever way that is left; and what a fault in a section does to
 *   the data is part of the type:
 *
 *   SFP_ROLLBACK   work happens on a copy; one store makes it the data. A fault
 *                  leaves what was there before.
 *   SFP_POISON     work happens in place. After a fault nobody gets in: the
 *                  status is SFP_POISONED until somebody repairs the data.
 *   SFP_REPAIR(fn) work happens in place. After a fault fn(data) runs under the
 *                  lock; if that faults too, the data is poisoned.
 *
 *   Not for: a word that one atomic store can change; big data under ROLLBACK
 *   (each section copies all of it); sections that may stop for ever without a
 *   fault (use a decoupled queue); long work under SFP_SPIN.
 *
 * Usage
 *   struct account {
 *           long balance;
 *           long entries;
 *   };
 *   SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);
 *
 *   enum sfp_status deposit(struct bank *bank, long amount)
 *   {
 *           SFP_HOLD(bank, account, bank);       // returns the status if it cannot
 *           account->balance += amount;          // a fault anywhere in here:
 *           account->entries++;                  // neither has happened
 *           return SFP_OK;
 *   }                                            // let go of here
 *
 *   bool has_money(struct bank *bank)
 *   {
 *           SFP_WITH(bank, account, bank) {
 *                   return account->balance > 0;
 *           } else {
 *                   return false;                // not held; SFP_REFUSAL(account) says why
 *           }
 *   }
 *
 * Sections
 *   SFP_HOLD and SFP_WITH declare `variable`, so they stand where a declaration
 *   may stand, and the section lasts to the end of the block that they stand
 *   in. C has no other way to end one that would leave `break` and `continue`
 *   to the user's own loops. Put braces around what must be shorter. Leaving a
 *   section in any way but a fault commits what was done; under ROLLBACK,
 *   name_undo() takes it back first.
 *
 *   A fault rolls back, poisons or repairs where it ends the section. If the
 *   gate that takes the fault was opened inside of the section, the section
 *   goes on, with whatever the faulting call had written: its status says so.
 *
 * Concurrency
 *                  | enter        wait  wake  leave   repair
 *   thread         | yes          yes   yes   yes     yes
 *   irq            | SPIN_IRQ(1)  no    no    as enter
 *   nmi            | no
 *   (1) SFP_SPIN too, for monitors that are entered from interrupts only, all
 *       on one processor, or with interrupts off
 *   Sections of one monitor exclude each other; entering one that this context
 *   is in already is SFP_DEADLOCK. Everything is blocking.
 *
 * Failure
 *   Fault: at any instruction from the call of enter to the return of leave the
 *   lock is free afterwards and the data is as the policy says. Precisely: up
 *   to the committing store ROLLBACK leaves the old data and after it the new;
 *   POISON and REPAIR act on every fault between the taking of the lock and its
 *   release, though at the two ends the data may be whole.
 *   Fail-stop: not survived. A holder that stops holds.
 *
 * Why it is correct
 *   The guard is linked first, then one compare-and-swap writes its address
 *   into the lock's word: holding is that equality, from that swap to the store
 *   that lets go. So a fault finds out by a comparison whether there is
 *   anything to do. The swap acquires and pairs with the releasing store (or
 *   swap) of leave.
 *
 *   ROLLBACK has two copies and a bit that says which one is the data. Sections
 *   write the other one only. The committing step is one store of the bit,
 *   before the lock is let go of; a compiler barrier keeps the section's writes
 *   before it, the release of the lock orders all of it for the next holder.
 *   A fault needs to undo nothing: what was not committed is never looked at.
 *
 *   POISON costs nothing while there is no fault: the guard's release function
 *   sets the bit, under the lock, before it lets go.
 *
 *   SFP_MUTEX sleeps. Bit 0 of its word says that somebody may be asleep. Who
 *   finds it taken sets the bit, then sleeps while the word is as it was seen;
 *   who lets go by a swap that fails since the bit is set writes 0, then wakes.
 *   Nothing of the monitor is written after that 0. A wake-up that reached
 *   someone who then faulted is passed on by that guard.
 *
 *   wait() reads the count of changes under the lock and sleeps while it is
 *   that; wake changes it under the lock. A fault counts as a change. Before it
 *   sleeps ROLLBACK commits: others must see what was done so far, and what a
 *   later fault takes back begins at the wait.
 *
 *   Source: monitors are Hoare's (CACM 17, 1974), here with the signalling of
 *   Mesa: whoever was woken looks again.
 */
#ifndef SFP_MONITOR_H
#define SFP_MONITOR_H

#include <sfp/guard.h>
#include <sfp/linear.h>

/** How a section waits for its turn; the third argument of SFP_MONITOR. */
enum sfp_monitor_lock {
	SFP_SPIN,
	SFP_SPIN_IRQ,  /* the same with this processor's interrupts off */
	SFP_MUTEX      /* sleeps; needs a port with SFP_PORT_HAS_WAIT */
};

/** What a fault does to the data; users write SFP_ROLLBACK, SFP_POISON or SFP_REPAIR. */
enum sfp_monitor_policy {
	SFP_MONITOR_ROLLBACK_,
	SFP_MONITOR_POISON_,
	SFP_MONITOR_REPAIR_
};

#if defined(SFP_PORT_HAS_WAIT)
#define SFP_MONITOR_SLEEPS_ 1
#else
#define SFP_MONITOR_SLEEPS_ 0
#endif

/* state */
#define SFP_MONITOR_SECOND_ 0x1u    /* ROLLBACK: the second copy is the data */
#define SFP_MONITOR_POISONED_ 0x2u

/* owner, of an SFP_MUTEX: somebody may be asleep */
#define SFP_MONITOR_ASLEEP_ ((uintptr_t)1)

/** The part of a monitor that does not depend on its data. Zeroed is ready. */
struct sfp_monitor {
	uintptr_t owner;   /* the holder's guard, or 0; by compare-and-swap */
	uint32_t state;    /* the holder's */
	uint32_t changes;  /* the holder's; waiters sleep on it */
};

/** A section, on the stack of whoever is in it. Not to be moved or copied. */
struct sfp_monitor_held {
	struct sfp_guard guard;      /* its address is in the owner's word */
	struct sfp_context *context; /* of who is in it */
	struct sfp_monitor *monitor; /* which is entered */
	void *data;              /* NULL: not entered */
	sfp_port_irq_t irq;      /* SFP_SPIN_IRQ: as it was before */
	uint32_t lock;           /* written by a fault that repairs, for let_go */
	struct sfp_guard let_go; /* in force while a fault repairs */
};

/* The cold halves; in libpatterns/monitor.c. */
enum sfp_status sfp_monitor_contended_(struct sfp_monitor_held *held,
				       enum sfp_monitor_lock lock) SFP_NODISCARD;
void sfp_monitor_acquire_sleeping_(struct sfp_monitor_held *held);
void sfp_monitor_release_waking_(struct sfp_monitor_held *held);
void sfp_monitor_await_change_(struct sfp_monitor *monitor, uint32_t changes);
void sfp_monitor_wake_(struct sfp_monitor *monitor, bool all);
void sfp_monitor_fault_(struct sfp_guard *guard, enum sfp_monitor_lock lock, enum sfp_monitor_policy policy,
			void (*repair)(void *data), size_t offset);

/* Let go of the lock. The guard stays in force. */
SFP_ALWAYS_INLINE void sfp_monitor_release_(struct sfp_monitor_held *held, const enum sfp_monitor_lock lock)
{
	struct sfp_monitor *monitor = held->monitor;
	uintptr_t mine = (uintptr_t)&held->guard;

	if (lock != SFP_MUTEX)
		sfp_store_release_word(&monitor->owner, 0); /* pairs with the swap of enter */
	else if (SFP_UNLIKELY(!sfp_cas_release_word(&monitor->owner, &mine, 0)))
		sfp_monitor_release_waking_(held);
}

/* The lock is let go of: out of force. */
SFP_ALWAYS_INLINE void sfp_monitor_end_(struct sfp_monitor_held *held, const enum sfp_monitor_lock lock)
{
	if (lock == SFP_SPIN_IRQ)
		sfp_port_irq_restore(held->irq);
	sfp_guard_unlink(held->context, &held->guard);
}

SFP_ALWAYS_INLINE enum sfp_status sfp_monitor_refuse_(struct sfp_monitor_held *held,
						      const enum sfp_monitor_lock lock)
{
	sfp_monitor_release_(held, lock);
	sfp_monitor_end_(held, lock);
	held->data = NULL;
	return SFP_POISONED;
}

/* What the bit says is not the data. */
SFP_ALWAYS_INLINE unsigned char *sfp_monitor_idle_(const struct sfp_monitor *monitor, unsigned char *copies,
						   size_t size)
{
	return copies + (sfp_load_u32(&monitor->state) & SFP_MONITOR_SECOND_ ? 0 : size);
}

/* Exchange the roles of the copies: the committing step. */
SFP_ALWAYS_INLINE void sfp_monitor_flip_(struct sfp_monitor *monitor)
{
	sfp_compiler_barrier(); /* the idle copy is complete before */
	sfp_store_u32(&monitor->state, sfp_load_u32(&monitor->state) ^ SFP_MONITOR_SECOND_);
	sfp_compiler_barrier();
}

/* Make the idle copy like the data. */
SFP_ALWAYS_INLINE unsigned char *sfp_monitor_copy_(const struct sfp_monitor *monitor, unsigned char *copies,
						   size_t size)
{
	unsigned char *idle = sfp_monitor_idle_(monitor, copies, size);

	__builtin_memcpy(idle, idle == copies ? copies + size : copies, size);
	return idle;
}

/* The holder vouches for the data. */
SFP_ALWAYS_INLINE void sfp_monitor_good_(struct sfp_monitor *monitor)
{
	sfp_compiler_barrier(); /* mended before it says so */
	sfp_store_u32(&monitor->state, sfp_load_u32(&monitor->state) & ~SFP_MONITOR_POISONED_);
	sfp_compiler_barrier();
}

/**
 * Enter a section. For the typed veneer: `copies` is the data, twice under ROLLBACK.
 * @context see the matrix   @progress blocking
 * @order   acquire, pairs with the release of leave
 * @owner   *held stays the caller's and must not move   @retains *held, until left
 * @cost    a compare-and-swap and six stores; ROLLBACK copies the data
 * @return  SFP_OK; SFP_DEADLOCK: this context is in it already; SFP_POISONED. But for OK held->data is NULL
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status
sfp_monitor_enter(struct sfp_monitor *monitor, struct sfp_monitor_held *held,
		  void (*fault)(struct sfp_guard *), const enum sfp_monitor_lock lock,
		  const enum sfp_monitor_policy policy, unsigned char *copies, size_t size)
{
	uintptr_t nobody = 0;

	held->context = sfp_port_context();
	held->monitor = monitor;
	if (lock == SFP_SPIN_IRQ)
		held->irq = sfp_port_irq_save();
	sfp_guard_link(held->context, &held->guard, fault);
	if (SFP_UNLIKELY(!sfp_cas_acquire_word(&monitor->owner, &nobody, (uintptr_t)&held->guard))) {
		const enum sfp_status status = sfp_monitor_contended_(held, lock);

		if (status != SFP_OK)
			return status;
	}
	if (policy == SFP_MONITOR_ROLLBACK_) {
		held->data = sfp_monitor_copy_(monitor, copies, size);
		return SFP_OK;
	}
	if (SFP_UNLIKELY(sfp_load_u32(&monitor->state) & SFP_MONITOR_POISONED_))
		return sfp_monitor_refuse_(held, lock);
	held->data = copies;
	return SFP_OK;
}

/**
 * Leave a section, or what an enter that was refused left.
 * @context as enter   @progress wait-free   @order release, pairs with the acquire of the next enter
 * @owner   *held is wholly the caller's again   @retains nothing
 * @cost    three stores; SFP_MUTEX a compare-and-swap   @return cannot fail; its guard must be the newest
 */
SFP_ALWAYS_INLINE void sfp_monitor_leave(struct sfp_monitor_held *held, const enum sfp_monitor_lock lock,
					 const enum sfp_monitor_policy policy)
{
	if (SFP_UNLIKELY(!held->data))
		return;
	if (policy == SFP_MONITOR_ROLLBACK_)
		sfp_monitor_flip_(held->monitor);
	sfp_monitor_release_(held, lock);
	sfp_monitor_end_(held, lock);
	held->data = NULL;
}

/**
 * SFP_MUTEX: let go of the monitor, sleep until it may have changed, enter it again.
 * May return early: call it in a loop, `while (!what_I_wait_for) SFP_TRY(name_wait(...))`.
 * @context a thread, in the section   @progress blocking   @order as leave and enter
 * @owner   as enter; ROLLBACK commits what was done so far   @retains *held
 * @cost    as leave and enter, and the port's sleep
 * @return  SFP_OK, in the section, at the same data pointer; SFP_POISONED, or SFP_INVALID after an enter that
 *          was refused: not in it, and the data pointer is of no further use
 */
static inline SFP_NODISCARD enum sfp_status sfp_monitor_wait(struct sfp_monitor_held *held,
							     const enum sfp_monitor_policy policy,
							     unsigned char *copies, size_t size)
{
	struct sfp_monitor *monitor = held->monitor;
	uint32_t changes;

	if (!held->data)
		return SFP_INVALID;
	changes = sfp_load_u32(&monitor->changes);
	if (policy == SFP_MONITOR_ROLLBACK_)
		sfp_monitor_flip_(monitor);
	sfp_monitor_release_(held, SFP_MUTEX);
	sfp_monitor_await_change_(monitor, changes);
	sfp_monitor_acquire_sleeping_(held);
	if (policy == SFP_MONITOR_ROLLBACK_) {
		/* The section keeps its pointer: if that copy is the data now, the other takes its place. */
		if (sfp_monitor_copy_(monitor, copies, size) != held->data)
			sfp_monitor_flip_(monitor);
		return SFP_OK;
	}
	if (SFP_UNLIKELY(sfp_load_u32(&monitor->state) & SFP_MONITOR_POISONED_))
		return sfp_monitor_refuse_(held, SFP_MUTEX);
	return SFP_OK;
}

/**
 * SFP_MUTEX: wake those (or one of those) that wait; they go on when the section is left.
 * @context a thread, in the section   @progress that of the port's wake   @order none of its own
 * @owner   nothing changes hands   @retains nothing   @cost a store and the port's wake
 * @return  cannot fail; where the port cannot wake one, all wake
 */
static inline void sfp_monitor_wake(struct sfp_monitor_held *held, bool all)
{
	if (held->data)
		sfp_monitor_wake_(held->monitor, all);
}

/**
 * ROLLBACK: take back what the section has done so far (since its last wait).
 * @context in the section   @progress wait-free   @order none   @owner nothing changes hands
 * @retains nothing   @cost a copy of the data
 * @return  SFP_OK; SFP_UNSUPPORTED: another policy works in place; SFP_INVALID: not in it
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_monitor_undo(struct sfp_monitor_held *held,
								 const enum sfp_monitor_policy policy,
								 unsigned char *copies, size_t size)
{
	if (policy != SFP_MONITOR_ROLLBACK_)
		return SFP_UNSUPPORTED;
	if (!held->data)
		return SFP_INVALID;
	(void)sfp_monitor_copy_(held->monitor, copies, size);
	return SFP_OK;
}

/* ---- the generating macros -------------------------------------------------------- */

/* What a fault does; the fourth argument of SFP_MONITOR. Two tokens: the policy and its function. */

/** A fault leaves the data as it was before the section. */
#define SFP_ROLLBACK SFP_MONITOR_ROLLBACK_, SFP_MONITOR_NO_REPAIR_

/** A fault leaves the data in doubt: nobody enters until it is repaired. */
#define SFP_POISON SFP_MONITOR_POISON_, SFP_MONITOR_NO_REPAIR_

/** A fault calls `void function(type *)` under the lock. */
#define SFP_REPAIR(function) SFP_MONITOR_REPAIR_, function

#define SFP_MONITOR_NO_REPAIR_(data) ((void)(data))

#if defined(__has_attribute)
#if __has_attribute(unavailable)
#define SFP_MONITOR_HIDDEN_ \
	__attribute__((unavailable("a monitor's data is reached by SFP_HOLD or SFP_WITH")))
#endif
#endif
#ifndef SFP_MONITOR_HIDDEN_
#define SFP_MONITOR_HIDDEN_ \
	__attribute__((deprecated("a monitor's data is reached by SFP_HOLD or SFP_WITH")))
#endif

/*
 * The data cannot be named in struct name. The twin, name_inside_, says where it lies; it is never
 * an object.
 */
#define SFP_MONITOR_TYPES_(name, type, policy) \
	typedef type name##_data_; \
	enum { name##_copies_ = (policy) == SFP_MONITOR_ROLLBACK_ ? 2 : 1 }; \
	struct name##_inside_ { \
		struct sfp_monitor core; \
		type data[name##_copies_]; \
	}; \
	struct name { \
		struct sfp_monitor core; \
		type sfp_data_[name##_copies_] SFP_MONITOR_HIDDEN_; \
	}; \
	struct SFP_CAPABILITY("section of " #name) name##_held { \
		struct sfp_monitor_held core; \
	}; \
	SFP_GENERATED unsigned char *name##_copies_at_(struct name *monitor) \
	{ \
		return (unsigned char *)monitor + offsetof(struct name##_inside_, data); \
	} \
	SFP_GENERATED struct name *name##_of_(struct name##_held *held) \
	{ \
		return SFP_CONTAINER(held->core.monitor, struct name, core); \
	}

#define SFP_MONITOR_DECLARATIONS_(name, type) \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_enter(struct name *monitor, \
								 struct name##_held *held) \
		SFP_ACQUIRES(*held); \
	SFP_GENERATED void name##_leave(struct name##_held *held) SFP_RELEASES(*held); \
	SFP_GENERATED type *name##_data(struct name##_held *held) SFP_REQUIRES(*held); \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_undo(struct name##_held *held) SFP_REQUIRES(*held)

#define SFP_MONITOR_SECTION_(name, type, lock, policy, repair) \
	SFP_GENERATED void name##_repair_(void *sfp_data_) \
	{ \
		repair((type *)sfp_data_); \
	} \
	SFP_GENERATED void name##_fault_(struct sfp_guard *sfp_guard_) \
	{ \
		sfp_monitor_fault_(sfp_guard_, lock, policy, name##_repair_, \
				   offsetof(struct name##_inside_, data)); \
	} \
	SFP_GENERATED SFP_UNCHECKED enum sfp_status name##_enter(struct name *monitor, \
								 struct name##_held *held) \
	{ \
		return sfp_monitor_enter(&monitor->core, &held->core, name##_fault_, lock, policy, \
					 name##_copies_at_(monitor), sizeof(type)); \
	} \
	SFP_GENERATED SFP_UNCHECKED void name##_leave(struct name##_held *held) \
	{ \
		sfp_monitor_leave(&held->core, lock, policy); \
	} \
	SFP_GENERATED type *name##_data(struct name##_held *held) \
	{ \
		return (type *)held->core.data; \
	} \
	SFP_GENERATED enum sfp_status name##_undo(struct name##_held *held) \
	{ \
		return sfp_monitor_undo(&held->core, policy, name##_copies_at_(name##_of_(held)), \
					sizeof(type)); \
	}

/* repair enters as nobody else can: it copies no bytes and does not look at the bit. */
#define SFP_MONITOR_CARE_(name, type, lock) \
	SFP_GENERATED void name##_init(struct name *monitor, const type *initial) \
	{ \
		monitor->core = (struct sfp_monitor){ .owner = 0 }; \
		__builtin_memcpy(name##_copies_at_(monitor), initial, sizeof(type)); \
	} \
	SFP_GENERATED SFP_NODISCARD SFP_UNCHECKED enum sfp_status name##_repair( \
		struct name *monitor, enum sfp_status (*sfp_mend_)(type *data)) \
	{ \
		struct name##_held sfp_held_; \
		enum sfp_status sfp_status_; \
		\
		sfp_status_ = sfp_monitor_enter(&monitor->core, &sfp_held_.core, name##_fault_, lock, \
						SFP_MONITOR_ROLLBACK_, name##_copies_at_(monitor), 0); \
		if (sfp_status_ != SFP_OK) \
			return sfp_status_; \
		if (sfp_load_u32(&monitor->core.state) & SFP_MONITOR_POISONED_) \
			sfp_status_ = sfp_mend_((type *)(void *)name##_copies_at_(monitor)); \
		if (sfp_status_ == SFP_OK) \
			sfp_monitor_good_(&monitor->core); \
		sfp_monitor_leave(&sfp_held_.core, lock, SFP_MONITOR_POISON_); \
		return sfp_status_; \
	}

#define SFP_MONITOR_CONDITION_SFP_SPIN(name, type, policy)
#define SFP_MONITOR_CONDITION_SFP_SPIN_IRQ(name, type, policy)
#define SFP_MONITOR_CONDITION_SFP_MUTEX(name, type, policy) \
	SFP_STATIC_ASSERT(SFP_MONITOR_SLEEPS_, \
			  "SFP_MONITOR: SFP_MUTEX needs a port that can sleep (SFP_PORT_HAS_WAIT)"); \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_wait(struct name##_held *held) \
		SFP_REQUIRES(*held); \
	SFP_GENERATED void name##_wake_one(struct name##_held *held) SFP_REQUIRES(*held); \
	SFP_GENERATED void name##_wake_all(struct name##_held *held) SFP_REQUIRES(*held); \
	SFP_GENERATED enum sfp_status name##_wait(struct name##_held *held) \
	{ \
		return sfp_monitor_wait(&held->core, policy, name##_copies_at_(name##_of_(held)), \
					sizeof(type)); \
	} \
	SFP_GENERATED void name##_wake_one(struct name##_held *held) \
	{ \
		sfp_monitor_wake(&held->core, false); \
	} \
	SFP_GENERATED void name##_wake_all(struct name##_held *held) \
	{ \
		sfp_monitor_wake(&held->core, true); \
	}

#define SFP_MONITOR_(name, type, lock, policy, repair) \
	SFP_MONITOR_TYPES_(name, type, policy) \
	SFP_MONITOR_DECLARATIONS_(name, type); \
	SFP_MONITOR_SECTION_(name, type, lock, policy, repair) \
	SFP_MONITOR_CARE_(name, type, lock) \
	SFP_STATIC_ASSERT(__builtin_types_compatible_p(__typeof__(repair((type *)0)), void), \
			  "SFP_REPAIR: the function must be a void function(type *)")

/**
 * SFP_MONITOR(name, type, lock, policy) generates, for data of `type`:
 *   struct name               lock and data; zeroed is ready, with zeroed data
 *   struct name_held          a section, for use without SFP_HOLD and SFP_WITH
 *   name_init(monitor, &initial)
 *   name_enter(monitor, &held)    and on every path after it, refused or not,
 *   name_leave(&held)
 *   name_data(&held)          the data, a `type *`; NULL if enter was refused
 *   name_undo(&held)          ROLLBACK: take back what was done so far
 *   name_repair(monitor, mend)    `enum sfp_status mend(type *)` runs under the lock if the data is
 *                             poisoned; SFP_OK from it makes the data good
 * and for SFP_MUTEX
 *   name_wait(&held), name_wake_one(&held), name_wake_all(&held)
 */
#define SFP_MONITOR(name, type, lock, ...) \
	SFP_MONITOR_(name, type, lock, __VA_ARGS__); \
	SFP_MONITOR_CONDITION_(lock, name, type, __VA_ARGS__) \
	struct name
#define SFP_MONITOR_CONDITION_(lock, name, type, ...) SFP_MONITOR_CONDITION_X_(lock, name, type, __VA_ARGS__)
#define SFP_MONITOR_CONDITION_X_(lock, name, type, policy, repair) \
	SFP_MONITOR_CONDITION_##lock(name, type, policy)

#define SFP_MONITOR_BEGIN_(name, variable, monitor) \
	__attribute__((cleanup(name##_leave))) struct name##_held variable##_sfp_held_; \
	const enum sfp_status variable##_sfp_status_ = name##_enter((monitor), &variable##_sfp_held_)

/**
 * SFP_HOLD(name, variable, monitor) enters, and declares `type *const variable`; the section lasts to
 * the end of the block. If it cannot enter it returns the status from the enclosing function.
 */
#define SFP_HOLD(name, variable, monitor) \
	SFP_MONITOR_BEGIN_(name, variable, monitor); \
	if (SFP_UNLIKELY(variable##_sfp_status_ != SFP_OK)) \
		return variable##_sfp_status_; \
	name##_data_ *const variable __attribute__((unused)) = name##_data(&variable##_sfp_held_)

/**
 * SFP_WITH(name, variable, monitor) { held } else { refused }
 * The same for functions that return something else. The section, too, lasts to the end of the block
 * in which SFP_WITH stands.
 */
#define SFP_WITH(name, variable, monitor) \
	SFP_MONITOR_BEGIN_(name, variable, monitor); \
	name##_data_ *const variable __attribute__((unused)) = name##_data(&variable##_sfp_held_); \
	if (SFP_LIKELY(variable##_sfp_status_ == SFP_OK))

/** Why an SFP_WITH is in its else. */
#define SFP_REFUSAL(variable) ((enum sfp_status)variable##_sfp_status_)

/* Inside of SFP_HOLD or SFP_WITH: the operations that take the section, named by its variable. */

/** ROLLBACK: take back what the section has done so far; a status, as of sfp_monitor_undo(). */
#define SFP_UNDO(name, variable) name##_undo(&variable##_sfp_held_)

/** SFP_MUTEX: sleep until the data may have changed; a status, as of sfp_monitor_wait(). */
#define SFP_WAIT(name, variable) name##_wait(&variable##_sfp_held_)

#define SFP_WAKE_ONE(name, variable) name##_wake_one(&variable##_sfp_held_) /* one that sleeps in SFP_WAIT */
#define SFP_WAKE_ALL(name, variable) name##_wake_all(&variable##_sfp_held_) /* all of them */

#endif /* SFP_MONITOR_H */
