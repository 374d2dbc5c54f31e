/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rule: what must be true wherever somebody was stopped for ever in an
 * operation, or a trap ended it.
 *
 *   The list has whoever is in it, once each and in order. Others dispatch to
 *   exactly these, which also mends it; they subscribe, and leave, and are told
 *   SFP_RUNNING of those alone that the dead have pinned, two an operation at
 *   most. When the dead were reaped all become silent, the list is empty, and
 *   all can be used again. A walk runs nobody twice, and in order; whom nobody
 *   touched meanwhile it runs once, if it comes to its end.
 */
#include "world.h"

bool is_clean(const struct sfp_context *context)
{
	unsigned i;

	if (context->guards || context->gate || context->pinned)
		return sfp_sweep_complain("a guard, a gate or a pin is left");
	for (i = 0; i < SFP_PINS; i++)
		if (context->pins[i])
			return sfp_sweep_complain("pin %u is left", i);
	return true;
}

static bool is_to_run(const struct world *world, unsigned i)
{
	return world->in[i] && !world->quarantined[i];
}

void note_beginning(struct world *world)
{
	unsigned i;

	for (i = 0; i < PARTIES; i++) {
		world->was_to_run[i] = is_to_run(world, i);
		world->touched[i] = false;
	}
	world->was_silent = world->parties[T].sub.core.place == 0;
	world->status = SFP_INVALID;
	world->event = (struct event){ .acts = world->event.acts };
}

/* ---- the list --------------------------------------------------------------------------- */

/* NOBODY: it leads out of all parties. */
static unsigned number_of(const struct world *world, uintptr_t link)
{
	unsigned i;

	for (i = 0; i < PARTIES; i++)
		if ((link & ~SFP_DISPATCH_BITS_) == (uintptr_t)&world->parties[i].sub)
			break;
	return i;
}

/* Whom does the list have? `mended`: somebody has passed since. */
static bool walk(const struct world *world, bool mended, bool *has)
{
	uintptr_t link = world->line.heads[0];
	int last = -1;

	while (link & ~SFP_DISPATCH_BITS_) {
		const unsigned i = number_of(world, link);

		if (i == NOBODY || world->gone[i])
			return sfp_sweep_complain("the list leads to who has gone");
		if ((int)i <= last)
			return sfp_sweep_complain("the list is not in order at %u", i);
		last = (int)i;
		link = world->parties[i].sub.core.next;
		has[i] = !(link & SFP_DISPATCH_LEFT_);
		if (mended && !has[i])
			return sfp_sweep_complain("%u has left, and is not taken out in passing", i);
	}
	return true;
}

/* All are where they shall be. What was not sure is seen, and the truth from here on. */
static bool observe(struct world *world, bool mended)
{
	const bool is_quarantined = line_is_quarantined(&world->parties[T].sub);
	bool has[PARTIES] = { false };
	unsigned i;

	TRY(walk(world, mended, has));
	for (i = 0; i < PARTIES; i++) {
		if (has[i] != world->in[i] && !world->unsure[i])
			return sfp_sweep_complain("%u is %sin the list", i, has[i] ? "" : "not ");
		world->in[i] = has[i];
		world->unsure[i] = false;
	}
	if (world->in[T] && !world->unsure_quarantine && is_quarantined != world->quarantined[T])
		return sfp_sweep_complain("it is %squarantined", is_quarantined ? "" : "not ");
	if (world->in[T])
		world->quarantined[T] = is_quarantined;
	world->unsure_quarantine = false;
	return true;
}

/* ---- what was run ----------------------------------------------------------------------- */

static bool has_run(const struct event *event, unsigned party)
{
	unsigned i;

	for (i = 0; i < event->count; i++)
		if (event->ran[i] == party)
			return true;
	return false;
}

static bool ran_in_order(const struct event *event)
{
	unsigned i;

	for (i = 1; i < event->count; i++)
		if (event->ran[i - 1] >= event->ran[i])
			return sfp_sweep_complain("%u is run after %u", event->ran[i], event->ran[i - 1]);
	return true;
}

/* To whom has the victim's dispatch come, if it has come to its end? */
static unsigned came_to(const struct world *world)
{
	const struct event *event = &world->event;

	return world->operation->walk == FIRST && event->taken ? event->ran[event->count - 1] + 1u : PARTIES;
}

/* All before `end`, but for one; and nobody else. */
static bool ran_all(const struct world *world, unsigned end, unsigned but)
{
	unsigned i;

	for (i = 0; i < PARTIES; i++) {
		const bool ran = has_run(&world->event, i);

		if (world->touched[i] || i == but)
			continue;
		if (ran && !world->was_to_run[i])
			return sfp_sweep_complain("%u is run", i);
		if (!ran && world->was_to_run[i] && i < end)
			return sfp_sweep_complain("%u is not run", i);
	}
	return true;
}

/* ---- others go on --------------------------------------------------------------------- */

static bool others_dispatch(struct world *world)
{
	struct event event = { .count = 0 };
	const enum sfp_status status = line_dispatch(&world->line, &event);
	unsigned i;

	TRY(ran_in_order(&event));
	for (i = 0; i < PARTIES; i++)
		if (has_run(&event, i) != is_to_run(world, i))
			return sfp_sweep_complain("another's dispatch runs %u %s", i,
						  has_run(&event, i) ? "too" : "not");
	TRY_IS(event.taken ? SFP_OK : event.count ? SFP_EMPTY : SFP_NOT_FOUND, status);
	return observe(world, true);
}

