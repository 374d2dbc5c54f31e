/* SPDX-License-Identifier: BSD-2-Clause */
/* Guards and gates: all groups of their unit tests. */
#include "guard_test.h"

static int (*const groups[])(void) = {
	group_gates, group_kinds, group_cleanups, group_scopes, group_stacks, group_threads, group_ends,
};

int main(void)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		failed += groups[i]();
	printf("guard: %zu groups of tests, %d tests failed\n", sizeof(groups) / sizeof(groups[0]), failed);
	return failed ? 1 : 0;
}
