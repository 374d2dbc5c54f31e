/* SPDX-License-Identifier: BSD-2-Clause */
/* estate_mux: having a dead client's record and requests back from a mux. */
#include <sfp/estate_mux.h>

static struct sfp_mux_request *request_of(const struct sfp_estate_mux *record, size_t index)
{
	return (struct sfp_mux_request *)(void *)((char *)record->first + index * record->stride);
}

static void put_together(enum sfp_status *whole, enum sfp_status one)
{
	if (one == SFP_AGAIN || *whole == SFP_OK)
		*whole = one;
}

/*
 * OK: all are idle. AGAIN: of some it is not known whether they are in the mux. BUSY: some are. The
 * client's own note is looked at while it says QUEUED only: its outcome is unbind's to take.
 */
static enum sfp_status settle_all(struct sfp_estate_mux *record)
{
	enum sfp_status whole = SFP_OK;
	size_t i;

	if (sfp_mux_state_of_(&record->client->note) == SFP_DFQ_QUEUED)
		put_together(&whole, sfp_mux_settle(record->client, &record->marker, NULL));
	for (i = 0; i < record->count; i++)
		put_together(&whole, sfp_mux_settle(record->client, &record->marker, request_of(record, i)));
	return whole;
}

/* A wait that stands was not ended: by who died, by a burier that did, or by this one just now. */
static void wake_server(struct sfp_estate_mux *record)
{
	struct sfp_mux *mux = record->client->mux;

	if (record->hook && sfp_dfq_pointer_(sfp_load_word(&mux->inbox.head)) &&
	    (sfp_load_word(&mux->inbox.head) & SFP_DFQ_WAITING_))
		record->hook(mux);
}

/* Not in the inbox. A burier may have stopped while it enqueued it: then an empty inbox is proof. */
static bool marker_is_back(struct sfp_estate_mux *record)
{
	return sfp_dfq_settle(&record->client->mux->inbox, NULL, &record->marker) == SFP_OK;
}

static enum sfp_status enqueue_marker(struct sfp_estate_mux *record)
{
	bool waiting;

	if (marker_is_back(record))
		SFP_IGNORE(sfp_dfq_mark(&record->client->mux->inbox, &record->marker, &waiting),
			   "GONE: all is being given back, which settles as well");
	return SFP_BUSY;
}

/* Leave, if the client had not. The marker is back, so that a later one is younger than the note. */
static enum sfp_status leave(struct sfp_estate_mux *record)
{
	bool waiting;

	if (!marker_is_back(record))
		return SFP_BUSY;
	if (record->client->bond != SFP_MUX_UNBOUND_ && sfp_mux_unbind(record->client, &waiting) != SFP_OK)
		return SFP_BUSY;
	return settle_all(record) == SFP_OK ? SFP_OK : SFP_BUSY;
}

enum sfp_status sfp_estate_mux_detach(struct sfp_estate_entry *entry)
{
	struct sfp_estate_mux *record = SFP_CONTAINER(entry, struct sfp_estate_mux, entry);
	enum sfp_status status;

	status = settle_all(record) == SFP_AGAIN ? enqueue_marker(record) : leave(record);
	wake_server(record);
	return status;
}
