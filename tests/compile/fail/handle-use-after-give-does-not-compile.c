/* SPDX-License-Identifier: BSD-2-Clause */
// expect: calling function 'file_seal' requires holding handle
// compilers: clang
// flags: -DSFP_LINEAR_HANDLES=1 -Wthread-safety
// flags-fixed: -DSFP_LINEAR_HANDLES=1 -Wthread-safety
#include <sfp/handle.h>

struct state {
	long pos;
};
SFP_HANDLE(file, struct state, 1);
SFP_HANDLE(door, struct state, 1);

enum sfp_status pass(const struct sfp_realm *realm, struct file_wire *wire);
enum sfp_status pass(const struct sfp_realm *realm, struct file_wire *wire)
{
	const struct state start = { .pos = 1 };
	struct file h = { .head.word = 0 };
	enum sfp_status status;

	SFP_TRY(file_export(realm, &start, &h));
#ifdef FIXED
	status = file_seal(realm, &h, wire);
	SFP_TRY(file_drop(&h));
#else
	SFP_TRY(file_drop(&h));
	status = file_seal(realm, &h, wire);
#endif
	return status;
}
