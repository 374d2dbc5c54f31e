/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 3: what the service knows of a client lies with the client too, for the service's eyes only. */
#include <sfp/dfq.h>
#include <sfp/handle.h>

#include "world.h"

#define MOST_PENDING 2u

/* The service's account of one client: not the client's to change. */
struct account_state {
	uint32_t pending;
	uint32_t rang;
};
SFP_HANDLE(account, struct account_state, 1);

struct timer {
	struct sfp_dfq_item link;
	long when;
	const char *name;
	struct account *account;
};
SFP_DFQ(timers, struct timer, link);

/* The service's declared state: what its successor is given. It does not grow with the clients. */
struct state {
	struct timers inbox;
	struct sfp_realm realm;
};

static enum sfp_status service_open(struct state *state, struct account *account)
{
	const struct account_state nothing = { .pending = 0 };

	return account_export(&state->realm, &nothing, account);
}

static enum sfp_status service_ask(struct state *state, struct timer *timer)
{
	SFP_IMPORT(account, mine, &state->realm, timer->account); /* to the end of this function */
	if (mine->pending == MOST_PENDING)
		return SFP_LIMIT;
	SFP_TRY(timers_enqueue(&state->inbox, timer));
	mine->pending++;
	return SFP_OK;
}

static enum sfp_status ring(struct state *state, struct timer *timer)
{
	SFP_IMPORT(account, its, &state->realm, timer->account);
	its->pending--;
	its->rang++;
	printf("%s rings: %u times now\n", timer->name, its->rang);
	return SFP_OK;
}

static enum sfp_status service_tick(struct timers_consumer *inbox, struct state *state, long now)
{
	struct timer *later = NULL;
	struct timer *timer;
	enum sfp_status status;

	while ((status = timers_look(inbox, later, &timer)) != SFP_EMPTY) {
		if (status == SFP_AGAIN)
			continue;
		SFP_TRY(status);
		if (timer->when > now) {
			later = timer;
			continue;
		}
		SFP_TRY(timers_begin(inbox, timer));
		SFP_TRY(ring(state, timer));
		SFP_TRY(timers_complete(inbox, timer));
	}
	return SFP_OK;
}

int main(void)
{
	static const unsigned char key[16] = "a key, not zeros";
	struct state *state = memory_of_its_own(sizeof(*state));
	struct account account = { .head = { .word = 0 } };        /* anna's memory */
	struct timer anna[3] = {
		{ .when = 10, .name = "anna", .account = &account },
		{ .when = 20, .name = "anna", .account = &account },
		{ .when = 30, .name = "anna", .account = &account },
	};
	struct timers_consumer first, second;

	MUST(sfp_realm_init(&state->realm, key) == SFP_OK && timers_init(&state->inbox, 3) == SFP_OK);
	MUST(timers_attach(&first, &state->inbox, SFP_PROOF("the queue is new")) == SFP_OK);
	MUST(service_open(state, &account) == SFP_OK);
	MUST(service_ask(state, &anna[0]) == SFP_OK && service_ask(state, &anna[1]) == SFP_OK);
	printf("a third timer: %s\n", sfp_status_name(service_ask(state, &anna[2])));
	MUST(service_tick(&first, state, 10) == SFP_OK);

	MUST(timers_attach(&second, &state->inbox, SFP_PROOF("the first one never runs again")) == SFP_OK);
	printf("a new service: a third timer: %s\n", sfp_status_name(service_ask(state, &anna[2])));
	MUST(service_tick(&second, state, 30) == SFP_OK);

	struct account copy = account;                             /* as it was, to be used up again? */
	anna[0].account = &copy;
	MUST(timers_reclaim(&state->inbox, &anna[0]) == SFP_OK);
	printf("a copy of an account: %s\n", sfp_status_name(service_ask(state, &anna[0])));
	return 0;
}
