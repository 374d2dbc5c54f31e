/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 2: clients ask through a decoupled queue. What the service has not acknowledged is not done. */
#include <sfp/dfq.h>

#include "world.h"

struct timer {
	struct sfp_dfq_item link;     /* what became of it is in here, too */
	long when;
	const char *name;
};
SFP_DFQ(timers, struct timer, link);

/* What one that runs the service has: the right to take from the inbox, until the next one takes over. */
struct service {
	struct timers_consumer inbox;
};

static void ring(struct timer *timer)
{
	printf("%s rings, attempt %u\n", timer->name, timers_state(timer).attempts);
}

static enum sfp_status service_tick(struct service *service, long now)
{
	struct timer *later = NULL; /* the last one whose time has not come */
	struct timer *timer;
	enum sfp_status status;

	while ((status = timers_look(&service->inbox, later, &timer)) != SFP_EMPTY) {
		if (status == SFP_AGAIN)
			continue;             /* the share of work of one call was not enough */
		SFP_TRY(status);
		if (timer->when > now) {
			later = timer;
			continue;
		}
		SFP_TRY(timers_begin(&service->inbox, timer));
		ring(timer);
		SFP_TRY(timers_complete(&service->inbox, timer));
	}
	return SFP_OK;
}

int main(void)
{
	struct timers *queue = memory_of_its_own(sizeof(*queue));
	struct service *service = memory_of_its_own(sizeof(*service));
	struct timer anna = { .when = 20, .name = "anna" };
	struct timer bert = { .when = 10, .name = "bert" };
	struct timer *seen;

	MUST(timers_init(queue, 3) == SFP_OK);
	MUST(timers_attach(&service->inbox, queue, SFP_PROOF("the queue is new")) == SFP_OK);
	MUST(timers_enqueue(queue, &anna) == SFP_OK && timers_enqueue(queue, &bert) == SFP_OK);
	MUST(service_tick(service, 5) == SFP_OK);

	/* Tick 10, and the worst place to die: bert's has rung, and is not acknowledged. */
	MUST(timers_look(&service->inbox, &anna, &seen) == SFP_OK && timers_begin(&service->inbox, seen) == SFP_OK);
	ring(seen);
	memory_is_gone(service, sizeof(*service));

	service = memory_of_its_own(sizeof(*service));
	MUST(timers_attach(&service->inbox, queue, SFP_PROOF("its memory was unmapped")) == SFP_OK);
	printf("a new service: nobody asks again\n");
	MUST(service_tick(service, 10) == SFP_OK);
	MUST(service_tick(service, 20) == SFP_OK);
	MUST(timers_state(&anna).state == SFP_DFQ_DONE && timers_state(&bert).state == SFP_DFQ_DONE);
	MUST(timers_reclaim(queue, &anna) == SFP_OK && timers_reclaim(queue, &bert) == SFP_OK);
	printf("both are done, and their owners can use them again\n");
	return 0;
}
