/* SPDX-License-Identifier: BSD-2-Clause */
// expect: must be a struct sfp_owned|incompatible|no member
#include <sfp/owned.h>

struct page {
	struct sfp_owned owner;
	long bytes[8];
};
#ifdef FIXED
SFP_OWNED(buf, struct page, owner, SFP_OWNED_RETURNS);
#else
SFP_OWNED(buf, struct page, bytes, SFP_OWNED_RETURNS);
#endif
