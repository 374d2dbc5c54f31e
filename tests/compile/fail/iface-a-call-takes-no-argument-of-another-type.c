/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/iface.h>

struct page {
	int bytes;
};
struct sheet {
	int bytes;
};
#define BLOCK_OPS(OP) OP(read, SFP_IN(uint64_t, lba), SFP_OUT(struct page, page))
SFP_INTERFACE(block, 1, BLOCK_OPS);

enum sfp_status fetch(struct block_ref *ref, struct page *page, struct sheet *sheet);
enum sfp_status fetch(struct block_ref *ref, struct page *page, struct sheet *sheet)
{
	(void)page;
	(void)sheet;
#ifdef FIXED
	return block_read(ref, 1, page);
#else
	return block_read(ref, 1, sheet);
#endif
}
