/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports that break the contract, one item each: the self-test names what is broken, in words. */
#include <sfp/selftest.h>

#include <stdio.h>
#include <string.h>

static const struct {
	enum breakage breakage;
	const char *name;
	const char *subject;
	const char *says; /* part of what is found */
} broken_ports[] = {
	{ CONTEXT_NULL, "no context", "context", "is NULL" },
	{ CONTEXT_CHANGES, "another context each time", "context", "another one at each call" },
	{ CONTEXT_SHARED, "one context for all threads", "context",
	  "a second thread has the first one's context" },
	{ CONTEXT_LEFT_CHANGED, "another context after a switch", "context", "after another thread ran" },
	{ PINS_NOT_ZEROED, "a context that was not zeroed", "context", "pins is out of bounds" },
	{ NEXT_MISSES_RUNNING, "context_next misses the running one", "context",
	  "misses the running context" },
	{ NEXT_MISSES_INTERRUPT, "context_next misses interrupts", "irq", "misses the running context" },
	{ NEXT_MISSES_OTHERS, "context_next shows a thread itself only", "context",
	  "the first one's context is missed" },
	{ NEXT_TWICE, "context_next has some twice", "context", "more than once" },
	{ NEXT_ENDLESS, "context_next goes round", "context", "does not come to an end" },
	{ STACK_ELSEWHERE, "wrong stack bounds", "context", "not within stack_low and stack_high" },
	{ SPARE_TINY, "a spare stack without room", "context", "no room for releases" },
	{ SPARE_IN_USE, "a spare stack that is in use", "context", "on the spare stack already" },
	{ CPU_CHANGES, "a cpu number that changes", "machine", "many numbers" },
	{ BARRIER_ONLY_AT_FIRST, "a remote barrier that ceases to work", "machine", "was true, and is not" },
	{ SAVE_DOES_NOT_MASK, "irq_save that does not mask", "irq", "leaves interrupts on" },
	{ SAVE_TWICE_UNMASKS, "irq_save that toggles", "irq",
	  "a second sfp_port_irq_save() turns interrupts on" },
	{ RESTORE_DOES_NOT, "irq_restore that does not restore", "irq", "does not restore" },
	{ RESTORE_ALWAYS_UNMASKS, "irq_restore that always unmasks", "irq", "does not nest" },
	{ INTERRUPT_IN_THREADS_CONTEXT, "interrupts without a context", "irq",
	  "in the context of what it interrupted" },
	{ INTERRUPT_IS_NOT_MARKED, "an interrupt's context that is not marked", "irq",
	  "does not say that it is an interrupt's" },
	{ TRAP_IS_SKIPPED, "a handler that skips the instruction", "trap", "went on after its fault" },
	{ TRAP_WITHOUT_KIND, "a handler that tells no kind", "trap", "another kind of fault" },
	{ TRAP_AS_MEMORY, "a handler that tells the wrong kind", "trap", "another kind of fault" },
	{ TRAP_WITHOUT_PLACE, "a handler that tells no ip", "trap", "fault.ip" },
	{ TRAP_WITHOUT_STACK, "a handler that tells its own sp", "trap", "fault.sp" },
	{ TRAP_WITHOUT_ADDRESS, "a handler that tells no address", "trap", "fault.address" },
	{ TRAP_RESUMES_ON_OLD_STACK, "a handler that forgets landing.sp", "trap", "landing.sp" },
	{ TRAP_LEAVES_MASKED, "a handler that leaves interrupts off", "trap", "interrupts are off" },
};

/* What was reported in one run. */
struct told {
	unsigned lines;
	unsigned left_out;
	unsigned failed;
	unsigned left_out_after_failure;
	struct sfp_selftest_line first; /* that fails */
};

static void note(void *to, const struct sfp_selftest_line *line)
{
	struct told *told = to;

	told->lines++;
	if (line->outcome == SFP_SELFTEST_LEFT_OUT) {
		told->left_out++;
		told->left_out_after_failure += told->failed > 0;
	}
	if (line->outcome == SFP_SELFTEST_FAILS && told->failed++ == 0)
		told->first = *line;
}

static enum sfp_status run(enum breakage breakage, struct told *told)
{
	const struct sfp_selftest_host host = {
		.report = note,
		.to = told,
		.traps = true,
		.unmapped = 8,
		.interruptible = broken_interruptible,
		.interrupt = broken_interrupt,
		.thread = broken_thread,
	};
	enum sfp_status st;

	memset(told, 0, sizeof(*told));
	broken = breakage;
	broken_port_repair();
	st = sfp_selftest(&host);
	broken = NOTHING;
	broken_port_repair();
	return st;
}

static int is_sound(void)
{
	struct told told;

	if (run(NOTHING, &told) == SFP_OK && told.failed == 0 && told.left_out == 0 && told.lines > 20)
		return 1;
	printf("the sound port: %u lines, %u left out, %u failed: %s: %s: %s\n", told.lines, told.left_out,
	       told.failed, told.failed ? told.first.subject : "", told.failed ? told.first.claim : "",
	       told.failed ? told.first.found : "");
	return 0;
}

static int is_named(size_t port)
{
	struct told told;
	const enum sfp_status st = run(broken_ports[port].breakage, &told);

	if (st == SFP_INVALID && told.failed > 0 && !strcmp(told.first.subject, broken_ports[port].subject) &&
	    strstr(told.first.found, broken_ports[port].says) && told.left_out_after_failure > 0)
		return 1;
	printf("%s: %s", broken_ports[port].name, sfp_status_name(st));
	if (told.failed)
		printf("; %s: %s: %s", told.first.subject, told.first.claim, told.first.found);
	printf("; %u left out\n", told.left_out);
	return 0;
}

int main(void)
{
	const size_t count = sizeof(broken_ports) / sizeof(broken_ports[0]);
	size_t named = 0;
	size_t i;

	setvbuf(stdout, NULL, _IOLBF, 0);
	broken_port_begin();
	if (!is_sound())
		return 1;
	for (i = 0; i < count; i++)
		named += (size_t)is_named(i);
	printf("%zu of %zu broken ports are named by what is broken\n", named, count);
	return named == count && is_sound() ? 0 : 1;
}
