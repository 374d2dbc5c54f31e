/* SPDX-License-Identifier: BSD-2-Clause */
// expect: unused[-_]result
#include <sfp/owned.h>

struct page {
	struct sfp_owned owner;
	char bytes[64];
};
void page_free(struct page *page);
SFP_OWNED(buf, struct page, owner, SFP_OWNED_FREES(page_free));

enum sfp_status pass(struct buf *from, struct buf *to);
enum sfp_status pass(struct buf *from, struct buf *to)
{
#ifdef FIXED
	return buf_move(from, to);
#else
	buf_move(from, to);
	return SFP_OK;
#endif
}
