/* SPDX-License-Identifier: BSD-2-Clause */
// expect: undeclared
#include <sfp/handle.h>

struct state {
	long pos;
};
SFP_HANDLE(file, struct state, 1);
SFP_HANDLE(door, struct state, 1);

enum sfp_status skip(const struct sfp_realm *realm, struct file *file);
enum sfp_status skip(const struct sfp_realm *realm, struct file *file)
{
	{
		SFP_IMPORT(file, s, realm, file);
		s->pos++;
	}
#ifndef FIXED
	s->pos++;
#endif
	return SFP_OK;
}
