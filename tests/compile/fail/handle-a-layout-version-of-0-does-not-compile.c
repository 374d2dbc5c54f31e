/* SPDX-License-Identifier: BSD-2-Clause */
// expect: layout versions go from 1
#include <sfp/handle.h>

struct state {
	long pos;
};
#ifdef FIXED
SFP_HANDLE(file, struct state, 1);
#else
SFP_HANDLE(file, struct state, 0);
#endif
