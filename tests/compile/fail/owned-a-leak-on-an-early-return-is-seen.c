/* SPDX-License-Identifier: BSD-2-Clause */
// expect: still held at the end|not held on every path
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

enum sfp_status use(struct page *page, int wanted);
enum sfp_status use(struct page *page, int wanted)
{
	struct buf mine = SFP_OWNED_EMPTY;
	const enum sfp_status status = buf_adopt(&mine, page);

	if (!wanted) {
#ifdef FIXED
		SFP_TRY(buf_drop(&mine));
#endif
		return SFP_GONE;
	}
	SFP_TRY(buf_drop(&mine));
	return status;
}
