/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/mux.h>

struct apple {
	struct sfp_mux_request link;
};
SFP_MUX(disk, struct apple, link, SFP_FIFO);
SFP_MUX(tape, struct apple, link, SFP_FIFO);

enum sfp_status join(struct disk *disk, struct disk_client *client, struct tape_client *other);
enum sfp_status join(struct disk *disk, struct disk_client *client, struct tape_client *other)
{
	(void)client;
	(void)other;
#ifdef FIXED
	return disk_bind(disk, client);
#else
	return disk_bind(disk, other);
#endif
}
