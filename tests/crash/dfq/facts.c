/* SPDX-License-Identifier: BSD-2-Clause */
/* facts: the queue as it is against what is known of it. */
#include "world.h"

static const char *const state_names[] = { "IDLE", "QUEUED", "DONE", "FAILED", "LOST" };

bool is_marker(unsigned node)
{
	return node >= ITEMS;
}

/* Two producers share the ordinary items; each special part is a producer of its own. */
unsigned producer_of(unsigned node)
{
	if (node < NEW_ITEM)
		return node % 2;
	if (node < CHAIN_FIRST + 3)
		return 2;
	return is_marker(node) ? 4 : 3;
}

struct sfp_dfq_item *node_link(struct world *world, unsigned node)
{
	return is_marker(node) ? &world->markers[node - ITEMS].core : &world->items[node].link;
}

unsigned node_of(const struct world *world, const struct sfp_dfq_item *link)
{
	const uintptr_t address = (uintptr_t)link;
	const uintptr_t item = address - (uintptr_t)&world->items[0].link;
	const uintptr_t marker = address - (uintptr_t)&world->markers[0];

	if (item < sizeof(world->items) && item % sizeof(struct thing) == 0)
		return (unsigned)(item / sizeof(struct thing));
	if (marker < sizeof(world->markers) && marker % sizeof(struct thingq_marker) == 0)
		return ITEMS + (unsigned)(marker / sizeof(struct thingq_marker));
	return NO_NODE;
}

/* Would its producer get it back now? Asked of the real thing, and undone. */
static bool is_reclaimable(struct world *world, unsigned node)
{
	struct sfp_dfq_item *link = node_link(world, node);
	const uint32_t word = link->word;
	const enum sfp_status status = sfp_dfq_reclaim(&world->queue.core, link);

	link->word = word;
	return status == SFP_OK;
}

struct walk {
	unsigned count;
	unsigned nodes[NODES];        /* newest first */
	bool linked[NODES];
};

static bool walk(struct world *world, struct walk *to)
{
	const struct sfp_dfq_item *link = sfp_dfq_pointer_(world->queue.core.head);

	memset(to, 0, sizeof(*to));
	for (; link; link = link->next) {
		const unsigned node = node_of(world, link);

		if (node == NO_NODE)
			return sfp_sweep_complain("the list leads out of all nodes");
		if (to->linked[node])
			return sfp_sweep_complain("the list bites its tail at node %u", node);
		to->linked[node] = true;
		to->nodes[to->count++] = node;
	}
	return true;
}

static struct fact look(struct world *world, const struct walk *list, unsigned node)
{
	const struct sfp_dfq_view view = sfp_dfq_state(node_link(world, node));

	return (struct fact){
		.state = (uint8_t)view.state,
		.linked = view.state == SFP_DFQ_QUEUED && list->linked[node],
		.attempts = (uint8_t)view.attempts,
		.reason = view.reason,
	};
}

static bool same(struct fact a, struct fact b)
{
	return a.state == b.state && a.linked == b.linked && a.attempts == b.attempts &&
	       (a.state != SFP_DFQ_FAILED || a.reason == b.reason);
}

/* What holds whatever is under way. */
static bool sound(struct world *world, const struct walk *list)
{
	unsigned i;

	for (i = 0; i < list->count; i++) {
		const unsigned node = list->nodes[i];
		const enum sfp_dfq_state state = sfp_dfq_state(node_link(world, node)).state;

		if (state == SFP_DFQ_IDLE)
			return sfp_sweep_complain("node %u is IDLE and in the list", node);
		if (is_reclaimable(world, node))
			return sfp_sweep_complain("node %u (%s) can be reclaimed and is in the list", node,
						  state_names[state]);
	}
	return true;
}

static bool complain_about(unsigned node, struct fact seen, struct fact expected)
{
	return sfp_sweep_complain("node %u is %s%s, %u attempts, reason %u; it should be %s%s, %u, %u", node,
				  seen.state < 5 ? state_names[seen.state] : "?",
				  seen.linked ? " (in the list)" : "", seen.attempts, seen.reason,
				  state_names[expected.state], expected.linked ? " (in the list)" : "",
				  expected.attempts, expected.reason);
}

