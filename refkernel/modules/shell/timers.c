/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timers: the commands that show who waits for which deadline, and that wait for one.
 *
 * The prompt sleeps by not taking lines until its timer has come: it is polled then, and holds up
 * nobody else who is.
 */
#include "shell.h"

#include "lib/text.h"

#define MILLISECOND 1000000ul
#define SECOND 1000000000ul
#define SLEEP_MOST 86400u

/* ---- timers ------------------------------------------------------------------------ */

static const char *name_of(unsigned module)
{
	struct nano_module_info info;

	return nano_module_info(module, &info) == SFP_OK ? info.name : "nobody";
}

/* "in 1.250 s", or "1.250 s ago" where it comes just now. */
static void say_when(char *text, size_t size, uint64_t deadline, uint64_t now)
{
	const uint64_t apart = (deadline > now ? deadline - now : now - deadline) / MILLISECOND;

	text_format(text, size, "%s%lu.%03lu s%s", deadline > now ? "in " : "", apart / 1000, apart % 1000,
		    deadline > now ? "" : " ago");
}

static void say_timer(struct shell_state *state, unsigned processor, const struct timer_row *row)
{
	char when[40], again[64] = "";

	say_when(when, sizeof(when), row->deadline, nano_clock());
	if (row->period > 0)
		text_format(again, sizeof(again), ", then each %lu.%03lu ms; it came %u times",
			    row->period / MILLISECOND, row->period / (MILLISECOND / 1000) % 1000,
			    row->expired);
	shell_say(state, "processor %u: %s of %s, %s%s\n", processor, row->what, name_of(row->owner), when,
		  again);
}

/* Nothing of one that has never had a deadline. NOT_FOUND: there is no such processor. */
static enum sfp_status say_processor(struct shell_state *state, unsigned processor, unsigned *started)
{
	struct timer_counts counts;
	struct timer_row row;
	unsigned here = 0;

	SFP_TRY(timer_counts(&state->timer, processor, &counts));
	while (timer_row(&state->timer, processor, here, &row) == SFP_OK) {
		say_timer(state, processor, &row);
		here++;
	}
	if (here > 0 || counts.expired > 0)
		shell_say(state, "processor %u: %lu deadlines came, at most %lu us late, by %lu interrupts\n",
			  processor, counts.expired, counts.latest / 1000, counts.interrupts);
	*started += here;
	return SFP_OK;
}

enum sfp_status shell_timers(struct shell_state *state, char *arguments)
{
	enum sfp_status status = SFP_OK;
	unsigned started = 0;

	SFP_TRY(shell_words(arguments, NULL, 0, 0));
	for (unsigned i = 0; status == SFP_OK; i++)
		status = say_processor(state, i, &started);
	if (status != SFP_NOT_FOUND)
		shell_say(state, "%s\n", sfp_status_text(status));
	else
		shell_say(state, "%u timers are started.\n", started);
	return SFP_OK;
}

/* ---- sleep --------------------------------------------------------------------------- */

/* Afterwards the timers know nothing of the prompt, and it nothing of them. */
static bool has_left(struct shell_state *state)
{
	if (timers_unbind(&state->sleeper) == SFP_BUSY)
		return false;
	state->sleeper = (struct timers_client){ .core.mux = NULL };
	state->sleep = (struct timer){ .first = 0 };
	return true;
}

bool shell_is_asleep(struct shell_state *state)
{
	if (state->sleeper.core.mux == NULL)
		return false;
	if (timer_is_started(&state->sleep))
		return true;
	if (has_left(state))
		return false;
	nano_wake(); /* it will have soon */
	return true;
}

static enum sfp_status fall_asleep(struct shell_state *state, uint64_t deadline)
{
	SFP_TRY(timer_join(&state->timer, &state->sleeper));
	state->sleep.polled = true;
	return timer_start(&state->sleeper, &state->sleep, "sleep", deadline, 0);
}

enum sfp_status shell_sleep(struct shell_state *state, char *arguments)
{
	uint64_t seconds;
	enum sfp_status status;
	char *word[1];

	SFP_TRY(shell_words(arguments, word, 1, 1));
	if (text_to_number(word[0], &seconds) != SFP_OK || seconds > SLEEP_MOST) {
		shell_say(state, "A time is a number of seconds from 0 to %u.\n", SLEEP_MOST);
		return SFP_MALFORMED;
	}
	status = seconds > 0 ? fall_asleep(state, nano_clock() + seconds * SECOND) : SFP_OK;
	if (status != SFP_OK)
		shell_say(state, "%s\n", sfp_status_text(status));
	return SFP_OK;
}
