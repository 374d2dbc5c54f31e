/* SPDX-License-Identifier: BSD-2-Clause */
/* situations, and the operations that are swept in them. */
#include "world.h"

/* ---- situations ------------------------------------------------------------------- */

static bool do_next(struct world *world)
{
	unsigned number;

	TRY(next_through(world, &number));
	if (number != REQUESTS)
		world->now[number] = SFP_MUX_RUNNING;
	return true;
}

static bool do_submit(struct world *world, unsigned i)
{
	TRY(expect(world, SUBMIT, i, SFP_OK));
	world->now[i] = SFP_MUX_PENDING;
	return true;
}

/* The first of client 0's in this state; REQUESTS: none. */
static unsigned mine(const struct world *world, enum sfp_mux_state state)
{
	unsigned i;

	for (i = 0; i < MINE; i++)
		if (world->now[i] == state && !world->cancelled[i])
			return i;
	return REQUESTS;
}

static bool fresh(struct world *world)
{
	(void)world;
	return true;
}

static bool submitted(struct world *world)
{
	return do_submit(world, 0) && do_submit(world, 4) && do_submit(world, 1);
}

/* Of client 0 one is in flight at least, one pending, one idle. */
static bool in_flight(struct world *world)
{
	TRY(submitted(world) && do_submit(world, 2) && do_submit(world, 5));
	while (mine(world, SFP_MUX_RUNNING) == REQUESTS)
		TRY(do_next(world));
	return true;
}

static bool settled(struct world *world)
{
	unsigned i;

	TRY(in_flight(world));
	i = mine(world, SFP_MUX_RUNNING);
	TRY(expect(world, COMPLETE, i, SFP_OK));
	world->now[i] = SFP_MUX_DONE;
	return do_next(world);
}

static bool cancelled(struct world *world)
{
	unsigned i;

	TRY(in_flight(world));
	i = mine(world, SFP_MUX_PENDING);
	TRY(expect(world, CANCEL, i, SFP_OK));
	world->cancelled[i] = true;
	return true;
}

static bool leaving(struct world *world)
{
	world->leaving = true;
	return in_flight(world) && expect(world, UNBIND, 0, SFP_BUSY);
}

/* The note is held for what is in flight; the other client has nothing pending. */
static bool waiting_to_leave(struct world *world)
{
	unsigned i;

	TRY(leaving(world));
	for (i = 0; i < REQUESTS; i++)
		TRY(do_next(world));
	for (i = 0; i < MINE; i++)
		world->now[i] = state_of(world, i);
	return expect(world, UNBIND, 0, SFP_BUSY);
}

static bool taken_over(struct world *world)
{
	return in_flight(world) && expect(world, ATTACH, 0, SFP_OK);
}

const struct situation situations[] = {
	{ "fresh", fresh },
	{ "submitted", submitted },
	{ "in flight", in_flight },
	{ "settled", settled },
	{ "cancelled", cancelled },
	{ "leaving", leaving },
	{ "waiting to leave", waiting_to_leave },
	{ "taken over", taken_over },
};
const size_t situation_count = sizeof(situations) / sizeof(situations[0]);

/* ---- operations --------------------------------------------------------------------- */

static bool any(struct world *world)
{
	world->target = REQUESTS;
	return true;
}

#define CHOOSE(name, state) \
	static bool name(struct world *world) \
	{ \
		world->target = mine(world, state); \
		return world->target != REQUESTS; \
	}
CHOOSE(choose_idle, SFP_MUX_IDLE)
CHOOSE(choose_pending, SFP_MUX_PENDING)
CHOOSE(choose_running, SFP_MUX_RUNNING)
CHOOSE(choose_done, SFP_MUX_DONE)

static bool choose_to_submit(struct world *world)
{
	return choose_idle(world) && !world->leaving;
}

static bool choose_to_move(struct world *world)
{
	return choose_pending(world) && !world->leaving;
}

static bool choose_to_requeue(struct world *world)
{
	return choose_running(world) && !world->leaving;
}

static void plan_nothing(struct world *world)
{
	memcpy(world->then, world->now, sizeof(world->then));
}

/* The server may come by: what was cancelled, and what is of who leaves, goes back. */
static void plan_coming_by(struct world *world)
{
	unsigned i;

	plan_nothing(world);
	for (i = 0; i < REQUESTS; i++)
		if (world->now[i] == SFP_MUX_PENDING && world->cancelled[i])
			world->then[i] = SFP_MUX_CANCELLED;
		else if (world->now[i] == SFP_MUX_PENDING && world->leaving && client_of(i) == 0)
			world->then[i] = SFP_MUX_LOST;
}

static void plan_submit(struct world *world)
{
	plan_nothing(world);
	world->then[world->target] = SFP_MUX_PENDING;
}

static void plan_reclaim(struct world *world)
{
	plan_nothing(world);
	world->then[world->target] = SFP_MUX_IDLE;
}

static void plan_next(struct world *world)
{
	unsigned i;

	plan_coming_by(world);
	for (i = 0; i < REQUESTS; i++)
		if (world->then[i] == SFP_MUX_PENDING)
			world->then[i] = SFP_MUX_RUNNING;
}

static void plan_complete(struct world *world)
{
	plan_coming_by(world);
	world->then[world->target] = SFP_MUX_DONE;
}

static void plan_requeue(struct world *world)
{
	plan_coming_by(world);
	world->then[world->target] = SFP_MUX_PENDING;
}

static void plan_withdraw(struct world *world)
{
	plan_coming_by(world);
	world->then[world->target] = SFP_MUX_CANCELLED;
}

static void plan_close(struct world *world)
{
	unsigned i;

	plan_nothing(world);
	for (i = 0; i < REQUESTS; i++)
		if (world->now[i] == SFP_MUX_PENDING || world->now[i] == SFP_MUX_RUNNING)
			world->then[i] = SFP_MUX_LOST;
}

const struct operation operations[] = {
	{ "submit", false, SUBMIT, choose_to_submit, plan_submit },
	{ "cancel a pending one", false, CANCEL, choose_pending, plan_nothing },
	{ "cancel one in flight", false, CANCEL, choose_running, plan_nothing },
	{ "reclaim", false, RECLAIM, choose_done, plan_reclaim },
	{ "unbind", false, UNBIND, any, plan_nothing },
	{ "next", true, NEXT, any, plan_next },
	{ "complete one in flight", true, COMPLETE, choose_running, plan_complete },
	{ "complete a pending one", true, COMPLETE, choose_pending, plan_complete },
	{ "requeue one in flight", true, REQUEUE, choose_to_requeue, plan_requeue },
	{ "requeue a pending one", true, REQUEUE, choose_to_move, plan_coming_by },
	{ "withdraw", true, WITHDRAW, choose_pending, plan_withdraw },
	{ "attach", true, ATTACH, any, plan_nothing },
	{ "close", true, CLOSE, any, plan_close },
};
const size_t operation_count = sizeof(operations) / sizeof(operations[0]);
