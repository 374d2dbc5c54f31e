/* SPDX-License-Identifier: BSD-2-Clause */
// expect: not held on every path
// flags: -Wthread-safety
// flags-fixed: -Wthread-safety
// compilers: clang
#include <sfp/owned.h>

struct page {
	struct sfp_owned owner;
	char bytes[64];
};
void page_free(struct page *page);
SFP_OWNED(buf, struct page, owner, SFP_OWNED_FREES(page_free));

enum sfp_status use(struct page *page, struct buf_cell *cell, int keep);
enum sfp_status use(struct page *page, struct buf_cell *cell, int keep)
{
	struct buf mine = SFP_OWNED_EMPTY;
	enum sfp_status status = buf_adopt(&mine, page);

	if (keep && status == SFP_OK)
		status = buf_put(&mine, cell);
#ifdef FIXED
	else
		status = buf_drop(&mine);
#endif
	return status;
}
