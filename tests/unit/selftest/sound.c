/* SPDX-License-Identifier: BSD-2-Clause */
/* The self-test on the POSIX port: nothing fails, and what is left out is what that port does not have. */
#include <sfp/selftest.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static unsigned lines[3];
static unsigned interrupts; /* left out for want of interrupts */

static void note(void *to, const struct sfp_selftest_line *line)
{
	(void)to;
	lines[line->outcome]++;
	if (line->outcome == SFP_SELFTEST_LEFT_OUT && strstr(line->found, "interrupt"))
		interrupts++;
	if (line->outcome == SFP_SELFTEST_FAILS)
		printf("%s: %s: %s\n", line->subject, line->claim, line->found);
}

struct thread {
	void (*body)(void *);
	void *argument;
};

static void *in_thread(void *argument)
{
	const struct thread *thread = argument;

	if (sfp_posix_thread_enter() != 0)
		return NULL;
	thread->body(thread->argument);
	sfp_posix_thread_leave();
	return argument;
}

static bool run_thread(void (*body)(void *), void *argument)
{
	struct thread thread = { body, argument };
	pthread_t id;
	void *ended = NULL;

	return pthread_create(&id, NULL, in_thread, &thread) == 0 && pthread_join(id, &ended) == 0 && ended;
}

int main(void)
{
	const struct sfp_selftest_host nothing = { .report = note };
	const struct sfp_selftest_host all = {
		.report = note, .traps = true, .unmapped = 8, .thread = run_thread
	};
	const struct sfp_selftest_host quiet = { .report = NULL };
	unsigned held;

	if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
		return 1;
	if (sfp_selftest(NULL) != SFP_UNSUPPORTED || sfp_selftest(&quiet) != SFP_OK ||
	    sfp_selftest(&nothing) != SFP_OK)
		return 1;
	held = lines[SFP_SELFTEST_HOLDS];
	memset(lines, 0, sizeof(lines));
	interrupts = 0;
	if (sfp_selftest(&all) != SFP_OK || lines[SFP_SELFTEST_FAILS] || lines[SFP_SELFTEST_HOLDS] <= held ||
	    lines[SFP_SELFTEST_LEFT_OUT] != interrupts)
		return 1;
	printf("%u checks hold on the POSIX port, %u are left out: it has no interrupts\n",
	       lines[SFP_SELFTEST_HOLDS], interrupts);
	return 0;
}
