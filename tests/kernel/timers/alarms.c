/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * alarms: starts timers and sees whether they come, and when. Ends the machine:
 * status 0 if every promise was kept.
 */
#include "alarms.h"

#include "lib/text.h"

void judge(struct alarms_state *state, bool kept, const char *format, ...)
{
	char line[160];
	size_t length;
	va_list arguments;

	length = text_format(line, sizeof(line), "%s: ", kept ? "ok" : "FAILED");
	va_start(arguments, format);
	text_vformat(line + length, sizeof(line) - length, format, arguments);
	va_end(arguments);
	nano_log("judge", line);
	*(kept ? &state->kept : &state->broken) += 1;
}

/* Marsaglia's xorshift64. */
uint64_t draw_from(uint64_t *random, uint64_t below)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random % below;
}

uint64_t draw(struct alarms_state *state, uint64_t below)
{
	return draw_from(&state->random, below);
}

unsigned started(struct alarms_state *state)
{
	struct timer_row row;
	unsigned count = 0;

	for (unsigned i = 0; i < TIMER_PROCESSORS; i++) {
		for (unsigned k = 0; timer_row(&state->timer, i, k, &row) == SFP_OK; k++)
			count++;
	}
	return count;
}

unsigned start_all(struct alarms_state *state, unsigned count, uint64_t delay)
{
	unsigned good = 0;

	for (unsigned i = 0; i < count; i++)
		good += timer_start(&state->client, &state->alarms[i], "an alarm", nano_clock() + delay, 0) ==
			SFP_OK;
	return good;
}

bool all_come(struct alarms_state *state, unsigned count)
{
	bool late = true;

	for (unsigned i = 0; i < count; i++) {
		while (times(&state->alarms[i]) == 0)
			sfp_port_relax();
		late = nano_clock() >= state->alarms[i].first && late;
		while (timers_reclaim(&state->client, &state->alarms[i]) != SFP_OK)
			sfp_port_relax();
	}
	return late;
}

enum sfp_status stop(struct timers_client *client, struct timer *timer)
{
	enum sfp_status status;

	do {
		status = timer_stop(client, timer);
	} while (status == SFP_AGAIN);
	return status;
}

static bool info_of_timer(struct nano_module_info *info)
{
	for (unsigned index = 0; nano_module_info(index, info) == SFP_OK; index++) {
		if (text_equal(info->name, "timer"))
			return true;
	}
	return false;
}

uint32_t restarts_of_timer(void)
{
	struct nano_module_info info;

	return info_of_timer(&info) ? info.restarts : UINT32_MAX;
}

uint32_t faults_of_timer(void)
{
	struct nano_module_info info;

	return info_of_timer(&info) ? info.faults : UINT32_MAX;
}

static void end(struct alarms_state *state)
{
	const char *broken = NULL;
	char line[80];

	judge(state,
	      timers_unbind(&state->client) != SFP_INVALID && nano_module_check("timer", &broken) == SFP_OK,
	      "the timer's state is sound in the end: %s", broken ? broken : "all holds");
	text_format(line, sizeof(line), "%u promises kept, %u broken", state->kept, state->broken);
	nano_log("judge", line);
	nano_exit(state->broken ? 1 : 0);
}

/* The module is restarted by the main loop, which must come by meanwhile. */
static enum sfp_status poll(struct alarms_state *state)
{
	if (state->stage == 0) {
		state->random = 88172645463325252ul;
		judge(state, timer_join(&state->timer, &state->client) == SFP_OK, "a module can be a client");
		if (state->broken)
			nano_exit(1); /* no use in waiting for what cannot come */
		judge_order(state);
		judge_period(state);
		judge_stopping(state);
		judge_race(state);
		judge_leaving(state);
		judge_sleeping(state);
		judge_faults(state);
		begin_restart(state);
		state->stage = 1;
	} else if (restarts_of_timer() > 0) {
		judge_restart(state);
		end(state);
	}
	nano_wake();
	return SFP_OK;
}

static enum sfp_status check(struct alarms_state *state)
{
	(void)state;
	return SFP_OK;
}

NANO_HOOK(alarms, check, check)
NANO_HOOK(alarms, poll, poll)

static const struct nano_use uses[] = { NANO_USE(alarms, timer, timer, NANO_LAZILY), NANO_USES_END };

NANO_MODULE(alarms, .version = 1, .summary = "sees whether timers come, and when",
	    .state_size = sizeof(struct alarms_state), .state_version = 1, .uses = uses,
	    .check = alarms_check_hook_, .poll = alarms_poll_hook_, );
