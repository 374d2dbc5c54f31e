/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations of interfaces, each in its situation, and what must be true whoever was stopped in it. */
#include "world.h"

static enum sfp_status counter_add(struct counter *counter, uint64_t amount, uint64_t *total)
{
	counter->total += amount;
	*total = counter->total;
	return SFP_OK;
}

/* A call within a call. */
static enum sfp_status counter_relay(struct counter *counter, struct world *world)
{
	(void)counter;
	return tally_add(&world->ref, 1, &world->total);
}
SFP_PROVIDER(counter, struct counter, tally, TALLY_OPS);

static enum sfp_status halves_add(struct halves *halves, uint64_t amount, uint64_t *total)
{
	halves->low += amount;
	*total = halves->low + halves->high;
	return SFP_OK;
}

static enum sfp_status halves_relay(struct halves *halves, struct world *world)
{
	(void)halves;
	(void)world;
	return SFP_UNSUPPORTED;
}
SFP_PROVIDER(halves, struct halves, tally, TALLY_OPS);

/* ---- making ------------------------------------------------------------------ */

static enum sfp_status start(struct tally_offer *offer, struct tally_record **record)
{
	struct client *client = SFP_CONTAINER(offer, struct client, offer);

	the_world->starts++;
	client->counter.total = TOTAL;
	*record = &client->record[0];
	return SFP_OK;
}

bool make_host(struct world *world)
{
	struct client *client = &world->client;

	world->realm = (struct sfp_iface_realm){ .slots = world->slots, .count = SLOTS };
	world->ref = (struct tally_ref)SFP_REF(&world->realm, NULL);
	client->offer.provider = "client";
	client->counter.total = TOTAL;
	counter_tally_record(&client->record[0], &client->counter, 1);
	counter_tally_record(&client->record[1], &client->counter, 1);
	halves_tally_record(&client->fresh, &client->halves, 2);
	return true;
}

bool make_offered(struct world *world)
{
	TRY_TRUE(make_host(world));
	TRY_IS(SFP_OK, tally_offer(&world->realm, &world->client.offer));
	return true;
}

bool make_lazy(struct world *world)
{
	TRY_TRUE(make_host(world));
	world->client.counter.total = 0;
	world->client.offer.start = start;
	TRY_IS(SFP_OK, tally_offer(&world->realm, &world->client.offer));
	return true;
}

bool make_published(struct world *world)
{
	TRY_TRUE(make_offered(world));
	TRY_IS(SFP_OK, tally_publish(&world->client.offer, &world->client.record[0], NULL));
	return true;
}

bool make_called(struct world *world)
{
	TRY_TRUE(make_published(world));
	TRY_IS(SFP_OK, tally_add(&world->ref, 0, &world->total));
	return true;
}

static bool make_closed(struct world *world)
{
	TRY_TRUE(make_called(world));
	TRY_IS(SFP_OK, tally_close(&world->client.offer));
	return true;
}

/* ---- operating ------------------------------------------------------------------ */

static enum sfp_status call(struct world *world)
{
	return tally_add(&world->ref, 2, &world->total);
}

static enum sfp_status call_nested(struct world *world)
{
	return tally_relay(&world->ref, world);
}

static enum sfp_status offer(struct world *world)
{
	return tally_offer(&world->realm, &world->client.offer);
}

static enum sfp_status publish(struct world *world)
{
	return tally_publish(&world->client.offer, &world->client.record[1], NULL);
}

static enum sfp_status publish_first(struct world *world)
{
	return tally_publish(&world->client.offer, &world->client.record[0], NULL);
}

static enum sfp_status close_it(struct world *world)
{
	return tally_close(&world->client.offer);
}

static enum sfp_status to_halves(const struct sfp_iface_record *old, const struct sfp_iface_record *fresh)
{
	const struct counter *counter = old->state;
	struct halves *halves = fresh->state;

	halves->low = counter->total / 2;
	halves->high = counter->total - halves->low;
	return SFP_OK;
}

static enum sfp_status migrate(struct world *world)
{
	return tally_migrate(&world->client.offer, &world->client.fresh, to_halves);
}

static enum sfp_status withdraw(struct world *world)
{
	return tally_withdraw(&world->client.offer);
}

static enum sfp_status drain(struct world *world)
{
	return tally_drain(&world->client.record[1]);
}

static enum sfp_status browse(struct world *world)
{
	struct sfp_iface_cursor cursor;
	const struct sfp_iface_offer *seen = NULL;
	enum sfp_status status;

