/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iface: the call, resolving, and starting. What changes offers is in
 * iface_change.c. The argument for it is in <sfp/iface.h>.
 */
#include "iface.h"

/* ---- pins -------------------------------------------------------------------

 * A pin is in force from the exchange that fills its word to the store that
 * empties it. The gate under which it is taken is noted first, so a fault at
 * any instruction finds what to drop (guard.c). `pinned` covers the word before
 * it is filled and after it is emptied: what interrupts this context in between
 * and calls takes the next one.
 */

/* Take the first free word, empty as yet; the caller knows that there is one. */
SFP_ALWAYS_INLINE void open_pin(struct sfp_context *context, uint32_t depth)
{
	context->pin_gates[depth] = context->gate;
	sfp_compiler_barrier(); /* whose it is, before it is taken */
	context->pinned = depth + 1;
	sfp_compiler_barrier(); /* taken before it is filled */
}

/* Give it back, and all above it. */
SFP_ALWAYS_INLINE void close_pin(struct sfp_context *context, uint32_t depth)
{
	/* Release: what was done under the pin; pairs with the acquire in the scan. */
	sfp_store_release_word(&context->pins[depth], 0);
	sfp_compiler_barrier(); /* empty before it is free */
	context->pinned = depth;
}

/* Pin what `word` was seen to hold, and look again; what it holds now, which is pinned if it is the same. */
SFP_ALWAYS_INLINE uintptr_t pin_seen(uintptr_t *pin, const uintptr_t *word, uintptr_t seen)
{
	/* Full barrier: pairs with the exchange that takes it out of `word`, before the scan. */
	(void)sfp_exchange_word(pin, seen);
	/* Acquire: pairs with the release by which it was put there. */
	return sfp_load_acquire_word(word);
}

enum sfp_status iface_pin_open(struct sfp_iface_pin *pin)
{
	pin->context = sfp_port_context();
	pin->depth = pin->context->pinned;
	if (pin->depth >= SFP_PINS)
		return SFP_LIMIT;
	open_pin(pin->context, pin->depth);
	return SFP_OK;
}

uintptr_t iface_pin_word(const struct sfp_iface_pin *pin, const uintptr_t *word)
{
	uintptr_t *at = &pin->context->pins[pin->depth];
	uintptr_t seen = sfp_load_word(word);

	for (;;) {
		const uintptr_t now = pin_seen(at, word, seen);

		if (SFP_LIKELY(now == seen))
			return seen;
		seen = now;
	}
}

void iface_pin_close(const struct sfp_iface_pin *pin)
{
	close_pin(pin->context, pin->depth);
}

enum sfp_status sfp_iface_enter(struct sfp_iface_pin *pin, const uintptr_t *word,
				const struct sfp_iface_record **record)
{
	SFP_TRY(iface_pin_open(pin));
	*record = (const struct sfp_iface_record *)iface_pin_word(pin, word);
	if (*record)
		return SFP_OK;
	iface_pin_close(pin);
	return SFP_AGAIN;
}

void sfp_iface_exit(const struct sfp_iface_pin *pin)
{
	iface_pin_close(pin);
}

/* ---- resolving ----------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	if (a == b)
		return true;
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

uintptr_t iface_pin_offer(const struct sfp_iface_pin *pin, const struct sfp_iface_slot *slot,
			  uintptr_t *incarnation)
{
	const uintptr_t offer = iface_pin_word(pin, &slot->offer);

	/*
	 * Withdrawing makes it 0 by an exchange and then scans; the offer is pinned
	 * by an exchange, and then this is loaded. Acquire: pairs with sfp_iface_offer().
	 */
	*incarnation = sfp_load_acquire_word(&slot->incarnation);
	return *incarnation ? offer : 0;
}

enum sfp_status iface_look(const struct sfp_iface_pin *pin, const struct sfp_iface_slot *slot,
			   const struct sfp_iface *wanted, const char *provider, uintptr_t *incarnation)
{
	const struct sfp_iface_offer *offer;

	offer = (const struct sfp_iface_offer *)iface_pin_offer(pin, slot, incarnation);
	if (!offer || !same_text(offer->iface->name, wanted->name))
		return SFP_NOT_FOUND;
	if (provider && !same_text(offer->provider, provider))
		return SFP_NOT_FOUND;
	return offer->iface->version == wanted->version ? SFP_OK : SFP_INVALID;
}

/* Find a slot for the reference, and note it there. */
static enum sfp_status resolve(struct sfp_iface_ref *ref, const struct sfp_iface *wanted)
{
	struct sfp_iface_realm *realm = ref->realm;
	enum sfp_status whole = SFP_NOT_FOUND;
	struct sfp_iface_pin pin;
	uint32_t i;

