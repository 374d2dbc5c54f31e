/* SPDX-License-Identifier: BSD-2-Clause */
// expect: not held on every path|still held at the end
// flags: -Wthread-safety
// flags-fixed: -Wthread-safety
// compilers: clang
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

enum sfp_status add(struct bank *bank, long amount);
enum sfp_status add(struct bank *bank, long amount)
{
	struct bank_held held;
	enum sfp_status status = bank_enter(bank, &held);

	if (status == SFP_OK && amount < 0) {
#ifdef FIXED
		bank_leave(&held);
#endif
		return SFP_INVALID;
	}
	if (status == SFP_OK)
		bank_data(&held)->balance += amount;
	bank_leave(&held);
	return status;
}
