/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 5: a client that ends is buried. Then nobody has a link into its memory, and the memory can go. */
#include <sfp/dfq.h>
#include <sfp/estate_dfq.h>

#include "world.h"

#define OWNER_DEAD 2u /* the reason of a timer that failed */

struct client;
struct timer {
	struct sfp_dfq_item link;
	long when;
	struct client *client;
};
SFP_DFQ(timers, struct timer, link);
SFP_ESTATE_DFQ(timers, struct timer, link);

/* All of a client is in its own memory: its timers, and the list of what others hold of it. */
struct client {
	const char *name;
	bool ended;                           /* with threads: an atomic one */
	struct sfp_estate estate;
	struct timers_estate retained;        /* the pool's entry in that list */
	struct timer pool[4];
};

static struct timers inbox;

static enum sfp_status client_begin(struct client *client, const char *name)
{
	client->name = name;
	/* First the list, then the link: whatever somebody holds is on the list. */
	return timers_estate_add(&client->estate, &client->retained, &inbox, client->pool, 4,
				 "timers that were asked for");
}

static enum sfp_status client_ask(struct client *client, unsigned which, long when)
{
	client->pool[which].client = client;
	client->pool[which].when = when;
	return timers_enqueue(&inbox, &client->pool[which]);
}

static enum sfp_status settle(struct timers_consumer *service, struct timer *timer)
{
	if (timer->client->ended)
		return timers_fail(service, timer, OWNER_DEAD);
	printf("%s rings\n", timer->client->name);
	return timers_complete(service, timer);
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
		if (timer->when > now && !timer->client->ended) {
			later = timer;
			continue;
		}
		SFP_TRY(timers_begin(service, timer));
		SFP_TRY(settle(service, timer));
	}
	return SFP_OK;
}

/* Knows nothing of the service. AGAIN: call again, after others have run. */
static enum sfp_status reap(struct client *client)
{
	client->ended = true;
	SFP_TRY(sfp_estate_bury(&client->estate, SFP_PROOF("its only thread is this one"), 16));
	memory_is_gone(client, sizeof(*client));
	return SFP_OK;
}

static struct timers_consumer service;

static void tick_1000(void)
{
	MUST(service_tick(&service, 1000) == SFP_OK);
}

int main(void)
{
	struct client *anna = memory_of_its_own(sizeof(*anna));
	struct client *bert = memory_of_its_own(sizeof(*bert));
	struct sfp_estate_entry *entry;
	enum sfp_status status;

	MUST(timers_init(&inbox, 3) == SFP_OK);
	MUST(timers_attach(&service, &inbox, SFP_PROOF("the queue is new")) == SFP_OK);
	MUST(client_begin(anna, "anna") == SFP_OK && client_begin(bert, "bert") == SFP_OK);
	MUST(client_ask(anna, 0, 1000) == SFP_OK && client_ask(anna, 1, 2000) == SFP_OK);
	MUST(client_ask(bert, 0, 1000) == SFP_OK);

	SFP_ESTATE_EACH(&anna->estate, entry)
		printf("who points at anna's memory? %s\n", entry->what);
	while ((status = reap(anna)) == SFP_AGAIN) {
		printf("the burial: %s\n", sfp_status_name(status));
		MUST(service_tick(&service, 5) == SFP_OK);
	}
	printf("the burial: %s; her memory is gone\n", sfp_status_name(status));
	printf("tick 1000: the service %s\n", survives(tick_1000) ? "goes on" : "dies of it");
	return 0;
}
