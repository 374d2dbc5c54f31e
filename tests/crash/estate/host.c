/* SPDX-License-Identifier: BSD-2-Clause */
/* Everybody but the client: the servers of all patterns, a guest, and a neighbour. */
#include "world.h"

static enum sfp_status on_neighbour(struct neighbour *neighbour, struct tick *tick)
{
	(void)neighbour;
	tick->handlers++;
	return SFP_OK;
}
SFP_HANDLER(line, on_neighbour, struct neighbour);

static bool make_neighbour(struct world *world)
{
	struct neighbour *neighbour = &world->neighbour;

	neighbour->subs[0] = on_neighbour_line_closure(neighbour, 9);
	neighbour->subs[1] = on_neighbour_line_closure(neighbour, 0);
	TRY_IS(SFP_OK, line_subscribe(&world->line, &neighbour->subs[0]));
	TRY_IS(SFP_OK, line_subscribe(&world->line, &neighbour->subs[1]));
	TRY_IS(SFP_OK, desk_bind(&world->desk, &neighbour->desk, 1));
	TRY_IS(SFP_OK, desk_submit(&neighbour->desk, &neighbour->job));
	TRY_IS(SFP_OK, eventq_enqueue(&world->queue, &neighbour->event));
	return true;
}

bool make_host(struct world *world)
{
	static const unsigned char key[16] = { 1, 2, 3 };

	world->realm = (struct sfp_iface_realm){ .slots = world->slots, .count = SLOTS };
	world->ref = (struct tally_ref)SFP_REF(&world->realm, NULL);
	TRY_IS(SFP_OK, eventq_init(&world->queue, 0));
	TRY_IS(SFP_OK, eventq_attach(&world->consumer, &world->queue, SFP_PROOF("the queue is new")));
	TRY_IS(SFP_OK, desk_init(&world->desk, 0, 1));
	TRY_IS(SFP_OK, desk_attach(&world->server, &world->desk, SFP_PROOF("the desk is new")));
	TRY_IS(SFP_OK, sfp_realm_init(&world->files, key));
	line_init(&world->line, 0);
	return make_neighbour(world);
}

/* ---- at work ------------------------------------------------------------------------- */

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

/* Complete what is in its hands, and take the next one. */
static bool serve(struct world *world)
{
	struct job *job = world->in_hand;
	enum sfp_status status;

	world->in_hand = NULL;
	if (job)
		TRY_IS(SFP_OK, desk_complete(&world->server, job, 1));
	status = desk_next(&world->server, &world->in_hand);
	TRY_TRUE(status == SFP_OK || status == SFP_EMPTY || status == SFP_AGAIN);
	return true;
}

/* The neighbour has its job done over and over, so that the inbox is never empty. */
static bool neighbour_asks(struct world *world)
{
	struct neighbour *neighbour = &world->neighbour;

	if (!world->quiet && desk_reclaim(&neighbour->desk, &neighbour->job) == SFP_OK)
		TRY_IS(SFP_OK, desk_submit(&neighbour->desk, &neighbour->job));
	return true;
}

static bool call_and_dispatch(struct world *world)
{
	struct tick tick = { 0 };
	uint64_t total = 0;
	const enum sfp_status status = tally_add(&world->ref, 1, &total);

	TRY_TRUE(status == SFP_OK || status == SFP_NOT_FOUND || status == SFP_GONE || status == SFP_AGAIN);
	TRY_IS(SFP_OK, line_dispatch(&world->line, &tick));
	TRY_TRUE(tick.handlers >= SUBS);
	return true;
}

bool come_by(struct world *world)
{
	crash_self = &world->contexts[HOST];
	return consume(world) && serve(world) && neighbour_asks(world) && call_and_dispatch(world);
}

/* ---- the guest ------------------------------------------------------------------------- */

static void pin_for_guest(struct world *world, const void *record, uint32_t words)
{
	world->contexts[GUEST].pins[0] = (uintptr_t)record;
	world->contexts[GUEST].pinned = words;
}

