/* SPDX-License-Identifier: BSD-2-Clause */
// expect: warn_unused_result|unused-result
#include <sfp/dfq.h>

struct event {
	struct sfp_dfq_item link;
};
SFP_DFQ(events, struct event, link);

void give(struct events *queue, struct event *event);
void give(struct events *queue, struct event *event)
{
#ifdef FIXED
	SFP_IGNORE(events_enqueue(queue, event), "whoever polls the event sees its state");
#else
	events_enqueue(queue, event);
#endif
}
