/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible|too (many|few) arguments
#include <sfp/iface.h>

#define BLOCK_OPS(OP) OP(read, SFP_IN(uint64_t, lba), SFP_OUT(int, byte))
SFP_INTERFACE(block, 1, BLOCK_OPS);

struct disk {
	int byte;
};
#ifdef FIXED
enum sfp_status disk_read(struct disk *disk, uint64_t lba, int *byte);
#else
enum sfp_status disk_read(struct disk *disk, int *byte);
#endif
SFP_PROVIDER(disk, struct disk, block, BLOCK_OPS);
