/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/iface.h>

#define BLOCK_OPS(OP) OP(flush)
#define CLOCK_OPS(OP) OP(stop)
SFP_INTERFACE(block, 1, BLOCK_OPS);
SFP_INTERFACE(ticker, 1, CLOCK_OPS);

enum sfp_status flush(struct block_ref *block, struct ticker_ref *ticker);
enum sfp_status flush(struct block_ref *block, struct ticker_ref *ticker)
{
	(void)block;
	(void)ticker;
#ifdef FIXED
	return block_flush(block);
#else
	return block_flush(ticker);
#endif
}