	SFP_TRY(iface_pin_open(&pin));
	for (i = 0; i < realm->count && whole != SFP_OK; i++) {
		uintptr_t incarnation;
		const enum sfp_status one = iface_look(&pin, &realm->slots[i], wanted, ref->provider, &incarnation);

		if (one == SFP_NOT_FOUND)
			continue;
		whole = one;
		if (one != SFP_OK)
			continue;
		/* Both at once they are never seen; a pair that does not belong together fits no slot. */
		sfp_store_release_word(&ref->incarnation, incarnation);
		sfp_store_release_word(&ref->slot, (uintptr_t)&realm->slots[i]);
	}
	iface_pin_close(&pin);
	return whole;
}

/* ---- starting -------------------------------------------------------------------- */

static void let_go(struct sfp_guard *guard)
{
	struct iface_hold *hold = SFP_CONTAINER(guard, struct iface_hold, guard);

	/* Nobody else can have stored this address: it is ours while the guard lives. */
	if (sfp_load_word(&hold->slot->busy) == (uintptr_t)guard)
		sfp_store_release_word(&hold->slot->busy, 0);
}

static bool is_mine(const struct sfp_context *context, uintptr_t guard_address)
{
	const struct sfp_guard *guard;

	for (guard = context->guards; guard; guard = guard->older)
		if ((uintptr_t)guard == guard_address)
			return true;
	return false;
}

enum sfp_status iface_hold(struct iface_hold *hold, struct sfp_iface_slot *slot)
{
	uintptr_t owner = 0;

	hold->slot = slot;
	hold->context = sfp_port_context();
	sfp_guard_link(hold->context, &hold->guard, let_go);
	/* Acquire: pairs with the release of who held it last. */
	if (sfp_cas_acquire_word(&slot->busy, &owner, (uintptr_t)&hold->guard))
		return SFP_OK;
	sfp_guard_unlink(hold->context, &hold->guard);
	return is_mine(hold->context, owner) ? SFP_DEADLOCK : SFP_BUSY;
}

void iface_unhold(struct iface_hold *hold)
{
	sfp_store_release_word(&hold->slot->busy, 0);
	sfp_guard_unlink(hold->context, &hold->guard);
}

/* An interrupt, or somebody who holds a spin lock, must not wait for another's start. */
static bool may_start(const struct sfp_context *context)
{
	const struct sfp_guard *guard;

	if (context->interrupt)
		return false;
	for (guard = context->guards; guard; guard = guard->older)
		if (guard->release == sfp_lock_guard_release)
			return false;
	return true;
}

struct starting {
	struct sfp_iface_offer *offer;
	struct sfp_iface_record *record;
};

static enum sfp_status run_start(struct starting *starting)
{
	return starting->offer->start(starting->offer, &starting->record);
}
SFP_GATE(run_start, run_start, struct starting *);

/* The slot is held and its offer pinned: start it, if that is still to be done. */
static enum sfp_status start_held(struct sfp_iface_slot *slot, struct sfp_iface_offer *offer,
				  struct sfp_fault *why)
{
	struct starting starting = { .offer = offer, .record = NULL };

	if (sfp_load_u32(&slot->phase) != SFP_IFACE_OFFERED)
		return SFP_OK; /* somebody has been here: look again */
	if (!offer->start)
		return SFP_AGAIN;
	SFP_TRY(run_start_contained(&starting, why));
	if (!starting.record)
		return SFP_INVALID;
	(void)iface_put_in_force(slot, starting.record);
	return SFP_OK;
}

static enum sfp_status start_pinned(struct sfp_iface_slot *slot, struct sfp_iface_offer *offer,
				    struct sfp_fault *why)
{
	struct iface_hold hold;
	enum sfp_status status;

	status = iface_hold(&hold, slot);
	if (status == SFP_BUSY)
		return SFP_AGAIN;
	if (status != SFP_OK)
		return status;
	status = start_held(slot, offer, why);
	iface_unhold(&hold);
	return status;
}

static enum sfp_status start(struct sfp_iface_slot *slot, uintptr_t expected, struct sfp_fault *why)
{
	struct sfp_iface_pin pin;
	enum sfp_status status = SFP_GONE;
	uintptr_t incarnation;
	uintptr_t offer;

	if (!may_start(sfp_port_context()))
		return SFP_AGAIN;
	SFP_TRY(iface_pin_open(&pin));
	offer = iface_pin_offer(&pin, slot, &incarnation);
	if (offer && incarnation == expected)
		status = start_pinned(slot, (struct sfp_iface_offer *)offer, why);
	iface_pin_close(&pin);
	return status;
}

/* ---- the call ------------------------------------------------------------------------- */

static struct sfp_iface_slot *slot_of(const struct sfp_iface_ref *ref)
{
	/* Acquire: pairs with resolve(); the incarnation that is loaded after it is of this slot, or of none. */
	return (struct sfp_iface_slot *)sfp_load_acquire_word(&ref->slot);
}

