/* SPDX-License-Identifier: BSD-2-Clause */
/* estate_handle: ending a dead client's handle. */
#include <sfp/estate_handle.h>

enum sfp_status sfp_estate_handle_detach(struct sfp_estate_entry *entry)
{
	const struct sfp_estate_handle *record = SFP_CONTAINER(entry, struct sfp_estate_handle, entry);
	const enum sfp_status status = sfp_handle_drop(record->handle);

	/* INVALID: empty; FORGED: moved from where it was made, so that no server will take it. */
	return status == SFP_BUSY ? SFP_BUSY : SFP_OK;
}
