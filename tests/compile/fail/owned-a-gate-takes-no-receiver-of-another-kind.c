/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/owned.h>

struct page {
	struct sfp_owned owner;
	char bytes[64];
};
void page_free(struct page *page);
SFP_OWNED(buf, struct page, owner, SFP_OWNED_FREES(page_free));

SFP_OWNED(lent, struct page, owner, SFP_OWNED_RETURNS);
enum sfp_status buf_receive(struct buf *given, int number);
enum sfp_status lent_receive(struct lent *given, int number);

#ifdef FIXED
SFP_OWNED_GATE(gate, buf, buf_receive, int);
#else
SFP_OWNED_GATE(gate, buf, lent_receive, int);
#endif
