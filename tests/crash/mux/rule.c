/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule: what must be true wherever a client or the server was stopped for ever,
 * or a fault ended an operation of the server.
 *
 *   Each request is as it was or as the operation leaves it. A new server is
 *   handed out, once each, all that was not settled, and nothing that was; and
 *   nothing of which cancel has said OK. A client's successor settles each of
 *   its requests by a marker, and leaves. The other client is not touched. In
 *   the end nothing refers to anybody's memory, and all can be used again.
 */
#include "world.h"

static const char *const state_names[] = {
	"IDLE", "PENDING", "RUNNING", "DONE", "FAILED", "CANCELLED", "LOST"
};

bool expect(struct world *world, enum verb verb, unsigned i, enum sfp_status status)
{
	const enum sfp_status seen = act(world, verb, i);

	return seen == status || sfp_sweep_complain("verb %d of %u says %s, not %s", verb, i,
						    sfp_status_name(seen), sfp_status_name(status));
}

bool next_through(struct world *world, unsigned *number)
{
	unsigned patience = PATIENCE;
	enum sfp_status status;

	do {
		status = act(world, NEXT, 0);
	} while (status == SFP_AGAIN && patience-- > 0);
	*number = REQUESTS;
	if (status == SFP_EMPTY)
		return true;
	if (status != SFP_OK)
		return sfp_sweep_complain("next says %s", sfp_status_name(status));
	*number = world->got->number;
	return *number < REQUESTS || sfp_sweep_complain("next leads out of all requests");
}

static bool is_over(enum sfp_mux_state state)
{
	return state > SFP_MUX_RUNNING;
}

/* Each as it was, or as it will be. What was seen is the truth from here on. */
static bool observe(struct world *world)
{
	unsigned i;

	for (i = 0; i < REQUESTS; i++) {
		const enum sfp_mux_state seen = state_of(world, i);
		const bool halfway =
			seen == SFP_MUX_PENDING && world->operation->verb == SUBMIT && i == world->target;

		if (seen != world->now[i] && seen != world->then[i] && !halfway)
			return sfp_sweep_complain("request %u is %s; it was %s and should become %s", i,
						  state_names[seen], state_names[world->now[i]],
						  state_names[world->then[i]]);
		world->now[i] = seen;
	}
	return true;
}

/* What is handed out is settled; each comes once, and what was over or cancelled does not come. */
static bool serve_all(struct world *world)
{
	unsigned number;

	for (;;) {
		TRY(next_through(world, &number));
		if (number == REQUESTS)
			return true;
		if (is_over(world->now[number]) || world->now[number] == SFP_MUX_IDLE)
			return sfp_sweep_complain("request %u was %s and is handed out", number,
						  state_names[world->now[number]]);
		if (world->cancelled[number])
			return sfp_sweep_complain("request %u is cancelled and is handed out", number);
		if (state_of(world, number) != SFP_MUX_RUNNING)
			return sfp_sweep_complain("request %u is handed out and %s", number,
						  state_names[state_of(world, number)]);
		TRY(expect(world, COMPLETE, number, SFP_OK));
		world->now[number] = SFP_MUX_DONE;
	}
}

/* The dead client's successor: by a marker it learns what is in the mux. */
static bool succeed_client(struct world *world)
{
	unsigned patience = PATIENCE;
	unsigned i;

	TRY(expect(world, MARK, 0, SFP_OK));
	TRY(serve_all(world));
	for (i = 0; i < MINE; i++)
		while (act(world, SETTLE, i) != SFP_OK)
			if (patience-- == 0)
				return sfp_sweep_complain("request %u (%s) cannot be settled", i,
							  state_names[state_of(world, i)]);
	TRY(expect(world, SETTLE_CLIENT, 0, SFP_OK));
	TRY(expect(world, UNMARK, 0, SFP_OK));
	for (i = 0; i < MINE; i++)
		world->now[i] = SFP_MUX_IDLE;
	return true;
}

/* A client leaves, and has everything back. */
static bool leave(struct world *world, unsigned client)
{
	unsigned patience = PATIENCE;
	unsigned i;

	while (act(world, UNBIND, client) == SFP_BUSY) {
		TRY(serve_all(world));
		if (patience-- == 0)
			return sfp_sweep_complain("client %u cannot leave", client);
	}
	for (i = 0; i < REQUESTS; i++)
		if (client_of(i) == client)
			TRY(expect(world, RECLAIM, i, SFP_OK));
	return true;
}

static bool use_again(struct world *world)
{
	unsigned i;

	for (i = 0; i < REQUESTS; i++) {
		world->now[i] = SFP_MUX_PENDING;
		world->cancelled[i] = false;
	}
	TRY(expect(world, BIND, 0, SFP_OK));
	TRY(expect(world, BIND, 1, SFP_OK));
	for (i = 0; i < REQUESTS; i++)
		TRY(expect(world, SUBMIT, i, SFP_OK));
	TRY(serve_all(world));
	for (i = 0; i < REQUESTS; i++)
		if (world->now[i] != SFP_MUX_DONE)
			return sfp_sweep_complain("request %u was not handed out again", i);
	TRY(leave(world, 0));
	return leave(world, 1);
}

