/* SPDX-License-Identifier: BSD-2-Clause */
// expect: SFP_GUARD: the release function must return void
#include <sfp/guard.h>

#ifdef FIXED
void let_go(int *value);
#else
int let_go(int *value);
#endif
SFP_GUARD(hold, int, let_go);
