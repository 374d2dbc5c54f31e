/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

SFP_MONITOR(other, struct account, SFP_SPIN, SFP_ROLLBACK);

enum sfp_status add(struct bank *bank, struct other *other);
enum sfp_status add(struct bank *bank, struct other *other)
{
	(void)bank;
	(void)other;
#ifdef FIXED
	SFP_HOLD(bank, account, bank);
#else
	SFP_HOLD(bank, account, other);
#endif
	account->balance++;
	return SFP_OK;
}
