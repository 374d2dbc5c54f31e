/* SPDX-License-Identifier: BSD-2-Clause */
// expect: undeclared
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

enum sfp_status look(struct bank *bank, long *balance);
enum sfp_status look(struct bank *bank, long *balance)
{
	{
		SFP_HOLD(bank, account, bank);
		*balance = account->balance;
	}
#ifndef FIXED
	*balance += account->balance;
#endif
	return SFP_OK;
}
