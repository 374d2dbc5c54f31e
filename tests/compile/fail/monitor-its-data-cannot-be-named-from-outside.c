/* SPDX-License-Identifier: BSD-2-Clause */
// expect: unavailable|deprecated
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

long look(struct bank *bank);
long look(struct bank *bank)
{
#ifdef FIXED
	SFP_WITH(bank, account, bank) {
		return account->balance;
	} else {
		return 0;
	}
#else
	return bank->sfp_data_[0].balance;
#endif
}
