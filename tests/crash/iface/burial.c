/* SPDX-License-Identifier: BSD-2-Clause */
/* After the client's death: the host buries it while the consumer works, and its pages go. */
#define _GNU_SOURCE
#include "world.h"

#include <signal.h>
#include <sys/mman.h>

#define ROUNDS 60

static uintptr_t touched;

static void on_touch(int signal, siginfo_t *info, void *context)
{
	struct client *client = &the_world->client;
	const uintptr_t at = (uintptr_t)info->si_addr;

	(void)signal;
	(void)context;
	if (at - (uintptr_t)client >= sizeof(*client))
		raise(SIGABRT); /* not this test's doing: the sweep reports it */
	if (!touched)
		touched = at;
	mprotect(client, sizeof(*client), PROT_READ | PROT_WRITE);
}

/* The consumer's turn: complete one. */
static bool consume(struct world *world)
{
	struct event *event = NULL;
	const enum sfp_status status = eventq_peek(&world->consumer, &event);

	if (status == SFP_OK)
		TRY_IS(SFP_OK, eventq_complete(&world->consumer, event));
	else
		TRY_TRUE(status == SFP_EMPTY || status == SFP_AGAIN);
	return true;
}

static bool bury(struct world *world)
{
	enum sfp_status status = SFP_AGAIN;
	unsigned i;

	for (i = 0; i < ROUNDS && status == SFP_AGAIN; i++) {
		status = sfp_estate_bury(&world->client.estate, DEAD, 16);
		if (i % 4 == 3) /* it is in no hurry */
			TRY_TRUE(consume(world));
	}
	TRY_IS(SFP_OK, status);
	return true;
}

static bool is_in(const struct sfp_estate *estate, const struct sfp_estate_entry *wanted)
{
	const struct sfp_estate_entry *entry;

	SFP_ESTATE_EACH(estate, entry)
		if (entry == wanted)
			return true;
	return false;
}

/* While the guest is inside, the client must not go, from when the record is on its list. */
static bool bury_around_guest(struct world *world)
{
	struct sfp_context *guest = &world->contexts[GUEST];
	unsigned i;

	if (guest->pinned && is_in(&world->client.estate, &world->client.record[0].core.retained))
		for (i = 0; i < 20; i++)
			TRY_IS(SFP_AGAIN, sfp_estate_bury(&world->client.estate, DEAD, 2));
	guest->pins[0] = 0;
	guest->pinned = 0;
	return bury(world);
}

/* Everybody else goes on without it. */
static bool others_go_on(struct world *world)
{
	struct event other = { .number = 99 };
	struct tally_ref ref = SFP_REF(&world->realm, NULL);
	struct tally_offer heir = { .provider = "heir" };
	uint64_t total = 0;
	unsigned i;

	TRY_IS(SFP_NOT_FOUND, tally_add(&ref, 1, &total));
	for (i = 0; i < SLOTS; i++)
		TRY_TRUE(world->slots[i].offer == 0 && world->slots[i].record == 0 && world->slots[i].closed == 0);
	TRY_IS(SFP_OK, tally_offer(&world->realm, &heir));
	TRY_IS(SFP_OK, tally_withdraw(&heir));
	TRY_IS(SFP_OK, eventq_enqueue(&world->queue, &other));
	for (i = 0; i < EVENTS + 2; i++)
		TRY_TRUE(consume(world));
	TRY_IS(SFP_OK, eventq_reclaim(&world->queue, &other));
	return true;
}

bool check_burial(struct world *world)
{
	struct client *client = &world->client;
	struct sigaction action = { .sa_sigaction = on_touch, .sa_flags = SA_SIGINFO };
	struct sigaction before;
	bool good;

	if (!bury_around_guest(world))
		return false;
	touched = 0;
	sigaction(SIGSEGV, &action, &before);
	mprotect(client, sizeof(*client), PROT_NONE);
	good = others_go_on(world);
	mprotect(client, sizeof(*client), PROT_READ | PROT_WRITE);
	sigaction(SIGSEGV, &before, NULL);
	if (touched)
		return sfp_sweep_complain("byte %lu of the buried client is touched",
					  (unsigned long)(touched - (uintptr_t)client));
	return good;
}
