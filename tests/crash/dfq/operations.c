/* SPDX-License-Identifier: BSD-2-Clause */
/* operations: what is stopped, and what it does to the facts if it is not. */
#include "world.h"

static struct thingq_consumer *consumer_of(struct world *world)
{
	return &world->consumers[world->current];
}

static void plan_nothing(struct world *world)
{
	memcpy(world->then, world->now, sizeof(world->then));
	memcpy(world->mid, world->now, sizeof(world->mid));
}

/* What is planned happens in one step for each node. */
static void in_one_step(struct world *world)
{
	memcpy(world->mid, world->then, sizeof(world->mid));
}

static bool any(struct world *world)
{
	(void)world;
	return true;
}

static bool is_attached(struct world *world)
{
	return world->attached;
}

static bool pick(struct world *world, bool (*fits)(const struct world *world, unsigned node), bool newest)
{
	unsigned node;

	world->node = NO_NODE;
	for (node = 0; node < NODES; node++)
		if (fits(world, node) &&
		    (world->node == NO_NODE || (world->stamp[node] > world->stamp[world->node]) == newest))
			world->node = node;
	if (world->node < ITEMS)
		world->held = &world->items[world->node];
	return world->node != NO_NODE;
}

/* ---- a producer's ------------------------------------------------------------- */

static void plan_push(struct world *world, unsigned node)
{
	const struct fact *now = &world->now[node];
	const bool to_do = now->state == SFP_DFQ_IDLE || (now->state == SFP_DFQ_QUEUED && !now->linked);

	if (!to_do)
		return;
	world->mid[node] = (struct fact){ .state = SFP_DFQ_QUEUED };
	world->then[node] = (struct fact){ .state = SFP_DFQ_QUEUED, .linked = true };
	if (world->closed)
		world->then[node] = (struct fact){ .state = SFP_DFQ_IDLE };
	world->stamp[node] = ++world->last_stamp; /* whatever is in the list by now was there first */
}

static void plan_enqueue(struct world *world)
{
	plan_nothing(world);
	plan_push(world, NEW_ITEM);
}

static void run_enqueue(struct world *world)
{
	world->status = thingq_enqueue(&world->queue, &world->items[NEW_ITEM]);
}

static void plan_chain(struct world *world)
{
	unsigned i;

	plan_nothing(world);
	for (i = 0; i < 3; i++)
		plan_push(world, CHAIN_FIRST + i);
}

static void run_chain(struct world *world)
{
	world->status = thingq_enqueue_chain(&world->queue, world->chain, 3);
}

/* The third is busy: the first two are marked and given back. */
static bool choose_bad_chain(struct world *world)
{
	if (world->now[0].state == SFP_DFQ_IDLE)
		return false;
	world->chain[2] = &world->items[0];
	return true;
}

static void run_bad_chain(struct world *world)
{
	run_chain(world);
}

static void plan_bad_chain(struct world *world)
{
	plan_nothing(world);
	world->mid[CHAIN_FIRST] = (struct fact){ .state = SFP_DFQ_QUEUED };
	world->mid[CHAIN_FIRST + 1] = world->mid[CHAIN_FIRST];
	world->then[CHAIN_FIRST] = (struct fact){ .state = SFP_DFQ_IDLE };
	world->then[CHAIN_FIRST + 1] = world->then[CHAIN_FIRST];
}

static unsigned free_marker(const struct world *world)
{
	return world->now[ITEMS].state == SFP_DFQ_IDLE ? ITEMS : ITEMS + 1;
}

static bool choose_marker(struct world *world)
{
	world->node = free_marker(world);
	return world->now[world->node].state == SFP_DFQ_IDLE;
}

static void plan_mark(struct world *world)
{
	plan_nothing(world);
	plan_push(world, world->node);
}

static void run_mark(struct world *world)
{
	world->status = thingq_mark(&world->queue, &world->markers[world->node - ITEMS]);
}

static bool is_over(const struct world *world, unsigned node)
{
	return world->now[node].state > SFP_DFQ_QUEUED;
}

static bool is_queued(const struct world *world, unsigned node)
{
	return world->now[node].linked;
}

static bool is_in_doubt(const struct world *world, unsigned node)
{
	return world->now[node].state == SFP_DFQ_QUEUED && !world->now[node].linked;
}

static bool choose_over_oldest(struct world *world)
{
	return pick(world, is_over, false);
}

