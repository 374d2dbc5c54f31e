/* SPDX-License-Identifier: BSD-2-Clause */
/* The mux: all groups of its unit tests. */
#include "mux_test.h"

static int (*const groups[])(void) = {
	group_operations, group_misuse,  group_order,    group_weighted, group_deadline, group_cancel,
	group_leave,      group_requeue, group_takeover, group_lost,     group_wait,     group_estate,
};

int main(void)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		failed += groups[i]();
	printf("mux: %zu groups of tests, %d tests failed\n", sizeof(groups) / sizeof(groups[0]), failed);
	return failed ? 1 : 0;
}
