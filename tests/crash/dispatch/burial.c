/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A client's life, stopped at every instruction: the host buries it, by its
 * estate, and its pages go. Nobody touches them again.
 */
#define _GNU_SOURCE
#include "world.h"

#include <signal.h>
#include <sys/mman.h>

#define ROUNDS 20u

static enum sfp_status on_call(struct client *client, struct event *event)
{
	(void)event;
	client->calls++;
	return SFP_OK;
}
SFP_HANDLER(line, on_call, struct client);

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

/* ---- the client ----------------------------------------------------------------------- */

/* It comes, is called, takes one back, and comes again. Its own dispatch is stopped in its handler too. */
static enum sfp_status live(struct world *world)
{
	struct client *client = &world->client;
	struct event event = { .count = 0 };
	enum sfp_status status;

	SFP_TRY(line_retained(&client->estate, &client->first));
	SFP_TRY(line_subscribe(&world->line, &client->first));
	SFP_TRY(line_retained(&client->estate, &client->last));
	SFP_TRY(line_subscribe(&world->line, &client->last));
	SFP_TRY(line_dispatch(&world->line, &event));
	status = line_unsubscribe(&world->line, &client->last);
	if (status != SFP_OK)
		return status == SFP_RUNNING ? SFP_OK : status; /* the guest is in it */
	SFP_TRY(sfp_estate_remove(&client->estate, &client->last.core.retained));
	client->last = on_call_line_closure(client, 4);
	SFP_TRY(line_retained(&client->estate, &client->last));
	return line_subscribe(&world->line, &client->last);
}

static void prepare(void *opaque)
{
	struct world *world = opaque;
	const unsigned visited = world->meddler;
	const bool plain = world->plain;

	memset(world, 0, sizeof(*world));
	world->meddler = visited;
	world->plain = plain;
	crash_self = &world->contexts[SUCCESSOR];
	world->client.first = on_call_line_closure(&world->client, 2);
	world->client.last = on_call_line_closure(&world->client, -1);
	if (!make_world(world) || join(world, A) != SFP_OK || join(world, D) != SFP_OK)
		(void)sfp_sweep_complain("the host cannot be made");
	if (visited) {
		world->contexts[GUEST].pins[0] = (uintptr_t)&world->client.last;
		world->contexts[GUEST].pinned = 2;
	}
}

static void operate(void *opaque)
{
	struct world *world = opaque;

	crash_self = &world->contexts[VICTIM];
	world->status = live(world);
}

/* ---- its end ----------------------------------------------------------------------------- */

static enum sfp_status bury(struct world *world)
{
	enum sfp_status status = SFP_AGAIN;
	unsigned i;

	for (i = 0; i < ROUNDS && status == SFP_AGAIN; i++)
		status = sfp_estate_bury(&world->client.estate, DEAD, 1);
	return status;
}

/* Given away: it has been subscribed, and is not known to be silent. */
static bool is_lent(const struct line_sub *sub)
{
	return sub->core.place != 0;
}

static bool is_in_estate(const struct world *world, const struct line_sub *sub)
{
	const struct sfp_estate_entry *entry;

	SFP_ESTATE_EACH(&world->client.estate, entry)
	if (entry == &sub->core.retained)
		return true;
	return false;
}

/* While the guest is in its handler the client's memory must stay. */
static bool bury_around_guest(struct world *world)
{
	struct sfp_context *guest = &world->contexts[GUEST];

	if (guest->pinned && is_lent(&world->client.last)) {
		if (!is_in_estate(world, &world->client.last))
			return sfp_sweep_complain("a subscription is lent, and not in the estate");
		TRY_IS(SFP_AGAIN, bury(world));
	}
	crash_guest_goes();
	TRY_IS(SFP_OK, bury(world));
	return true;
}

static bool others_go_on(struct world *world)
{
	struct event event = { .count = 0 };
	unsigned i;

	TRY_IS(SFP_OK, join(world, S));
	TRY_IS(SFP_OK, line_dispatch(&world->line, &event));
	if (event.count != 3 || event.ran[0] != A || event.ran[1] != S || event.ran[2] != D)
		return sfp_sweep_complain("others are not run");
	for (i = 0; i < PARTIES; i++)
		TRY_IS(SFP_OK, leave(world, (enum party_number)i));
	return world->line.heads[0] == 0 || sfp_sweep_complain("the list is not empty");
}

static bool check(void *opaque, const struct sfp_sweep_point *point)
{
	struct world *world = opaque;
	struct client *client = &world->client;
	const struct sigaction action = { .sa_sigaction = on_touch, .sa_flags = SA_SIGINFO };
	struct sigaction before;
	bool good;

	crash_self = &world->contexts[SUCCESSOR];
	if (point->returned)
		TRY_IS(SFP_OK, world->status);
	TRY_IS(SFP_OK, sfp_iface_reap(&world->realm, &world->contexts[VICTIM], DEAD));
	TRY(bury_around_guest(world));
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

static void meddle(void *opaque)
{
	struct world *world = opaque;

	crash_self = &world->contexts[OTHER];
	dispatch_too(world);
}

void sweep_client(struct world *world, bool plain, struct sfp_sweep_count *count)
{
	const struct sfp_sweep sweeps[] = {
		{ .name = "a client's life",
		  .world = world,
		  .prepare = prepare,
		  .operation = operate,
		  .check = check,
		  .between = meddle,
		  .brisk = true },
		{ .name = "a client's life, its handler running",
		  .world = world,
		  .prepare = prepare,
		  .operation = operate,
		  .check = check },
	};

	unsigned visited;

	for (visited = 0; visited < 2; visited++) {
		world->meddler = visited;
		world->plain = plain;
		(void)sfp_sweep_run(&sweeps[visited], count);
	}
}
