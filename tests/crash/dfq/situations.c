/* SPDX-License-Identifier: BSD-2-Clause */
/* situations: what an operation may find. */
#include "world.h"

static bool fresh(struct world *world)
{
	(void)world;
	return true;
}

static bool empty(struct world *world)
{
	return do_attach(world);
}

static bool one_new(struct world *world)
{
	return do_attach(world) && do_push(world, 0);
}

static bool one_held(struct world *world)
{
	return one_new(world) && do_hold_all(world);
}

static bool two_new(struct world *world)
{
	return do_attach(world) && do_push_range(world, 0, 2);
}

static bool two_held(struct world *world)
{
	return two_new(world) && do_hold_all(world);
}

static bool held_and_new(struct world *world)
{
	return two_held(world) && do_push(world, 2);
}

static bool many_held(struct world *world)
{
	return do_attach(world) && do_push_range(world, 0, 5) && do_hold_all(world);
}

static bool plenty_new(struct world *world)
{
	return do_attach(world) && do_push_range(world, 0, PLENTY);
}

static bool plenty_above_one(struct world *world)
{
	return one_held(world) && do_push_range(world, 1, PLENTY - 1);
}

/* Linking backwards has begun and is not through. */
static bool linking(struct world *world)
{
	struct thing *item;

	TRY(plenty_new(world));
	if (thingq_look(&world->consumers[world->current], NULL, &item) != SFP_AGAIN)
		return sfp_sweep_complain("the situation is not what it should be");
	return facts_hold(world);
}

/* The newest that was linked is settled but cannot be taken out yet. */
static bool pending(struct world *world)
{
	return plenty_above_one(world) && do_settle(world, 0, true);
}

static bool pending_among_held(struct world *world)
{
	return two_held(world) && do_push_range(world, 2, PLENTY - 2) && do_settle(world, 1, true);
}

/* The one who left something pending is dead. */
static bool pending_of_the_dead(struct world *world)
{
	return pending(world) && do_attach(world);
}

static bool settled(struct world *world)
{
	return many_held(world) && do_settle(world, 0, true) && do_settle(world, 2, false) &&
	       do_settle(world, 4, true);
}

static bool asleep(struct world *world)
{
	return do_attach(world) && do_wait(world, true);
}

static bool asleep_with_one(struct world *world)
{
	return one_held(world) && do_wait(world, true);
}

static bool woken(struct world *world)
{
	return asleep(world) && do_push(world, 0);
}

/* Nodes 0 and 1 have had their attempts, in vain. */
static bool poisoned(struct world *world)
{
	world->limit = 2;
	world->queue.core.limit = 2 * SFP_DFQ_ATTEMPT_;
	return two_held(world) && do_hold_all(world);
}

static bool poisoned_and_new(struct world *world)
{
	return poisoned(world) && do_push(world, 2);
}

static bool marker_first(struct world *world)
{
	return do_attach(world) && do_push(world, ITEMS) && do_push(world, 0);
}

static bool marker_last(struct world *world)
{
	return one_held(world) && do_push(world, ITEMS);
}

static bool markers_between(struct world *world)
{
	return one_held(world) && do_push(world, ITEMS) && do_push(world, 1) && do_push(world, ITEMS + 1) &&
	       do_push(world, 2);
}

/* A producer died over node 0: marked, never linked. Made with another queue, which has it then. */
static bool in_doubt(struct world *world)
{
	struct sfp_dfq elsewhere;
	bool waiting;
	unsigned i;

	TRY(sfp_dfq_init(&elsewhere, 0) == SFP_OK);
	for (i = 0; i < 2; i++) {
		TRY(sfp_dfq_enqueue(&elsewhere, &world->items[i].link, &waiting) == SFP_OK);
		world->now[i] = (struct fact){ .state = SFP_DFQ_QUEUED };
		world->stamp[i] = ++world->last_stamp;
	}
	return do_attach(world);
}

static bool in_doubt_and_marked(struct world *world)
{
	return in_doubt(world) && do_push(world, 2) && do_push(world, ITEMS);
}

static bool in_doubt_and_passed(struct world *world)
{
	unsigned node;

	return in_doubt_and_marked(world) && do_peek(world, &node) && do_next(world, &node) &&
	       do_push(world, 3);
}

static bool closed(struct world *world)
{
	return two_held(world) && do_close(world);
}

/* One step of closing was done. */
static bool closing(struct world *world)
{
	unsigned node;

	TRY(plenty_above_one(world));
	if (thingq_close(&world->consumers[world->current]) != SFP_AGAIN)
		return sfp_sweep_complain("the situation is not what it should be");
	world->closed = true;
	for (node = 0; node < NODES; node++)
		if (sfp_dfq_state(node_link(world, node)).state == SFP_DFQ_LOST) {
			world->now[node].linked = false;
			world->now[node].state = SFP_DFQ_LOST;
		}
	return facts_hold(world);
}

static bool closing_of_the_dead(struct world *world)
{
	return closing(world) && do_attach(world);
}

static bool taken_over(struct world *world)
{
	return many_held(world) && do_attach(world);
}

/* The takeover is under way. */
static bool taking_over(struct world *world)
{
	return plenty_new(world) && do_hold_all(world) && do_settle(world, 2, true) && do_attach(world);
}

static bool detached(struct world *world)
{
	TRY(two_held(world));
	TRY(thingq_detach(&world->consumers[world->current]) == SFP_OK);
	world->attached = false;
	return facts_hold(world);
}

/* The incarnations' numbers are about to begin anew. */
static bool at_the_last_number(struct world *world)
{
	world->queue.core.incarnation = UINT32_MAX - 1;
	return settled(world);
}

static bool at_the_last_short_number(struct world *world)
{
	world->queue.core.incarnation = UINT16_MAX - 1;
	return settled(world);
}

const struct situation situations[] = {
	{ "fresh", fresh, false },
	{ "empty", empty, false },
	{ "one new", one_new, false },
	{ "one held", one_held, true },
	{ "two in doubt", in_doubt, false },
	{ "two in doubt, marked", in_doubt_and_marked, false },
	{ "two in doubt, marker passed", in_doubt_and_passed, false },
	{ "two new", two_new, false },
	{ "two held", two_held, false },
	{ "two held, one new", held_and_new, true },
	{ "many held", many_held, false },
	{ "plenty new", plenty_new, false },
	{ "one held, plenty new", plenty_above_one, false },
	{ "linking", linking, false },
	{ "one pending", pending, true },
	{ "one pending, one held", pending_among_held, false },
	{ "one pending of the dead", pending_of_the_dead, false },
	{ "some settled", settled, false },
	{ "asleep", asleep, false },
	{ "asleep with one", asleep_with_one, false },
	{ "woken", woken, false },
	{ "two poisoned", poisoned, false },
	{ "two poisoned, one new", poisoned_and_new, false },
	{ "marker first", marker_first, false },
	{ "marker last", marker_last, false },
	{ "markers between", markers_between, false },
	{ "closed", closed, false },
	{ "closing", closing, false },
	{ "closing of the dead", closing_of_the_dead, false },
	{ "taken over", taken_over, false },
	{ "taking over", taking_over, true },
	{ "detached", detached, false },
	{ "at the last incarnation", at_the_last_number, false },
	{ "at the last short incarnation", at_the_last_short_number, false },
};
const size_t situation_count = sizeof(situations) / sizeof(situations[0]);
