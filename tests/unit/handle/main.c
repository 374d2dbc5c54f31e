/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles: all groups of their unit tests. */
#include "handle_test.h"

struct sfp_realm realm_of(unsigned seed)
{
	struct sfp_realm realm;
	unsigned char key[16];
	unsigned i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = (unsigned char)(seed * 31 + i + 1);
	assert_int_equal(sfp_realm_init(&realm, key), SFP_OK);
	return realm;
}

struct file *file_made(const struct sfp_realm *realm, uint64_t inode, uint64_t pos)
{
	static struct file handle;
	const struct file_state state = { .inode = inode, .pos = pos };

	memset(&handle, 0, sizeof(handle));
	EXPECT(OK, file_export(realm, &state, &handle));
	return &handle;
}

enum sfp_status file_read_state(const struct sfp_realm *realm, struct file *h, struct file_state *state)
{
	SFP_IMPORT(file, s, realm, h);
	*state = *s;
	return SFP_OK;
}

enum sfp_status file_skip(const struct sfp_realm *realm, struct file *h, uint64_t n)
{
	SFP_IMPORT(file, s, realm, h);
	s->pos += n;
	return SFP_OK;
}

static int (*const groups[])(void) = {
	group_trusted, group_refused, group_sealed, group_realm, group_migrate, group_fault,
	group_usage, group_siphash,
};

int main(void)
{
	int failed = 0;
	size_t i;

	if (sfp_posix_faults_catch() || sfp_posix_thread_enter())
		return 1;
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		failed += groups[i]();
	printf("handle: %zu groups of tests, %d tests failed\n", sizeof(groups) / sizeof(groups[0]), failed);
	return failed ? 1 : 0;
}
