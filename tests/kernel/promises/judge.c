/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge: has the victim commit its misdeeds, calls modules that cannot start,
 * interrupts itself, and ends the machine: status 0 if the kernel kept every
 * promise, 1 if not. Each line on the serial line is one promise.
 */
#include "interrupting.h"
#include "judge.h"
#include "mapping.h"
#include "starting.h"
#include "victim.h"

#include "lib/text.h"

void judge(struct judge_state *state, bool kept, const char *format, ...)
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

uint32_t judge_faults_of(const char *name)
{
	struct nano_module_info info;

	for (unsigned index = 0; nano_module_info(index, &info) == SFP_OK; index++) {
		if (text_equal(info.name, name))
			return info.faults;
	}
	return UINT32_MAX;
}

static bool interrupts_on(void)
{
	uint64_t flags;

	__asm__ __volatile__("pushf\n\tpop %0" : "=r"(flags));
	return (flags & 0x200) && !(flags & 0x400);
}

/* In the victim's own gate: what kind of fault it was, and that what it held was released. */
static void judge_kind(struct judge_state *state, const struct victim_list *deed)
{
	struct victim_commit commit = { .index = deed->index, .own_gate = true };
	const uint32_t let_go = state->let_go;
	const enum sfp_status status = victim_commit(&state->victim, &commit);

	judge(state, status == SFP_FAULT && commit.why.kind == deed->kind, "%s: %s, %s", deed->name,
	      sfp_status_name(status), sfp_fault_kind_text(commit.why.kind));
	judge(state, commit.let_go == let_go + 1, "%s: what was held was released %u times", deed->name,
	      commit.let_go - let_go);
	judge(state, interrupts_on(), "%s: interrupts are on and strings go up afterwards", deed->name);
	state->let_go = commit.let_go;
}

/* Without one: the call itself comes back, and the fault is on the victim's account. */
static void judge_call(struct judge_state *state, const struct victim_list *deed)
{
	struct victim_commit commit = { .index = deed->index };
	const uint32_t faults = judge_faults_of("victim");
	const enum sfp_status status = victim_commit(&state->victim, &commit);

	state->let_go++;
	judge(state, status == SFP_FAULT && judge_faults_of("victim") == faults + 1,
	      "%s: the call returned %s and was counted", deed->name, sfp_status_name(status));
}

static void judge_misdeeds(struct judge_state *state)
{
	struct victim_list deed = { .index = 0 };

	for (; victim_list(&state->victim, &deed) == SFP_OK; deed.index++) {
		judge_kind(state, &deed);
		judge_call(state, &deed);
	}
	judge(state, deed.index >= 20, "%u misdeeds", deed.index);
	judge(state, judge_faults_of("judge") == 0, "none of them is on the judge's account");
}

static void judge_references(struct judge_state *state)
{
	struct nano_ref unknown = { .name = "nobody", .version = 1 };
	struct nano_ref other = { .name = "victim", .version = 2 };
	struct nano_ref forged = NANO_REF(victim);
	struct victim_list deed = { .index = 0 };

	judge(state, nano_call(&unknown, 0, NULL) == SFP_NOT_FOUND,
	      "an interface that nobody offers is not found");
	judge(state, nano_call(&other, 0, &deed) == SFP_INVALID, "another version is refused");
	judge(state, nano_call(&state->victim, 2, &deed) == SFP_INVALID,
	      "an operation past the last is refused");
	forged.record = (const struct nano_record *)(uintptr_t)0x123456789;
	judge(state, victim_list(&forged, &deed) == SFP_OK,
	      "a reference with rubbish in it is looked up anew");
	forged.record = (const struct nano_record *)((uintptr_t)state->victim.record + 8);
	judge(state, victim_list(&forged, &deed) == SFP_OK,
	      "a reference to the middle of a record is looked up anew");
}

static void judge_injection(struct judge_state *state)
{
	struct sfp_fault why = { .kind = SFP_FAULT_UNKNOWN };
	char place[64];

	judge(state,
	      nano_fault_inject("victim", NULL, &why) == SFP_FAULT && why.kind == SFP_FAULT_INSTRUCTION,
	      "an injected fault comes back");
	nano_symbolize(why.ip, place, sizeof(place));
	judge(state,
	      text_begins(place, "victim:victim_check_hook_") &&
		      text_begins(place + text_length(place) - 4, "+0x0"),
	      "its place has a name: %s", place);
	judge(state, nano_module_check("victim", NULL) == SFP_OK, "the code is whole again");
	judge(state, nano_fault_inject("victim", "deeper", &why) == SFP_OK,
	      "a symbol that the check does not pass");
	judge(state, nano_fault_inject("victim", "no_such_function", &why) == SFP_NOT_FOUND,
	      "a symbol that is none");
	judge(state, nano_fault_inject("victim", "misdeeds", &why) == SFP_INVALID,
	      "a symbol that is no code");
	judge(state, nano_fault_inject("nobody", NULL, &why) == SFP_NOT_FOUND, "a module that is none");
}

static enum sfp_status poll(struct judge_state *state)
{
	char line[64];

	judge_misdeeds(state);
	judge_references(state);
	judge_starts(state);
	judge_injection(state);
	judge_interrupts(state);
	judge_mapping(state);
	text_format(line, sizeof(line), "%u promises kept, %u broken", state->kept, state->broken);
	nano_log("judge", line);
	nano_exit(state->broken ? 1 : 0);
}

static enum sfp_status start(struct judge_state *state)
{
	state->victim = (struct nano_ref)NANO_REF(victim);
	return SFP_OK;
}

static enum sfp_status check(struct judge_state *state)
{
	(void)state;
	return SFP_OK;
}

NANO_HOOK(judge, start, start)
NANO_HOOK(judge, check, check)
NANO_HOOK(judge, poll, poll)

NANO_MODULE(judge,
	.version = 1,
	.summary = "sees whether the kernel keeps its promises",
	.state_size = sizeof(struct judge_state),
	.state_version = 1,
	.start = judge_start_hook_,
	.check = judge_check_hook_,
	.poll = judge_poll_hook_,
);