/* What was neither settled nor cancelled must have been handed out in the end. */
static bool nothing_is_lost(struct world *world, const enum sfp_mux_state *before)
{
	unsigned i;

	for (i = 0; i < REQUESTS; i++) {
		const enum sfp_mux_state state = state_of(world, i);
		const bool leaves = world->leaving || world->operation->verb == UNBIND;
		const bool may_be_given_back = (world->operation->verb == CANCEL && i == world->target) ||
					       world->cancelled[i] || (leaves && client_of(i) == 0);

		if ((before[i] == SFP_MUX_PENDING || before[i] == SFP_MUX_RUNNING) && state != SFP_MUX_DONE &&
		    state != SFP_MUX_IDLE && !may_be_given_back)
			return sfp_sweep_complain("request %u was %s and is %s in the end", i,
						  state_names[before[i]], state_names[state]);
	}
	return true;
}

/* The server that lives settles what it has in flight; a new one sees that it was. */
static bool settle_running(struct world *world)
{
	unsigned i;

	for (i = 0; i < REQUESTS; i++)
		if (world->now[i] == SFP_MUX_RUNNING) {
			unsigned patience = PATIENCE;

			/* One that was cancelled in flight under a predecessor goes back when it is taken in. */
			while (act(world, COMPLETE, i) != SFP_OK && !is_over(state_of(world, i)))
				if (patience-- == 0)
					return sfp_sweep_complain("request %u cannot be completed", i);
			world->now[i] = state_of(world, i);
		}
	return true;
}

static bool attach_and_look(struct world *world)
{
	unsigned patience = PATIENCE;
	enum sfp_status status;

	TRY(expect(world, ATTACH, 0, SFP_OK));
	do {
		status = act(world, LOOK, 0);
	} while (status == SFP_AGAIN && patience-- > 0);
	if (status == SFP_EMPTY)
		return true;
	if (status != SFP_OK)
		return sfp_sweep_complain("look says %s", sfp_status_name(status));
	if (is_over(state_of(world, world->got->number)))
		return sfp_sweep_complain("look shows request %u, which is over", world->got->number);
	return true;
}

static bool go_on(struct world *world, bool server_died, bool client_died)
{
	enum sfp_mux_state before[REQUESTS];

	memcpy(before, world->now, sizeof(before));
	TRY(server_died ? attach_and_look(world) : settle_running(world));
	TRY(serve_all(world));
	if (client_died)
		TRY(succeed_client(world));
	TRY(nothing_is_lost(world, before));
	TRY(leave(world, 0));
	TRY(leave(world, 1));
	return use_again(world);
}

/* A mux that was being closed: all is lost, or settled, and everybody leaves. */
static bool end_closing(struct world *world)
{
	unsigned patience = PATIENCE;
	enum sfp_status status;
	unsigned i;

	TRY(expect(world, ATTACH, 0, SFP_OK));
	do {
		status = act(world, CLOSE, 0);
	} while (status == SFP_AGAIN && patience-- > 0);
	if (status != SFP_OK)
		return sfp_sweep_complain("close says %s", sfp_status_name(status));
	for (i = 0; i < REQUESTS; i++) {
		if (world->now[i] != SFP_MUX_IDLE && !is_over(state_of(world, i)))
			return sfp_sweep_complain("request %u is %s after close", i,
						  state_names[state_of(world, i)]);
		TRY(expect(world, RECLAIM, i, SFP_OK));
	}
	TRY(expect(world, UNBIND, 0, SFP_OK));
	return expect(world, UNBIND, 1, SFP_OK);
}

/* An operation that has returned OK has done all of it. */
static bool has_done_it(struct world *world, bool returned)
{
	const unsigned i = world->operation->verb == NEXT ? world->got->number : world->target;

	if (!returned || world->status != SFP_OK || i >= OTHERS_REQUEST ||
	    state_of(world, i) == world->then[i])
		return true;
	return sfp_sweep_complain("request %u is %s, though it said OK", i, state_names[state_of(world, i)]);
}

/* Who was told that it has left has everything back, wherever the server stopped. */
static bool has_left_whole(struct world *world)
{
	unsigned i;

	if (!world->leaving || act(world, UNBIND, 0) != SFP_OK)
		return true;
	for (i = 0; i < MINE; i++)
		if (state_of(world, i) == SFP_MUX_PENDING || state_of(world, i) == SFP_MUX_RUNNING)
			return sfp_sweep_complain("client 0 has left, and request %u is %s", i,
						  state_names[state_of(world, i)]);
	return true;
}

bool rule_check(void *opaque, const struct sfp_sweep_point *point)
{
	struct world *world = opaque;

	TRY(has_done_it(world, point->returned));
	if (point->meddled) /* whatever the operation made of what came in its middle */
		world->then[OTHERS_REQUEST] = state_of(world, OTHERS_REQUEST);
	TRY(observe(world));
	if (point->returned && world->operation->verb == CANCEL && world->status == SFP_OK)
		world->cancelled[world->target] = true;
	if (world->operation->verb == CLOSE)
		return end_closing(world);
	TRY(has_left_whole(world));
	return go_on(world, world->operation->servers, !world->operation->servers);
}

/* The server lives on. If its operation had begun and not ended, it is told, and attaches anew. */
bool rule_after_fault(void *opaque)
{
	struct world *world = opaque;
	unsigned number;

	TRY(has_done_it(world, world->status != SFP_FAULT));
	TRY(observe(world));
	if (world->operation->verb == CLOSE)
		return end_closing(world);
	if (world->operation->verb == ATTACH || act(world, LOOK, 0) == SFP_POISONED)
		return go_on(world, true, false);
	TRY(next_through(world, &number));
	if (number != REQUESTS)
		world->now[number] = SFP_MUX_RUNNING;
	return go_on(world, false, false);
}
