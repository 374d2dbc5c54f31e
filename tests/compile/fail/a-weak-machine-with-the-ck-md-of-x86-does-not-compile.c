/* SPDX-License-Identifier: BSD-2-Clause */
// expect: weakly ordered, but ck_md.h says CK_MD_TSO
// compilers: aarch64
// flags: -idirafter {ck}
// flags-fixed: -I {include}/sfp/port/ck -idirafter {ck}
#include <sfp/dfq.h>

#ifdef FIXED
#ifndef CK_MD_RMO
#error "the port's own ck_md.h was not found"
#endif
#endif

struct event {
	struct sfp_dfq_item link;
};
SFP_DFQ(events, struct event, link);

enum sfp_status give(struct events *queue, struct event *event);
enum sfp_status give(struct events *queue, struct event *event)
{
	return events_enqueue(queue, event);
}
