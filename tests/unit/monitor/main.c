/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor: all groups of its unit tests. */
#include "monitor_test.h"

__thread unsigned irq_masked;
unsigned repairs;
bool repair_faults;

void account_repair(struct account *account)
{
	repairs++;
	if (repair_faults)
		sfp_fault_raise(2);
	account->entries = account->balance;
}

static int (*const groups[])(void) = { group_section, group_fault, group_interrupt, group_sleep };

int main(void)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		failed += groups[i]();
	printf("monitor: %zu groups of tests, %d tests failed\n", sizeof(groups) / sizeof(groups[0]), failed);
	return failed ? 1 : 0;
}
