/* SPDX-License-Identifier: BSD-2-Clause */
// expect: requires holding
// flags: -Wthread-safety
// flags-fixed: -Wthread-safety
// compilers: clang
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

enum sfp_status add(struct bank *bank);
enum sfp_status add(struct bank *bank)
{
	struct bank_held held;
	const enum sfp_status status = bank_enter(bank, &held);

#ifdef FIXED
	if (status == SFP_OK)
		bank_data(&held)->balance++;
	bank_leave(&held);
#else
	bank_leave(&held);
	if (status == SFP_OK)
		bank_data(&held)->balance++;
#endif
	return status;
}
