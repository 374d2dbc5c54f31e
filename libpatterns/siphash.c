/* SPDX-License-Identifier: BSD-2-Clause */
/* siphash: the form for bytes. */
#include "siphash.h"

uint64_t sfp_siphash_2_4(const uint64_t key[2], const void *bytes, size_t length)
{
	struct sfp_sip sip = sfp_sip_begin(key);
	const unsigned char *at = bytes;
	size_t left;

	for (left = length; left >= 8; left -= 8, at += 8)
		sip = sfp_sip_absorb(sip, sfp_sip_gather(at, 8));
	return sfp_sip_end(sip, sfp_sip_gather(at, left), length);
}