	SFP_TRY(sfp_iface_browse(&cursor, &world->realm));
	status = sfp_iface_next(&cursor, &seen);
	if (status == SFP_OK && seen != &world->client.offer.core)
		status = SFP_INVALID;
	sfp_iface_leave(&cursor);
	return status;
}

/* ---- looking ----------------------------------------------------------------------- */

/* A call of somebody else: what it says, and what it adds to. */
static bool others_call(struct world *world, uint64_t *total)
{
	struct tally_ref ref = SFP_REF(&world->realm, "client");

	TRY_IS(SFP_OK, tally_add(&ref, 0, total));
	return true;
}

static bool serves(struct world *world, uint64_t least, uint64_t most)
{
	uint64_t total = 0;

	TRY_TRUE(others_call(world, &total));
	if (total < least || total > most)
		return sfp_sweep_complain("it is %llu", (unsigned long long)total);
	return true;
}

/* Nothing of the stopped call holds up the end of the offer, and the slot is good for another. */
static bool ends(struct world *world)
{
	struct tally_offer heir = { .provider = "heir" };
	struct tally_record record = { .core = { .operations = NULL } };
	struct counter counter = { .total = 7 };
	struct tally_ref ref = SFP_REF(&world->realm, "heir");
	uint64_t total = 0;
	unsigned i;

	TRY_IS(SFP_OK, withdraw(world));
	for (i = 0; i < SLOTS; i++)
		TRY_TRUE(world->slots[i].offer == 0 && world->slots[i].busy == 0 && world->slots[i].record == 0);
	TRY_IS(SFP_OK, tally_offer(&world->realm, &heir));
	counter_tally_record(&record, &counter, 1);
	TRY_IS(SFP_OK, tally_publish(&heir, &record, NULL));
	TRY_IS(SFP_OK, tally_add(&ref, 0, &total));
	TRY_TRUE(total == 7);
	TRY_IS(SFP_OK, tally_withdraw(&heir));
	return true;
}

static bool check_call(struct world *world)
{
	TRY_TRUE(serves(world, TOTAL, TOTAL + 2));
	if (world->status == SFP_OK)
		TRY_TRUE(world->total >= TOTAL + 1 && world->client.counter.total >= TOTAL + 1);
	return ends(world);
}

static bool check_offer(struct world *world)
{
	if (world->status != SFP_OK) {
		TRY_IS(SFP_OK, withdraw(world));
		TRY_IS(SFP_OK, offer(world));
	}
	TRY_IS(SFP_OK, publish_first(world));
	TRY_TRUE(serves(world, TOTAL, TOTAL));
	return ends(world);
}

/* Whoever publishes again finishes it; until then the old or the new one serves. */
static bool check_publish(struct world *world)
{
	TRY_TRUE(serves(world, TOTAL, TOTAL));
	TRY_IS(SFP_OK, publish(world));
	TRY_TRUE(world->slots[0].record == (uintptr_t)&world->client.record[1]);
	TRY_TRUE(world->slots[0].closed == 0 && world->slots[0].phase == SFP_IFACE_OPEN);
	TRY_IS(SFP_OK, tally_drain(&world->client.record[0]));
	TRY_TRUE(serves(world, TOTAL, TOTAL));
	return ends(world);
}

static bool check_publish_first(struct world *world)
{
	TRY_IS(SFP_OK, publish_first(world));
	TRY_TRUE(serves(world, TOTAL, TOTAL));
	return ends(world);
}

static bool check_close(struct world *world)
{
	struct tally_ref ref = SFP_REF(&world->realm, NULL);
	uint64_t total = 0;
	const enum sfp_status status = tally_add(&ref, 0, &total);

	TRY_TRUE(status == SFP_AGAIN || (status == SFP_OK && world->status != SFP_OK));
	TRY_IS(SFP_OK, close_it(world));
	TRY_IS(SFP_AGAIN, tally_add(&ref, 0, &total));
	TRY_IS(SFP_OK, publish_first(world));
	TRY_TRUE(serves(world, TOTAL, TOTAL));
	return ends(world);
}

static bool check_migrate(struct world *world)
{
	TRY_IS(SFP_OK, migrate(world));
	TRY_TRUE(world->slots[0].record == (uintptr_t)&world->client.fresh);
	TRY_TRUE(world->slots[0].closed == 0 && world->slots[0].phase == SFP_IFACE_OPEN);
	TRY_TRUE(serves(world, TOTAL, TOTAL));
	TRY_IS(SFP_OK, tally_drain(&world->client.record[0]));
	return ends(world);
}

