/* SPDX-License-Identifier: BSD-2-Clause */
/* Ends: what nobody contains ends the process, by its signal. Each in a process of its own. */
#include "guard_test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int end_of(void (*function)(void))
{
	const struct rlimit no_core = { 0, 0 };
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		if (sfp_posix_faults_catch() != 0 || sfp_posix_thread_enter() != 0)
			_exit(99);
		function();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

static void a_fault_without_a_gate_ends_the_process_by_its_signal(void **state)
{
	(void)state;
	assert_int_equal(end_of(trap_store), SIGSEGV);
	assert_int_equal(end_of(trap_instruction), SIGILL);
}

static void raise_without_gate(void)
{
	signal(SIGABRT, SIG_DFL);
	if (!freopen("/dev/null", "w", stderr))
		_exit(98);
	sfp_fault_raise(1);
}

static void a_raise_without_a_gate_panics(void **state)
{
	(void)state;
	assert_int_equal(end_of(raise_without_gate), SIGABRT);
}

static enum sfp_status once(void *argument)
{
	(void)argument;
	trap_store();
	return SFP_OK;
}

static void contained_then_not(void)
{
	SFP_IGNORE(contained(once, NULL, NULL), "it is known to fault");
	trap_instruction();
}

static void a_fault_after_a_contained_one_still_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(end_of(contained_then_not), SIGILL);
}

static void an_exhausted_stack_without_a_gate_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(end_of(trap_overflow), SIGSEGV);
}

int group_ends(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_without_a_gate_ends_the_process_by_its_signal),
		cmocka_unit_test(a_raise_without_a_gate_panics),
		cmocka_unit_test(a_fault_after_a_contained_one_still_ends_the_process),
		cmocka_unit_test(an_exhausted_stack_without_a_gate_ends_the_process),
	};

	return cmocka_run_group_tests_name("ends", tests, NULL, NULL);
}