static bool choose_over_newest(struct world *world)
{
	return pick(world, is_over, true);
}

static bool choose_queued(struct world *world)
{
	return pick(world, is_queued, false);
}

static bool choose_queued_newest(struct world *world)
{
	return pick(world, is_queued, true);
}

static bool choose_in_doubt(struct world *world)
{
	return pick(world, is_in_doubt, false);
}

static void plan_reclaim(struct world *world)
{
	plan_nothing(world);
	if (is_over(world, world->node))
		world->then[world->node] = (struct fact){ .state = SFP_DFQ_IDLE };
	in_one_step(world);
}

static void run_reclaim(struct world *world)
{
	world->status = sfp_dfq_reclaim(&world->queue.core, node_link(world, world->node));
}

static void plan_settle(struct world *world)
{
	plan_nothing(world);
	if (!is_queued(world, world->node))
		world->then[world->node] = (struct fact){ .state = SFP_DFQ_IDLE };
	in_one_step(world);
}

/* The marker may be passed, waiting or never linked: settle has to tell. It says nothing of younger ones. */
static void run_settle(struct world *world)
{
	const bool is_older = world->stamp[world->node] < world->stamp[ITEMS];

	world->status = sfp_dfq_settle(&world->queue.core, is_older ? &world->markers[0].core : NULL,
				       node_link(world, world->node));
}

static bool choose_settle_in_doubt(struct world *world)
{
	return choose_in_doubt(world) && world->node != ITEMS;
}

/* ---- the consumer's --------------------------------------------------------------- */

static void plan_hand_out(struct world *world, uint32_t after)
{
	unsigned node;

	plan_nothing(world);
	if (!world->closed) {
		node = facts_take(world, world->then, after);
		if (node != NO_NODE)
			world->then[node].attempts++;
	}
	in_one_step(world);
}

static void plan_peek(struct world *world)
{
	plan_hand_out(world, 0);
}

static void run_peek(struct world *world)
{
	world->status = thingq_peek(consumer_of(world), &world->got);
}

static void plan_next(struct world *world)
{
	plan_hand_out(world, world->cursor_stamp);
}

static void run_next(struct world *world)
{
	world->status = thingq_next(consumer_of(world), &world->got);
}

/* Markers in the way are passed. */
static void plan_passing(struct world *world, uint32_t after)
{
	struct fact facts[NODES];
	unsigned node;

	plan_nothing(world);
	memcpy(facts, world->now, sizeof(facts));
	if (!world->closed)
		(void)facts_take(world, facts, after);
	for (node = ITEMS; node < NODES; node++)
		world->then[node] = facts[node];
	in_one_step(world);
}

static void plan_look(struct world *world)
{
	plan_passing(world, 0);
}

static void run_look(struct world *world)
{
	world->status = thingq_look(consumer_of(world), NULL, &world->got);
}

static void plan_wait(struct world *world)
{
	plan_passing(world, world->cursor_stamp);
}

static void run_wait(struct world *world)
{
	world->status = thingq_wait(consumer_of(world));
}

/* Items that the consumer holds: handed out, and by this incarnation. */
static bool is_held(const struct world *world, unsigned node)
{
	return node < ITEMS && world->now[node].linked && world->now[node].attempts > 0 &&
	       world->stamp[node] <= world->cursor_stamp;
}

static bool choose_oldest(struct world *world)
{
	return world->attached && pick(world, is_held, false);
}

static bool choose_newest(struct world *world)
{
	return world->attached && pick(world, is_held, true);
}

/* Neither the oldest nor the newest. */
static bool choose_middle(struct world *world)
{
	unsigned oldest;
	unsigned newest;
	unsigned node;

	if (!choose_newest(world))
		return false;
	newest = world->node;
	(void)choose_oldest(world);
	oldest = world->node;
	for (node = 0; node < ITEMS; node++) {
		if (!is_held(world, node) || node == oldest || node == newest)
			continue;
		world->node = node;
		world->held = &world->items[node];
		return true;
	}
	return false;
}

static void plan_begin(struct world *world)
{
	struct fact *fact = &world->then[world->node];

	plan_nothing(world);
	if (world->limit && fact->attempts >= world->limit && !world->closed)
		*fact = (struct fact){ .state = SFP_DFQ_FAILED, .attempts = fact->attempts,
				       .reason = SFP_DFQ_POISON };
	else
		fact->attempts++;
	in_one_step(world);
}

