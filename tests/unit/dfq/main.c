/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoupled queue: all groups of its unit tests. */
#include "dfq_test.h"

static int (*const groups[])(void) = {
	group_operations, group_misuse, group_order, group_chain, group_attempts, group_close,
	group_takeover, group_bounds, group_wait, group_marker, group_types,
};

int main(void)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		failed += groups[i]();
	printf("dfq: %zu groups of tests, %d tests failed\n", sizeof(groups) / sizeof(groups[0]), failed);
	return failed ? 1 : 0;
}
