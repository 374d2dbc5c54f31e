/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * estate_mux: a client of a mux, and its pool of requests, as part of an estate.
 *
 * Overview
 *   A client that dies leaves a record and requests that a mux refers to. Its
 *   undertaker, who wants the memory gone, has them detached: one entry a
 *   client, made once, beside its record. Detaching is leaving: what is pending
 *   comes back lost, what is in flight is waited for.
 *
 *   Detaching waits for the server, and for nobody else. A server that does
 *   nothing for ever must be replaced, or the mux closed, by somebody who can;
 *   until then the burial says AGAIN.
 *
 *   Not for: a mux whose own memory goes first (who ends it closes it before).
 *
 * Usage
 *   SFP_MUX(disk, struct block_request, link, SFP_WEIGHTED);
 *   SFP_ESTATE_MUX(disk, struct block_request, link);
 *
 *   struct disk_estate retained;                     // zeroed; beside the client's record
 *   SFP_TRY(disk_bind(&mux, &client, 4));
 *   SFP_TRY(disk_estate_add(&mine, &retained, &client, pool, 16, "a client of the disk"));
 *   // from here on each of pool[0..16) may be submitted; burying `mine` gets all of it back
 *
 * Concurrency
 *   As the estate's: the owner adds, between bind and the first submit. While it
 *   is detached nothing of the client runs.
 *
 * Why it is correct
 *   See settle and unbind in <sfp/mux_client.h>. The client may have stopped
 *   between saying that something is queued (a request, one's note, its own) and
 *   the swap that queues it. A marker of the burier's own, enqueued after all
 *   that, tells which when the server has passed it. Then the client's own note
 *   is known to be in the mux or not; unbind, which may have to begin anew, is
 *   the rest. When it says OK the server does not look at the record, and no
 *   request is pending or in flight.
 */
#ifndef SFP_ESTATE_MUX_H
#define SFP_ESTATE_MUX_H

#include <sfp/estate.h>
#include <sfp/mux.h>

/** What the burier needs to know of a client. In the client's memory. Zeroed: in no estate. */
struct sfp_estate_mux {
	struct sfp_estate_entry entry; /* in the client's estate */
	struct sfp_mux_client *client; /* its record */
	void (*hook)(struct sfp_mux *mux); /* NULL: the server polls */
	struct sfp_mux_request *first;     /* the link of the pool's first request ... */
	size_t stride;                     /* ... the next one's is so many bytes on ... */
	size_t count;                      /* ... and there are so many */
	struct sfp_dfq_item marker;        /* the burier's */
};

/**
 * Detach a client; a sfp_estate_detach, for the entry of a struct sfp_estate_mux.
 * @context a burier   @progress lock-free, O(requests)   @order as sfp_mux_settle() and sfp_mux_unbind()
 * @owner   on SFP_OK the record, the requests and the entry are the burier's to free
 * @retains the marker's link, until SFP_OK   @cost a few loads a request, twice one swap
 * @return  SFP_OK: the mux refers to none of it; SFP_BUSY: the server has not come that far
 */
enum sfp_status sfp_estate_mux_detach(struct sfp_estate_entry *entry) SFP_NODISCARD;

/**
 * Put a client on the list, before the first of its requests is submitted.
 * @context @progress @order @owner @return as sfp_estate_add(); SFP_INVALID also for an empty pool, or a
 *          client that is not bound
 * @retains the record, in the client's own memory   @cost ten stores
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status
sfp_estate_mux_add(struct sfp_estate *estate, struct sfp_estate_mux *record, const char *what)
{
	if (SFP_UNLIKELY(!record->client || !record->client->mux || !record->first || record->count == 0))
		return SFP_INVALID;
	return sfp_estate_add(estate, &record->entry, sfp_estate_mux_detach, what);
}

#define SFP_ESTATE_MUX_(name, type, member, hook_of_mux) \
	struct name##_estate { \
		struct sfp_estate_mux core; \
	}; \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_estate_add( \
		struct sfp_estate *estate, struct name##_estate *record, struct name##_client *client, \
		type *requests, size_t count, const char *what) \
	{ \
		if (record->core.entry.estate) \
			return SFP_BUSY; \
		record->core.client = client ? &client->core : NULL; \
		record->core.hook = hook_of_mux; \
		record->core.first = requests ? &requests->member : NULL; \
		record->core.stride = sizeof(type); \
		record->core.count = count; \
		return sfp_estate_mux_add(estate, &record->core, what); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_estate_remove(struct sfp_estate *estate, \
									 struct name##_estate *record) \
	{ \
		return sfp_estate_remove(estate, &record->core.entry); \
	} \
	struct name##_estate

/**
 * SFP_ESTATE_MUX(name, type, member), after SFP_MUX with the same arguments,
 * generates struct name_estate, name_estate_add() and name_estate_remove().
 */
#define SFP_ESTATE_MUX(name, type, member) SFP_ESTATE_MUX_(name, type, member, NULL)

/** The same after SFP_MUX_HOOKED: what the burier enqueues wakes the server as a request would. */
#define SFP_ESTATE_MUX_HOOKED(name, type, member) \
	SFP_GENERATED void name##_estate_hook_(struct sfp_mux *sfp_mux_) \
	{ \
		name##_hook_(SFP_CONTAINER(sfp_mux_, struct name, core)); \
	} \
	SFP_ESTATE_MUX_(name, type, member, name##_estate_hook_)

#endif /* SFP_ESTATE_MUX_H */