static void run_begin(struct world *world)
{
	world->status = thingq_begin(consumer_of(world), world->held);
}

static void plan_outcome(struct world *world, struct fact outcome)
{
	plan_nothing(world);
	if (is_queued(world, world->node)) {
		outcome.attempts = world->now[world->node].attempts;
		world->then[world->node] = outcome;
	}
	in_one_step(world);
}

static void plan_complete(struct world *world)
{
	plan_outcome(world, (struct fact){ .state = SFP_DFQ_DONE });
}

static void run_complete(struct world *world)
{
	world->status = thingq_complete(consumer_of(world), world->held);
}

static void plan_fail(struct world *world)
{
	plan_outcome(world, (struct fact){ .state = SFP_DFQ_FAILED, .reason = REASON });
}

static void run_fail(struct world *world)
{
	world->status = thingq_fail(consumer_of(world), world->held, REASON);
}

static void plan_close(struct world *world)
{
	unsigned node;

	plan_nothing(world);
	world->may_close = true;
	for (node = 0; node < NODES; node++)
		if (world->now[node].linked) {
			world->then[node].linked = false;
			world->then[node].state = SFP_DFQ_LOST;
		}
	in_one_step(world);
}

static void run_close(struct world *world)
{
	world->status = thingq_close(consumer_of(world));
}

static void plan_depth(struct world *world)
{
	plan_nothing(world);
}

static void run_depth(struct world *world)
{
	size_t depth;

	world->status = thingq_depth(consumer_of(world), &depth);
}

static void plan_detach(struct world *world)
{
	plan_nothing(world);
}

static void run_detach(struct world *world)
{
	world->status = thingq_detach(consumer_of(world));
}

/* The successor's, over whatever the situation left. */
static void plan_attach(struct world *world)
{
	plan_nothing(world);
	world->cursor_stamp = 0;
}

static void run_attach(struct world *world)
{
	world->status = thingq_attach(&world->consumers[world->current + 1], &world->queue,
				      SFP_PROOF("the situation has no other"));
}

/* PUSHES, SLEEPS, TELLING: see struct operation. */
#define PRODUCER(its_name, its_choose, its_verb, ...) \
	{ .name = (its_name), \
	  .choose = (its_choose), \
	  .run = run_##its_verb, \
	  .plan = plan_##its_verb, \
	  __VA_ARGS__ }
#define CONSUMER(...) PRODUCER(__VA_ARGS__, .consumers = true)
#define PUSHES .pushes = true
#define SLEEPS .sleeps = true
#define TELLING .telling = true

const struct operation operations[] = {
	PRODUCER("enqueue", any, enqueue, PUSHES, TELLING),
	PRODUCER("chain", any, chain, PUSHES),
	PRODUCER("chain with a busy one", choose_bad_chain, bad_chain),
	PRODUCER("mark", choose_marker, mark, PUSHES),
	PRODUCER("reclaim the oldest settled", choose_over_oldest, reclaim),
	PRODUCER("reclaim the newest settled", choose_over_newest, reclaim, TELLING),
	PRODUCER("reclaim a queued", choose_queued, reclaim),
	PRODUCER("settle one in doubt", choose_settle_in_doubt, settle),
	PRODUCER("settle a queued", choose_queued, settle),
	PRODUCER("settle the newest queued", choose_queued_newest, settle),
	PRODUCER("settle a settled", choose_over_newest, settle),
	CONSUMER("peek", is_attached, peek, TELLING),
	CONSUMER("next", is_attached, next),
	CONSUMER("look", is_attached, look),
	CONSUMER("begin", choose_oldest, begin),
	CONSUMER("complete the oldest", choose_oldest, complete),
	CONSUMER("complete one between", choose_middle, complete),
	CONSUMER("complete the newest", choose_newest, complete, TELLING),
	CONSUMER("fail the oldest", choose_oldest, fail),
	CONSUMER("fail the newest", choose_newest, fail),
	CONSUMER("wait", is_attached, wait, SLEEPS, TELLING),
	CONSUMER("close", is_attached, close),
	CONSUMER("depth", is_attached, depth),
	CONSUMER("detach", is_attached, detach),
	CONSUMER("attach", any, attach, TELLING),
};
const size_t operation_count = sizeof(operations) / sizeof(operations[0]);
