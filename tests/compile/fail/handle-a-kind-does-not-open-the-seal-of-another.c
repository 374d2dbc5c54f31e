/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/handle.h>

struct state {
	long pos;
};
SFP_HANDLE(file, struct state, 1);
SFP_HANDLE(door, struct state, 1);

enum sfp_status open(const struct sfp_realm *realm, const struct door_wire *wire, struct file *file,
		     struct door *door);
enum sfp_status open(const struct sfp_realm *realm, const struct door_wire *wire, struct file *file,
		     struct door *door)
{
	(void)file;
	(void)door;
#ifdef FIXED
	return door_open(realm, wire, door);
#else
	return file_open(realm, wire, file);
#endif
}