static bool check_withdraw(struct world *world)
{
	struct tally_ref ref = SFP_REF(&world->realm, NULL);
	uint64_t total = 0;

	TRY_IS(SFP_OK, withdraw(world));
	TRY_IS(SFP_GONE, tally_add(&world->ref, 0, &total));
	TRY_IS(SFP_NOT_FOUND, tally_add(&ref, 0, &total));
	return ends(world);
}

static bool check_plain(struct world *world)
{
	TRY_TRUE(serves(world, TOTAL, TOTAL));
	return ends(world);
}

/* ---- somebody else meanwhile ------------------------------------------------------------ */

/* Another first call: one of both starts, and the other is told to come again or finds it started. */
static void call_too(struct world *world)
{
	struct tally_ref ref = SFP_REF(&world->realm, NULL);
	uint64_t total = 0;
	const enum sfp_status status = tally_add(&ref, 0, &total);

	if (status != SFP_OK && status != SFP_AGAIN)
		(void)sfp_sweep_complain("the other one's call: %s", sfp_status_name(status));
}

static bool check_started(struct world *world)
{
	if (world->status == SFP_OK)
		TRY_TRUE(world->starts == 1);
	return check_call(world);
}

/* A swap that uses the old record's memory for something else as soon as it may. */
static void swap_too(struct world *world)
{
	struct client *client = &world->client;
	const enum sfp_status status = publish(world);

	if (status != SFP_OK)
		(void)sfp_sweep_complain("the swap: %s", sfp_status_name(status));
	if (tally_drain(&client->record[0]) == SFP_OK)
		memset(&client->record[0], 0xdd, sizeof(client->record[0]));
}

static bool check_swapped(struct world *world)
{
	TRY_TRUE(serves(world, TOTAL, TOTAL + 2));
	return ends(world);
}

/* ---- the client's life, and its end -------------------------------------------------- */

static enum sfp_status forget(struct sfp_estate_entry *entry)
{
	(void)entry;
	return SFP_OK;
}

bool make_client(struct world *world)
{
	TRY_TRUE(make_host(world));
	TRY_IS(SFP_OK, eventq_init(&world->queue, 0));
	TRY_IS(SFP_OK, eventq_attach(&world->consumer, &world->queue, SFP_PROOF("the queue is new")));
	return true;
}

/* The guest is inside the client's first record. */
static bool make_visited(struct world *world)
{
	TRY_TRUE(make_client(world));
	world->contexts[GUEST].pins[0] = (uintptr_t)&world->client.record[0];
	world->contexts[GUEST].pinned = 1;
	return true;
}

static enum sfp_status settle_in(struct world *world)
{
	struct client *client = &world->client;

	SFP_TRY(tally_offer_retained(&client->estate, &client->offer));
	SFP_TRY(tally_record_retained(&client->estate, &client->record[0]));
	SFP_TRY(tally_record_retained(&client->estate, &client->record[1]));
	SFP_TRY(eventq_estate_add(&client->estate, &client->pool, &world->queue, client->event, EVENTS, "events"));
	SFP_TRY(tally_offer(&world->realm, &client->offer));
	SFP_TRY(publish_first(world));
	return SFP_OK;
}

/* All that a client does: it offers, enqueues, is swapped, takes back, and offers again. */
static enum sfp_status live(struct world *world)
{
	struct client *client = &world->client;

	SFP_TRY(settle_in(world));
	SFP_TRY(eventq_enqueue(&world->queue, &client->event[0]));
	SFP_TRY(publish(world));
	SFP_TRY(eventq_enqueue(&world->queue, &client->event[2]));
	if (tally_drain(&client->record[0]) == SFP_OK) {
		SFP_TRY(sfp_estate_remove(&client->estate, &client->record[0].core.retained));
		SFP_TRY(tally_record_retained(&client->estate, &client->record[0]));
	}
	SFP_TRY(close_it(world));
	return publish(world);
}

static bool make_lived(struct world *world)
{
	TRY_TRUE(make_client(world));
	TRY_IS(SFP_OK, live(world));
	return true;
}

static enum sfp_status bury(struct world *world)
{
	return sfp_estate_bury(&world->client.estate, DEAD, 3);
}

