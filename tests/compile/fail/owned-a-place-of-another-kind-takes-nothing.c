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

enum sfp_status pass(struct buf *from, struct buf *to, struct lent *other);
enum sfp_status pass(struct buf *from, struct buf *to, struct lent *other)
{
	(void)to;
	(void)other;
#ifdef FIXED
	return buf_move(from, to);
#else
	return buf_move(from, other);
#endif
}
