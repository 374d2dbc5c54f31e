/* SPDX-License-Identifier: BSD-2-Clause */
// expect: read-only|const-qualified
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

enum sfp_status add(struct bank *bank, struct account *mine);
enum sfp_status add(struct bank *bank, struct account *mine)
{
	SFP_HOLD(bank, account, bank);
#ifdef FIXED
	*account = *mine;
#else
	account = mine;
#endif
	account->balance++;
	return SFP_OK;
}
