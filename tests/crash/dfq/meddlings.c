/* SPDX-License-Identifier: BSD-2-Clause */
/* meddlings: what others do in the middle of an operation. */
#include "world.h"

static const struct sfp_sweep_point somewhere;

static void push_one(void *opaque)
{
	struct world *world = opaque;

	if (facts_observe(world, &somewhere) && do_push(world, BETWEEN_FIRST))
		facts_replan(world);
}

static void push_some(void *opaque)
{
	struct world *world = opaque;

	if (facts_observe(world, &somewhere) && do_push_range(world, BETWEEN_FIRST, BETWEEN_COUNT))
		facts_replan(world);
}

/* Producers take back what they can, and use it at once. */
static void recycle(void *opaque)
{
	struct world *world = opaque;
	unsigned node;

	if (!facts_observe(world, &somewhere) || !do_reclaim_all(world, false))
		return;
	for (node = 0; node < NODES; node++)
		if (world->now[node].state == SFP_DFQ_IDLE && world->stamp[node] != 0 &&
		    !do_push(world, node))
			return;
	facts_replan(world);
}

static bool complete_all(struct world *world)
{
	unsigned node;

	for (;;) {
		TRY(do_peek(world, &node));
		if (node == NO_NODE)
			return true;
		TRY(do_settle(world, node, true));
	}
}

static void consume(void *opaque)
{
	struct world *world = opaque;

	if (!world->attached || !facts_observe(world, &somewhere) || !complete_all(world))
		return;
	facts_replan(world);
}

static void hold(void *opaque)
{
	struct world *world = opaque;

	if (!world->attached || world->closed || !facts_observe(world, &somewhere) || !do_hold_all(world))
		return;
	facts_replan(world);
}

/* The consumer dies here; another one comes, holds everything and leaves its newest settled but linked. */
static void take_over(void *opaque)
{
	struct world *world = opaque;
	unsigned node;

	if (!facts_observe(world, &somewhere) || !do_attach(world))
		return;
	if (!world->closed) {
		if (!do_peek(world, &node))
			return;
		if (node != NO_NODE &&
		    (!do_push_range(world, BETWEEN_FIRST, BETWEEN_COUNT) || !do_settle(world, node, true)))
			return;
	}
	facts_replan(world);
}

static void close_it(void *opaque)
{
	struct world *world = opaque;

	if (!world->attached || !facts_observe(world, &somewhere) || !do_close(world))
		return;
	facts_replan(world);
}

const struct meddling meddlings[] = {
	{ "another producer enqueues", true, push_one },
	{ "another producer enqueues many", true, push_some },
	{ "producers reclaim and enqueue again", true, recycle },
	{ "another producer enqueues", false, push_one },
	{ "the consumer takes all in hand", false, hold },
	{ "the consumer completes all", false, consume },
	{ "another consumer takes over", false, take_over },
	{ "the consumer closes", false, close_it },
};
const size_t meddling_count = sizeof(meddlings) / sizeof(meddlings[0]);
