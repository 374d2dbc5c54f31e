/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owned: a value that has one owner, handed over without a copy.
 *
 * Overview
 *   Passing a buffer to another component usually means copying it, or passing
 *   a pointer and a promise. The promise is broken by a forgotten free on an
 *   early return, by a use after it was given away, and by a receiver that
 *   traps: then nobody knows whose the buffer is. Here each value carries one
 *   word that says who has it: the address of a *place*. A place has the value
 *   if it points at it and the value's word points back. Handing over is the
 *   one store that changes the word; there is no instruction at which two
 *   places have it, or none.
 *
 *   A local place (struct name) is linear: under clang-19's -Wthread-safety a
 *   use after it was given away, a second gift and a leak on an early return do
 *   not compile. A place that outlives a function (struct name_cell) is checked
 *   at run time only, like everything under other compilers.
 *
 *   Not for: values that several parties share; protection from code that keeps
 *   the pointer it borrowed.
 *
 * Usage
 *   struct page {
 *           struct sfp_owned owner;              // zeroed: nobody's
 *           char bytes[4096];
 *   };
 *   static void page_free(struct page *page);    // at a fault perhaps twice, see below
 *   SFP_OWNED(page_buf, struct page, owner, SFP_OWNED_FREES(page_free));
 *
 *   static enum sfp_status store(struct page_buf *given, struct disk *disk) SFP_RELEASES(*given);
 *   static enum sfp_status store(struct page_buf *given, struct disk *disk)
 *   {
 *           disk_write(disk, page_buf_borrow(given)->bytes);     // may trap
 *           return page_buf_put(given, &disk->last);             // kept, in a cell of the disk's
 *   }
 *   SFP_OWNED_GATE(store, page_buf, store, struct disk *);
 *
 *   struct page_buf mine = SFP_OWNED_EMPTY;
 *   page_buf_adopt(&mine, allocate_page());
 *   st = store_give(&mine, disk, &why);          // mine is empty now, unless the type RETURNS
 *
 * What a fault in the receiver does
 *   SFP_OWNED_RETURNS     a value that it has not passed on yet is the giver's again
 *   SFP_OWNED_FREES(fn)   it is freed by fn
 *   So does a receiver that returns without having passed it on. name_drop() is
 *   the same by will: it calls fn, if the type has one.
 *
 * Concurrency
 *   A place is used by one thread at a time. Different places of one kind are
 *   independent. A cell through which a value passes between threads is handed
 *   over by other means (a queue's item, a monitor): the store that moves the
 *   value releases, the look at it acquires.
 *
 *                 | thread | irq | nmi     progress
 *   all but drop  |  yes   | yes | yes     wait-free
 *   drop, give    |  yes   | yes | yes     as the function that frees, or that receives
 *
 * Failure
 *   Fault at a gate: wherever it comes, in move, give, the receiver or drop, the
 *   value has one owner afterwards, or is freed. A fault in the middle of drop
 *   calls fn (again) from the guard: fn must decide by the value's own state, as
 *   a guard's release function must, and it is not called for a value that has
 *   been adopted meanwhile. Fail-stop: a value stays with the place of who died;
 *   its memory tells which one.
 *
 * Why it is correct
 *   Move is three stores: the target's pointer (it has nothing yet: the word
 *   does not point back), the word (now the target has it and the source has
 *   nothing: one store), the source's pointer (tidying up). A fault between the
 *   last two leaves a source that points at a value that is not its own: every
 *   use of a place compares. That comparison reads the value's word, so memory
 *   that holds values is not unmapped while a place that a fault has left may
 *   still be asked.
 *
 *   Give puts the value into a place of its own on the giver's stack, calls the
 *   receiver through a gate, and looks afterwards whether that place still has
 *   it. Nothing else decides who must settle it.
 *
 *   Drop first writes the address of its guard, tagged, into the word: from then
 *   on no place has it and the guard, which is in force already, frees it.
 *   Adopt takes values of nobody and tagged ones by compare-and-swap.
 */
#ifndef SFP_OWNED_H
#define SFP_OWNED_H

#include <sfp/guard.h>
#include <sfp/linear.h>

/** In the value. Zeroed: nobody's. */
struct sfp_owned {
	uintptr_t owner;   /* the place that has it; or a drop's guard, tagged; or 0 */
};

/** A place. Zeroed is empty. Not to be moved or copied while it has something. */
struct sfp_owned_place {
	struct sfp_owned *value;   /* the user's of this place alone */
};

#define SFP_OWNED_FREEING_ ((uintptr_t)1)

/** How a type frees a value; `value` is its sfp_owned. */
typedef void sfp_owned_free(struct sfp_owned *value);

