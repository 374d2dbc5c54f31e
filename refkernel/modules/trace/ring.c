/* SPDX-License-Identifier: BSD-2-Clause */
/* ring: see ring.h. */
#include "ring.h"

#include <sfp/guard.h>

struct slot {
	uintptr_t owner;      /* the writer's guard; 0: nobody */
	uintptr_t stamp;
	uintptr_t record[];
};

SFP_STATIC_ASSERT(sizeof(struct slot) == RING_SLOT_WORDS(0) * sizeof(uintptr_t), "what is before the record");

static struct slot *slot_of(const struct ring *ring, uintptr_t number)
{
	return (struct slot *)(void *)(ring->memory + number % ring->slots * RING_SLOT_WORDS(ring->words));
}

static uintptr_t being_written(uintptr_t number)
{
	return 2 * number + 1;
}

static uintptr_t whole(uintptr_t number)
{
	return 2 * number + 2;
}

/* ---- writing ------------------------------------------------------------------- */

/* An ownership, on the owner's stack. */
struct hold {
	struct sfp_guard guard;
	struct sfp_context *context;
	struct slot *slot;
};

/* Nobody else can have stored this address: the slot is ours while the guard lives. */
static void let_go(struct sfp_guard *guard)
{
	struct slot *slot = SFP_CONTAINER(guard, struct hold, guard)->slot;

	if (sfp_load_word(&slot->owner) == (uintptr_t)guard)
		sfp_store_release_word(&slot->owner, 0); /* pairs with the acquire in take() */
}

static void give(struct hold *hold)
{
	let_go(&hold->guard);
	sfp_guard_unlink(hold->context, &hold->guard);
}

/* True: ours, until give() or a fault. */
static bool take(struct slot *slot, struct hold *hold)
{
	uintptr_t nobody = 0;

	hold->context = sfp_port_context();
	hold->slot = slot;
	sfp_guard_link(hold->context, &hold->guard, let_go);
	/* Pairs with the release in let_go(): the one before us has written its last word. */
	if (sfp_cas_acquire_word(&slot->owner, &nobody, (uintptr_t)&hold->guard))
		return true;
	sfp_guard_unlink(hold->context, &hold->guard);
	return false;
}

/* That number is used. Whoever is first moves on; pairs with the acquire in ring_next(). */
static void move_on(const struct ring *ring, uintptr_t number)
{
	(void)sfp_cas_release_word(ring->next, &number, number + 1);
}

/* The slot is ours, and `number` is the latest that it had. */
static void fill(const struct ring *ring, struct slot *slot, uintptr_t number, const uintptr_t *record)
{
	sfp_store_release_word(&slot->stamp, being_written(number));
	move_on(ring, number);
	for (uint32_t i = 0; i < ring->words; i++)
		sfp_store_release_word(&slot->record[i], record[i]); /* after the stamp; pairs with copy() */
	sfp_store_release_word(&slot->stamp, whole(number));         /* after the words; pairs with copy() */
}

enum sfp_status ring_write(const struct ring *ring, const uintptr_t *record)
{
	for (unsigned i = 0; i < RING_ATTEMPTS; i++) {
		const uintptr_t number = sfp_load_acquire_word(ring->next);
		struct slot *slot = slot_of(ring, number);
		struct hold hold;

		if (take(slot, &hold)) {
			const bool is_new = sfp_load_word(&slot->stamp) < being_written(number);

			if (is_new)
				fill(ring, slot, number, record);
			give(&hold);
			if (is_new)
				return SFP_OK;
		}
		move_on(ring, number);
	}
	return SFP_AGAIN;
}

/* ---- reading ----------------------------------------------------------------------- */

uint64_t ring_next(const struct ring *ring)
{
	return sfp_load_acquire_word(ring->next);
}

uint64_t ring_oldest(const struct ring *ring)
{
	const uint64_t next = ring_next(ring);

	return next > ring->slots ? next - ring->slots : 0;
}

/* False: something else came into the slot meanwhile. */
static bool copy(const struct ring *ring, const struct slot *slot, uintptr_t number, uintptr_t *record)
{
	for (uint32_t i = 0; i < ring->words; i++)
		record[i] = sfp_load_acquire_word(&slot->record[i]); /* before the stamp; pairs with fill() */
	return sfp_load_word(&slot->stamp) == whole(number);
}

/* OK; AGAIN: being written; NOT_FOUND: it is not there, and will not be. */
static enum sfp_status read_one(const struct ring *ring, uintptr_t number, uintptr_t *record)
{
	const struct slot *slot = slot_of(ring, number);
	const uintptr_t stamp = sfp_load_acquire_word(&slot->stamp); /* pairs with fill() */

	if (stamp == whole(number))
		return copy(ring, slot, number, record) ? SFP_OK : SFP_NOT_FOUND;
	if (stamp > whole(number))
		return SFP_NOT_FOUND;
	if (sfp_load_acquire_word(&slot->owner) != 0)
		return SFP_AGAIN;
	/* Nobody writes; but the one who did may have ended between our two looks. */
	return sfp_load_word(&slot->stamp) == stamp ? SFP_NOT_FOUND : SFP_AGAIN;
}

enum sfp_status ring_read(const struct ring *ring, uint64_t *place, uint64_t *missed, uintptr_t *record)
{
	const uint64_t next = ring_next(ring);

	while (*place < next) {
		const uint64_t oldest = ring_oldest(ring);
		enum sfp_status status;

		if (*place < oldest) {
			*missed += oldest - *place;
			*place = oldest;
		}
		status = read_one(ring, *place, record);
		if (status == SFP_AGAIN)
			return SFP_AGAIN;
		*place += 1;
		if (status == SFP_OK)
			return SFP_OK;
		*missed += 1;
	}
	return SFP_EMPTY;
}

/* ---- being sound ---------------------------------------------------------------------- */

void ring_undo(const struct ring *ring)
{
	for (uint32_t i = 0; i < ring->slots; i++)
		sfp_store_release_word(&slot_of(ring, i)->owner, 0);
}

const char *ring_wrong(const struct ring *ring)
{
	for (uint32_t i = 0; i < ring->slots; i++) {
		const uintptr_t stamp = sfp_load_acquire_word(&slot_of(ring, i)->stamp);

		if (stamp != 0 && (stamp - 1) / 2 % ring->slots != i)
			return "a record is in the slot of its number";
		/* The one before the next may be stamped already. */
		if (stamp != 0 && (stamp - 1) / 2 > ring_next(ring))
			return "no record has a number that was not given out";
	}
	return NULL;
}
