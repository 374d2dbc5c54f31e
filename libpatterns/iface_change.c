/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iface_change: offering, replacing, closing, migrating, withdrawing. Each
 * change holds the slot's `busy`; each of its steps is one store that callers
 * can see, so whoever stops in the middle leaves an offer that serves or says
 * AGAIN, and the same call goes on from there.
 */
#include "iface.h"

/* ---- quiescence ---------------------------------------------------------------- */

static void hold_contexts(void)
{
#ifdef SFP_PORT_HAS_CONTEXT_HOLD
	sfp_port_context_hold();
#endif
}

static void release_contexts(void)
{
#ifdef SFP_PORT_HAS_CONTEXT_HOLD
	sfp_port_context_release();
#endif
}

static bool is_pinned_by(const struct sfp_context *context, uintptr_t address)
{
	unsigned i;

	/* Acquire: pairs with the release of unpin(): what was done under the pin is done. */
	for (i = 0; i < SFP_PINS; i++)
		if (sfp_load_acquire_word(&context->pins[i]) == address)
			return true;
	return false;
}

/*
 * Does nobody use it? It was taken out of where callers find it by an exchange,
 * a full barrier: pairs with the exchange in pin_word().
 */
static enum sfp_status quiescent(const void *used)
{
	const struct sfp_context *self = sfp_port_context();
	enum sfp_status status = SFP_OK;
	struct sfp_context *context;

	if (is_pinned_by(self, (uintptr_t)used))
		return SFP_DEADLOCK;
	hold_contexts();
	for (context = sfp_port_context_next(NULL); context && status == SFP_OK;
	     context = sfp_port_context_next(context))
		if (is_pinned_by(context, (uintptr_t)used))
			status = SFP_AGAIN;
	release_contexts();
	return status;
}

/* ---- what is in force ----------------------------------------------------------- */

static struct sfp_iface_record *in_force(const struct sfp_iface_slot *slot)
{
	return (struct sfp_iface_record *)sfp_load_acquire_word(&slot->record);
}

/* Where it was published; NULL: nowhere yet. */
static const struct sfp_iface_slot *place(const struct sfp_iface_record *record)
{
	return (const struct sfp_iface_slot *)sfp_load_acquire_word(&record->slot);
}

static struct sfp_iface_record *closed(const struct sfp_iface_slot *slot)
{
	return (struct sfp_iface_record *)sfp_load_acquire_word(&slot->closed);
}

struct sfp_iface_record *iface_put_in_force(struct sfp_iface_slot *slot, struct sfp_iface_record *record)
{
	struct sfp_iface_record *old = in_force(slot);

	if (!old)
		old = closed(slot);
	sfp_store_release_word(&record->slot, (uintptr_t)slot); /* it may have to be withdrawn at once */
	/* Full barrier: pairs with the exchange in pin_word(), before a scan for the old one. */
	(void)sfp_exchange_word(&slot->record, (uintptr_t)record);
	sfp_store_release_u32(&slot->phase, SFP_IFACE_OPEN);
	sfp_store_release_word(&slot->closed, 0);
	return old == record ? NULL : old;
}

/* Callers find nothing from here on; what they found is in `closed`. */
static void take_out_of_force(struct sfp_iface_slot *slot, enum sfp_iface_phase phase)
{
	struct sfp_iface_record *record = in_force(slot);

	/* Release: a caller that finds no record must not find that the offer can be started. */
	sfp_store_release_u32(&slot->phase, phase);
	if (!record)
		return;
	sfp_store_release_word(&slot->closed, (uintptr_t)record);
	(void)sfp_exchange_word(&slot->record, 0); /* full barrier: pairs with the exchange in pin_word() */
}

static enum sfp_status run_cancel(struct sfp_iface_offer *offer)
{
	return offer->cancel(offer);
}
SFP_GATE(run_cancel, run_cancel, struct sfp_iface_offer *);

/* Is nobody inside what was closed? If there is, have those who wait return. */
static enum sfp_status empty_out(struct sfp_iface_offer *offer)
{
	const struct sfp_iface_record *record = closed(offer->slot);
	enum sfp_status status;

	if (!record)
		return SFP_OK;
	status = quiescent(record);
	if (status == SFP_AGAIN && offer->cancel)
		SFP_TRY(run_cancel_contained(offer, NULL));
	return status;
}

/* The slot that the offer has; NULL: none, or it has been given to another. */
static struct sfp_iface_slot *slot_of(const struct sfp_iface_offer *offer)
{
	struct sfp_iface_slot *slot = offer->slot;

