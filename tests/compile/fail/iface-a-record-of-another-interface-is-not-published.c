/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/iface.h>

#define BLOCK_OPS(OP) OP(flush)
#define CLOCK_OPS(OP) OP(stop)
SFP_INTERFACE(block, 1, BLOCK_OPS);
SFP_INTERFACE(ticker, 1, CLOCK_OPS);

enum sfp_status publish(struct block_offer *offer, struct block_record *block, struct ticker_record *ticker);
enum sfp_status publish(struct block_offer *offer, struct block_record *block, struct ticker_record *ticker)
{
	(void)block;
	(void)ticker;
#ifdef FIXED
	return block_publish(offer, block, NULL);
#else
	return block_publish(offer, ticker, NULL);
#endif
}
