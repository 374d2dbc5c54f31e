/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible[- ]pointer[- ]type
#include <sfp/dfq.h>

struct event {
	struct sfp_dfq_item link;
};
struct events;
struct others;
#ifdef FIXED
void wake(struct events *queue);
#else
void wake(struct others *queue);
#endif
SFP_DFQ_HOOKED(events, struct event, link, wake);
