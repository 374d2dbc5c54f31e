/* SPDX-License-Identifier: BSD-2-Clause */
// expect: SFP_MUTEX needs a port that can sleep
// port: freestanding
#include <sfp/monitor.h>

struct account {
	long balance;
};
#ifdef FIXED
SFP_MONITOR(bank, struct account, SFP_SPIN, SFP_ROLLBACK);
#else
SFP_MONITOR(bank, struct account, SFP_MUTEX, SFP_ROLLBACK);
#endif
