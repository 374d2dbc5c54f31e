/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule: what must be true wherever a party was stopped for ever.
 *
 *   Nobody else blocks; nothing is lost or falsely reported; a new consumer
 *   delivers all that was not acknowledged, once more each, in each producer's
 *   order, and nothing that was; a producer's successor can settle every item;
 *   in the end every item is its producer's again, and never before the list
 *   has let go of it.
 *
 * The verbs check each call against the facts, so what is left to say here is
 * who does what.
 */
#include "world.h"

/* ---- the consumer's part: settle all that is there, in one of four manners ------------ */

enum manner { ONE_BY_ONE, NEWEST_FIRST, HERE_AND_THERE, BY_CLOSING, MANNERS };

static bool one_by_one(struct world *world)
{
	unsigned node;

	for (;;) {
		TRY(do_peek(world, &node));
		if (node == NO_NODE)
			return true;
		TRY(do_settle(world, node, true));
		TRY(do_reclaim_all(world, false));
	}
}

static unsigned newest_held(const struct world *world)
{
	unsigned best = NO_NODE;
	unsigned node;

	for (node = 0; node < ITEMS; node++)
		if (world->now[node].linked && (best == NO_NODE || world->stamp[node] > world->stamp[best]))
			best = node;
	return best;
}

static bool newest_first(struct world *world)
{
	unsigned node;

	TRY(do_hold_all(world));
	while ((node = newest_held(world)) != NO_NODE)
		TRY(do_settle(world, node, false));
	return true;
}

/* Every second one, then the rest. */
static bool here_and_there(struct world *world)
{
	bool odd = false;
	unsigned node;

	TRY(do_peek(world, &node));
	while (node != NO_NODE) {
		if (odd) {
			TRY(do_settle(world, node, false));
			TRY(do_reclaim(world, node, false));
		}
		odd = !odd;
		TRY(do_next(world, &node));
	}
	return one_by_one(world);
}

static bool settle_all(struct world *world, enum manner manner)
{
	if (world->closed || manner == BY_CLOSING)
		return do_close(world);
	switch (manner) {
	case NEWEST_FIRST:
		return newest_first(world);
	case HERE_AND_THERE:
		return here_and_there(world);
	default:
		return one_by_one(world);
	}
}

/* ---- the dead producer's successor ----------------------------------------------------- */

static bool is_in_doubt(const struct world *world, unsigned node)
{
	return world->now[node].state == SFP_DFQ_QUEUED && !world->now[node].linked;
}

static bool settle_doubt(struct world *world, const struct thingq_marker *marker, unsigned node, bool proved)
{
	const enum sfp_status status = sfp_dfq_settle(&world->queue.core, marker ? &marker->core : NULL,
						      node_link(world, node));

	if (!proved && status == SFP_AGAIN)
		return true;
	if (world->now[node].state == SFP_DFQ_QUEUED && world->now[node].linked && status == SFP_BUSY)
		return true;
	if (status != SFP_OK || !is_in_doubt(world, node))
		return sfp_sweep_complain("settle of node %u says %s, wrongly", node,
					  sfp_status_name(status));
	world->now[node] = (struct fact){ .state = SFP_DFQ_IDLE };
	return facts_hold(world);
}

static bool settle_doubts(struct world *world, const struct thingq_marker *marker, bool proved)
{
	unsigned node;

	for (node = 0; node < NODES; node++) {
		const bool is_proof = marker && node_link(world, node) == &marker->core;

		if (!is_proof && world->now[node].state == SFP_DFQ_QUEUED)
			TRY(settle_doubt(world, marker, node, proved));
	}
	return true;
}

static unsigned idle_marker(const struct world *world)
{
	unsigned node;

	for (node = ITEMS; node < NODES; node++)
		if (world->now[node].state == SFP_DFQ_IDLE)
			return node;
	return NO_NODE;
}

/* Mark, let the consumer pass the marker, settle; without a marker an empty queue must do. */
static bool succeed_producer(struct world *world, enum manner manner)
{
	const unsigned marker = idle_marker(world);
	const struct thingq_marker *mark = marker == NO_NODE ? NULL : &world->markers[marker - ITEMS];

	if (mark)
		TRY(do_push(world, marker));
	if (world->closed)
		mark = NULL;
	TRY(settle_doubts(world, mark, false));
	TRY(settle_all(world, manner));
	return settle_doubts(world, mark, true);
}

