/* SPDX-License-Identifier: BSD-2-Clause */
// expect: return|void
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

#ifdef FIXED
enum sfp_status add(struct bank *bank);
enum sfp_status add(struct bank *bank)
#else
void add(struct bank *bank);
void add(struct bank *bank)
#endif
{
	SFP_HOLD(bank, account, bank);
	account->balance++;
#ifdef FIXED
	return SFP_OK;
#endif
}
