/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 4: the service calls its clients' code through a gate. What traps in there is one client's affair. */
#include <sfp/dfq.h>
#include <sfp/handle.h>

#include "world.h"

#define TRAPPED 1u /* the reason of a timer that failed */

struct account_state {
	uint32_t rang;
};
SFP_HANDLE(account, struct account_state, 1);

struct timer {
	struct sfp_dfq_item link;
	long when;
	void (*ring)(struct timer *timer);    /* the client's code */
	const char *name;
	struct account account;
};
SFP_DFQ(timers, struct timer, link);

static struct timers inbox;
static struct sfp_realm realm;

static enum sfp_status serve(struct timer *timer)
{
	SFP_IMPORT(account, its, &realm, &timer->account);
	its->rang++;                          /* a fault below takes it back */
	timer->ring(timer);
	return SFP_OK;
}
SFP_GATE(serve, serve, struct timer *);

/* The outcome goes to whoever asked. */
static enum sfp_status settle(struct timers_consumer *service, struct timer *timer)
{
	struct sfp_fault why;
	const enum sfp_status status = serve_contained(timer, &why);

	if (status == SFP_OK)
		return timers_complete(service, timer);
	printf("%s's code: %s, a %s fault\n", timer->name, sfp_status_name(status), sfp_fault_kind_text(why.kind));
	return timers_fail(service, timer, TRAPPED);
}

static enum sfp_status service_tick(struct timers_consumer *service, long now)
{
	struct timer *later = NULL;
	struct timer *timer;
	enum sfp_status status;

	while ((status = timers_look(service, later, &timer)) != SFP_EMPTY) {
		if (status == SFP_AGAIN)
			continue;
		SFP_TRY(status);
		if (timer->when > now) {
			later = timer;
			continue;
		}
		SFP_TRY(timers_begin(service, timer));
		SFP_TRY(settle(service, timer));
	}
	return SFP_OK;
}

static void say(struct timer *timer)
{
	printf("%s rings\n", timer->name);
}

static void trap(struct timer *timer)
{
	*(volatile char *)timer->when = 0;    /* no address that anybody has */
}

static enum sfp_status ask(struct timer *timer)
{
	const struct account_state nothing = { .rang = 0 };

	SFP_TRY(account_export(&realm, &nothing, &timer->account));
	return timers_enqueue(&inbox, timer);
}

static uint32_t rang(struct timer *timer)
{
	struct account_state state = { .rang = 99 };

	MUST(account_take(&realm, &timer->account, &state) == SFP_OK);
	return state.rang;
}

int main(void)
{
	static const unsigned char key[16] = "a key, not zeros";
	struct timer anna = { .when = 10, .name = "anna", .ring = trap };
	struct timer bert = { .when = 10, .name = "bert", .ring = say };
	struct timers_consumer service;

	MUST(sfp_posix_faults_catch() == 0 && sfp_posix_thread_enter() == 0);
	MUST(sfp_realm_init(&realm, key) == SFP_OK && timers_init(&inbox, 3) == SFP_OK);
	MUST(timers_attach(&service, &inbox, SFP_PROOF("the queue is new")) == SFP_OK);
	MUST(ask(&anna) == SFP_OK && ask(&bert) == SFP_OK);
	MUST(service_tick(&service, 10) == SFP_OK);
	printf("anna's timer %s, bert's is %s\n", timers_state(&anna).state == SFP_DFQ_FAILED ? "failed" : "?",
	       timers_state(&bert).state == SFP_DFQ_DONE ? "done" : "?");
	printf("rang: anna %u, bert %u\n", rang(&anna), rang(&bert));
	sfp_posix_thread_leave();
	return 0;
}
