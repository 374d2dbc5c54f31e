/* SPDX-License-Identifier: BSD-2-Clause */
// expect: not held on every path
// flags: -Wthread-safety
// flags-fixed: -Wthread-safety
// compilers: clang
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

enum sfp_status add(struct bank *bank, int done);
enum sfp_status add(struct bank *bank, int done)
{
	struct bank_held held;
	const enum sfp_status status = bank_enter(bank, &held);

#ifndef FIXED
	if (done)
#endif
		bank_leave(&held);
	(void)done;
	return status;
}
