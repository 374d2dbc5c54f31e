/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/guard.h>

#ifdef FIXED
void let_go(int *value);
#else
void let_go(long *value);
#endif
SFP_GUARD(hold, int, let_go);
