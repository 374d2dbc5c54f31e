/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * chaos: see chaos.h. One step a poll, so that between two steps everybody else
 * is polled, and restarted, as always.
 */
#include "chaos.h"

#include "lib/text.h"

#define COVER_STEPS 80u         /* a kind of load */
#define EVERY_ON_MANY 8u         /* to put an instruction back takes all processors, and time */
#define STEPS_MOST 24u           /* of load until a place is given up */
#define TURNS_BETWEEN 3u         /* polls of the others after a step of load */
#define TURNS_QUIET 4u
#define TURNS_MOST 20000u       /* until something that must happen has happened */
#define TURNS_ANSWER 3000u       /* polls until a line that was typed must have run */
#define PROBE_BASE 1000000u      /* numbers of allocations that never come */
#define PROGRESS_EVERY 1000u

static void go(struct chaos_state *state, enum chaos_step step)
{
	state->step = step;
	state->turns = 0;
}

/* ---- first: which instructions are reached? ------------------------------------------- */

static void watch(struct chaos_state *state, bool begin)
{
	for (const struct places *places = places_of; places->module; places++) {
		uint32_t offsets[256];
		uint8_t passed[256];

		for (uint32_t from = 0; from < places->count; from += 256) {
			uint32_t at[256], count = 0;

			for (uint32_t i = from; i < places->count && i < from + 256; i++) {
				if (state->reached[places->first + i] || (places->first + i + state->orders.seed) % state->every != 0)
					continue;
				offsets[count] = places->offsets[i];
				at[count++] = places->first + i;
			}
			if (begin) {
				SFP_IGNORE(nano_places_watch(places->module, offsets, count), "then none is reached");
				continue;
			}
			if (nano_places_end(places->module, offsets, count, passed) != SFP_OK)
				continue;
			for (uint32_t i = 0; i < count; i++) {
				if (passed[i])
					state->reached[at[i]] = (uint8_t)(state->cover_kind + 1);
			}
		}
	}
}

static void cover(struct chaos_state *state)
{
	if (state->turns == 0)
		watch(state, true);
	if (state->turns++ < COVER_STEPS * TURNS_BETWEEN) {
		if (state->turns % (8 * TURNS_BETWEEN) != 0)
			load_to_the_top(state);
		if (state->turns % TURNS_BETWEEN == 0)
			load_step(state, (enum load_kind)state->cover_kind);
		return;
	}
	if (!oracle_is_quiet(state) && state->turns < TURNS_MOST)
		return;
	watch(state, false);
	state->cover_kind++;
	state->turns = 0;
	if (state->cover_kind == LOAD_KINDS)
		go(state, CHAOS_SETTLE);
}

/* ---- a fault ------------------------------------------------------------------------------ */

static uint32_t module_count(void)
{
	uint32_t count = 0;

	while (places_of[count].module)
		count++;
	return count;
}

/* One in eight anywhere, the others where the load comes by. */
static void choose(struct chaos_state *state)
{
	const bool anywhere = load_random(state, 8) == 0;

	do {
		state->places = &places_of[load_random(state, module_count())];
	} while (!oracle_is_started(state->places->module));
	for (unsigned tries = 0; tries < 200; tries++) {
		state->place = load_random(state, state->places->count);
		if (anywhere || state->reached[state->places->first + state->place])
			return;
	}
}

static void aim(struct chaos_state *state)
{
	struct nano_place_hit hit;

	for (uint32_t before = load_random(state, 3); before > 0; before--)
		load_step(state, (enum load_kind)load_random(state, LOAD_KINDS));
	choose(state);
	nano_place_latest(&hit);
	state->hits_before = hit.count;
	state->faults_before = oracle_faults();
	state->statuses_before = state->statuses;
	state->steps = 0;
	state->failed = false;
	if (nano_place_arm(state->places->module, state->places->offsets[state->place]) != SFP_OK) {
		go(state, CHAOS_SETTLE);
		return;
	}
	go(state, CHAOS_LOAD);
}

