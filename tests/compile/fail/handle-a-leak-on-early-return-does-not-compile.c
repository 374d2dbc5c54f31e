/* SPDX-License-Identifier: BSD-2-Clause */
// expect: handle 'h' is (still held|not held on every path)
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

	SFP_TRY(file_export(realm, &start, &h));
#ifdef FIXED
	SFP_IGNORE(file_seal(realm, &h, wire), "the handle goes in any case");
#else
	SFP_TRY(file_seal(realm, &h, wire));
#endif
	return file_drop(&h);
}