bool facts_hold(struct world *world)
{
	struct walk list;
	unsigned node;

	TRY(walk(world, &list));
	TRY(sound(world, &list));
	if (world->emptied && list.count)
		return sfp_sweep_complain("close has said OK, and node %u is in the list", list.nodes[0]);
	for (node = 0; node < NODES; node++) {
		const struct fact seen = look(world, &list, node);

		if (!same(seen, world->now[node]))
			return complain_about(node, seen, world->now[node]);
	}
	return true;
}

/* ---- in the middle of an operation --------------------------------------------------- */

enum allowed { ANY_OF_THEM, AS_IT_WAS, ALL_OF_IT };

/* An operation that has returned has done all or nothing, as its status says. */
static enum allowed allowed_by(const struct world *world, const struct sfp_sweep_point *point)
{
	if (!point->returned || point->meddled || world->status == SFP_AGAIN)
		return ANY_OF_THEM;
	if (world->status == SFP_OK || world->status == SFP_EMPTY || world->status == SFP_LIMIT)
		return ALL_OF_IT;
	return AS_IT_WAS;
}

static bool is_allowed(const struct world *world, unsigned node, struct fact seen, enum allowed allowed)
{
	const bool was = same(seen, world->now[node]);
	const bool will = same(seen, world->then[node]);

	if (allowed == AS_IT_WAS)
		return was;
	if (allowed == ALL_OF_IT)
		return will;
	return was || will || same(seen, world->mid[node]);
}

/* Each producer's nodes stand in the list in the order in which it pushed them. */
static bool in_order(const struct world *world, const struct walk *list)
{
	unsigned newer[PRODUCERS];
	unsigned i;

	for (i = 0; i < PRODUCERS; i++)
		newer[i] = NO_NODE;
	for (i = 0; i < list->count; i++) {
		const unsigned node = list->nodes[i];
		unsigned *before = &newer[producer_of(node)];

		if (*before != NO_NODE && world->stamp[*before] < world->stamp[node])
			return sfp_sweep_complain("node %u stands before node %u, pushed earlier", node,
						  *before);
		*before = node;
	}
	return true;
}

/* A chain is enqueued whole or not at all, and its nodes stand next to each other. */
static bool chain_is_whole(struct world *world, const struct walk *list)
{
	unsigned first = NO_NODE;
	unsigned count = 0;
	unsigned i;

	for (i = 0; i < list->count; i++) {
		if (list->nodes[i] < CHAIN_FIRST || list->nodes[i] >= CHAIN_FIRST + 3 ||
		    world->now[list->nodes[i]].linked || world->now[list->nodes[i]].state > SFP_DFQ_QUEUED)
			continue;
		first = count++ == 0 ? i : first;
	}
	if (count != 0 && count != 3)
		return sfp_sweep_complain("%u of a chain's 3 nodes are in the list", count);
	for (i = 0; i < count; i++)
		if (list->nodes[first + i] != CHAIN_FIRST + 2 - i)
			return sfp_sweep_complain("the chain was torn apart");
	return true;
}

/* What was closed so far is older than what was not. */
static bool closed_in_order(const struct world *world, const struct fact *seen)
{
	unsigned newest_lost = NO_NODE;
	unsigned node;

	for (node = 0; node < NODES; node++)
		if (seen[node].state == SFP_DFQ_LOST && world->now[node].state == SFP_DFQ_QUEUED &&
		    (newest_lost == NO_NODE || world->stamp[node] > world->stamp[newest_lost]))
			newest_lost = node;
	for (node = 0; newest_lost != NO_NODE && node < NODES; node++)
		if (seen[node].linked && world->stamp[node] < world->stamp[newest_lost])
			return sfp_sweep_complain("node %u is LOST before the older node %u", newest_lost,
						  node);
	return true;
}

