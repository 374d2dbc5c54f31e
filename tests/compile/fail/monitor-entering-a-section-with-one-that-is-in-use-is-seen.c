/* SPDX-License-Identifier: BSD-2-Clause */
// expect: already held
// flags: -Wthread-safety
// flags-fixed: -Wthread-safety
// compilers: clang
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

enum sfp_status add(struct bank *first, struct bank *second);
enum sfp_status add(struct bank *first, struct bank *second)
{
	struct bank_held held;
	struct bank_held other;
	enum sfp_status status = bank_enter(first, &held);

#ifdef FIXED
	if (status == SFP_OK)
		status = bank_enter(second, &other);
	else
		status = bank_enter(first, &other);
	bank_leave(&other);
#else
	(void)other;
	if (status == SFP_OK)
		status = bank_enter(second, &held);
#endif
	bank_leave(&held);
	return status;
}
