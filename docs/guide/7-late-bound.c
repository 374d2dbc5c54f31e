/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 7: clients name the service when they call it. It can be replaced between two calls, and end. */
#include <sfp/iface.h>
#include <sfp/mux.h>

#include "world.h"

struct timer {
	struct sfp_mux_request link;
	const char *name;
};
SFP_MUX(timers, struct timer, link, SFP_DEADLINE);

/* Known to both sides: the operations, and of each argument what it is. */
#define ALARM_OPS(OP) \
	OP(join, SFP_IN(struct timers_client *, client)) \
	OP(ask, SFP_IN(struct timers_client *, client), SFP_IN(struct timer *, timer), SFP_IN(uint64_t, when)) \
	OP(tick, SFP_IN(uint64_t, now))
SFP_INTERFACE(alarm_clock, 1, ALARM_OPS);

/* All that the service must remember of itself. Whichever code runs it gets it at every call. */
struct state {
	struct timers mux;
	struct timers_server server;
};

static enum sfp_status plain_join(struct state *state, struct timers_client *client)
{
	return timers_bind(&state->mux, client);
}

static enum sfp_status plain_ask(struct state *state, struct timers_client *client, struct timer *timer,
				 uint64_t when)
{
	(void)state;                  /* the client's record knows its mux */
	return timers_submit(client, timer, when);
}

static enum sfp_status ring_due(struct state *state, uint64_t now, const char *sound)
{
	struct timer *timer;
	enum sfp_status status;

	while ((status = timers_due(&state->server, now, &timer)) != SFP_EMPTY) {
		if (status == SFP_AGAIN)
			continue;
		SFP_TRY(status);
		printf("%s: %s\n", timer->name, sound);
		SFP_TRY(timers_complete(&state->server, timer, 0));
	}
	return SFP_OK;
}

static enum sfp_status plain_tick(struct state *state, uint64_t now)
{
	return ring_due(state, now, "ring");
}
SFP_PROVIDER(plain, struct state, alarm_clock, ALARM_OPS);

/* The next version: other code, the same state. */
static enum sfp_status loud_join(struct state *state, struct timers_client *client)
{
	return timers_bind(&state->mux, client);
}

static enum sfp_status loud_ask(struct state *state, struct timers_client *client, struct timer *timer,
				uint64_t when)
{
	return client->core.mux == &state->mux.core ? timers_submit(client, timer, when) : SFP_INVALID;
}

static enum sfp_status loud_tick(struct state *state, uint64_t now)
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
	struct timers_client client = { .core = { .mux = NULL } };
	struct timer anna = { .name = "anna" }, bert = { .name = "bert" };

	MUST(sfp_posix_faults_catch() == 0 && sfp_posix_thread_enter() == 0);
	printf("nobody serves: %s\n", sfp_status_name(alarm_clock_join(&clock, &client)));

	MUST(timers_init(&state.mux, 3) == SFP_OK);
	MUST(timers_attach(&state.server, &state.mux, SFP_PROOF("the mux is new")) == SFP_OK);
	plain_alarm_clock_record(&first, &state, 1);
	MUST(alarm_clock_offer(&realm, &offer) == SFP_OK);
	MUST(alarm_clock_publish(&offer, &first, NULL) == SFP_OK);
	MUST(alarm_clock_join(&clock, &client) == SFP_OK);
	MUST(alarm_clock_ask(&clock, &client, &anna, 10) == SFP_OK);
	MUST(alarm_clock_ask(&clock, &client, &bert, 20) == SFP_OK);
	MUST(alarm_clock_tick(&clock, 10) == SFP_OK);

	loud_alarm_clock_record(&second, &state, 1);
	MUST(alarm_clock_publish(&offer, &second, &old) == SFP_OK); /* one store: calls from now on use it */
	printf("nobody is in the old code: %s\n", sfp_status_name(alarm_clock_drain(old)));
	MUST(alarm_clock_tick(&clock, 20) == SFP_OK);

	MUST(alarm_clock_withdraw(&offer) == SFP_OK);
	printf("the service has ended: %s\n", sfp_status_name(alarm_clock_ask(&clock, &client, &anna, 30)));
	sfp_posix_thread_leave();
	return 0;
}