/* The call found nothing to use. OK: now there may be. */
static enum sfp_status __attribute__((noinline, cold))
make_ready(struct sfp_iface_ref *ref, const struct sfp_iface *wanted, struct sfp_fault *why)
{
	struct sfp_iface_slot *slot = slot_of(ref);
	const uintptr_t expected = sfp_load_word(&ref->incarnation);
	uint32_t phase;

	if (!slot)
		return resolve(ref, wanted);
	if (sfp_load_acquire_word(&slot->incarnation) != expected)
		return SFP_GONE;
	/* Acquire: pairs with the release after the publication: if it says OPEN, the record is there. */
	phase = sfp_load_acquire_u32(&slot->phase);
	if (sfp_load_word(&slot->record) != 0)
		return SFP_OK;
	return phase == SFP_IFACE_OFFERED ? start(slot, expected, why) : SFP_AGAIN;
}

/* Does the slot have the offer that the reference was resolved to? */
SFP_ALWAYS_INLINE bool is_meant(const struct sfp_iface_slot *slot, const struct sfp_iface_ref *ref)
{
	return sfp_load_word(&slot->incarnation) == sfp_load_word(&ref->incarnation);
}

/* The way that is always right: until there is something to pin, make it so. */
static enum sfp_status __attribute__((noinline, cold))
call_slowly(struct sfp_iface_ref *ref, const struct sfp_iface *iface, sfp_gated *gated, struct sfp_iface_call *call,
	    struct sfp_fault *why)
{
	for (;;) {
		const struct sfp_iface_slot *slot = slot_of(ref);
		struct sfp_iface_pin pin;
		enum sfp_status status;

		if (slot && sfp_load_word(&slot->record) != 0) {
			SFP_TRY(iface_pin_open(&pin));
			call->record = (const struct sfp_iface_record *)iface_pin_word(&pin, &slot->record);
			/* While it is pinned the slot is given to nobody else. */
			if (call->record && is_meant(slot, ref)) {
				status = sfp_gate_call(pin.context, gated, call, why);
				iface_pin_close(&pin);
				return status;
			}
			iface_pin_close(&pin);
		}
		SFP_TRY(make_ready(ref, iface, why));
	}
}

/* The short way: it is there, and stays. */
enum sfp_status sfp_iface_call(struct sfp_iface_ref *ref, const struct sfp_iface *iface, sfp_gated *gated,
			       struct sfp_iface_call *call, struct sfp_fault *why)
{
	const struct sfp_iface_slot *slot = slot_of(ref);
	struct sfp_context *context = sfp_port_context();
	const uint32_t depth = context->pinned;
	enum sfp_status status;
	uintptr_t record;

	if (SFP_UNLIKELY(!slot || depth >= SFP_PINS))
		return call_slowly(ref, iface, gated, call, why);
	record = sfp_load_word(&slot->record);
	open_pin(context, depth);
	if (SFP_UNLIKELY(pin_seen(&context->pins[depth], &slot->record, record) != record || !record ||
			 !is_meant(slot, ref))) {
		close_pin(context, depth);
		return call_slowly(ref, iface, gated, call, why);
	}
	call->record = (const struct sfp_iface_record *)record;
	status = sfp_gate_call(context, gated, call, why);
	close_pin(context, context->pinned - 1); /* what is above it was given back, or dropped by the gate */
	return status;
}

/* ---- browsing ---------------------------------------------------------------------------- */

enum sfp_status sfp_iface_browse(struct sfp_iface_cursor *cursor, struct sfp_iface_realm *realm)
{
	cursor->realm = realm;
	cursor->next = 0;
	cursor->open = 0;
	SFP_TRY(iface_pin_open(&cursor->pin));
	cursor->open = 1;
	return SFP_OK;
}

enum sfp_status sfp_iface_next(struct sfp_iface_cursor *cursor, const struct sfp_iface_offer **offer)
{
	while (cursor->open && cursor->next < cursor->realm->count) {
		uintptr_t incarnation;

		*offer = (const struct sfp_iface_offer *)iface_pin_offer(
			&cursor->pin, &cursor->realm->slots[cursor->next++], &incarnation);
		if (*offer)
			return SFP_OK;
	}
	sfp_iface_leave(cursor);
	return SFP_EMPTY;
}

void sfp_iface_leave(struct sfp_iface_cursor *cursor)
{
	if (!cursor->open)
		return;
	cursor->open = 0;
	iface_pin_close(&cursor->pin);
}

enum sfp_iface_phase sfp_iface_phase(const struct sfp_iface_offer *offer)
{
	return offer->slot ? (enum sfp_iface_phase)sfp_load_u32(&offer->slot->phase) : SFP_IFACE_LEAVING;
}
