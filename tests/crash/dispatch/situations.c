/* SPDX-License-Identifier: BSD-2-Clause */
/* situations: what parties do, and how the list is when an operation begins. */
#include "world.h"

/* ---- what parties do ----------------------------------------------------------------- */

enum sfp_status join(struct world *world, enum party_number i)
{
	enum sfp_status status;

	world->touched[i] = true;
	world->unsure[i] = true;
	sfp_compiler_barrier();
	status = line_subscribe(&world->line, &world->parties[i].sub);
	sfp_compiler_barrier();
	if (status == SFP_OK)
		world->in[i] = true;
	world->unsure[i] = false;
	return status;
}

static enum sfp_status leave_by(struct world *world, enum party_number i,
				enum sfp_status (*unsubscribe)(struct line *, struct line_sub *))
{
	enum sfp_status status;

	world->touched[i] = true;
	world->unsure[i] = true;
	sfp_compiler_barrier();
	status = unsubscribe(&world->line, &world->parties[i].sub);
	sfp_compiler_barrier();
	if (status == SFP_OK || status == SFP_RUNNING)
		world->in[i] = false;
	world->unsure[i] = false;
	return status;
}

enum sfp_status leave(struct world *world, enum party_number i)
{
	return leave_by(world, i, line_unsubscribe);
}

enum sfp_status leave_waiting(struct world *world, enum party_number i)
{
	return leave_by(world, i, line_unsubscribe_wait);
}

enum sfp_status drop(struct world *world, enum party_number i)
{
	const enum sfp_status status = leave(world, i);

	if (status == SFP_OK) {
		world->gone[i] = true;
		sfp_compiler_barrier();
		/* With bytes that say neither that it has left nor that it is passed over. */
		memset(&world->parties[i], 0xdc, sizeof(world->parties[i]));
	}
	return status;
}

static enum sfp_status do_act(struct world *world, const struct party *party, struct event *event)
{
	struct event inner = { .count = 0 };

	switch (party->act) {
	case NOTHING:
		return SFP_OK;
	case LEAVE:
		return leave(world, party->number);
	case DROP_NEXT:
		return drop(world, C);
	case LEAVE_AND_DROP:
		(void)leave(world, party->number);
		return drop(world, C);
	case JOIN:
		return join(world, S);
	case NEST:
		return line_dispatch(&world->line, &inner);
	case RAISE:
		event->inside = 0;
		sfp_fault_raise(1);
	}
	return SFP_INVALID;
}

static enum sfp_status on_event(struct party *party, struct event *event)
{
	const enum sfp_status answer = party->answer;

	event->inside = 1 + (uint32_t)party->number;
	sfp_compiler_barrier();
	if (event->count < ROOM) {
		event->ran[event->count] = (uint8_t)party->number;
		sfp_compiler_barrier(); /* written before it is counted */
		event->count++;
	}
	if (event->acts)
		(void)do_act(the_world, party, event);
	if (answer == SFP_OK)
		event->taken = true;
	sfp_compiler_barrier();
	event->inside = 0;
	return answer;
}
SFP_HANDLER(line, on_event, struct party);

/* ---- situations ------------------------------------------------------------------------ */

bool make_world(struct world *world)
{
	static const int32_t priorities[PARTIES] = { 3, 2, 2, 2, 2, 1 };
	unsigned i;

	for (i = 0; i < PARTIES; i++) {
		struct party *party = &world->parties[i];

		party->number = (enum party_number)i;
		party->answer = i == T || i == D ? SFP_OK : SFP_EMPTY;
		party->sub = on_event_line_closure(party, priorities[i]);
	}
	return !world->situation || world->situation->make(world);
}

static bool nobody(struct world *world)
{
	(void)world;
	return true;
}

static bool alone(struct world *world)
{
	TRY_IS(SFP_OK, join(world, T));
	return true;
}

static bool around(struct world *world)
{
	TRY_IS(SFP_OK, join(world, D));
	TRY_IS(SFP_OK, join(world, B));
	TRY_IS(SFP_OK, join(world, C));
	TRY_IS(SFP_OK, join(world, A));
	return true;
}

static bool among(struct world *world)
{
	return around(world) && alone(world);
}

/* Stopped between the first step of leaving and taking out. */
static void leave_halfway(struct world *world, enum party_number i)
{
	world->parties[i].sub.core.next |= SFP_DISPATCH_LEFT_;
	world->in[i] = false;
}

static bool around_leaving(struct world *world)
{
	TRY(around(world));
	leave_halfway(world, B);
	leave_halfway(world, C);
	return true;
}

static bool among_leaving(struct world *world)
{
	TRY(among(world));
	leave_halfway(world, B);
	leave_halfway(world, C);
	return true;
}

static bool half_left(struct world *world)
{
	TRY(among(world));
	leave_halfway(world, T);
	return true;
}

static bool all_leaving(struct world *world)
{
	TRY(among(world));
	leave_halfway(world, A);
	leave_halfway(world, B);
	leave_halfway(world, T);
	leave_halfway(world, C);
	leave_halfway(world, D);
	return true;
}

static void visit(struct world *world, enum party_number i)
{
	world->contexts[GUEST].pins[0] = (uintptr_t)&world->parties[i].sub;
	world->contexts[GUEST].pinned = 2;
}

static bool visited(struct world *world)
{
	TRY(among(world));
	visit(world, T);
	return true;
}

/* It stands on one that is out of the list, and was trying the next. */
static bool dead_there(struct world *world)
{
	TRY(among(world));
	visit(world, B);
	world->contexts[GUEST].pins[1] = (uintptr_t)&world->parties[T].sub;
	TRY_IS(SFP_RUNNING, leave(world, B));
	return true;
}

static bool quarantined(struct world *world)
{
	TRY(among(world));
	world->parties[T].sub.core.faults = 2;
	world->parties[T].sub.core.next |= SFP_DISPATCH_QUARANTINED_;
	world->quarantined[T] = true;
	leave_halfway(world, C);
	return true;
}

const struct situation situations[] = {
	{ "nobody in it", false, nobody },
	{ "alone", false, alone },
	{ "others in it", true, around },
	{ "among others", true, among },
	{ "others in it, two leaving", false, around_leaving },
	{ "among others, two leaving", false, among_leaving },
	{ "half left", false, half_left },
	{ "all leaving", false, all_leaving },
	{ "its handler running", false, visited },
	{ "another one dead beside it", false, dead_there },
	{ "quarantined", true, quarantined },
};
const size_t situation_count = sizeof(situations) / sizeof(situations[0]);