	return slot && sfp_load_acquire_word(&slot->offer) == (uintptr_t)offer ? slot : NULL;
}

/* The right to change the offer; INVALID: it is not offered. */
static enum sfp_status hold_offer(struct iface_hold *hold, const struct sfp_iface_offer *offer)
{
	struct sfp_iface_slot *slot = slot_of(offer);

	if (!slot)
		return SFP_INVALID;
	SFP_TRY(iface_hold(hold, slot));
	if (sfp_load_word(&slot->incarnation) != 0)
		return SFP_OK;
	iface_unhold(hold);
	return SFP_INVALID;
}

/* ---- offering ---------------------------------------------------------------------- */

static bool is_offered(const struct sfp_iface_realm *realm, const struct sfp_iface_offer *offer,
		       const struct sfp_iface_pin *pin)
{
	uintptr_t incarnation;
	uint32_t i;

	for (i = 0; i < realm->count; i++)
		if (iface_look(pin, &realm->slots[i], offer->iface, offer->provider, &incarnation) == SFP_OK)
			return true;
	return false;
}

static struct sfp_iface_slot *free_slot(const struct sfp_iface_realm *realm)
{
	uint32_t i;

	for (i = 0; i < realm->count; i++)
		if (sfp_load_acquire_word(&realm->slots[i].offer) == 0)
			return &realm->slots[i];
	return NULL;
}

enum sfp_status sfp_iface_offer(struct sfp_iface_realm *realm, struct sfp_iface_offer *offer)
{
	struct sfp_iface_slot *slot = free_slot(realm);
	struct sfp_iface_pin pin;
	bool offered;

	if (!offer->iface || !offer->provider)
		return SFP_INVALID;
	SFP_TRY(iface_pin_open(&pin));
	offered = offer->slot || is_offered(realm, offer, &pin);
	iface_pin_close(&pin);
	if (offered)
		return SFP_EXISTS;
	if (!slot)
		return SFP_LIMIT;
	offer->slot = slot;
	sfp_compiler_barrier(); /* known to its own withdrawal before it is in the slot */
	sfp_store_release_word(&slot->offer, (uintptr_t)offer);
	realm->incarnation++;
	/* Release: it can be seen. Pairs with the acquire in iface_pin_offer(). */
	sfp_store_release_word(&slot->incarnation, realm->incarnation);
	return SFP_OK;
}

/* ---- changing ------------------------------------------------------------------------- */

static bool fits(const struct sfp_iface_slot *slot, const struct sfp_iface_record *record)
{
	const struct sfp_iface_record *old = in_force(slot);

	if (!old)
		old = closed(slot);
	return !old || old->layout == record->layout;
}

enum sfp_status sfp_iface_publish(struct sfp_iface_offer *offer, struct sfp_iface_record *record,
				  struct sfp_iface_record **old)
{
	struct sfp_iface_record *replaced = NULL;
	struct iface_hold hold;
	enum sfp_status status = SFP_INVALID;

	if (old)
		*old = NULL;
	SFP_TRY(hold_offer(&hold, offer));
	if (fits(offer->slot, record)) {
		replaced = iface_put_in_force(offer->slot, record);
		status = SFP_OK;
	}
	iface_unhold(&hold);
	if (old)
		*old = replaced;
	return status;
}

enum sfp_status sfp_iface_drain(const struct sfp_iface_record *record)
{
	const struct sfp_iface_slot *slot = place(record);

	if (slot && in_force(slot) == record)
		return SFP_INVALID;
	return quiescent(record);
}

enum sfp_status sfp_iface_close(struct sfp_iface_offer *offer)
{
	struct iface_hold hold;
	enum sfp_status status;

	SFP_TRY(hold_offer(&hold, offer));
	take_out_of_force(offer->slot, SFP_IFACE_CLOSED);
	status = empty_out(offer);
	iface_unhold(&hold);
	return status;
}

struct migration {
	const struct sfp_iface_record *old;
	const struct sfp_iface_record *fresh;
	sfp_iface_migrate_state *migrate;
};

static enum sfp_status run_migrate(struct migration *migration)
{
	return migration->migrate(migration->old, migration->fresh);
}
SFP_GATE(run_migrate, run_migrate, struct migration *);

