/* SPDX-License-Identifier: BSD-2-Clause */
// expect: cannot jump
// compilers: clang
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

enum sfp_status add(struct bank *bank, int again);
enum sfp_status add(struct bank *bank, int again)
{
#ifndef FIXED
	if (again)
		goto inside;
#endif
	(void)again;
	{
		SFP_HOLD(bank, account, bank);
#ifndef FIXED
inside:
#endif
		account->balance++;
	}
	return SFP_OK;
}
