/* SPDX-License-Identifier: BSD-2-Clause */
/* The client's life in chapters: it gives a record to every server, uses all of them, and takes all back. */
#include "world.h"

static enum sfp_status counter_add(struct counter *counter, uint64_t amount, uint64_t *total)
{
	counter->total += amount;
	*total = counter->total;
	return SFP_OK;
}
SFP_PROVIDER(counter, struct counter, tally, TALLY_OPS);

static enum sfp_status on_client(struct client *client, struct tick *tick)
{
	(void)tick;
	client->ticks++;
	return SFP_OK;
}
SFP_HANDLER(line, on_client, struct client);

/* SFP_OK, and what the answer may be while somebody is inside, or has something in his hands. */
static enum sfp_status or_busy(enum sfp_status status)
{
	return status == SFP_BUSY || status == SFP_RUNNING || status == SFP_AGAIN ? SFP_OK : status;
}

/* ---- moving in: first the entry, then the link ------------------------------------------ */

static enum sfp_status lend_interface(struct world *world, struct client *client)
{
	SFP_TRY(tally_offer_retained(&client->estate, &client->offer));
	SFP_TRY(tally_record_retained(&client->estate, &client->records[0]));
	SFP_TRY(tally_record_retained(&client->estate, &client->records[1]));
	SFP_TRY(tally_offer(&world->realm, &client->offer));
	return tally_publish(&client->offer, &client->records[0], NULL);
}

static enum sfp_status lend_events(struct world *world, struct client *client)
{
	SFP_TRY(eventq_estate_add(&client->estate, &client->pool, &world->queue, client->events, EVENTS,
				  "events"));
	SFP_TRY(eventq_enqueue(&world->queue, &client->events[0]));
	return eventq_enqueue(&world->queue, &client->events[1]);
}

static enum sfp_status lend_jobs(struct world *world, struct client *client)
{
	unsigned i;

	SFP_TRY(desk_bind(&world->desk, &client->desk, 2));
	SFP_TRY(desk_estate_add(&client->estate, &client->bench, &client->desk, client->jobs, JOBS, "jobs"));
	for (i = 0; i < JOBS - 1; i++)
		SFP_TRY(desk_submit(&client->desk, &client->jobs[i]));
	return SFP_OK;
}

static enum sfp_status lend_file(struct world *world, struct client *client)
{
	const struct position start = { 0 };

	SFP_TRY(file_estate_add(&client->estate, &client->open, &client->file, "an open file"));
	return file_export(&world->files, &start, &client->file);
}

static enum sfp_status subscribe(struct world *world, struct client *client)
{
	unsigned i;

	for (i = 0; i < SUBS; i++) {
		SFP_TRY(line_retained(&client->estate, &client->subs[i]));
		SFP_TRY(line_subscribe(&world->line, &client->subs[i]));
	}
	return SFP_OK;
}

static enum sfp_status move_in(struct world *world)
{
	struct client *client = &world->client;

	SFP_TRY(lend_interface(world, client));
	SFP_TRY(lend_events(world, client));
	SFP_TRY(lend_jobs(world, client));
	SFP_TRY(lend_file(world, client));
	return subscribe(world, client);
}

/* ---- living ------------------------------------------------------------------------------- */

/* The server of files works in the client's thread, and in its memory. */
static enum sfp_status read_file(struct world *world, struct client *client)
{
	SFP_IMPORT(file, position, &world->files, &client->file);
	position->at++;
	return SFP_OK;
}

/* The first job in this state; it may be in another one by the time it is cancelled. */
static enum sfp_status cancel_one(struct client *client, enum sfp_mux_state state)
{
	enum sfp_status status = SFP_EMPTY;
	unsigned i;

	for (i = 0; i < JOBS && status == SFP_EMPTY; i++)
		if (desk_state(&client->jobs[i]).state == state)
			status = desk_cancel(&client->desk, &client->jobs[i]);
	return status == SFP_EMPTY ? SFP_OK : or_busy(status);
}

