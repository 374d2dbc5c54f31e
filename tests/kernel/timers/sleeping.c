/* SPDX-License-Identifier: BSD-2-Clause */
/* sleeping: threads sleep, and stop timers that just come, on whatever processor they are. */
#include "alarms.h"

#define NAPS 40u
#define LONGEST (2 * MILLISECOND)

static void note_place(struct sleeper *sleeper)
{
	sleeper->elsewhere += processor_of(&sleeper->client) != sfp_port_cpu();
}

static enum sfp_status nap(struct sleeper *sleeper)
{
	const uint64_t until = nano_clock() + draw_from(&sleeper->random, LONGEST);

	note_place(sleeper);
	SFP_TRY(timer_sleep(&sleeper->client, &sleeper->timer, "a nap", until));
	return nano_clock() >= until && times(&sleeper->timer) == 1 ? SFP_OK : SFP_INVALID;
}

/* Stopped about when it comes, perhaps by a processor that does not serve it. */
static enum sfp_status race(struct sleeper *sleeper)
{
	const uint64_t until = nano_clock() + draw_from(&sleeper->random, 100 * MICROSECOND);
	enum sfp_status status;

	note_place(sleeper);
	SFP_TRY(timer_start(&sleeper->client, &sleeper->timer, "a race",
			    nano_clock() + draw_from(&sleeper->random, 100 * MICROSECOND), 0));
	while (nano_clock() < until)
		sfp_port_relax();
	status = stop(&sleeper->client, &sleeper->timer);
	if (status != SFP_OK && status != SFP_EMPTY)
		return status;
	return times(&sleeper->timer) == (status == SFP_EMPTY) ? SFP_OK : SFP_INVALID;
}

static enum sfp_status live(void *argument)
{
	struct sleeper *const sleeper = argument;

	SFP_TRY(timer_join(&sleeper->state->timer, &sleeper->client));
	for (; sleeper->naps < NAPS; sleeper->naps++) {
		SFP_TRY(nap(sleeper));
		SFP_TRY(race(sleeper));
	}
	while (timers_unbind(&sleeper->client) == SFP_BUSY)
		nano_thread_yield();
	return SFP_OK;
}

void judge_sleeping(struct alarms_state *state)
{
	unsigned made = 0, good = 0, naps = 0, elsewhere = 0;

	for (unsigned i = 0; i < SLEEPERS; i++) {
		struct sleeper *const sleeper = &state->sleepers[i];

		sleeper->state = state;
		sleeper->random = 88172645463325252ul + i;
		made += nano_thread_make("sleeper", live, sleeper, &sleeper->thread) == SFP_OK;
	}
	for (unsigned i = 0; i < made; i++) {
		enum sfp_status status = SFP_INVALID;

		good += nano_thread_join(state->sleepers[i].thread, &status) == SFP_OK && status == SFP_OK;
		naps += state->sleepers[i].naps;
		elsewhere += state->sleepers[i].elsewhere;
	}
	judge(state, good == SLEEPERS,
	      "%u threads slept %u times, never too short; %u timers were started elsewhere", good, naps,
	      elsewhere);
	judge(state, started(state) == 0, "none of them has left anything");
}
