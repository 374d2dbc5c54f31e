/* SPDX-License-Identifier: BSD-2-Clause */
/* Step 1: the storage is the client's. The service has borrowed links, and nothing else. */
#include "world.h"

/* In the client's memory, and the client's from first to last. */
struct timer {
	struct timer *next;           /* lent to the service while it is asked for */
	long when;
	const char *name;
	bool rang;                    /* what became of it */
};

struct service {
	struct timer *first;
};

static void service_ask(struct service *service, struct timer *timer)
{
	timer->next = service->first;
	service->first = timer;
}

static void service_tick(struct service *service, long now)
{
	struct timer **link = &service->first;

	while (*link) {
		struct timer *timer = *link;

		if (timer->when > now) {
			link = &timer->next;
			continue;
		}
		*link = timer->next;
		timer->rang = true;
		printf("%s rings\n", timer->name);
	}
}

static struct service *service;

static void tick_10(void)
{
	service_tick(service, 10);
}

int main(void)
{
	struct timer *anna = memory_of_its_own(sizeof(*anna));
	struct timer *bert = memory_of_its_own(sizeof(*bert));

	service = memory_of_its_own(sizeof(*service));
	*anna = (struct timer){ .when = 10, .name = "anna" };
	*bert = (struct timer){ .when = 10, .name = "bert" };
	service_ask(service, anna);
	service_ask(service, bert);

	memory_is_gone(service, sizeof(*service));
	printf("the service is dead: bert's timer is his, for tick %ld, %s\n", bert->when,
	       bert->rang ? "has rung" : "has not rung");
	service = memory_of_its_own(sizeof(*service));
	service_ask(service, bert);
	service_ask(service, anna);
	printf("asked again: the service %s\n", survives(tick_10) ? "goes on" : "dies");

	memory_is_gone(anna, sizeof(*anna));
	printf("anna is dead: the service %s\n", survives(tick_10) ? "goes on" : "dies of it");
	return 0;
}
