/* SPDX-License-Identifier: BSD-2-Clause */
// expect: disk_flush
#include <sfp/iface.h>

#define BLOCK_OPS(OP) OP(read, SFP_OUT(int, byte)) OP(flush)
SFP_INTERFACE(block, 1, BLOCK_OPS);

struct disk {
	int byte;
};
enum sfp_status disk_read(struct disk *disk, int *byte);
#ifdef FIXED
enum sfp_status disk_flush(struct disk *disk);
#endif
SFP_PROVIDER(disk, struct disk, block, BLOCK_OPS);
