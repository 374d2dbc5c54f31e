/* SPDX-License-Identifier: BSD-2-Clause */
/* operations: what is stopped and trapped in the situations, and what others do in the middle. */
#include "world.h"

/* ---- operations ------------------------------------------------------------------------- */

static bool target(struct world *world)
{
	world->victims[T] = true;
	return true;
}

static bool target_quarantined(struct world *world)
{
	return target(world) && world->quarantined[T];
}

static bool any(struct world *world)
{
	(void)world;
	return true;
}

static bool acting(struct world *world, enum act act)
{
	world->parties[T].act = act;
	world->event.acts = true;
	return target(world) && world->in[T] && !world->quarantined[T] && !world->contexts[GUEST].pinned;
}

static bool leaving(struct world *world)
{
	return acting(world, LEAVE);
}

static bool dropping(struct world *world)
{
	world->victims[C] = true;
	return acting(world, DROP_NEXT) && world->in[C];
}

static bool leaving_and_dropping(struct world *world)
{
	world->victims[C] = true;
	return acting(world, LEAVE_AND_DROP) && world->in[C];
}

static bool joining(struct world *world)
{
	world->victims[S] = true;
	return acting(world, JOIN);
}

static bool nesting(struct world *world)
{
	return acting(world, NEST);
}

static bool raising(struct world *world)
{
	world->line.core.limit = 1;
	world->unsure_quarantine = true;
	return acting(world, RAISE);
}

static enum sfp_status subscribe(struct world *world)
{
	return join(world, T);
}

static enum sfp_status unsubscribe(struct world *world)
{
	return leave(world, T);
}

static enum sfp_status unsubscribe_wait(struct world *world)
{
	return leave_waiting(world, T);
}

static enum sfp_status dispatch(struct world *world)
{
	return line_dispatch(&world->line, &world->event);
}

static enum sfp_status dispatch_first(struct world *world)
{
	return line_dispatch_first(&world->line, &world->event);
}

static enum sfp_status reinstate(struct world *world)
{
	world->unsure_quarantine = true;
	sfp_compiler_barrier();
	line_reinstate(&world->parties[T].sub);
	sfp_compiler_barrier();
	world->quarantined[T] = false;
	world->unsure_quarantine = false;
	return SFP_OK;
}

static bool says(const struct world *world, enum sfp_status status)
{
	return world->status == status ||
	       sfp_sweep_complain("it says %s, not %s", sfp_status_name(world->status),
				  sfp_status_name(status));
}

static bool judge_subscribe(const struct world *world)
{
	return says(world, world->was_silent ? SFP_OK : SFP_BUSY);
}

static bool judge_unsubscribe(const struct world *world)
{
	const struct sfp_context *guest = &world->contexts[GUEST];
	const uintptr_t address = (uintptr_t)&world->parties[T].sub;

	return says(world, guest->pins[0] == address || guest->pins[1] == address ? SFP_RUNNING : SFP_OK);
}

static bool judge_ok(const struct world *world)
{
	return says(world, SFP_OK);
}

/* By what it has run. */
static bool judge_dispatch(const struct world *world)
{
	return says(world, world->event.taken ? SFP_OK : world->event.count == 0 ? SFP_NOT_FOUND : SFP_EMPTY);
}

/* T has ended at the gate, and D behind it has said SFP_OK, if it was there still. */
static bool judge_raised(const struct world *world)
{
	const struct party *target = &world->parties[T];
	unsigned i;
	bool ran = false;

	for (i = 0; i < world->event.count; i++)
		ran |= world->event.ran[i] == T;
	if (ran && (line_faults(&target->sub) != 1 || !line_is_quarantined(&target->sub)))
		return sfp_sweep_complain("the fault is not counted");
	if (ran && !world->event.taken)
		return says(world, SFP_FAULT);
	return judge_dispatch(world);
}

const struct operation operations[] = {
	{ "subscribe", target, subscribe, judge_subscribe, NONE, false, 2, "others in it, two leaving" },
	{ "unsubscribe", target, unsubscribe, judge_unsubscribe, NONE, false, 2, "" },
	{ "unsubscribe_wait", target, unsubscribe_wait, judge_ok, NONE, false, 2, "its handler running" },
	{ "reinstate", target_quarantined, reinstate, judge_ok, NONE, false, 0, "quarantined" },
	{ "dispatch", any, dispatch, judge_dispatch, ALL, false, 2, "among others, two leaving" },
	{ "dispatch_first", any, dispatch_first, judge_dispatch, FIRST, false, 2, "quarantined" },
	{ "dispatch, it leaves", leaving, dispatch, judge_dispatch, ALL, false, 4, "among others" },
	{ "dispatch, it drops the next", dropping, dispatch, judge_dispatch, ALL, false, 4, "" },
	{ "dispatch, it leaves and drops the next", leaving_and_dropping, dispatch, judge_dispatch, ALL,
	  false, 4, "" },
	{ "dispatch, it brings one", joining, dispatch, judge_dispatch, ALL, false, 4, "" },
	{ "dispatch, it dispatches", nesting, dispatch, judge_dispatch, ALL, false, 4, "" },
	{ "dispatch, it faults", raising, dispatch, judge_raised, ALL, true, 2, "" },
};
const size_t operation_count = sizeof(operations) / sizeof(operations[0]);

/* ---- in the middle ------------------------------------------------------------------------ */

static bool nobody_meddles(const struct world *world)
{
	(void)world;
	return true;
}

/* A dispatch changes nothing but to take out. */
static bool one_is_leaving(const struct world *world)
{
	unsigned i;

	for (i = 0; i < PARTIES; i++)
		if (!world->gone[i] && (world->parties[i].sub.core.next & SFP_DISPATCH_LEFT_))
			return true;
	return false;
}

static bool spare_is_free(const struct world *world)
{
	return !world->victims[S];
}

static bool has_one_before(const struct world *world)
{
	return world->in[B];
}

static bool has_one_behind(const struct world *world)
{
	return world->in[C] && !world->victims[C];
}

void dispatch_too(struct world *world)
{
	struct event event = { .count = 0 };
	const enum sfp_status status = line_dispatch(&world->line, &event);

	if (status != SFP_OK && status != SFP_EMPTY && status != SFP_NOT_FOUND)
		(void)sfp_sweep_complain("another's dispatch says %s", sfp_status_name(status));
}

static void bring_one(struct world *world)
{
	if (join(world, S) != SFP_OK)
		(void)sfp_sweep_complain("the other one cannot subscribe");
}

/* At the same address again, as soon as that may be. */
static void leave_and_return(struct world *world)
{
	if (leave(world, B) == SFP_OK && join(world, B) != SFP_OK)
		(void)sfp_sweep_complain("who is silent cannot subscribe again");
}

static void all_drop(struct world *world)
{
	unsigned i;

	for (i = 0; i < PARTIES; i++)
		if (world->in[i] && !world->victims[i])
			(void)drop(world, (enum party_number)i);
}

/* The one that a walker is about to come to. */
static void drop_one(struct world *world)
{
	(void)drop(world, C);
}

const struct meddler meddlers[] = {
	{ "", nobody_meddles, NULL },
	{ ", another dispatches", one_is_leaving, dispatch_too },
	{ ", another comes", spare_is_free, bring_one },
	{ ", another leaves and returns", has_one_before, leave_and_return },
	{ ", the next one goes", has_one_behind, drop_one },
	{ ", all others go", has_one_before, all_drop },
};
const size_t meddler_count = sizeof(meddlers) / sizeof(meddlers[0]);