/** A value on its way through a gate. */
struct sfp_owned_gift {
	struct sfp_owned_place *place; /* has the value */
	void *argument;                /* the receiver's second one */
};

SFP_ALWAYS_INLINE bool sfp_owned_has_(const struct sfp_owned_place *place)
{
	const struct sfp_owned *value = place->value;

	/* Acquire: pairs with the word's release in sfp_owned_hand_over_(). */
	return value && sfp_load_acquire_word(&value->owner) == (uintptr_t)place;
}

/* From has it, to has nothing. The middle store is the move. */
SFP_ALWAYS_INLINE void sfp_owned_hand_over_(struct sfp_owned_place *from, struct sfp_owned_place *to)
{
	struct sfp_owned *value = from->value;

	to->value = value;
	sfp_compiler_barrier();
	sfp_store_release_word(&value->owner, (uintptr_t)to); /* pairs with sfp_owned_has_() */
	sfp_compiler_barrier();
	from->value = NULL;
}

/**
 * Take a value that nobody has.
 * @context any   @progress wait-free   @order acquire and release, of the value's word
 * @owner   on SFP_OK the place has the value   @retains the place's address, in the value
 * @cost    a compare-and-swap
 * @return  SFP_OK; SFP_INVALID: no value, or the place has one; SFP_BUSY: somebody has it
 */
enum sfp_status sfp_owned_adopt(struct sfp_owned_place *place, struct sfp_owned *value) SFP_NODISCARD;

/**
 * Move a value to another place; the source is empty in the same step.
 * @context any   @progress wait-free   @order release of what was written to the value
 * @owner   from `from` to `to`   @retains the address of `to`, in the value   @cost three stores
 * @return  SFP_OK; SFP_INVALID: nothing to move, or no room (nothing is changed)
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_owned_move(struct sfp_owned_place *from,
							       struct sfp_owned_place *to)
{
	if (SFP_UNLIKELY(!sfp_owned_has_(from) || sfp_owned_has_(to)))
		return SFP_INVALID;
	sfp_owned_hand_over_(from, to);
	return SFP_OK;
}

/**
 * Give a value up: it is nobody's, and freed if there is a function for that.
 * @context that of free_it   @progress that of free_it   @order release   @owner nobody, or free_it's
 * @retains nothing   @cost four stores, a guard, and free_it
 * @return  SFP_OK; SFP_INVALID: the place has nothing
 */
enum sfp_status sfp_owned_drop(struct sfp_owned_place *place, sfp_owned_free *free_it) SFP_NODISCARD;

/**
 * Call receiver(&(struct sfp_owned_gift){ place, argument }) through a gate, with the value in `place`.
 * A value that it leaves there goes back to `from` (free_it NULL) or is freed.
 * @context as sfp_gate_call   @progress that of the receiver   @order as move
 * @owner   the receiver's; what it does not pass on is settled as the type says   @retains nothing itself
 * @cost    a gate, and two moves
 * @return  what the receiver returned; SFP_FAULT; SFP_INVALID: `from` has nothing
 */
enum sfp_status sfp_owned_give(struct sfp_owned_place *from, sfp_gated *receiver, void *argument,
			       sfp_owned_free *free_it, struct sfp_fault *why) SFP_NODISCARD;

/* ---- the generating macros -------------------------------------------------------- */

/* What becomes of a value that a receiver leaves; the fourth argument of SFP_OWNED. */

/** It goes back to its giver. */
#define SFP_OWNED_RETURNS 0, SFP_OWNED_NO_FREE_

/** `void function(type *)` frees it. */
#define SFP_OWNED_FREES(function) 1, function

#define SFP_OWNED_NO_FREE_(value) ((void)(value))

/** An initialiser for places. */
#define SFP_OWNED_EMPTY { { NULL } }