/* ---- in the end ---------------------------------------------------------------------------- */

static bool all_idle(const struct world *world)
{
	unsigned node;

	for (node = 0; node < NODES; node++)
		if (world->now[node].state != SFP_DFQ_IDLE)
			return sfp_sweep_complain("node %u cannot be used again", node);
	return true;
}

/* The queue is as good as new: sleeping, waking, every item once more. */
static bool use_again(struct world *world)
{
	unsigned node;

	if (!world->closed)
		TRY(do_wait(world, true));
	for (node = NEW_ITEM; node < NODES; node++)
		TRY(do_push(world, node));
	TRY(settle_all(world, ONE_BY_ONE));
	TRY(do_reclaim_all(world, true));
	TRY(all_idle(world));
	if (sfp_dfq_pointer_(world->queue.core.head))
		return sfp_sweep_complain("the queue is not empty in the end");
	return true;
}

/* A wait that said OK sleeps; what was pushed in its course must have woken it. */
static bool was_woken(const struct world *world, const struct sfp_sweep_point *point)
{
	struct fact facts[NODES];

	if (!point->returned || point->twice || world->status != SFP_OK || !world->operation->sleeps ||
	    world->wakeups)
		return true;
	memcpy(facts, world->now, sizeof(facts));
	if (facts_take(world, facts, world->cursor_stamp) != NO_NODE)
		return sfp_sweep_complain("the consumer sleeps, something is there, and nobody woke it");
	return true;
}

/* An enqueue to a sleeping consumer that has returned has called the hook. */
static bool has_woken(const struct world *world, const struct sfp_sweep_point *point)
{
	if (point->returned && !point->meddled && world->operation->pushes && world->status == SFP_OK &&
	    world->sleeping && world->wakeups == 0)
		return sfp_sweep_complain("the consumer sleeps, and the enqueue did not wake it");
	return true;
}

bool rule_check(void *opaque, const struct sfp_sweep_point *point)
{
	struct world *world = opaque;
	const bool consumer_died = world->operation->consumers || !world->attached;

	TRY(facts_observe(world, point));
	TRY(was_woken(world, point));
	TRY(has_woken(world, point));
	if (world->operation->sleeps)
		world->sleeping =
			point->returned && world->status == SFP_OK && !point->twice && !point->meddled;
	if (world->now[OTHERS_ITEM].state == SFP_DFQ_IDLE)
		TRY(do_push(world, OTHERS_ITEM));
	if (consumer_died)
		TRY(do_attach(world));
	TRY(succeed_producer(world, (enum manner)(point->step % MANNERS)));
	TRY(do_reclaim_all(world, true));
	return use_again(world);
}

/* ---- the successor's first steps, which are swept as well --------------------------------- */

static void again_run(struct world *world)
{
	struct thingq_consumer *consumer = &world->consumers[world->current];

	world->status = thingq_attach(consumer, &world->queue, SFP_PROOF("the sweep stopped the older one"));
	if (world->status == SFP_OK)
		world->status = thingq_peek(consumer, &world->got);
}

static void again_plan(struct world *world)
{
	unsigned node;

	memcpy(world->then, world->now, sizeof(world->then));
	if (!world->closed) {
		node = facts_take(world, world->then, 0);
		if (node != NO_NODE)
			world->then[node].attempts++;
	}
	memcpy(world->mid, world->then, sizeof(world->mid));
}

static const struct operation again_operation = {
	.name = "attach and peek", .consumers = true, .run = again_run, .plan = again_plan
};

void rule_succeed(void *opaque)
{
	struct world *world = opaque;

	if (!facts_observe(world, &(struct sfp_sweep_point){ .step = 0 }))
		return;
	world->operation = &again_operation;
	world->current++;
	world->attached = true;
	world->cursor_stamp = 0;
	world->sleeping = false;
	world->may_close = false;
	again_plan(world);
}

void rule_again(void *opaque)
{
	again_run(opaque);
}

/* Another producer, which is not to wait for the dead. */
void rule_others(void *opaque)
{
	struct world *world = opaque;

	SFP_IGNORE(thingq_enqueue(&world->queue, &world->items[OTHERS_ITEM]),
		   "it is about the time that it takes");
}
