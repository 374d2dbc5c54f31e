/* SPDX-License-Identifier: BSD-2-Clause */
// expect: pointer type mismatch
#include <sfp/port.h>

struct inner {
	int value;
};
struct outer {
	int before;
	struct inner inner;
};

#ifdef FIXED
struct outer *find(struct inner *at);
struct outer *find(struct inner *at)
#else
struct outer *find(long *at);
struct outer *find(long *at)
#endif
{
	return SFP_CONTAINER(at, struct outer, inner);
}
