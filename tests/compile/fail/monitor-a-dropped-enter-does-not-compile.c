/* SPDX-License-Identifier: BSD-2-Clause */
// expect: unused[-_]result
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

void add(struct bank *bank);
void add(struct bank *bank)
{
	struct bank_held held;

#ifdef FIXED
	if (bank_enter(bank, &held) == SFP_OK)
		bank_data(&held)->balance++;
#else
	bank_enter(bank, &held);
	bank_data(&held)->balance++;
#endif
	bank_leave(&held);
}