void guest_enters(struct world *world)
{
	struct client *client = &world->client;

	crash_self = &world->contexts[GUEST];
	if (world->inside == IN_RECORD)
		pin_for_guest(world, &client->records[0], 1);
	if (world->inside == IN_HANDLER)
		pin_for_guest(world, &client->subs[0], 2);
	if (world->inside == IN_HANDLE &&
	    file_import_enter_(&world->import, &world->files, &client->file) != SFP_OK)
		(void)sfp_sweep_complain("the guest cannot import");
	crash_self = &world->contexts[HOST];
}

void guest_goes(struct world *world)
{
	crash_self = &world->contexts[GUEST];
	if (world->inside == IN_HANDLE)
		file_import_leave_(&world->import);
	else
		pin_for_guest(world, NULL, 0);
	world->inside = NOWHERE;
	crash_self = &world->contexts[HOST];
}

/* ---- without the client --------------------------------------------------------------- */

#define ENOUGH 20u

static bool desk_goes_on(struct world *world)
{
	struct neighbour *neighbour = &world->neighbour;
	enum sfp_status status = SFP_BUSY;
	unsigned i;

	/* A successor derives all orders anew. */
	TRY_IS(SFP_OK, desk_attach(&world->server, &world->desk, SFP_PROOF("the old one is this very one")));
	world->in_hand = NULL;
	for (i = 0; i < ENOUGH; i++) {
		TRY(serve(world) && neighbour_asks(world));
		TRY_TRUE(!world->in_hand || world->in_hand == &neighbour->job);
	}
	for (i = 0; i < ENOUGH && status == SFP_BUSY; i++) {
		status = desk_unbind(&neighbour->desk);
		TRY(serve(world));
	}
	TRY_IS(SFP_OK, status);
	return true;
}

static bool queue_goes_on(struct world *world)
{
	struct event *event = &world->neighbour.event;
	struct event *seen = NULL;
	unsigned i;

	for (i = 0; i < ENOUGH; i++)
		TRY(consume(world));
	TRY_IS(SFP_OK, eventq_reclaim(&world->queue, event));
	TRY_IS(SFP_OK, eventq_enqueue(&world->queue, event));
	TRY_IS(SFP_OK, eventq_peek(&world->consumer, &seen));
	TRY_TRUE(seen == event);
	TRY_IS(SFP_OK, eventq_complete(&world->consumer, event));
	return true;
}

static bool line_goes_on(struct world *world)
{
	struct neighbour *neighbour = &world->neighbour;
	struct tick tick = { 0 };
	unsigned i;

	TRY_IS(SFP_OK, line_dispatch(&world->line, &tick));
	TRY_TRUE(tick.handlers == SUBS);
	for (i = 0; i < SUBS; i++)
		TRY_IS(SFP_OK, line_unsubscribe(&world->line, &neighbour->subs[i]));
	TRY_TRUE(world->line.heads[0] == 0);
	return true;
}

static bool realm_goes_on(struct world *world)
{
	struct tally_offer heir = { .provider = "heir" };
	struct tally_ref ref = SFP_REF(&world->realm, NULL);
	uint64_t total = 0;
	unsigned i;

	TRY_IS(SFP_NOT_FOUND, tally_add(&ref, 1, &total));
	for (i = 0; i < SLOTS; i++)
		TRY_TRUE(world->slots[i].offer == 0 && world->slots[i].record == 0 &&
			 world->slots[i].closed == 0);
	TRY_IS(SFP_OK, tally_offer(&world->realm, &heir));
	TRY_IS(SFP_OK, tally_withdraw(&heir));
	return true;
}

bool others_go_on(struct world *world)
{
	crash_self = &world->contexts[HOST];
	return realm_goes_on(world) && queue_goes_on(world) && desk_goes_on(world) && line_goes_on(world);
}
