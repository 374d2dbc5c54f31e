/* SPDX-License-Identifier: BSD-2-Clause */
// expect: unused[- ]result
#include <sfp/iface.h>

#define BLOCK_OPS(OP) OP(flush)
SFP_INTERFACE(block, 1, BLOCK_OPS);

void flush(struct block_ref *ref);
void flush(struct block_ref *ref)
{
#ifdef FIXED
	SFP_IGNORE(block_flush(ref), "nothing can be done about it here");
#else
	block_flush(ref);
#endif
}
