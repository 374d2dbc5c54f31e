/* SPDX-License-Identifier: BSD-2-Clause */
/* Scopes: SFP_SCOPED lets go on every way out, newest first, once. */
#include "guard_test.h"

static void to_the_end(void)
{
	HOLD(a, 'a');
	HOLD(b, 'b');
}

static void a_scope_that_ends_releases_newest_first(void **state)
{
	(void)state;
	begin();
	to_the_end();
	assert_string_equal(log_text(), "ba");
	assert_null(sfp_port_context()->guards);
}

static int return_early(int when)
{
	HOLD(a, 'a');

	if (when == 1)
		return 1;
	{
		HOLD(b, 'b');

		if (when == 2)
			return 2;
	}
	return 3;
}

static void a_return_releases_what_is_held_there(void **state)
{
	static const char *const expected[] = { "", "a", "ba", "ba" };
	int when;

	(void)state;
	begin();
	for (when = 1; when <= 3; when++) {
		log_clear();
		assert_int_equal(return_early(when), when);
		assert_string_equal(log_text(), expected[when]);
		assert_null(sfp_port_context()->guards);
	}
}

static void break_and_continue_release(void **state)
{
	int i;

	(void)state;
	begin();
	for (i = 0; i < 5; i++) {
		HOLD(a, (char)('0' + i));

		if (i == 1)
			continue;
		if (i == 3)
			break;
	}
	assert_string_equal(log_text(), "0123");
	assert_null(sfp_port_context()->guards);
}

static void goto_out_of_a_scope_releases(void **state)
{
	(void)state;
	begin();
	{
		HOLD(a, 'a');

		if (a.value.letter == 'a')
			goto out;
	}
	log_clear();
out:
	assert_string_equal(log_text(), "a");
	assert_null(sfp_port_context()->guards);
}

static enum sfp_status let_go_by_hand(void *argument)
{
	HOLD(a, 'a');
	HOLD(b, 'b');

	b.value.letter = 0;
	if (argument)
		trap_store();
	return SFP_OK;
}

static void what_is_not_held_any_more_is_not_released(void **state)
{
	int yes = 1;

	(void)state;
	begin();
	assert_int_equal(contained(let_go_by_hand, NULL, NULL), SFP_OK);
	assert_string_equal(log_text(), "a");
	log_clear();
	assert_int_equal(contained(let_go_by_hand, &yes, NULL), SFP_FAULT);
	assert_string_equal(log_text(), "a");
}

static enum sfp_status inner_scope_then_fault(void *argument)
{
	HOLD(a, 'a');

	(void)argument;
	{
		HOLD(b, 'b');
	}
	trap_store();
	return SFP_OK;
}

static void a_scope_that_has_ended_is_not_released_again(void **state)
{
	(void)state;
	begin();
	assert_int_equal(contained(inner_scope_then_fault, NULL, NULL), SFP_FAULT);
	assert_string_equal(log_text(), "ba");
}

int group_scopes(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scope_that_ends_releases_newest_first),
		cmocka_unit_test(a_return_releases_what_is_held_there),
		cmocka_unit_test(break_and_continue_release),
		cmocka_unit_test(goto_out_of_a_scope_releases),
		cmocka_unit_test(what_is_not_held_any_more_is_not_released),
		cmocka_unit_test(a_scope_that_has_ended_is_not_released_again),
	};

	return cmocka_run_group_tests_name("scopes", tests, NULL, NULL);
}
