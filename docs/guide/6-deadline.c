/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 6: one hardware timer, many clients: the service looks at what is due, and at nothing else. */
#include <sfp/mux.h>

#include "world.h"

struct timer {
	struct sfp_mux_request link;
	const char *name;
};
SFP_MUX(timers, struct timer, link, SFP_DEADLINE);

static enum sfp_status service_tick(struct timers_server *service, uint64_t now)
{
	struct timer *timer;
	enum sfp_status status;

	while ((status = timers_due(service, now, &timer)) != SFP_EMPTY) {
		if (status == SFP_AGAIN)
			continue;             /* the share of work of one call was not enough */
		SFP_TRY(status);
		printf("tick %d: %s rings, attempt %u\n", (int)now, timer->name, timers_state(timer).attempts);
		SFP_TRY(timers_complete(service, timer, 0));
	}
	return SFP_OK;
}

static int hardware_timer(struct timers_server *service)
{
	uint64_t deadline = 0;

	MUST(timers_earliest(service, &deadline) == SFP_OK);
	return (int)deadline;
}

int main(void)
{
	struct timers *mux = memory_of_its_own(sizeof(*mux));
	struct timers_server *service = memory_of_its_own(sizeof(*service));
	struct timers_client annas = { .core = { .mux = NULL } }, berts = annas;
	struct timer anna[2] = { { .name = "anna's first" }, { .name = "anna's second" } };
	struct timer bert[2] = { { .name = "bert's first" }, { .name = "bert's second" } };
	struct timer *timer;
	enum sfp_status status;

	MUST(timers_init(mux, 3) == SFP_OK);
	MUST(timers_attach(service, mux, SFP_PROOF("the mux is new")) == SFP_OK);
	MUST(timers_bind(mux, &annas) == SFP_OK && timers_bind(mux, &berts) == SFP_OK);
	MUST(timers_submit(&annas, &anna[0], 40) == SFP_OK && timers_submit(&berts, &bert[0], 20) == SFP_OK);
	MUST(timers_submit(&annas, &anna[1], 30) == SFP_OK && timers_submit(&berts, &bert[1], 50) == SFP_OK);
	printf("the hardware timer is set to %d\n", hardware_timer(service));
	MUST(timers_cancel(&berts, &bert[0]) == SFP_OK);
	printf("bert has cancelled: to %d\n", hardware_timer(service));

	/* The service dies with anna's second in its hands, and the order by deadline dies with it. */
	MUST(timers_due(service, 30, &timer) == SFP_OK);
	memory_is_gone(service, sizeof(*service));
	service = memory_of_its_own(sizeof(*service));
	MUST(timers_attach(service, mux, SFP_PROOF("its memory was unmapped")) == SFP_OK);
	MUST(service_tick(service, 30) == SFP_OK);
	MUST(service_tick(service, 40) == SFP_OK && service_tick(service, 50) == SFP_OK);
	printf("handed out for anna: %u, for bert: %u\n", (unsigned)timers_used(&annas),
	       (unsigned)timers_used(&berts));
	MUST(timers_state(&bert[0]).result == SFP_MUX_REASON_CANCELLED);

	while ((status = timers_unbind(&annas)) == SFP_BUSY)
		MUST(service_tick(service, 51) == SFP_OK);
	printf("anna leaves: %s, no link to her is left\n", sfp_status_name(status));
	return 0;
}
