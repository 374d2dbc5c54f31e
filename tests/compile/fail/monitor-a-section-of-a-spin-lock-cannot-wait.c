/* SPDX-License-Identifier: BSD-2-Clause */
// expect: implicit|undeclared
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

SFP_MONITOR(sleeper, struct account, SFP_MUTEX, SFP_ROLLBACK);

enum sfp_status await_money(struct bank *bank, struct sleeper *sleeper);
enum sfp_status await_money(struct bank *bank, struct sleeper *sleeper)
{
	(void)bank;
	(void)sleeper;
#ifdef FIXED
	SFP_HOLD(sleeper, account, sleeper);
	while (account->balance == 0)
		SFP_TRY(SFP_WAIT(sleeper, account));
#else
	SFP_HOLD(bank, account, bank);
	while (account->balance == 0)
		SFP_TRY(SFP_WAIT(bank, account));
#endif
	return SFP_OK;
}
