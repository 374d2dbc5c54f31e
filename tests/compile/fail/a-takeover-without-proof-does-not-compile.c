/* SPDX-License-Identifier: BSD-2-Clause */
// expect: incompatible type
#include <sfp/dfq.h>

struct event {
	struct sfp_dfq_item link;
};
SFP_DFQ(events, struct event, link);

enum sfp_status begin(struct events_consumer *consumer, struct events *queue);
enum sfp_status begin(struct events_consumer *consumer, struct events *queue)
{
#ifdef FIXED
	return events_attach(consumer, queue, SFP_PROOF("the old consumer was joined"));
#else
	return events_attach(consumer, queue, "it is surely dead by now");
#endif
}
