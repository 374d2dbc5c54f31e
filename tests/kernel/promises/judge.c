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
static void judge_kind(struct judge_state *state, unsigned index, const struct victim_deed *deed)
{
	struct victim_outcome outcome = { .let_go = 0 };
	const uint32_t let_go = state->let_go;
	const enum sfp_status status = victim_contain(&state->victim, index, &outcome);

	judge(state, status == SFP_OK && outcome.status == SFP_FAULT && outcome.why.kind == deed->kind,
	      "%s: %s, %s", deed->name, sfp_status_name(outcome.status), sfp_fault_kind_text(outcome.why.kind));
	judge(state, outcome.let_go == let_go + 1, "%s: what was held was released %u times", deed->name,
	      outcome.let_go - let_go);
	judge(state, interrupts_on(), "%s: interrupts are on and strings go up afterwards", deed->name);
	state->let_go = outcome.let_go;
}

/* Without one: the call itself comes back, and the fault is on the victim's account. */
static void judge_call(struct judge_state *state, unsigned index, const struct victim_deed *deed)
{
	const uint32_t faults = judge_faults_of("victim");
	struct sfp_fault why = { .kind = SFP_FAULT_UNKNOWN };
	const enum sfp_status status = victim_commit_contained(&state->victim, index, &why);

	state->let_go++;
	judge(state,
	      status == SFP_FAULT && why.kind == deed->kind &&
		      judge_faults_of("victim") == faults + 1 + why.cleanup_faults,
	      "%s: the call returned %s and was counted", deed->name, sfp_status_name(status));
}

static void judge_misdeeds(struct judge_state *state)
{
	struct victim_deed deed;
	unsigned index = 0;

	for (; victim_deed(&state->victim, index, &deed) == SFP_OK; index++) {
		judge_kind(state, index, &deed);
		judge_call(state, index, &deed);
	}
	judge(state, index >= 20, "%u misdeeds", index);
	judge(state, judge_faults_of("judge") == 0, "none of them is on the judge's account");
}

/* What victim.h said once, and what it does not say. */
#define OLD_OPS(OP) OP(deed, SFP_IN(unsigned, index))
SFP_INTERFACE(unknown, 1, OLD_OPS);

static enum sfp_status call_forged(struct victim_ref *ref)
{
	struct victim_deed deed;

	return victim_deed(ref, 0, &deed);
}
SFP_GATE(call_forged, call_forged, struct victim_ref *);

static void judge_references(struct judge_state *state)
{
	static const struct sfp_iface older = { .name = "victim", .version = 2, .count = victim_COUNT };
	struct unknown_ref unknown = SFP_REF(nano_realm(), NULL);
	struct victim_ref elsewhere = SFP_REF(nano_realm(), "late");
	struct victim_ref forged = SFP_REF(nano_realm(), NULL);
	struct sfp_iface_ref other = { .realm = nano_realm() };
	struct victim_deed_call_ call = { .index = 0 };
	const uint32_t faults = judge_faults_of("judge");
	struct victim_deed deed;

	judge(state, unknown_deed(&unknown, 0) == SFP_NOT_FOUND, "an interface that nobody offers is not found");
	judge(state, victim_deed(&elsewhere, 0, &deed) == SFP_NOT_FOUND, "nor is one of another provider");
	judge(state, sfp_iface_call(&other, &older, victim_deed_gated_, &call.sfp_core_, NULL) == SFP_INVALID,
	      "another version is refused");
	judge(state, victim_deed(&forged, 0, &deed) == SFP_OK, "a reference of the stack's is as good");
	forged.core.incarnation++;
	judge(state, victim_deed(&forged, 0, &deed) == SFP_GONE, "a reference to another incarnation is told");
	victim_renew(&forged);
	judge(state, victim_deed(&forged, 0, &deed) == SFP_OK, "and can be renewed");
	forged.core.slot = 0x123456780;
	judge(state, call_forged_contained(&forged, NULL) == SFP_FAULT && judge_faults_of("judge") == faults + 1,
	      "a reference with rubbish in it is a fault of its holder's");
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

static enum sfp_status check(struct judge_state *state)
{
	(void)state;
	return SFP_OK;
}

NANO_HOOK(judge, check, check)
NANO_HOOK(judge, poll, poll)

static const struct nano_use uses[] = { NANO_USE(judge, victim, victim, NANO_LAZILY), NANO_USES_END };

NANO_MODULE(judge,
	.version = 1,
	.summary = "sees whether the kernel keeps its promises",
	.state_size = sizeof(struct judge_state),
	.state_version = 1,
	.uses = uses,
	.check = judge_check_hook_,
	.poll = judge_poll_hook_,
);