static void restamp(struct world *world, const struct walk *list)
{
	unsigned i;

	for (i = list->count; i-- > 0;) {
		const unsigned node = list->nodes[i];
		const bool is_cursor = world->cursor_stamp && world->stamp[node] == world->cursor_stamp;

		world->stamp[node] = ++world->last_stamp;
		if (is_cursor)
			world->cursor_stamp = world->stamp[node];
	}
}

/* The order of the list is the truth from here on. A cursor without its node stays where it was. */
static void adopt_order(struct world *world, const struct walk *list)
{
	uint32_t newest_passed = 0;
	unsigned i;

	for (i = list->count; i-- > 0;)
		if (world->stamp[list->nodes[i]] <= world->cursor_stamp)
			newest_passed = world->stamp[list->nodes[i]];
	world->cursor_stamp = newest_passed;
	restamp(world, list);
}

/* CLOSED comes by close alone, and stays. */
static bool observe_closed(struct world *world, const struct sfp_sweep_point *point)
{
	const bool closed = (world->queue.core.head & SFP_DFQ_CLOSED_) != 0;

	if (closed && !world->closed && !world->may_close)
		return sfp_sweep_complain("the queue is closed, and nobody closed it");
	if (!closed && (world->closed || (world->may_close && point->returned)))
		return sfp_sweep_complain("the queue is not closed any more");
	world->closed = closed;
	return true;
}

bool facts_observe(struct world *world, const struct sfp_sweep_point *point)
{
	const enum allowed allowed = allowed_by(world, point);
	struct fact seen[NODES];
	struct walk list;
	unsigned node;

	TRY(walk(world, &list));
	TRY(sound(world, &list));
	for (node = 0; node < NODES; node++) {
		seen[node] = look(world, &list, node);
		if (world->emptied && seen[node].linked)
			return sfp_sweep_complain("close has said OK, and node %u is in the list", node);
		if (!is_allowed(world, node, seen[node], allowed))
			return complain_about(node, seen[node],
					      allowed == ALL_OF_IT ? world->then[node] : world->now[node]);
	}
	TRY(observe_closed(world, point));
	TRY(in_order(world, &list));
	TRY(chain_is_whole(world, &list));
	TRY(closed_in_order(world, seen));
	for (node = 0; node < NODES; node++) {
		const bool has_happened = same(seen[node], world->then[node]);

		world->now[node] = seen[node];
		if (has_happened)
			world->mid[node] = seen[node];
	}
	adopt_order(world, &list);
	return true;
}

void facts_replan(struct world *world)
{
	struct fact old_mid[NODES];
	struct fact old_then[NODES];
	unsigned node;

	memcpy(old_mid, world->mid, sizeof(old_mid));
	memcpy(old_then, world->then, sizeof(old_then));
	world->operation->plan(world);
	/* Where it was done with a node already, it will not do it again. */
	for (node = 0; node < NODES; node++)
		if (same(old_mid[node], old_then[node]) && same(world->now[node], old_then[node]))
			world->then[node] = world->now[node];
}

/* ---- what a consumer will do ----------------------------------------------------------- */

static unsigned oldest_after(const struct world *world, const struct fact *facts, uint32_t after)
{
	unsigned best = NO_NODE;
	unsigned node;

	for (node = 0; node < NODES; node++)
		if (facts[node].state == SFP_DFQ_QUEUED && facts[node].linked && world->stamp[node] > after &&
		    (best == NO_NODE || world->stamp[node] < world->stamp[best]))
			best = node;
	return best;
}

unsigned facts_take(const struct world *world, struct fact *facts, uint32_t after)
{
	for (;;) {
		const unsigned node = oldest_after(world, facts, after);
		struct fact *fact = &facts[node];

		if (node == NO_NODE)
			return NO_NODE;
		fact->linked = false;
		if (is_marker(node)) {
			fact->state = SFP_DFQ_DONE;
		} else if (world->limit && fact->attempts >= world->limit) {
			fact->state = SFP_DFQ_FAILED;
			fact->reason = SFP_DFQ_POISON;
		} else {
			fact->linked = true;
			return node;
		}
	}
}

_Static_assert(sizeof(state_names) / sizeof(state_names[0]) == SFP_DFQ_LOST + 1, "a name for each state");
