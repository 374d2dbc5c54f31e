/* SPDX-License-Identifier: BSD-2-Clause */
// expect: calling function 'file_import_enter_' requires holding handle
// compilers: clang
// flags: -DSFP_LINEAR_HANDLES=1 -Wthread-safety
// flags-fixed: -DSFP_LINEAR_HANDLES=1 -Wthread-safety
#include <sfp/handle.h>

struct state {
	long pos;
};
SFP_HANDLE(file, struct state, 1);
SFP_HANDLE(door, struct state, 1);

static enum sfp_status skip(const struct sfp_realm *realm, struct file *h) SFP_HANDLE_USES(*h);
static enum sfp_status skip(const struct sfp_realm *realm, struct file *h)
{
	SFP_IMPORT(file, s, realm, h);
	s->pos++;
	return SFP_OK;
}

enum sfp_status pass(const struct sfp_realm *realm);
enum sfp_status pass(const struct sfp_realm *realm)
{
	const struct state start = { .pos = 1 };
	struct file h = { .head.word = 0 };
	enum sfp_status status;

	SFP_TRY(file_export(realm, &start, &h));
	status = skip(realm, &h);
	SFP_TRY(file_drop(&h));
#ifndef FIXED
	SFP_IMPORT(file, s, realm, &h);
	s->pos++;
#endif
	return status;
}
