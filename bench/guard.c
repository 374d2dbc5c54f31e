/* SPDX-License-Identifier: BSD-2-Clause */
/* guard: what fault-safe scopes cost, without a fault and with one. */
#include "guard.h"

static const struct bench_question questions[] = {
	{ "guard/gate", "a contained call beside a bare and an indirect one", guard_gate },
	{ "guard/lock", "a guarded lock beside a bare spin lock", guard_lock },
	{ "guard/fault", "from a fault to the caller of the gate", guard_fault },
};

int main(int count, char **words)
{
	return bench_main(count, words, questions, sizeof(questions) / sizeof(questions[0]));
}
