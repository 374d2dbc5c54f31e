/* SPDX-License-Identifier: BSD-2-Clause */
/* failing: the timer's module traps in its interrupt, and is restarted; what was started comes all the same. */
#include "alarms.h"

#define FEW 8u
#define ATTEMPTS 3u /* timer.c */
#define TRIES 100u
#define FAULTS 16u /* after which a module is restarted */

/* A trap, the next time that it comes there. */
static bool arm(const char *symbol)
{
	struct sfp_fault why;

	return nano_fault_inject("timer", symbol, &why) == SFP_OK;
}

/* Wherever it is: before the mux is touched, in the middle of changing it, between telling and settling. */
static void judge_fault(struct alarms_state *state, const char *symbol)
{
	const uint32_t faults = faults_of_timer();
	bool good = arm(symbol);

	/* Not every way of serving them comes by there. */
	for (unsigned tries = 0; good && tries < TRIES && faults_of_timer() == faults; tries++) {
		good = start_all(state, FEW, 0) == FEW && all_come(state, FEW);
		for (unsigned i = 0; i < FEW; i++)
			good = good && times(&state->alarms[i]) == 1;
	}
	judge(state, good && faults_of_timer() == faults + 1,
	      "%s traps in the interrupt, and all come, once each", symbol);
}

/* Have it trap each time that it is handed out. False: another processor's came by there instead. */
static bool poison(struct alarms_state *state, struct timer *bad)
{
	if (nano_fault_arm("timer", "sfp_mux_heap_remove_", ATTEMPTS) != SFP_OK ||
	    timer_start(&state->client, bad, "a bad one", nano_clock(), 0) != SFP_OK)
		return false;
	while (timer_is_started(bad))
		sfp_port_relax();
	return timers_state(bad).state == SFP_MUX_FAILED;
}

/* One whose serving traps each time is given up, so that the others come. */
static void judge_poison(struct alarms_state *state)
{
	struct timer *const bad = &state->alarms[FEW];
	unsigned tries = 1;

	while (!poison(state, bad) && tries < TRIES)
		tries++;
	judge(state,
	      timers_state(bad).state == SFP_MUX_FAILED && timers_state(bad).result == SFP_DFQ_POISON &&
		      times(bad) == 0,
	      "one that traps %u times is given up", ATTEMPTS);
	judge(state, start_all(state, FEW, 0) == FEW && all_come(state, FEW), "and others come");
}

void judge_faults(struct alarms_state *state)
{
	judge_fault(state, "on_interrupt");
	judge_fault(state, "sfp_mux_heap_remove_");
	judge_fault(state, "sfp_mux_heap_add_");
	judge_fault(state, "sfp_dfq_retire_newest_");
	judge_poison(state);
}

/* Some become due while nobody serves, some later, one again and again. */
void begin_restart(struct alarms_state *state)
{
	struct timer *const tick = &state->alarms[2 * FEW];
	struct sfp_fault why;
	unsigned good = 0;

	for (unsigned i = 0; i < 2 * FEW; i++)
		good += timer_start(&state->client, &state->alarms[i], "through a restart",
				    nano_clock() + (i < FEW ? MILLISECOND : 300 * MILLISECOND), 0) == SFP_OK;
	good += timer_start(&state->client, tick, "a tick", nano_clock(), MILLISECOND) == SFP_OK;
	judge(state, good == 2 * FEW + 1, "%u are in flight when the module ends", good);
	for (unsigned i = 0; i < FAULTS; i++)
		SFP_IGNORE(nano_fault_inject("timer", NULL, &why), "the main loop sees how often");
}

void judge_restart(struct alarms_state *state)
{
	struct timer *const tick = &state->alarms[2 * FEW];
	const uint32_t ticks = times(tick);
	struct timer_row row = { .deadline = 0 };
	bool seen;

	judge(state, restarts_of_timer() == 1, "the module was restarted");
	judge(state, all_come(state, 2 * FEW), "what was in flight came, and not before its time");
	while (times(tick) < ticks + 3)
		sfp_port_relax();
	seen = timer_row(&state->timer, processor_of(&state->client), 0, &row) == SFP_OK;
	judge(state, seen && (row.deadline - tick->first) % MILLISECOND == 0,
	      "the tick goes on, where it would be");
	judge(state, stop(&state->client, tick) == SFP_OK && started(state) == 0, "and can be stopped");
}
