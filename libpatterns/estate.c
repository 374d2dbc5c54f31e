/* SPDX-License-Identifier: BSD-2-Clause */
/* estate: taking off the list, and burial. The argument for it is in <sfp/estate.h>. */
#include <sfp/estate.h>
#include <sfp/guard.h>

/* What points at `entry`'s place in the list: newest, or the older of a neighbour; NULL: it is not there. */
static struct sfp_estate_entry **walk_to(struct sfp_estate *estate, const struct sfp_estate_entry *entry)
{
	struct sfp_estate_entry **link = &estate->newest;

	while (*link && *link != entry)
		link = &(*link)->older;
	return *link ? link : NULL;
}

static struct sfp_estate_entry **link_to(struct sfp_estate *estate, const struct sfp_estate_entry *entry)
{
	struct sfp_estate_entry **hinted = entry->newer ? &entry->newer->older : &estate->newest;

	return SFP_LIKELY(*hinted == entry) ? hinted : walk_to(estate, entry);
}

/* The entry that has this link; NULL: it is the estate's. */
static struct sfp_estate_entry *holder(struct sfp_estate *estate, struct sfp_estate_entry **link)
{
	return link == &estate->newest ? NULL : SFP_CONTAINER(link, struct sfp_estate_entry, older);
}

static void unlink_at(struct sfp_estate *estate, struct sfp_estate_entry **link, struct sfp_estate_entry *entry)
{
	struct sfp_estate_entry *older = entry->older;

	if (older)
		older->newer = holder(estate, link);
	entry->newer = NULL;
	sfp_compiler_barrier(); /* no hint names it any more, and its own names nobody who may go */
	*link = older;
	sfp_compiler_barrier(); /* out of the list before it may be added anew */
	entry->estate = NULL;
}

enum sfp_status sfp_estate_remove(struct sfp_estate *estate, struct sfp_estate_entry *entry)
{
	struct sfp_estate_entry **link;

	if (entry->estate != estate)
		return SFP_INVALID;
	link = link_to(estate, entry);
	if (SFP_LIKELY(link))
		unlink_at(estate, link, entry);
	else
		entry->estate = NULL; /* a fault had ended its adding or removing */
	return SFP_OK;
}

/* ---- burial ------------------------------------------------------------------ */

static enum sfp_status detach(struct sfp_estate_entry *entry)
{
	return entry->detach(entry);
}
SFP_GATE(detach, detach, struct sfp_estate_entry *);

static bool comes_later(enum sfp_status status)
{
	return status == SFP_BUSY || status == SFP_AGAIN || status == SFP_RUNNING;
}

static struct sfp_estate_entry **place(struct sfp_estate *estate)
{
	return estate->at ? &estate->at->older : &estate->newest;
}

static void begin_pass(struct sfp_estate *estate)
{
	estate->at = NULL;
	estate->busy = 0;
	estate->refusal = SFP_OK;
}

/* `entry` stays. What it said is noted before the place moves past it: a burier may stop in between. */
static void stay(struct sfp_estate *estate, struct sfp_estate_entry *entry, enum sfp_status status)
{
	if (comes_later(status))
		estate->busy = 1;
	else
		estate->refusal = status;
	sfp_compiler_barrier();
	estate->at = entry;
}

/* A pass is over: what does it say of the whole? */
static enum sfp_status verdict(struct sfp_estate *estate)
{
	const enum sfp_status refusal = (enum sfp_status)estate->refusal;
	const bool busy = estate->busy != 0;

	begin_pass(estate);
	if (!estate->newest)
		return SFP_OK;
	return busy || refusal == SFP_OK ? SFP_AGAIN : refusal;
}

enum sfp_status sfp_estate_bury(struct sfp_estate *estate, struct sfp_proof proof, unsigned budget)
{
	struct sfp_estate_entry **link;

	if (!proof.reason || budget == 0)
		return SFP_INVALID;
	sfp_estate_seal(estate);
	for (link = place(estate); *link && budget > 0; link = place(estate), budget--) {
		struct sfp_estate_entry *entry = *link;
		const enum sfp_status status = detach_contained(entry, NULL);

		if (status == SFP_OK)
			unlink_at(estate, link, entry);
		else
			stay(estate, entry, status);
	}
	return *link ? SFP_AGAIN : verdict(estate);
}
