/* SPDX-License-Identifier: BSD-2-Clause */
/* starting: see starting.h. */
#include "starting.h"

#include "small.h"

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

static void judge_failing(struct judge_state *state, const char *name, enum sfp_status first,
			  enum sfp_status second, enum sfp_status expected)
{
	judge(state, first == expected && second == expected, "a call of %s says %s, then %s", name,
	      sfp_status_name(first), sfp_status_name(second));
	judge(state, phase_of(name) == NANO_FAILED, "%s failed", name);
}

/* Through a reference of the stack's: it needs no declaration, only the realm. */
#define CALL(interface) \
	__extension__({ \
		struct interface##_ref ref_ = SFP_REF(nano_realm(), NULL); \
		interface##_call(&ref_); \
	})
#define JUDGE_FAILING(state, interface, expected) \
	do { \
		const enum sfp_status first_ = CALL(interface); \
		\
		judge_failing(state, #interface, first_, CALL(interface), expected); \
	} while (0)

void judge_starts(struct judge_state *state)
{
	judge(state, phase_of("late") == NANO_LOADED, "late has not started: nobody called it");
	judge(state, nano_module_check("late", NULL) == SFP_AGAIN, "it cannot be checked before");
	JUDGE_FAILING(state, lonely, SFP_NOT_FOUND);
	JUDGE_FAILING(state, ring_a, SFP_DEADLOCK);
	JUDGE_FAILING(state, ring_c, SFP_DEADLOCK);
	JUDGE_FAILING(state, loop_a, SFP_DEADLOCK);
	judge(state, phase_of("late") == NANO_LOADED, "late has not started yet");
	JUDGE_FAILING(state, stillborn, SFP_FAULT);
	judge(state, judge_faults_of("stillborn") == 1, "stillborn trapped once");
	judge(state, phase_of("late") == NANO_STARTED, "late has started: stillborn needed it");
	judge(state, CALL(late) == SFP_OK, "late can be called");
}
