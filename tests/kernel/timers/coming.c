/* SPDX-License-Identifier: BSD-2-Clause */
/* coming: deadlines come in their order and never before their time; periods do not drift. */
#include "alarms.h"

#define SPREAD (40 * MILLISECOND)
#define TRIES 8u
#define PERIOD (500 * MICROSECOND)
#define PERIODS 60u

struct looks {
	uint32_t come;
	uint32_t early;
	uint32_t out_of_order;
	uint32_t partly; /* looks at which some had come and some had not */
};

/* By their deadlines. The alarms stay where they are: others link them. */
static void sort(struct alarms_state *state, uint16_t *order)
{
	for (unsigned i = 0; i < ALARMS_MAX; i++) {
		unsigned at = i;

		for (; at > 0 && state->alarms[order[at - 1]].first > state->alarms[i].first; at--)
			order[at] = order[at - 1];
		order[at] = (uint16_t)i;
	}
}

/* From the last to the first: once one has come, all that are looked at after it must have, too. */
static void look(struct alarms_state *state, const uint16_t *order, struct looks *looks)
{
	bool later_has = false;

	looks->come = 0;
	for (unsigned i = ALARMS_MAX; i-- > 0;) {
		const struct timer *const alarm = &state->alarms[order[i]];
		const bool has = times(alarm) > 0;

		if (has && nano_clock() < alarm->first)
			looks->early++;
		if (!has && later_has)
			looks->out_of_order++;
		later_has = later_has || has;
		looks->come += has;
	}
}

/* How many could be started; all of them come within `spread`. */
static unsigned watch(struct alarms_state *state, uint64_t spread, struct looks *looks)
{
	const uint64_t from = nano_clock() + spread / 4;
	uint16_t order[ALARMS_MAX];
	unsigned good = 0;
	bool in_time;

	for (unsigned i = 0; i < ALARMS_MAX; i++)
		good += timer_start(&state->client, &state->alarms[i], "one of many",
				    from + draw(state, spread), 0) == SFP_OK;
	sort(state, order);
	in_time = nano_clock() < from; /* else some were started when others had come already */
	do {
		struct looks now = *looks;

		look(state, order, &now);
		looks->come = now.come;
		looks->early = now.early;
		if (in_time) {
			looks->out_of_order = now.out_of_order;
			looks->partly += now.come > 0 && now.come < ALARMS_MAX;
		}
	} while (looks->come < good);
	return good;
}

/* On a machine that others use nobody may have been there to look: once more then, in twice the time. */
void judge_order(struct alarms_state *state)
{
	struct looks looks = { .early = 0 };
	unsigned good = ALARMS_MAX;

	for (unsigned i = 0; i < TRIES && good == ALARMS_MAX && looks.partly == 0; i++)
		good = all_come(state, i > 0 ? ALARMS_MAX : 0) ? watch(state, SPREAD << i, &looks) : 0;
	judge(state, good == ALARMS_MAX, "%u timers can be started", good);
	judge(state, looks.early == 0, "none of them came before its time (%u did)", looks.early);
	judge(state, looks.out_of_order == 0 && looks.partly > 0,
	      "%u looks at some that had come saw their order", looks.partly);
	judge(state, all_come(state, ALARMS_MAX) && started(state) == 0, "then none is started any more");
}

/* Each alone, watched from close by. */
static bool is_punctual(struct alarms_state *state, uint64_t delay)
{
	struct timer *const alarm = &state->alarms[0];
	uint64_t now;

	if (timer_start(&state->client, alarm, "a short one", nano_clock() + delay, 0) != SFP_OK)
		return false;
	while (times(alarm) == 0)
		sfp_port_relax();
	now = nano_clock();
	while (timers_reclaim(&state->client, alarm) != SFP_OK)
		sfp_port_relax();
	return now >= alarm->first && times(alarm) == 1;
}

void judge_period(struct alarms_state *state)
{
	struct timer *const alarm = &state->alarms[0];
	struct timer_row row = { .deadline = 0 };
	unsigned punctual = 0, early = 0;

	for (unsigned i = 0; i < 200; i++)
		punctual += is_punctual(state, draw(state, 50 * MICROSECOND));
	judge(state, punctual == 200, "%u of 200 came once each, and not before their time", punctual);
	judge(state,
	      timer_start(&state->client, alarm, "too fast", nano_clock(), TIMER_LEAST_PERIOD - 1) ==
		      SFP_LIMIT,
	      "a period that leaves time for nothing else is refused");
	judge(state,
	      timer_start(&state->client, alarm, "a tick", nano_clock() + PERIOD, PERIOD) == SFP_OK &&
		      timer_start(&state->client, alarm, "it again", nano_clock(), 0) == SFP_BUSY,
	      "a timer that is started is not started again");
	while (times(alarm) < PERIODS) {
		const uint32_t seen = times(alarm);

		early += seen > 0 && nano_clock() < alarm->first + (seen - 1) * PERIOD;
	}
	judge(state, early == 0, "%u periods, none before its time", times(alarm));
	judge(state,
	      timer_row(&state->timer, processor_of(&state->client), 0, &row) == SFP_OK &&
		      row.deadline > alarm->first && (row.deadline - alarm->first) % PERIOD == 0 &&
		      row.period == PERIOD,
	      "a period has not drifted by a nanosecond");
	judge(state, stop(&state->client, alarm) == SFP_OK && started(state) == 0, "it can be stopped");
}
