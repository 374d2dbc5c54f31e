/* SPDX-License-Identifier: BSD-2-Clause */
/* starting: see starting.h. */
#include "starting.h"

#include "lib/text.h"

static enum nano_module_phase phase_of(const char *name)
{
	struct nano_module_info info;

	for (unsigned index = 0; nano_module_info(index, &info) == SFP_OK; index++) {
		if (text_equal(info.name, name))
			return info.phase;
	}
	return NANO_FAILED;
}

static enum sfp_status call(const char *name)
{
	struct nano_ref ref = { .name = name, .version = 1 };

	return nano_call(&ref, 0, NULL);
}

static void judge_failing(struct judge_state *state, const char *name, enum sfp_status expected)
{
	const enum sfp_status first = call(name), second = call(name);

	judge(state, first == expected && second == expected, "a call of %s says %s, then %s", name,
	      sfp_status_name(first), sfp_status_name(second));
	judge(state, phase_of(name) == NANO_FAILED, "%s failed", name);
}

void judge_starts(struct judge_state *state)
{
	judge(state, phase_of("late") == NANO_LOADED, "late has not started: nobody called it");
	judge(state, nano_module_check("late", NULL) == SFP_AGAIN, "it cannot be checked before");
	judge_failing(state, "lonely", SFP_NOT_FOUND);
	judge_failing(state, "ring_a", SFP_DEADLOCK);
	judge_failing(state, "ring_c", SFP_DEADLOCK);
	judge(state, phase_of("late") == NANO_LOADED, "late has not started yet");
	judge_failing(state, "stillborn", SFP_FAULT);
	judge(state, judge_faults_of("stillborn") == 1, "stillborn trapped once");
	judge(state, phase_of("late") == NANO_STARTED, "late has started: stillborn needed it");
	judge(state, call("late") == SFP_OK, "late can be called");
}
