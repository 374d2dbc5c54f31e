/* SPDX-License-Identifier: BSD-2-Clause */
// expect: still held at the end of function
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

	if (status == SFP_OK)
		bank_data(&held)->balance++;
#ifdef FIXED
	bank_leave(&held);
#endif
	return status;
}