static enum sfp_status migrate_held(struct sfp_iface_offer *offer, struct sfp_iface_record *fresh,
				    sfp_iface_migrate_state *migrate)
{
	struct sfp_iface_slot *slot = offer->slot;
	struct migration migration = { .fresh = fresh, .migrate = migrate };
	struct sfp_iface_record *old;
	enum sfp_status status;

	if (in_force(slot) == fresh) { /* one that was stopped before it could say so */
		(void)iface_put_in_force(slot, fresh);
		return SFP_OK;
	}
	if (!in_force(slot) && !closed(slot))
		return SFP_INVALID;
	take_out_of_force(slot, SFP_IFACE_CLOSED);
	SFP_TRY(empty_out(offer));
	old = closed(slot);
	migration.old = old;
	status = run_migrate_contained(&migration, NULL);
	(void)iface_put_in_force(slot, status == SFP_OK ? fresh : old);
	return status;
}

enum sfp_status sfp_iface_migrate(struct sfp_iface_offer *offer, struct sfp_iface_record *fresh,
				  sfp_iface_migrate_state *migrate)
{
	struct iface_hold hold;
	enum sfp_status status;

	SFP_TRY(hold_offer(&hold, offer));
	status = migrate_held(offer, fresh, migrate);
	iface_unhold(&hold);
	return status;
}

/* ---- ending ------------------------------------------------------------------------------ */

static void free_held_slot(struct sfp_iface_slot *slot, struct sfp_iface_offer *offer)
{
	sfp_store_release_word(&slot->closed, 0);
	sfp_store_release_u32(&slot->phase, SFP_IFACE_OFFERED);
	/* Release: all of it is as it was found. Pairs with the acquire in free_slot(). */
	sfp_store_release_word(&slot->offer, 0);
	offer->slot = NULL;
}

static enum sfp_status withdraw_held(struct sfp_iface_slot *slot, struct sfp_iface_offer *offer)
{
	/* Full barrier: pairs with the exchange of the pin in iface_pin_offer(), before the scan for the offer. */
	(void)sfp_exchange_word(&slot->incarnation, 0);
	take_out_of_force(slot, SFP_IFACE_LEAVING);
	SFP_TRY(empty_out(offer));
	SFP_TRY(quiescent(offer));
	free_held_slot(slot, offer);
	return SFP_OK;
}

enum sfp_status sfp_iface_withdraw(struct sfp_iface_offer *offer)
{
	struct sfp_iface_slot *slot = slot_of(offer);
	struct iface_hold hold;
	enum sfp_status status;

	if (!slot) {
		offer->slot = NULL; /* never got as far, or one was stopped before its last store */
		return SFP_OK;
	}
	status = iface_hold(&hold, slot);
	if (status == SFP_BUSY)
		return SFP_AGAIN;
	if (status != SFP_OK)
		return status;
	status = withdraw_held(slot, offer);
	iface_unhold(&hold);
	return status;
}

static enum sfp_status as_detach(enum sfp_status status)
{
	return status == SFP_OK ? SFP_OK : SFP_BUSY;
}

enum sfp_status sfp_iface_offer_detach(struct sfp_estate_entry *entry)
{
	return as_detach(sfp_iface_withdraw(SFP_CONTAINER(entry, struct sfp_iface_offer, retained)));
}

enum sfp_status sfp_iface_record_detach(struct sfp_estate_entry *entry)
{
	const struct sfp_iface_record *record = SFP_CONTAINER(entry, struct sfp_iface_record, retained);
	const struct sfp_iface_slot *slot = place(record);

	/* In force, or closed: its offer's withdrawal ends that. */
	if (slot && (in_force(slot) == record || closed(slot) == record))
		return SFP_BUSY;
	return as_detach(quiescent(record));
}

/* ---- a context that has stopped --------------------------------------------------------------- */

static bool has_guard(const struct sfp_context *context, uintptr_t address)
{
	const struct sfp_guard *guard;

	for (guard = context->guards; guard; guard = guard->older)
		if ((uintptr_t)guard == address)
			return true;
	return false;
}

enum sfp_status sfp_iface_reap(struct sfp_iface_realm *realm, struct sfp_context *context,
			       struct sfp_proof proof)
{
	uint32_t i;

	if (!proof.reason)
		return SFP_INVALID;
	for (i = 0; i < realm->count; i++) {
		const uintptr_t owner = sfp_load_word(&realm->slots[i].busy);

		if (owner && has_guard(context, owner))
			sfp_store_release_word(&realm->slots[i].busy, 0);
	}
	for (i = 0; i < SFP_PINS; i++)
		sfp_store_release_word(&context->pins[i], 0);
	context->pinned = 0;
	return SFP_OK;
}
