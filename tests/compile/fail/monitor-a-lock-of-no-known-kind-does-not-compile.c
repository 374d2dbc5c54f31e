/* SPDX-License-Identifier: BSD-2-Clause */
// expect: SFP_TICKET
#include <sfp/monitor.h>

struct account {
	long balance;
};
#ifdef FIXED
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_POISON);
#else
SFP_MONITOR(bank, struct account, SFP_TICKET, SFP_POISON);
#endif
