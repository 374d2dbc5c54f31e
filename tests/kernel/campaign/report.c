/* SPDX-License-Identifier: BSD-2-Clause */
/* report: what the campaign has found, on the early serial line, a line each with "chaos: " before it. */
#include "chaos.h"

#include "lib/text.h"

#define FAILURES_TOLD 60u

static const char *const loads[LOAD_KINDS] = {
	[LOAD_KEYS] = "keys", [LOAD_SERIAL] = "serial bytes", [LOAD_COMMAND_KEYS] = "a command by keys",
	[LOAD_COMMAND_SERIAL] = "a command by serial line", [LOAD_FRAMES] = "frames", [LOAD_HEAP] = "a heap",
	[LOAD_CALLS] = "calls", [LOAD_CHECKS] = "checks",
};

static const char *const classes[CLASS_COUNT] = {
	[CLASS_CALL] = "the load's call returned FAULT",
	[CLASS_INSIDE] = "another module's call, or the nano-core's of a hook, did",
	[CLASS_INTERRUPT] = "in an interrupt handler",
};

void report_say(const char *format, ...)
{
	char line[200];
	va_list arguments;

	va_start(arguments, format);
	text_vformat(line, sizeof(line), format, arguments);
	va_end(arguments);
	nano_log("chaos", line);
}

/* The first of a fault's is told: what is wrong once is wrong in many places. */
void report_failure(struct chaos_state *state, const char *format, ...)
{
	struct nano_place_hit hit;
	char what[120];
	va_list arguments;

	if (state->failed)
		return;
	state->failed = true;
	if (++state->failures > FAILURES_TOLD)
		return;
	va_start(arguments, format);
	text_vformat(what, sizeof(what), format, arguments);
	va_end(arguments);
	nano_place_latest(&hit);
	report_say("FAILED seed %lu fault %u: %s+0x%x%s, after %u steps of load, the last of them %s: %s",
		   state->orders.seed, state->number, state->places ? state->places->module : "nobody",
		   state->places ? state->places->offsets[state->place] : 0, hit.in_interrupt ? " in an interrupt" : "",
		   state->steps, loads[state->latest], what);
}

static void say_tally(const char *name, const struct tally *tally)
{
	report_say("%-12s %8u %9u %9u", name, tally->injected, tally->contained, tally->recovered);
}

static void add(struct tally *sum, const struct tally *tally)
{
	sum->injected += tally->injected;
	sum->contained += tally->contained;
	sum->recovered += tally->recovered;
}

static struct tally sum_of(const struct chaos_state *state)
{
	struct tally sum = { 0 };

	for (unsigned i = 0; i < CLASS_COUNT; i++)
		add(&sum, &state->by_class[i]);
	return sum;
}

void report_progress(const struct chaos_state *state)
{
	const struct tally sum = sum_of(state);

	report_say("%u of %u faults, %u contained, %u recovered, %lu s", sum.injected, state->orders.faults,
		   sum.contained, sum.recovered, (nano_clock() - state->began) / 1000000000u);
}

static void say_coverage(const struct chaos_state *state, const struct places *places)
{
	uint32_t reached = 0, hit = 0, both = 0;

	for (uint32_t i = places->first; i < places->first + places->count; i++) {
		reached += state->reached[i] != 0;
		hit += state->hit[i] != 0;
		both += state->reached[i] != 0 && state->hit[i] != 0;
	}
	report_say("%-12s %6u instructions, %6u reached by the load, %6u hit (%3u%% of all, %3u%% of the reached)",
		   places->module, places->count, reached, hit, hit * 100 / places->count,
		   reached ? both * 100 / reached : 0);
}

void report_end(const struct chaos_state *state)
{
	const struct tally sum = sum_of(state);
	struct nano_module_info info;

	report_say("module       injected contained recovered");
	for (unsigned i = 0; places_of[i].module; i++)
		say_tally(places_of[i].module, &state->by_module[i]);
	say_tally("all", &sum);
	for (unsigned i = 0; i < CLASS_COUNT; i++)
		report_say("%u injected, %u contained, %u recovered: %s", state->by_class[i].injected,
			   state->by_class[i].contained, state->by_class[i].recovered, classes[i]);
	for (unsigned i = 0; places_of[i].module; i++)
		say_coverage(state, &places_of[i]);
	for (unsigned i = 0; nano_module_info(i, &info) == SFP_OK; i++) {
		if (info.restarts > 0)
			report_say("%s was restarted %u times", info.name, info.restarts);
	}
	report_say("%lu places were armed and not reached", state->misses);
	report_say("seed %lu: %u injected, %u contained, %u recovered, %u failed; %lu s", state->orders.seed,
		   sum.injected, sum.contained, sum.recovered, state->failures,
		   (nano_clock() - state->began) / 1000000000u);
}
