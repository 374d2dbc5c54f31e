/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 0: a timer service as one finds it. It keeps a record of everybody who asked. */
#include "world.h"

struct client {
	const char *name;
	unsigned rang;
};

/* The service's record of somebody else's wish. */
struct entry {
	long when;
	void (*ring)(struct client *client);
	struct client *client;
};

struct service {
	struct entry entries[8];
	unsigned count;
};

static bool service_ask(struct service *service, long when, void (*ring)(struct client *),
			struct client *client)
{
	if (service->count == 8)
		return false;
	service->entries[service->count++] = (struct entry){ .when = when, .ring = ring, .client = client };
	return true;
}

static void service_tick(struct service *service, long now)
{
	unsigned i = 0;

	while (i < service->count) {
		const struct entry due = service->entries[i];

		if (due.when > now) {
			i++;
			continue;
		}
		service->entries[i] = service->entries[--service->count];
		due.ring(due.client);
	}
}

static void ring(struct client *client)
{
	client->rang++;
	printf("%s rings\n", client->name);
}

static struct service *service;

static void tick_10(void)
{
	service_tick(service, 10);
}

int main(void)
{
	struct client *anna = memory_of_its_own(sizeof(*anna));
	struct client *bert = memory_of_its_own(sizeof(*bert));

	service = memory_of_its_own(sizeof(*service));
	anna->name = "anna";
	bert->name = "bert";
	MUST(service_ask(service, 10, ring, anna) && service_ask(service, 10, ring, bert));
	printf("all live: the service %s\n", survives(tick_10) ? "goes on" : "dies");

	memory_is_gone(anna, sizeof(*anna));
	printf("anna is dead: the service keeps %u entries\n", service->count);
	printf("tick 10: the service %s\n", survives(tick_10) ? "goes on" : "dies of it");

	memory_is_gone(service, sizeof(*service));
	service = memory_of_its_own(sizeof(*service));
	service_tick(service, 10);
	printf("a new service has %u entries: bert has waited in vain, and cannot know\n", service->count);
	return 0;
}
