/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/handle.h>

struct state {
	long pos;
};
SFP_HANDLE(file, struct state, 1);
SFP_HANDLE(door, struct state, 1);

enum sfp_status seal(const struct sfp_realm *realm, struct file *file, struct door *door, struct file_wire *wire);
enum sfp_status seal(const struct sfp_realm *realm, struct file *file, struct door *door, struct file_wire *wire)
{
	(void)file;
	(void)door;
#ifdef FIXED
	return file_seal(realm, file, wire);
#else
	return file_seal(realm, door, wire);
#endif
}
