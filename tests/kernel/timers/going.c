/* SPDX-License-Identifier: BSD-2-Clause */
/* going: what is stopped does not come, also where it is just coming; who dies is detached. */
#include "alarms.h"

#include "lib/text.h"

#define ROUNDS 1000u
#define FEW 5u

void judge_stopping(struct alarms_state *state)
{
	struct timers_client other = { .core.mux = NULL };
	struct timer *const alarm = &state->alarms[0];
	struct timer_row row;

	judge(state, start_all(state, FEW, HOUR) == FEW && started(state) == FEW, "%u wait for an hour", FEW);
	judge(state,
	      timer_row(&state->timer, processor_of(&state->client), FEW - 1, &row) == SFP_OK &&
		      row.deadline == state->alarms[FEW - 1].first && row.owner == nano_self() &&
		      text_equal(row.what, "an alarm"),
	      "whose they are, and what for, can be asked");
	judge(state, timer_join(&state->timer, &other) == SFP_OK && stop(&other, alarm) == SFP_INVALID,
	      "another client cannot stop them");
	for (unsigned i = 0; i < FEW; i++) {
		judge(state,
		      stop(&state->client, &state->alarms[i]) == SFP_OK && started(state) == FEW - 1 - i,
		      "whoever owns it can, at once");
	}
	judge(state, stop(&state->client, alarm) == SFP_EMPTY, "what is not started cannot be stopped");
	judge(state,
	      timer_start(&state->client, alarm, "late", 1, 0) == SFP_OK && all_come(state, 1) &&
		      stop(&state->client, alarm) == SFP_EMPTY,
	      "nor what has come");
}

/* Stop it about when it comes: the answer says which of the two was first, and stays true. */
void judge_race(struct alarms_state *state)
{
	struct timer *const alarm = &state->alarms[0];
	unsigned stopped = 0, came = 0, wrong = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		const uint64_t period = i % 2 ? TIMER_LEAST_PERIOD : 0;
		const uint64_t until = nano_clock() + draw(state, 200 * MICROSECOND);
		enum sfp_status status = timer_start(&state->client, alarm, "a race",
						     nano_clock() + draw(state, 100 * MICROSECOND), period);
		uint32_t seen;

		while (nano_clock() < until)
			sfp_port_relax();
		if (status == SFP_OK)
			status = stop(&state->client, alarm);
		seen = times(alarm);
		stopped += status == SFP_OK;
		came += status == SFP_EMPTY;
		wrong += (period == 0 && seen != (status == SFP_EMPTY)) || timer_is_started(alarm) ||
			 (period != 0 && status != SFP_OK);
	}
	judge(state, wrong == 0 && stopped > ROUNDS / 2 && came > 0,
	      "%u stopped and %u came, of %u that were stopped when they came; %u answers were wrong",
	      stopped, came, ROUNDS, wrong);
	judge(state, started(state) == 0, "nothing is left of them");
}

/* Idle ones: they may be another client's from now on. */
static void forget(struct alarms_state *state)
{
	for (unsigned i = 0; i < FEW; i++)
		state->alarms[i] = (struct timer){ .first = 0 };
}

/* Its memory is the burier's to free, and nothing of it is known any more. */
void judge_leaving(struct alarms_state *state)
{
	enum sfp_status status = timer_join(&state->timer, &state->dead);
	unsigned good = 0;

	forget(state);
	if (status == SFP_OK)
		status = timers_estate_add(&state->estate, &state->retained, &state->dead, state->alarms, FEW,
					   "timers of one who dies");
	for (unsigned i = 0; i < FEW; i++)
		good += timer_start(&state->dead, &state->alarms[i], "an heirloom", nano_clock() + HOUR,
				    i * HOUR) == SFP_OK;
	judge(state, status == SFP_OK && good == FEW && started(state) == FEW,
	      "one who will die has started %u", good);
	do {
		status = sfp_estate_bury(&state->estate, SFP_PROOF("it ends here"), 64);
	} while (status == SFP_AGAIN);
	judge(state, status == SFP_OK && started(state) == 0, "it is buried, and nothing of it is started");
	good = 0;
	for (unsigned i = 0; i < FEW; i++)
		good += timers_state(&state->alarms[i]).state == SFP_MUX_LOST ||
			timers_state(&state->alarms[i]).state == SFP_MUX_IDLE;
	judge(state, good == FEW, "what it had is nobody's: %u", good);
	forget(state);
	judge(state, start_all(state, FEW, 0) == FEW && all_come(state, FEW),
	      "others go on in the same memory");
}
