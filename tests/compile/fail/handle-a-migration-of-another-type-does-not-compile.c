/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/handle.h>

struct state_1 {
	int pos;
};
struct state {
	long pos;
};
SFP_HANDLE(file, struct state, 2);

#ifdef FIXED
enum sfp_status up(const struct state_1 *old, struct state *today);
#else
enum sfp_status up(const struct state *old, struct state *today);
#endif
SFP_HANDLE_MIGRATE(file, struct state_1, 1, up);
