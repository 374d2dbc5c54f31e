/* SPDX-License-Identifier: BSD-2-Clause */
// expect: still held at the end|expecting
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

enum sfp_status take(struct buf *given, char *first) SFP_RELEASES(*given);
enum sfp_status take(struct buf *given, char *first)
{
	*first = buf_borrow(given)->bytes[0];
#ifdef FIXED
	return buf_drop(given);
#else
	return SFP_OK;
#endif
}
