/* SPDX-License-Identifier: BSD-2-Clause */
/* Cleanups that fault, that open gates, and chains that were overwritten. */
#include "guard_test.h"

static enum sfp_status three_with_one_faulty(void *argument)
{
	HOLD(a, 'a');
	HOLD(b, 'b');
	HOLD(c, 'c');

	(void)argument;
	b.value.before = trap_store;
	trap_instruction();
	return SFP_OK;
}

static void a_cleanup_that_faults_is_given_up_and_the_rest_still_run(void **state)
{
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(three_with_one_faulty, NULL, &why), SFP_FAULT);
	assert_string_equal(log_text(), "ca");
	assert_int_equal(why.kind, SFP_FAULT_INSTRUCTION); /* the first one */
	assert_int_equal(why.cleanup_faults, 1);
	assert_null(sfp_port_context()->guards);
}

static enum sfp_status all_faulty(void *argument)
{
	HOLD(a, 'a');
	HOLD(b, 'b');
	HOLD(c, 'c');

	(void)argument;
	a.value.before = trap_store;
	b.value.before = trap_instruction;
	c.value.before = trap_store;
	sfp_fault_raise(5);
	return SFP_OK;
}

static void cleanups_may_all_fault(void **state)
{
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(all_faulty, NULL, &why), SFP_FAULT);
	assert_string_equal(log_text(), "");
	assert_int_equal(why.kind, SFP_FAULT_RAISED);
	assert_int_equal(why.code, 5);
	assert_int_equal(why.cleanup_faults, 3);
}

static void raise_nine(void)
{
	sfp_fault_raise(9);
}

static enum sfp_status one_raises(void *argument)
{
	HOLD(a, 'a');
	HOLD(b, 'b');

	(void)argument;
	b.value.before = raise_nine;
	trap_store();
	return SFP_OK;
}

static void a_cleanup_may_raise(void **state)
{
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(one_raises, NULL, &why), SFP_FAULT);
	assert_string_equal(log_text(), "a");
	assert_int_equal(why.kind, SFP_FAULT_MEMORY);
	assert_int_equal(why.cleanup_faults, 1);
}

/* A fault in the end of a scope, without one before: the release runs again, from the gate. */
static enum sfp_status faulty_end(void *argument)
{
	HOLD(a, 'a');

	(void)argument;
	a.value.before = trap_store;
	return SFP_OK;
}

static void a_release_that_faults_at_the_end_of_its_scope_runs_again(void **state)
{
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(faulty_end, NULL, &why), SFP_FAULT);
	assert_string_equal(log_text(), "a");
	assert_int_equal(why.cleanup_faults, 0);
}

static enum sfp_status faulty_inside(void *argument)
{
	HOLD(x, 'x');

	(void)argument;
	trap_store();
	return SFP_OK;
}

static struct sfp_fault inner_why;
static enum sfp_status inner_status;

static void open_a_gate(void)
{
	inner_status = contained(faulty_inside, NULL, &inner_why);
}

static enum sfp_status gate_in_cleanup(void *argument)
{
	HOLD(a, 'a');
	HOLD(b, 'b');

	(void)argument;
	b.value.before = open_a_gate;
	trap_instruction();
	return SFP_OK;
}

static void a_gate_in_a_cleanup_contains_its_own(void **state)
{
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(gate_in_cleanup, NULL, &why), SFP_FAULT);
	assert_int_equal(inner_status, SFP_FAULT);
	assert_int_equal(inner_why.kind, SFP_FAULT_MEMORY);
	assert_int_equal(why.kind, SFP_FAULT_INSTRUCTION);
	assert_int_equal(why.cleanup_faults, 0);
	assert_string_equal(log_text(), "xba");
	assert_null(sfp_port_context()->gate);
}

/* A wild write has hit the chain: the newest guard is sound, what comes after it cannot be read. */
static enum sfp_status broken_chain(void *argument)
{
	HOLD(a, 'a');
	HOLD(b, 'b');

	(void)argument;
	b.guard.older = (struct sfp_guard *)NOWHERE;
	trap_store();
	return SFP_OK;
}

static void a_broken_chain_ends_and_the_gate_holds(void **state)
{
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(broken_chain, NULL, &why), SFP_FAULT);
	assert_string_equal(log_text(), "b");
	assert_int_equal(why.cleanup_faults, 1);
	assert_null(sfp_port_context()->guards);
	assert_null(sfp_port_context()->gate);
}

/* The release function itself is the wild pointer. */
static enum sfp_status broken_release(void *argument)
{
	HOLD(a, 'a');
	HOLD(b, 'b');

	(void)argument;
	b.guard.release = (void (*)(struct sfp_guard *))NOWHERE;
	trap_store();
	return SFP_OK;
}

static void a_broken_release_is_given_up_and_the_rest_still_run(void **state)
{
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(broken_release, NULL, &why), SFP_FAULT);
	assert_string_equal(log_text(), "a");
	assert_int_equal(why.cleanup_faults, 1);
}

int group_cleanups(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cleanup_that_faults_is_given_up_and_the_rest_still_run),
		cmocka_unit_test(cleanups_may_all_fault),
		cmocka_unit_test(a_cleanup_may_raise),
		cmocka_unit_test(a_release_that_faults_at_the_end_of_its_scope_runs_again),
		cmocka_unit_test(a_gate_in_a_cleanup_contains_its_own),
		cmocka_unit_test(a_broken_chain_ends_and_the_gate_holds),
		cmocka_unit_test(a_broken_release_is_given_up_and_the_rest_still_run),
	};

	return cmocka_run_group_tests_name("cleanups", tests, NULL, NULL);
}
