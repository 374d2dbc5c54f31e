/* SPDX-License-Identifier: BSD-2-Clause */
// expect: requires holding
// flags: -Wthread-safety
// flags-fixed: -Wthread-safety
// compilers: clang
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_MUTEX, SFP_ROLLBACK);

enum sfp_status await_money(struct bank *bank);
enum sfp_status await_money(struct bank *bank)
{
	struct bank_held held;
	enum sfp_status status = bank_enter(bank, &held);

#ifdef FIXED
	if (status == SFP_OK)
		status = bank_wait(&held);
	bank_leave(&held);
#else
	bank_leave(&held);
	if (status == SFP_OK)
		status = bank_wait(&held);
#endif
	return status;
}
