/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/monitor.h>

struct account {
	long balance;
};
struct page {
	char bytes[64];
};
#ifdef FIXED
void mend(struct account *account);
#else
void mend(struct page *page);
#endif
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_REPAIR(mend));
