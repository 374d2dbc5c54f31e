/* SPDX-License-Identifier: BSD-2-Clause */
// expect: releasing handle 'h' that was not held
// compilers: clang
// flags: -DSFP_LINEAR_HANDLES=1 -Wthread-safety
// flags-fixed: -DSFP_LINEAR_HANDLES=1 -Wthread-safety
#include <sfp/handle.h>

struct state {
	long pos;
};
SFP_HANDLE(file, struct state, 1);
SFP_HANDLE(door, struct state, 1);

enum sfp_status pass(const struct sfp_realm *realm, struct state *end);
enum sfp_status pass(const struct sfp_realm *realm, struct state *end)
{
	const struct state start = { .pos = 1 };
	struct file h = { .head.word = 0 };

	SFP_TRY(file_export(realm, &start, &h));
	SFP_TRY(file_take(realm, &h, end));
#ifdef FIXED
	return SFP_OK;
#else
	return file_drop(&h);
#endif
}
