/* SPDX-License-Identifier: BSD-2-Clause */
// expect: SFP_DFQ: the member must be a struct sfp_dfq_item
#include <sfp/dfq.h>

struct event {
#ifdef FIXED
	struct sfp_dfq_item link;
#else
	struct event *link;
#endif
};
SFP_DFQ(events, struct event, link);