static bool is_pinned(const struct world *world, unsigned party)
{
	const uintptr_t address = (uintptr_t)&world->parties[party].sub;
	unsigned c;
	unsigned i;

	for (c = 0; c < CONTEXTS; c++)
		for (i = 0; i < SFP_PINS; i++)
			if (world->contexts[c].pins[i] == address)
				return true;
	return false;
}

/* Each is silent but for whom the dead have pinned. */
static bool all_leave(struct world *world)
{
	unsigned i;

	for (i = 0; i < PARTIES; i++) {
		const bool held = world->parties[i].sub.core.place && is_pinned(world, i);

		if (!world->gone[i])
			TRY_IS(held ? SFP_RUNNING : SFP_OK, leave(world, (enum party_number)i));
	}
	return true;
}

static bool is_empty(const struct world *world)
{
	unsigned i;

	if (world->line.heads[0])
		return sfp_sweep_complain("all have left, and the list is not empty");
	for (i = 0; i < PARTIES; i++)
		if (!world->gone[i] && (world->parties[i].sub.core.place || world->parties[i].sub.core.next))
			return sfp_sweep_complain("%u is silent, and its record says otherwise", i);
	return true;
}

static bool use_again(struct world *world)
{
	unsigned i;

	world->quarantined[T] = false; /* anew, with no faults */
	for (i = 0; i < PARTIES; i++)
		if (!world->gone[i])
			TRY_IS(SFP_OK, join(world, (enum party_number)i));
	TRY(others_dispatch(world));
	TRY(all_leave(world));
	return is_empty(world);
}

static bool go_on(struct world *world)
{
	TRY(observe(world, false));
	TRY(others_dispatch(world));
	if (!world->gone[S] && world->parties[S].sub.core.place == 0) {
		TRY_IS(SFP_OK, join(world, S));
		TRY(others_dispatch(world));
	}
	TRY(all_leave(world));
	TRY_IS(SFP_OK, sfp_iface_reap(&world->realm, &world->contexts[VICTIM], DEAD));
	TRY_IS(SFP_OK, sfp_iface_reap(&world->realm, &world->contexts[GUEST], DEAD));
	TRY(all_leave(world));
	TRY(is_empty(world));
	TRY(use_again(world));
	return is_clean(crash_self);
}

/* ---- after a stop ------------------------------------------------------------------------ */

static bool has_few_pins(const struct world *world)
{
	unsigned pins = 0;
	unsigned i;

	for (i = 0; i < SFP_PINS; i++)
		pins += world->contexts[VICTIM].pins[i] != 0;
	return pins <= world->operation->pins || sfp_sweep_complain("it has %u pins", pins);
}

bool rule_after_stop(struct world *world, bool returned)
{
	TRY(ran_in_order(&world->event));
	TRY(has_few_pins(world));
	if (returned) {
		TRY(world->operation->judge(world));
		TRY(is_clean(&world->contexts[VICTIM]));
	}
	if (world->operation->walk)
		TRY(ran_all(world, returned ? came_to(world) : 0, NOBODY));
	return go_on(world);
}

/* ---- after a trap --------------------------------------------------------------------------- */

/* To whom the trap was counted; NOBODY. */
static bool find_counted(const struct world *world, unsigned *counted)
{
	unsigned i;

	*counted = NOBODY;
	for (i = 0; i < PARTIES; i++) {
		const uint32_t before = world->quarantined[i] ? 2 : 0;

		if (world->gone[i] || line_faults(&world->parties[i].sub) == before)
			continue;
		if (*counted != NOBODY || line_faults(&world->parties[i].sub) != before + 1)
			return sfp_sweep_complain("one trap is counted more than once");
		*counted = i;
	}
	return true;
}

/* A handler's fault is counted, and the walk goes on behind it. The walk's own ends it, where it came to. */
static bool walk_went_on(const struct world *world)
{
	const struct event *event = &world->event;
	unsigned counted;

	TRY(find_counted(world, &counted));
	if (!world->returned)
		return true;
	if (event->inside && counted + 1 != event->inside)
		return sfp_sweep_complain("the handler of %u was trapped, and it is not counted",
					  event->inside - 1);
	if (counted == NOBODY && world->status == SFP_FAULT)
		return ran_all(world, event->count ? event->ran[event->count - 1] : 0, NOBODY);
	return ran_all(world, came_to(world), counted);
}

/* The same again leads to the same. A subscription that was cut short has to be ended first. */
static bool do_again(struct world *world)
{
	const bool was_silent = world->was_silent;

	TRY(observe(world, false));
	note_beginning(world);
	world->status = world->operation->operate(world);
	if (world->status == SFP_BUSY && was_silent) {
		TRY_IS(SFP_OK, leave(world, T));
		world->status = world->operation->operate(world);
	}
	world->was_silent = was_silent;
	TRY(world->operation->judge(world));
	TRY(ran_in_order(&world->event));
	return !world->operation->walk || ran_all(world, came_to(world), NOBODY);
}

bool rule_after_trap(struct world *world)
{
	TRY(is_clean(crash_self));
	if (!world->returned && world->status != SFP_FAULT)
		return sfp_sweep_complain("trapped, and it says %s", sfp_status_name(world->status));
	TRY(ran_in_order(&world->event));
	if (world->operation->walk)
		TRY(walk_went_on(world));
	TRY(do_again(world));
	TRY(is_clean(crash_self));
	return go_on(world);
}
