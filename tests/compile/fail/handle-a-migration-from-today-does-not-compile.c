/* SPDX-License-Identifier: BSD-2-Clause */
// expect: SFP_HANDLE_MIGRATE: the old version must be below
#include <sfp/handle.h>

struct state_1 {
	int pos;
};
struct state {
	long pos;
};
SFP_HANDLE(file, struct state, 2);

enum sfp_status up(const struct state_1 *old, struct state *today);
#ifdef FIXED
SFP_HANDLE_MIGRATE(file, struct state_1, 1, up);
#else
SFP_HANDLE_MIGRATE(file, struct state_1, 2, up);
#endif
