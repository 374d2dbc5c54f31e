/* SPDX-License-Identifier: BSD-2-Clause */
// expect: not held|requires holding
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

static enum sfp_status take(struct buf *given, int unused) SFP_RELEASES(*given);
static enum sfp_status take(struct buf *given, int unused)
{
	(void)unused;
	return buf_drop(given);
}
SFP_OWNED_GATE(take, buf, take, int);

enum sfp_status use(struct page *page);
enum sfp_status use(struct page *page)
{
	struct buf mine = SFP_OWNED_EMPTY;
	enum sfp_status status = buf_adopt(&mine, page);

	if (status == SFP_OK)
		status = take_give(&mine, 1, NULL);
	else
		status = buf_drop(&mine);
#ifndef FIXED
	status = take_give(&mine, 1, NULL);
#endif
	return status;
}
