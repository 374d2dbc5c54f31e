/* SPDX-License-Identifier: BSD-2-Clause */
/* mux: what a choice costs among many clients, a request's whole way, and timers beside their peers. */
#include "mux.h"

static const struct bench_question questions[] = {
	{ "mux/choice", "choose and put back, with 1 to 100,000 clients", mux_choice },
	{ "mux/cycle", "a task becomes ready, runs and blocks; beside a locked list", mux_cycle },
	{ "mux/timers", "expire and arm, cancel and arm; beside a binary heap and a red-black tree",
	  mux_timers },
};

int main(int count, char **words)
{
	return bench_main(count, words, questions, sizeof(questions) / sizeof(questions[0]));
}