static enum load_kind next_load(struct chaos_state *state)
{
	const uint8_t kind = state->reached[state->places->first + state->place];

	if (kind > 0 && load_random(state, 4) > 0)
		return (enum load_kind)(kind - 1);
	return (enum load_kind)load_random(state, LOAD_KINDS);
}

static void note_hit(struct chaos_state *state, const struct nano_place_hit *hit)
{
	const unsigned index = (unsigned)(state->places - places_of);

	state->class = hit->in_interrupt ? CLASS_INTERRUPT :
		       state->statuses != state->statuses_before ? CLASS_CALL : CLASS_INSIDE;
	state->number++;
	state->hit[state->places->first + state->place] = 1;
	state->by_module[index].injected++;
	state->by_class[state->class].injected++;
}

static void load(struct chaos_state *state)
{
	struct nano_place_hit hit;

	nano_place_latest(&hit);
	if (hit.count != state->hits_before) {
		note_hit(state, &hit);
		go(state, CHAOS_SETTLE);
		return;
	}
	if (state->turns++ % TURNS_BETWEEN != 0)
		return;
	if (state->steps == STEPS_MOST) {
		if (nano_place_disarm(state->places->module, state->places->offsets[state->place]) == SFP_OK)
			state->misses++;
		nano_place_latest(&hit);
		if (hit.count == state->hits_before)
			go(state, CHAOS_AIM);
		return;
	}
	if (!text_equal(state->places->module, "screen"))
		load_to_the_top(state);
	load_step(state, next_load(state));
	state->steps++;
}

/* ---- and what became of it ------------------------------------------------------------------- */

static void finish(struct chaos_state *state)
{
	const unsigned index = (unsigned)(state->places - places_of);
	const bool contained = oracle_faults() == state->faults_before + 1;

	if (!contained)
		report_failure(state, "%u faults were counted", oracle_faults() - state->faults_before);
	state->by_module[index].contained += contained;
	state->by_class[state->class].contained += contained;
	state->by_module[index].recovered += !state->failed;
	state->by_class[state->class].recovered += !state->failed;
	if (state->number % PROGRESS_EVERY == 0)
		report_progress(state);
}

static void settle(struct chaos_state *state)
{
	if (state->turns++ > TURNS_MOST) {
		char why[80];

		oracle_why_not_quiet(state, why, sizeof(why));
		report_failure(state, "it does not come to rest: %s", why);
		report_end(state);
		nano_exit(2);
	}
	if (!oracle_is_quiet(state) || load_end(state) != SFP_OK)
		return;
	if (state->turns < TURNS_QUIET)
		return;
	go(state, CHAOS_PROBE);
}

static void probe(struct chaos_state *state)
{
	char line[40];

	load_to_the_top(state);
	text_format(line, sizeof(line), "\003\003memory fail %u\r", PROBE_BASE + state->number);
	/* By turns, since either way in must work. */
	if (state->number % 2 == 0 && state->taps == 0) {
		load_send(state, line);
	} else {
		load_release_keys();
		load_type(state, line);
	}
	state->probed = nano_clock();
	go(state, CHAOS_ANSWER);
}

/* Which keys are down is the keyboard's own: as whoever sits there would, switch the letters' case. */
static bool tap(struct chaos_state *state)
{
	if (state->number % 2 == 0 || state->taps > 0)
		return false;
	state->taps = 1;
	state->all_taps++;
	load_type(state, "\004");
	go(state, CHAOS_PROBE);
	return true;
}

/* The line was typed, edited, run: somebody will see its allocation fail. */
static void answer(struct chaos_state *state)
{
	const bool answered = nano_allocation_pending() == PROBE_BASE + state->number;

	if (!answered && (state->turns++ < TURNS_ANSWER || !oracle_is_quiet(state)))
		return;
	if (!answered && tap(state))
		return;
	if (!answered)
		report_failure(state, "the prompt does not answer (%u; %u polls, %lu us)", nano_allocation_pending(),
			       state->turns, (nano_clock() - state->probed) / 1000);
	state->taps = 0;
	nano_allocation_fail(0);
	go(state, CHAOS_JUDGE);
}

