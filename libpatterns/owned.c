/* SPDX-License-Identifier: BSD-2-Clause */
/* owned: taking, giving and dropping values, whatever faults in between. */
#include <sfp/owned.h>

/* Somebody has it: a place. */
static bool is_owned(uintptr_t word)
{
	return word != 0 && !(word & SFP_OWNED_FREEING_);
}

enum sfp_status sfp_owned_adopt(struct sfp_owned_place *place, struct sfp_owned *value)
{
	uintptr_t word;

	if (!value || sfp_owned_has_(place))
		return SFP_INVALID;
	word = sfp_load_word(&value->owner);
	if (is_owned(word))
		return SFP_BUSY;
	place->value = value; /* before the word: a fault between leaves the value as it was */
	sfp_compiler_barrier();
	if (sfp_cas_acquire_word(&value->owner, &word, (uintptr_t)place))
		return SFP_OK;
	place->value = NULL;
	return SFP_BUSY;
}

/* ---- dropping ------------------------------------------------------------------ */

struct drop {
	struct sfp_guard guard;
	struct sfp_owned *value;
	sfp_owned_free *free_it;
};

static uintptr_t tag_of(const struct sfp_guard *guard)
{
	return (uintptr_t)guard | SFP_OWNED_FREEING_;
}

/* It was nobody's but this drop's when the fault came. */
static void free_again(struct sfp_guard *guard)
{
	const struct drop *drop = SFP_CONTAINER(guard, struct drop, guard);

	if (sfp_load_word(&drop->value->owner) == tag_of(guard))
		drop->free_it(drop->value);
}

enum sfp_status sfp_owned_drop(struct sfp_owned_place *place, sfp_owned_free *free_it)
{
	struct sfp_context *context = sfp_port_context();
	struct drop drop = { .value = place->value, .free_it = free_it };

	if (!sfp_owned_has_(place))
		return SFP_INVALID;
	if (!free_it) {
		sfp_store_release_word(&drop.value->owner, 0);
		place->value = NULL;
		return SFP_OK;
	}
	sfp_guard_link(context, &drop.guard, free_again);
	sfp_store_release_word(&drop.value->owner, tag_of(&drop.guard)); /* no place has it from here on */
	sfp_compiler_barrier();
	place->value = NULL;
	free_it(drop.value);
	sfp_guard_unlink(context, &drop.guard);
	return SFP_OK;
}

/* ---- giving -------------------------------------------------------------------- */

struct give {
	struct sfp_guard guard;
	struct sfp_owned_place in;      /* the receiver's, until it passes the value on */
	struct sfp_owned_place *from;
	sfp_owned_free *free_it;
};

/* Whatever came between: a value that is still here is the giver's again, or freed. */
static void settle(struct sfp_guard *guard)
{
	struct give *give = SFP_CONTAINER(guard, struct give, guard);

	if (!sfp_owned_has_(&give->in))
		return;
	if (give->free_it || sfp_owned_has_(give->from))
		SFP_IGNORE(sfp_owned_drop(&give->in, give->free_it), "it has a value");
	else
		sfp_owned_hand_over_(&give->in, give->from);
}

enum sfp_status sfp_owned_give(struct sfp_owned_place *from, sfp_gated *receiver, void *argument,
			       sfp_owned_free *free_it, struct sfp_fault *why)
{
	struct sfp_context *context = sfp_port_context();
	struct give give = { .from = from, .free_it = free_it };
	struct sfp_owned_gift gift = { .place = &give.in, .argument = argument };
	enum sfp_status status;

	if (!sfp_owned_has_(from))
		return SFP_INVALID;
	sfp_guard_link(context, &give.guard, settle); /* for faults outside of the receiver's gate */
	sfp_owned_hand_over_(from, &give.in);
	status = sfp_gate_call(context, receiver, &gift, why);
	settle(&give.guard);
	sfp_guard_unlink(context, &give.guard);
	return status;
}
