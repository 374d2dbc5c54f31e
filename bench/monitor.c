/* SPDX-License-Identifier: BSD-2-Clause */
/* monitor: what a section costs, and what it costs to be able to take it back. */
#include "monitor.h"

static const struct bench_question questions[] = {
	{ "monitor/section", "a section of 8 bytes beside a bare lock and unlock", monitor_section },
	{ "monitor/rollback", "the price of SFP_ROLLBACK by the size of the data", monitor_rollback },
};

int main(int count, char **words)
{
	return bench_main(count, words, questions, sizeof(questions) / sizeof(questions[0]));
}
