/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * estate_handle: a handle as part of its client's estate.
 *
 * Overview
 *   A server refers to a client's handle while it imports it: the handle's word
 *   holds the address of the server's guard, and the commit is a store into the
 *   client's memory. A client that dies meanwhile must not be unmapped under
 *   the server. Detaching a handle ends it, as soon as nobody imports it.
 *
 *   Not for: a server that has stopped for ever in an import. Whoever reaps the
 *   server recovers the handle (name_recover(), with proof); until then BUSY.
 *
 * Usage
 *   SFP_HANDLE(file, struct file_state, 1);
 *   SFP_ESTATE_HANDLE(file);
 *
 *   struct file_estate retained;                     // zeroed; beside the handle
 *   SFP_TRY(file_estate_add(&mine, &retained, &handle, "an open file"));
 *   // from here on the handle may be exported and given; burying `mine` ends it
 *
 * Concurrency
 *   As the estate's. The detacher runs against imports that have begun; none
 *   may begin any more, since it is the client who would ask for them.
 *
 * Why it is correct
 *   Ending is one compare-and-swap of the word, from free; it fails while an
 *   importer's address is there, and the importer's last access to the handle
 *   is the store that takes the address out.
 */
#ifndef SFP_ESTATE_HANDLE_H
#define SFP_ESTATE_HANDLE_H

#include <sfp/estate.h>
#include <sfp/handle.h>

/** In the client's memory. Zeroed: in no estate. */
struct sfp_estate_handle {
	struct sfp_estate_entry entry; /* in the client's estate */
	struct sfp_handle *handle;     /* what is ended */
};

/**
 * Detach a handle; a sfp_estate_detach, for the entry of a struct sfp_estate_handle.
 * @context a burier   @progress wait-free   @order acquire, pairs with the last importer's store
 * @owner   on SFP_OK the handle's storage is the burier's to free   @retains nothing
 * @cost    as sfp_handle_drop()
 * @return  SFP_OK: it is no handle any more, or never was; SFP_BUSY: under import
 */
enum sfp_status sfp_estate_handle_detach(struct sfp_estate_entry *entry) SFP_NODISCARD;

/**
 * Put a handle on the list, before it is given to a server.
 * @context @progress @order @owner @return as sfp_estate_add(); SFP_INVALID also without a handle
 * @retains the record, in the client's own memory   @cost seven stores
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status
sfp_estate_handle_add(struct sfp_estate *estate, struct sfp_estate_handle *record, struct sfp_handle *handle,
		      const char *what)
{
	if (SFP_UNLIKELY(record->entry.estate))
		return SFP_BUSY;
	if (SFP_UNLIKELY(!handle))
		return SFP_INVALID;
	record->handle = handle;
	return sfp_estate_add(estate, &record->entry, sfp_estate_handle_detach, what);
}

/** SFP_ESTATE_HANDLE(name), after SFP_HANDLE, gives struct name_estate, name_estate_add() and _remove(). */
#define SFP_ESTATE_HANDLE(name) \
	struct name##_estate { \
		struct sfp_estate_handle core; \
	}; \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_estate_add( \
		struct sfp_estate *estate_, struct name##_estate *record_, struct name *handle_, \
		const char *what_) \
	{ \
		return sfp_estate_handle_add(estate_, &record_->core, handle_ ? &handle_->head : NULL, \
					     what_); \
	} \
	SFP_GENERATED SFP_NODISCARD enum sfp_status name##_estate_remove(struct sfp_estate *estate_, \
									 struct name##_estate *record_) \
	{ \
		return sfp_estate_remove(estate_, &record_->core.entry); \
	} \
	struct name##_estate

#endif /* SFP_ESTATE_HANDLE_H */
