/* SPDX-License-Identifier: BSD-2-Clause */
// expect: that was not held
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

enum sfp_status use(struct page *page);
enum sfp_status use(struct page *page)
{
	struct buf mine = SFP_OWNED_EMPTY;
	enum sfp_status status = buf_adopt(&mine, page);

	if (status == SFP_OK)
		buf_borrow(&mine)->bytes[0] = 1;
	status = buf_drop(&mine);
#ifndef FIXED
	status = buf_drop(&mine);
#endif
	return status;
}
