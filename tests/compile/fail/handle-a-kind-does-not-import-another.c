/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/handle.h>

struct state {
	long pos;
};
SFP_HANDLE(file, struct state, 1);
SFP_HANDLE(door, struct state, 1);

enum sfp_status skip(const struct sfp_realm *realm, struct file *file, struct door *door);
enum sfp_status skip(const struct sfp_realm *realm, struct file *file, struct door *door)
{
	(void)file;
	(void)door;
#ifdef FIXED
	SFP_IMPORT(file, s, realm, file);
#else
	SFP_IMPORT(file, s, realm, door);
#endif
	s->pos++;
	return SFP_OK;
}