static enum sfp_status live(struct world *world)
{
	struct client *client = &world->client;
	struct tick tick = { 0 };
	uint64_t total = 0;

	SFP_TRY(or_busy(read_file(world, client)));
	SFP_TRY(cancel_one(client, SFP_MUX_PENDING));
	SFP_TRY(cancel_one(client, SFP_MUX_RUNNING));
	SFP_TRY(desk_submit(&client->desk, &client->jobs[JOBS - 1]));
	SFP_TRY(or_busy(desk_reclaim(&client->desk, &client->jobs[0])));
	SFP_TRY(eventq_enqueue(&world->queue, &client->events[2]));
	SFP_TRY(tally_publish(&client->offer, &client->records[1], NULL));
	SFP_TRY(tally_add(&world->ref, 1, &total));
	return line_dispatch(&world->line, &tick);
}

/* ---- moving out: first the link, then the entry ------------------------------------------- */

/* Off the list if it is back; else its place is there. */
static enum sfp_status off_the_list(struct client *client, struct sfp_estate_entry *entry,
				    enum sfp_status back)
{
	if (back != SFP_OK)
		return or_busy(back);
	return entry->estate ? sfp_estate_remove(&client->estate, entry) : SFP_OK;
}

static enum sfp_status take_interface_back(struct client *client)
{
	unsigned i;

	SFP_TRY(off_the_list(client, &client->offer.core.retained, tally_withdraw(&client->offer)));
	for (i = 0; i < RECORDS; i++)
		SFP_TRY(off_the_list(client, &client->records[i].core.retained,
				     tally_drain(&client->records[i])));
	return SFP_OK;
}

static enum sfp_status take_events_back(struct world *world, struct client *client)
{
	enum sfp_status whole = SFP_OK;
	unsigned i;

	for (i = 0; i < EVENTS; i++)
		if (eventq_reclaim(&world->queue, &client->events[i]) != SFP_OK)
			whole = SFP_BUSY;
	return off_the_list(client, &client->pool.core.entry, whole);
}

static enum sfp_status leave_desk(struct client *client)
{
	enum sfp_status whole = SFP_OK;
	unsigned i;

	if (client->desk.core.bond != SFP_MUX_UNBOUND_)
		SFP_TRY(or_busy(whole = desk_unbind(&client->desk)));
	for (i = 0; i < JOBS; i++)
		if (desk_reclaim(&client->desk, &client->jobs[i]) != SFP_OK)
			whole = SFP_BUSY;
	return off_the_list(client, &client->bench.core.entry, whole);
}

static enum sfp_status close_file(struct client *client)
{
	const enum sfp_status status = file_drop(&client->file);

	return off_the_list(client, &client->open.core.entry, status == SFP_INVALID ? SFP_OK : status);
}

/* As far as it goes: what others have still got stays on the list. */
static enum sfp_status move_out(struct world *world)
{
	struct client *client = &world->client;
	unsigned i;

	for (i = 0; i < SUBS; i++)
		SFP_TRY(off_the_list(client, &client->subs[i].core.retained,
				     line_unsubscribe(&world->line, &client->subs[i])));
	SFP_TRY(close_file(client));
	SFP_TRY(take_interface_back(client));
	SFP_TRY(take_events_back(world, client));
	return leave_desk(client);
}

/* ---- situations ------------------------------------------------------------------------------ */

static bool make_stranger(struct world *world)
{
	struct client *client = &world->client;

	TRY(make_host(world));
	client->offer.provider = "client";
	counter_tally_record(&client->records[0], &client->counter, 1);
	counter_tally_record(&client->records[1], &client->counter, 1);
	client->subs[0] = on_client_line_closure(client, 5);
	client->subs[1] = on_client_line_closure(client, 3);
	return true;
}

/* Is there a job in this state, that its client has cancelled or not? */
static bool has_job(const struct client *client, enum sfp_mux_state state, bool cancelled)
{
	unsigned i;

	for (i = 0; i < JOBS; i++)
		if (desk_state(&client->jobs[i]).state == state &&
		    desk_is_cancelled(&client->jobs[i]) == cancelled)
			return true;
	return false;
}

