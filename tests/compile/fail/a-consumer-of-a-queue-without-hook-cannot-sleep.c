/* SPDX-License-Identifier: BSD-2-Clause */
// expect: implicit declaration of function .events_wait|undeclared function .events_wait
#include <sfp/dfq.h>

struct event {
	struct sfp_dfq_item link;
};
struct events;
void wake(struct events *queue);
#ifdef FIXED
SFP_DFQ_HOOKED(events, struct event, link, wake);
#else
SFP_DFQ(events, struct event, link);
#endif

enum sfp_status rest(struct events_consumer *consumer);
enum sfp_status rest(struct events_consumer *consumer)
{
	return events_wait(consumer);
}
