/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 6: clients name the service when they call it. It can be replaced between two calls, and end. */
#include <sfp/dfq.h>
#include <sfp/iface.h>

#include "world.h"

struct timer {
	struct sfp_dfq_item link;
	long when;
	const char *name;
};
SFP_DFQ(timers, struct timer, link);

/* Known to both sides: the operations, and of each argument what it is. */
#define ALARM_OPS(OP) \
	OP(ask, SFP_IN(struct timer *, timer)) \
	OP(tick, SFP_IN(long, now))
SFP_INTERFACE(alarm_clock, 1, ALARM_OPS);

/* All that the service must remember of itself. Whichever code runs it gets it at every call. */
struct state {
	struct timers inbox;
	struct timers_consumer consumer;
};

static enum sfp_status plain_ask(struct state *state, struct timer *timer)
{
	return timers_enqueue(&state->inbox, timer);
}

static enum sfp_status ring_due(struct state *state, long now, const char *sound)
{
	struct timer *later = NULL;
	struct timer *timer;
	enum sfp_status status;

	while ((status = timers_look(&state->consumer, later, &timer)) != SFP_EMPTY) {
		if (status == SFP_AGAIN)
			continue;
		SFP_TRY(status);
		if (timer->when > now) {
			later = timer;
			continue;
		}
		SFP_TRY(timers_begin(&state->consumer, timer));
		printf("%s: %s\n", timer->name, sound);
		SFP_TRY(timers_complete(&state->consumer, timer));
	}
	return SFP_OK;
}

static enum sfp_status plain_tick(struct state *state, long now)
{
	return ring_due(state, now, "ring");
}
SFP_PROVIDER(plain, struct state, alarm_clock, ALARM_OPS);

/* The next version: other code, the same state. */
static enum sfp_status loud_ask(struct state *state, struct timer *timer)
{
	return timer->when < 0 ? SFP_INVALID : timers_enqueue(&state->inbox, timer);
}

static enum sfp_status loud_tick(struct state *state, long now)
{
	return ring_due(state, now, "RING!");
}
SFP_PROVIDER(loud, struct state, alarm_clock, ALARM_OPS);

static struct sfp_iface_slot slots[4];
static struct sfp_iface_realm realm = { .slots = slots, .count = 4 };

int main(void)
{
	struct alarm_clock_ref clock = SFP_REF(&realm, "clock");   /* before there is one */
	static struct alarm_clock_offer offer = { .provider = "clock" };
	static struct alarm_clock_record first, second, *old;
	static struct state state;
	struct timer anna = { .when = 10, .name = "anna" }, bert = { .when = 20, .name = "bert" };

	MUST(sfp_posix_faults_catch() == 0 && sfp_posix_thread_enter() == 0);
	printf("nobody serves: %s\n", sfp_status_name(alarm_clock_ask(&clock, &anna)));

	MUST(timers_init(&state.inbox, 3) == SFP_OK);
	MUST(timers_attach(&state.consumer, &state.inbox, SFP_PROOF("the queue is new")) == SFP_OK);
	plain_alarm_clock_record(&first, &state, 1);
	MUST(alarm_clock_offer(&realm, &offer) == SFP_OK);
	MUST(alarm_clock_publish(&offer, &first, NULL) == SFP_OK);
	MUST(alarm_clock_ask(&clock, &anna) == SFP_OK && alarm_clock_ask(&clock, &bert) == SFP_OK);
	MUST(alarm_clock_tick(&clock, 10) == SFP_OK);

	loud_alarm_clock_record(&second, &state, 1);
	MUST(alarm_clock_publish(&offer, &second, &old) == SFP_OK); /* one store: calls from now on use it */
	printf("nobody is in the old code: %s\n", sfp_status_name(alarm_clock_drain(old)));
	MUST(alarm_clock_tick(&clock, 20) == SFP_OK);

	MUST(alarm_clock_withdraw(&offer) == SFP_OK);
	printf("the service has ended: %s\n", sfp_status_name(alarm_clock_ask(&clock, &anna)));
	sfp_posix_thread_leave();
	return 0;
}
