/* SPDX-License-Identifier: BSD-2-Clause */
/* bench: the command that shows what the kernel's own steps cost. */
#include "bench.h"
#include "shell.h"

static const char *const steps[BENCH_STEPS] = {
	[BENCH_INDIRECT] = "a bare indirect call",
	[BENCH_GATE] = "a call through a gate",
	[BENCH_CALL] = "a whole late-bound call",
	[BENCH_RAISE] = "a fault raised, to its status",
	[BENCH_FAULT] = "a fault trapped, to its status",
	[BENCH_INTERRUPT] = "an interrupt, to its handler",
};

static enum sfp_status say_steps(struct shell_state *state)
{
	bool counted = false;

	SFP_TRY(bench_instructions(&state->bench, &counted));
	shell_say(state, "%-32s %7s %7s  of\n", counted ? "instructions" : "ticks: times, not instructions", "least",
		  "median");
	for (unsigned step = BENCH_INDIRECT; step < BENCH_STEPS; step++) {
		struct bench_figure figure;

		SFP_TRY(bench_measure(&state->bench, step, &figure));
		shell_say(state, "%-32s %7lu %7lu  %u\n", steps[step], figure.least, figure.median,
			  figure.repetitions);
	}
	return SFP_OK;
}

enum sfp_status shell_bench(struct shell_state *state, char *arguments)
{
	enum sfp_status status;

	SFP_TRY(shell_words(arguments, NULL, 0, 0));
	status = say_steps(state);
	if (status != SFP_OK)
		shell_say(state, "bench: %s\n", sfp_status_text(status));
	return SFP_OK;
}