static bool make_resident(struct world *world)
{
	unsigned i;

	TRY(make_stranger(world));
	TRY_IS(SFP_OK, move_in(world));
	for (i = 0; i < 12 && !(has_job(&world->client, SFP_MUX_DONE, false) &&
				has_job(&world->client, SFP_MUX_RUNNING, false));
	     i++)
		TRY(come_by(world));
	TRY_TRUE(has_job(&world->client, SFP_MUX_DONE, false));
	TRY_TRUE(has_job(&world->client, SFP_MUX_RUNNING, false));
	TRY_TRUE(has_job(&world->client, SFP_MUX_PENDING, false));
	return true;
}

static bool make_lived(struct world *world)
{
	TRY(make_resident(world));
	TRY_IS(SFP_OK, live(world));
	TRY_TRUE(has_job(&world->client, SFP_MUX_RUNNING, true));
	TRY_TRUE(has_job(&world->client, SFP_MUX_PENDING, true));
	TRY_TRUE(has_job(&world->client, SFP_MUX_PENDING, false));
	return true;
}

static bool make_leaving(struct world *world)
{
	TRY(make_lived(world));
	TRY_IS(SFP_OK, move_out(world));
	return come_by(world);
}

/* All but the last of what there is to wait for has come. */
static bool make_nearly_gone(struct world *world)
{
	unsigned i;

	TRY(make_leaving(world));
	for (i = 0; i < 12; i++)
		TRY(come_by(world));
	return true;
}

/* All jobs are done and back: there is nothing but the client's record to take from the desk. */
static bool make_idle(struct world *world)
{
	struct client *client = &world->client;
	unsigned i;

	TRY(make_resident(world));
	for (i = 0; i < 20; i++)
		TRY(come_by(world));
	for (i = 0; i < JOBS; i++)
		TRY_IS(SFP_OK, desk_reclaim(&client->desk, &client->jobs[i]));
	return true;
}

static enum sfp_status stay(struct world *world)
{
	(void)world;
	return SFP_OK;
}

/* A client that stopped in a push, of an event, a job, a cancellation: they say that they are in, and are not. */
static bool make_doubtful(struct world *world)
{
	struct client *client = &world->client;

	TRY(make_resident(world));
	sfp_store_u32(&client->events[2].link.word, SFP_DFQ_QUEUED);
	client->jobs[JOBS - 1].link.client = &client->desk.core;
	sfp_store_u32(&client->jobs[JOBS - 1].link.item.word, SFP_DFQ_QUEUED);
	sfp_store_u32(&client->jobs[JOBS - 2].link.note.word, SFP_DFQ_QUEUED | SFP_MUX_CANCEL_);
	return true;
}

/* ... and one that stopped in saying that it leaves. */
static bool make_doubtfully_leaving(struct world *world)
{
	TRY(make_doubtful(world));
	world->client.desk.core.bond = SFP_MUX_LEAVING_;
	sfp_store_u32(&world->client.desk.core.note.word, SFP_DFQ_QUEUED | SFP_MUX_LEAVE_);
	return true;
}

const struct situation situations[] = {
	{ "moving in", make_stranger, move_in, false, false },
	{ "living", make_resident, live, true, false },
	{ "moving out", make_lived, move_out, true, false },
	{ "moving out, idle", make_idle, move_out, false, false },
	{ "moving out further", make_leaving, move_out, false, false },
	{ "moving out at last", make_nearly_gone, move_out, false, false },
	{ "nothing, lending all", make_lived, stay, true, false },
	{ "the burial of who lent all", make_lived, bury_some, true, true },
	{ "the burial of who was pushing", make_doubtful, bury_some, false, true },
	{ "the burial of who was leaving", make_doubtfully_leaving, bury_some, false, true },
	{ "the burial of who had nearly left", make_nearly_gone, bury_some, false, true },
};
const size_t situation_count = sizeof(situations) / sizeof(situations[0]);