#define SFP_OWNED_DECLARATIONS_(name, type) \
	struct SFP_CAPABILITY("place of " #name) name { \
		struct sfp_owned_place core; \
	}; \
	struct name##_cell { \
		struct sfp_owned_place core; \
	}; \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_adopt(struct name *place, type *value) \
		SFP_ACQUIRES(*place); \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_move(struct name *from, struct name *to) \
		SFP_RELEASES(*from) SFP_ACQUIRES(*to); \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_put(struct name *from, struct name##_cell *cell) \
		SFP_RELEASES(*from); \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_take(struct name##_cell *cell, struct name *to) \
		SFP_ACQUIRES(*to); \
	SFP_GENERATED type *name##_borrow(const struct name *place) SFP_REQUIRES(*place); \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_regain(struct name *place) SFP_ACQUIRES(*place); \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_drop(struct name *place) SFP_RELEASES(*place)

#define SFP_OWNED_(name, type, member, frees, function) \
	SFP_OWNED_DECLARATIONS_(name, type); \
	SFP_GENERATED void name##_free_(struct sfp_owned *sfp_value_) \
	{ \
		function(SFP_CONTAINER(sfp_value_, type, member)); \
	} \
	enum { name##_frees_ = (frees) }; \
	SFP_GENERATED SFP_UNCHECKED enum sfp_status name##_adopt(struct name *place, type *value) \
	{ \
		return sfp_owned_adopt(&place->core, value ? &value->member : NULL); \
	} \
	SFP_GENERATED SFP_UNCHECKED enum sfp_status name##_move(struct name *from, struct name *to) \
	{ \
		return sfp_owned_move(&from->core, &to->core); \
	} \
	SFP_GENERATED SFP_UNCHECKED enum sfp_status name##_put(struct name *from, struct name##_cell *cell) \
	{ \
		return sfp_owned_move(&from->core, &cell->core); \
	} \
	SFP_GENERATED SFP_UNCHECKED enum sfp_status name##_take(struct name##_cell *cell, struct name *to) \
	{ \
		return sfp_owned_move(&cell->core, &to->core); \
	} \
	SFP_GENERATED type *name##_borrow(const struct name *place) \
	{ \
		return sfp_owned_has_(&place->core) ? SFP_CONTAINER(place->core.value, type, member) : NULL; \
	} \
	SFP_GENERATED SFP_UNCHECKED enum sfp_status name##_regain(struct name *place) \
	{ \
		return sfp_owned_has_(&place->core) ? SFP_OK : SFP_EMPTY; \
	} \
	SFP_GENERATED SFP_UNCHECKED enum sfp_status name##_drop(struct name *place) \
	{ \
		return sfp_owned_drop(&place->core, (frees) ? name##_free_ : NULL); \
	} \
	SFP_STATIC_ASSERT(__builtin_types_compatible_p(__typeof__(((type *)0)->member), struct sfp_owned), \
			  "SFP_OWNED: the member must be a struct sfp_owned"); \
	SFP_STATIC_ASSERT(__builtin_types_compatible_p(__typeof__(function((type *)0)), void), \
			  "SFP_OWNED_FREES: the function must be a void function(type *)")

/**
 * SFP_OWNED(name, type, member, policy) generates, for values of `type` that have their struct sfp_owned
 * in `member`: struct name (a local place), struct name_cell (one that lasts), and
 *   name_adopt(&place, value)   take a value that nobody has
 *   name_move(&from, &to)       from place to place
 *   name_put(&from, &cell)      from a place to a cell
 *   name_take(&cell, &to)       and back
 *   name_borrow(&place)         a `type *` to use while the place has it; NULL if it has nothing
 *   name_drop(&place)           give it up
 *   name_regain(&place)         after a gift of a type that RETURNS: SFP_OK if it came back, else SFP_EMPTY
 * Each place that a function has filled, by whatever status, it must move on, put, give or drop.
 */
#define SFP_OWNED(name, type, member, ...) \
	SFP_OWNED_X_(name, type, member, __VA_ARGS__); \
	struct name
#define SFP_OWNED_X_(name, type, member, frees, function) \
	SFP_OWNED_(name, type, member, frees, function)

/**
 * SFP_OWNED_GATE(gate, name, receiver, type) generates
 *   enum sfp_status gate_give(struct name *from, type argument, struct sfp_fault *why);
 * which hands the value of `from` to `enum sfp_status receiver(struct name *given, type argument)`
 * through a gate. `from` is empty afterwards; if the type RETURNS and the receiver left the value, it is
 * in `from` again: name_regain(&from) asks, and tells the compiler's analysis.
 */
#define SFP_OWNED_GATE(gate, name, receiver, type) \
	static SFP_UNCHECKED enum sfp_status gate##_received_(void *sfp_gift_) \
	{ \
		struct sfp_owned_gift *const sfp_in_ = (struct sfp_owned_gift *)sfp_gift_; \
		\
		return receiver(SFP_CONTAINER(sfp_in_->place, struct name, core), \
				*(type *)sfp_in_->argument); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status gate##_give(struct name *from, type argument, \
								struct sfp_fault *why) SFP_RELEASES(*from); \
	SFP_GENERATED SFP_UNCHECKED enum sfp_status gate##_give(struct name *from, type argument, \
								struct sfp_fault *why) \
	{ \
		return sfp_owned_give(&from->core, gate##_received_, &argument, \
				      name##_frees_ ? name##_free_ : NULL, why); \
	} \
	struct name

#endif /* SFP_OWNED_H */
