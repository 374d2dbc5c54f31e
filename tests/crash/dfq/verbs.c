/* SPDX-License-Identifier: BSD-2-Clause */
/* verbs: what the parties do outside of the sweep, each checked against the facts. */
#include "world.h"

static struct thingq_consumer *consumer_of(struct world *world)
{
	return &world->consumers[world->current];
}

static bool expect(const char *what, enum sfp_status status, enum sfp_status expected)
{
	if (status == expected)
		return true;
	return sfp_sweep_complain("%s says %s, not %s", what, sfp_status_name(status),
				  sfp_status_name(expected));
}

/* ---- producers ------------------------------------------------------------- */

static enum sfp_status push(struct world *world, unsigned node)
{
	if (is_marker(node))
		return thingq_mark(&world->queue, &world->markers[node - ITEMS]);
	return thingq_enqueue(&world->queue, &world->items[node]);
}

bool do_push(struct world *world, unsigned node)
{
	const uint32_t wakeups = world->wakeups;
	const enum sfp_status status = push(world, node);

	TRY(expect("enqueue", status, world->closed ? SFP_GONE : SFP_OK));
	if (world->closed)
		return facts_hold(world);
	world->now[node] = (struct fact){ .state = SFP_DFQ_QUEUED, .linked = true };
	world->stamp[node] = ++world->last_stamp;
	if (world->sleeping && world->wakeups == wakeups)
		return sfp_sweep_complain("an enqueue after wait did not call the hook");
	return facts_hold(world);
}

bool do_push_range(struct world *world, unsigned first, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++)
		TRY(do_push(world, first + i));
	return true;
}

bool do_reclaim(struct world *world, unsigned node, bool must)
{
	struct fact *fact = &world->now[node];
	const enum sfp_status status = sfp_dfq_reclaim(&world->queue.core, node_link(world, node));

	if (status == SFP_BUSY && (!must || fact->state == SFP_DFQ_QUEUED))
		return true;
	TRY(expect("reclaim", status, SFP_OK));
	if (fact->state == SFP_DFQ_QUEUED)
		return sfp_sweep_complain("node %u could be reclaimed while it was QUEUED", node);
	*fact = (struct fact){ .state = SFP_DFQ_IDLE };
	return facts_hold(world);
}

bool do_reclaim_all(struct world *world, bool must)
{
	unsigned node;

	for (node = 0; node < NODES; node++)
		if (world->now[node].state != SFP_DFQ_IDLE)
			TRY(do_reclaim(world, node, must));
	return true;
}

/* ---- the consumer ------------------------------------------------------------- */

bool do_attach(struct world *world)
{
	world->current++;
	TRY(expect("attach",
		   thingq_attach(consumer_of(world), &world->queue, SFP_PROOF("the sweep stopped it")),
		   SFP_OK));
	world->attached = true;
	world->cursor_stamp = 0;
	world->sleeping = false;
	return facts_hold(world);
}

static bool hand_out(struct world *world, bool next, unsigned *node)
{
	struct thing *item = NULL;
	enum sfp_status status;
	unsigned patience = PATIENCE;

	*node = NO_NODE;
	world->sleeping = false;
	do {
		status = next ? thingq_next(consumer_of(world), &item)
			      : thingq_peek(consumer_of(world), &item);
	} while (status == SFP_AGAIN && patience-- > 0);
	if (world->closed)
		return expect("peek of a closed queue", status, SFP_GONE);
	*node = facts_take(world, world->now, next ? world->cursor_stamp : 0);
	TRY(expect(next ? "next" : "peek", status, *node == NO_NODE ? SFP_EMPTY : SFP_OK));
	if (*node == NO_NODE)
		return facts_hold(world);
	if (item != &world->items[*node])
		return sfp_sweep_complain("node %u was handed out, not node %u",
					  item ? node_of(world, &item->link) : NO_NODE, *node);
	if (world->now[*node].attempts != UINT8_MAX)
		world->now[*node].attempts++;
	world->cursor_stamp = world->stamp[*node];
	return facts_hold(world);
}

bool do_peek(struct world *world, unsigned *node)
{
	return hand_out(world, false, node);
}

bool do_next(struct world *world, unsigned *node)
{
	return hand_out(world, true, node);
}

bool do_hold_all(struct world *world)
{
	unsigned node;

	TRY(do_peek(world, &node));
	while (node != NO_NODE)
		TRY(do_next(world, &node));
	return true;
}

bool do_settle(struct world *world, unsigned node, bool done)
{
	struct thing *item = &world->items[node];
	struct fact *fact = &world->now[node];
	const enum sfp_status status = done ? thingq_complete(consumer_of(world), item)
					    : thingq_fail(consumer_of(world), item, REASON);

	TRY(expect(done ? "complete" : "fail", status, SFP_OK));
	*fact = (struct fact){ .state = done ? SFP_DFQ_DONE : SFP_DFQ_FAILED, .attempts = fact->attempts,
			       .reason = done ? 0 : REASON };
	return facts_hold(world);
}

bool do_close(struct world *world)
{
	enum sfp_status status;
	unsigned patience = PATIENCE;
	unsigned node;

	do {
		status = thingq_close(consumer_of(world));
	} while (status == SFP_AGAIN && patience-- > 0);
	TRY(expect("close", status, SFP_OK));
	world->closed = true;
	world->emptied = true;
	world->sleeping = false;
	for (node = 0; node < NODES; node++)
		if (world->now[node].linked) {
			world->now[node].linked = false;
			world->now[node].state = SFP_DFQ_LOST;
		}
	return facts_hold(world);
}

bool do_wait(struct world *world, bool expected)
{
	unsigned patience = PATIENCE;
	enum sfp_status status;

	do {
		status = thingq_wait(consumer_of(world));
	} while (status == SFP_AGAIN && expected && patience-- > 0);
	TRY(expect("wait", status, expected ? SFP_OK : SFP_AGAIN));
	(void)facts_take(world, world->now, world->cursor_stamp);
	world->sleeping = expected;
	return facts_hold(world);
}
