/* SPDX-License-Identifier: BSD-2-Clause */
// expect: requires holding
// flags: -Wthread-safety
// flags-fixed: -Wthread-safety
// compilers: clang
#include <sfp/monitor.h>

struct account {
	long balance;
};
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);

long look(struct bank_held *held);
long look(struct bank_held *held)
#ifdef FIXED
	SFP_REQUIRES(*held);
long look(struct bank_held *held)
#endif
{
	return bank_data(held)->balance;
}