/* Everything is over: is all of it as it must be? */
static void judge(struct chaos_state *state)
{
	if (!oracle_is_quiet(state) && state->turns++ < TURNS_MOST)
		return;
	if (state->places) {
		oracle_judge(state);
		finish(state);
	}
	if (!state->places || state->failed || state->typed)
		oracle_remember(state);
	if (state->number >= state->orders.faults) {
		report_end(state);
		nano_exit(state->failures == 0 && state->number > 0 ? 0 : 1);
	}
	go(state, CHAOS_AIM);
}

/* ---- the module ---------------------------------------------------------------------------------- */

static bool all_are_started(struct chaos_state *state)
{
	struct nano_module_info info;
	struct frames_counts counts;
	struct heap_use use;

	if (frames_counts(&state->frames, &counts) != SFP_OK ||
	    heap_use(&state->heap, NULL, &use) == SFP_AGAIN || console_write(&state->console, "", 0) != SFP_OK)
		return false;
	for (unsigned i = 0; nano_module_info(i, &info) == SFP_OK; i++) {
		if (info.phase == NANO_LOADED || info.phase == NANO_STARTING)
			return false;
	}
	return true;
}

static void wait(struct chaos_state *state)
{
	struct nano_processor_info processor;

	if (state->turns++ == 0)
		load_type(state, "echo x\r");
	if (!all_are_started(state) || !oracle_is_quiet(state))
		return;
	if (oracle_prepare(state) != SFP_OK) {
		report_say("FAILED: no memory to remember states in");
		nano_exit(3);
	}
	state->every = nano_processor_info(1, &processor) == SFP_OK && processor.running ? EVERY_ON_MANY : 1;
	state->began = nano_clock();
	(void)nano_fault_quiet(true);
	go(state, CHAOS_COVER);
}

static enum sfp_status poll(struct chaos_state *state)
{
	static void (*const steps[])(struct chaos_state *) = {
		[CHAOS_WAIT] = wait, [CHAOS_COVER] = cover, [CHAOS_AIM] = aim, [CHAOS_LOAD] = load,
		[CHAOS_SETTLE] = settle, [CHAOS_PROBE] = probe, [CHAOS_ANSWER] = answer, [CHAOS_JUDGE] = judge,
	};

	if (state->orders.faults == 0)
		return SFP_EMPTY;
	steps[state->step](state);
	return SFP_OK;
}

static enum sfp_status start(struct chaos_state *state)
{
	host_orders(&state->orders);
	state->random = state->orders.seed * 0x9e3779b97f4a7c15ul + 1;
	return SFP_OK;
}

static enum sfp_status check(struct chaos_state *state)
{
	(void)state;
	return SFP_OK;
}

NANO_HOOK(chaos, start, start)
NANO_HOOK(chaos, check, check)
NANO_HOOK(chaos, poll, poll)

static const struct nano_use uses[] = {
	NANO_USE(chaos, console, console, NANO_LAZILY),
	NANO_USE(chaos, serial, serial, NANO_LAZILY),
	NANO_USE(chaos, keyboard, keyboard, NANO_LAZILY),
	NANO_USE(chaos, screen, screen, NANO_LAZILY),
	NANO_USE(chaos, interrupts, interrupts, NANO_LAZILY),
	NANO_USE(chaos, frames, frames, NANO_LAZILY),
	NANO_USE(chaos, heap, heap, NANO_LAZILY),
	NANO_USES_END
};

NANO_MODULE(chaos,
	.version = 1,
	.summary = "has modules trap anywhere",
	.state_size = sizeof(struct chaos_state),
	.state_version = 1,
	.uses = uses,
	.start = chaos_start_hook_,
	.check = chaos_check_hook_,
	.poll = chaos_poll_hook_,
);
