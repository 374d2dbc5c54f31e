/* SPDX-License-Identifier: BSD-2-Clause */
// expect: that was not held
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
	SFP_HOLD(bank, account, bank);
	account->balance++;
#ifndef FIXED
	bank_leave(&account_sfp_held_);
#endif
	return SFP_OK;
}
