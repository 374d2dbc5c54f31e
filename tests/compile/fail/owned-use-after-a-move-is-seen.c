/* SPDX-License-Identifier: BSD-2-Clause */
// expect: requires holding
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

enum sfp_status use(struct page *page, char *first);
enum sfp_status use(struct page *page, char *first)
{
	struct buf one = SFP_OWNED_EMPTY;
	struct buf other = SFP_OWNED_EMPTY;
	enum sfp_status status = buf_adopt(&one, page);

	if (status == SFP_OK)
		status = buf_move(&one, &other);
	else
		status = buf_move(&one, &other);
	if (status == SFP_OK)
#ifdef FIXED
		*first = buf_borrow(&other)->bytes[0];
#else
		*first = buf_borrow(&one)->bytes[0];
#endif
	return buf_drop(&other);
}