/* As far as it goes: the items are still in the queue. */
static enum sfp_status bury_twice(struct world *world)
{
	const enum sfp_status first = bury(world);
	const enum sfp_status second = bury(world);

	return first == SFP_AGAIN && second == SFP_AGAIN ? SFP_OK : SFP_INVALID;
}

/* ---- the list of an estate -------------------------------------------------------------- */

static bool make_list(struct world *world)
{
	struct client *client = &world->client;

	TRY_TRUE(make_client(world));
	TRY_IS(SFP_OK, sfp_estate_add(&client->estate, &client->plain[0], forget, "0"));
	TRY_IS(SFP_OK, sfp_estate_add(&client->estate, &client->plain[1], forget, "1"));
	return true;
}

static enum sfp_status add_and_remove(struct world *world)
{
	struct client *client = &world->client;

	SFP_TRY(sfp_estate_add(&client->estate, &client->plain[2], forget, "2"));
	SFP_TRY(sfp_estate_remove(&client->estate, &client->plain[1]));
	SFP_TRY(sfp_estate_remove(&client->estate, &client->plain[2]));
	return sfp_estate_add(&client->estate, &client->plain[1], forget, "1 again");
}

/*
 * The owner lives on after a trap: each entry can be removed, or was not in, and
 * its memory used for anything at once, even for what looks like a neighbour.
 */
static bool check_list(struct world *world)
{
	struct client *client = &world->client;
	struct sfp_estate_entry lookalike;
	unsigned i;

	memset(&lookalike, 0, sizeof(lookalike));
	lookalike.older = &client->plain[1];
	TRY_TRUE(client->plain[0].estate == &client->estate);
	for (i = 3; i-- > 0;) {
		const enum sfp_status status = sfp_estate_remove(&client->estate, &client->plain[i]);

		TRY_TRUE(status == SFP_OK || status == SFP_INVALID);
		client->plain[i] = lookalike;
	}
	TRY_TRUE(client->estate.newest == NULL);
	TRY_TRUE(memcmp(&client->plain[2], &lookalike, sizeof(lookalike)) == 0);
	memset(client->plain, 0, sizeof(client->plain));
	TRY_IS(SFP_OK, sfp_estate_add(&client->estate, &client->plain[1], forget, "anew"));
	TRY_IS(SFP_OK, sfp_estate_bury(&client->estate, DEAD, 9));
	return true;
}

/* ... or it is dead, and the burier finds what is in. */
static bool check_list_burial(struct world *world)
{
	struct client *client = &world->client;
	unsigned i;

	TRY_IS(SFP_OK, sfp_estate_bury(&client->estate, DEAD, 9));
	TRY_TRUE(client->estate.newest == NULL);
	for (i = 0; i < 2; i++)
		TRY_TRUE(client->plain[i].estate != &client->estate || i == 1);
	return true;
}

const struct situation situations[] = {
	{ "a call", make_called, call, check_call, true, NULL },
	{ "the first call", make_published, call, check_call, true, NULL },
	{ "a call that starts", make_lazy, call, check_call, true, NULL },
	{ "a nested call", make_called, call_nested, check_call, true, NULL },
	{ "a call that starts, and another", make_lazy, call, check_started, false, call_too },
	{ "a call, swapped meanwhile", make_called, call, check_swapped, false, swap_too },
	{ "the first call, swapped meanwhile", make_published, call, check_swapped, false, swap_too },
	{ "browse", make_called, browse, check_plain, true, NULL },
	{ "drain", make_called, drain, check_plain, true, NULL },
	{ "offer", make_host, offer, check_offer, true, NULL },
	{ "publish the first", make_offered, publish_first, check_publish_first, false, NULL },
	{ "publish another", make_called, publish, check_publish, true, NULL },
	{ "publish after close", make_closed, publish_first, check_publish_first, false, NULL },
	{ "close", make_called, close_it, check_close, true, NULL },
	{ "migrate", make_called, migrate, check_migrate, true, NULL },
	{ "withdraw", make_called, withdraw, check_withdraw, true, NULL },
	{ "add and remove", make_list, add_and_remove, check_list, true, NULL },
	{ "add and remove, then death", make_list, add_and_remove, check_list_burial, false, NULL },
	{ "a client's life", make_client, live, check_burial, false, NULL },
	{ "a client's life, visited", make_visited, live, check_burial, false, NULL },
	{ "a burial", make_lived, bury_twice, check_burial, false, NULL },
};
const size_t situation_count = sizeof(situations) / sizeof(situations[0]);
