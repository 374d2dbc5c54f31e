/* SPDX-License-Identifier: BSD-2-Clause */
/* Statuses: names, sentences, and the macros that pass them on or drop them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sfp/status.h>

#define TEST(sentence) static void sentence(void **state_ __attribute__((unused)))

struct listed {
	const char *name;
	const char *text;
	int value;
};

#define LISTED(listed_name, listed_value, sentence) { #listed_name, sentence, listed_value },
static const struct listed all[] = { SFP_STATUS_LIST(LISTED) };
#define COUNT (sizeof(all) / sizeof(all[0]))

/* Written down once more: a kernel and its modules may be built at different times. */
TEST(values_never_change)
{
	assert_int_equal(SFP_OK, 0);
	assert_int_equal(SFP_EMPTY, -1);
	assert_int_equal(SFP_AGAIN, -2);
	assert_int_equal(SFP_BUSY, -3);
	assert_int_equal(SFP_STALE, -4);
	assert_int_equal(SFP_FORGED, -5);
	assert_int_equal(SFP_FAULT, -6);
	assert_int_equal(SFP_GONE, -7);
	assert_int_equal(SFP_INVALID, -8);
	assert_int_equal(SFP_LIMIT, -9);
	assert_int_equal(SFP_RUNNING, -10);
	assert_int_equal(SFP_POISONED, -11);
	assert_int_equal(SFP_NOT_FOUND, -12);
	assert_int_equal(SFP_EXISTS, -13);
	assert_int_equal(SFP_NO_MEMORY, -14);
	assert_int_equal(SFP_UNSUPPORTED, -15);
	assert_int_equal(SFP_DEADLOCK, -16);
	assert_int_equal(SFP_MALFORMED, -17);
}

TEST(values_go_down_from_zero_without_a_gap)
{
	size_t i;

	for (i = 0; i < COUNT; i++)
		assert_int_equal(all[i].value, -(int)i);
}

TEST(every_status_has_its_own_name_and_its_own_sentence)
{
	size_t i;
	size_t j;

	for (i = 0; i < COUNT; i++) {
		const enum sfp_status status = (enum sfp_status)all[i].value;

		assert_string_equal(sfp_status_name(status), all[i].name);
		assert_string_equal(sfp_status_text(status), all[i].text);
		for (j = 0; j < i; j++) {
			assert_string_not_equal(all[i].name, all[j].name);
			assert_string_not_equal(all[i].text, all[j].text);
		}
	}
}

TEST(a_sentence_begins_with_a_capital_and_ends_with_a_stop)
{
	size_t i;

	for (i = 0; i < COUNT; i++) {
		const size_t length = strlen(all[i].text);

		assert_in_range(length, 10, 100);
		assert_in_range(all[i].text[0], 'A', 'Z');
		assert_int_equal(all[i].text[length - 1], '.');
	}
}

TEST(a_value_that_is_no_status_is_told_apart)
{
	static const int values[] = { 1, 2, 100, 0x7fffffff, -(int)COUNT, -(int)COUNT - 1, -1000, -0x7fffffff };
	size_t i;
	size_t j;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const int value = values[i];
		enum sfp_status status;

		/* Not by a conversion: the value may come from memory that is no status. */
		memcpy(&status, &value, sizeof(status));
		assert_string_equal(sfp_status_name(status), "?");
		assert_non_null(sfp_status_text(status));
		for (j = 0; j < COUNT; j++)
			assert_string_not_equal(sfp_status_text(status), all[j].text);
	}
}

static int evaluated;

static enum sfp_status give(enum sfp_status status)
{
	evaluated++;
	return status;
}

static enum sfp_status try_both(enum sfp_status first, enum sfp_status second)
{
	SFP_TRY(give(first));
	SFP_TRY(give(second));
	return SFP_EXISTS;
}

TEST(try_returns_early_with_the_status_and_evaluates_once)
{
	evaluated = 0;
	assert_int_equal(try_both(SFP_GONE, SFP_OK), SFP_GONE);
	assert_int_equal(evaluated, 1);
	evaluated = 0;
	assert_int_equal(try_both(SFP_OK, SFP_LIMIT), SFP_LIMIT);
	assert_int_equal(evaluated, 2);
	evaluated = 0;
	assert_int_equal(try_both(SFP_OK, SFP_OK), SFP_EXISTS);
	assert_int_equal(evaluated, 2);
}

/* As one statement, also without braces. */
static enum sfp_status try_in_a_branch(bool branch)
{
	if (branch)
		SFP_TRY(give(SFP_BUSY));
	else
		SFP_TRY(give(SFP_STALE));
	return SFP_OK;
}

TEST(try_is_one_statement)
{
	assert_int_equal(try_in_a_branch(true), SFP_BUSY);
	assert_int_equal(try_in_a_branch(false), SFP_STALE);
}

TEST(ignore_evaluates_once_and_goes_on)
{
	evaluated = 0;
	SFP_IGNORE(give(SFP_FAULT), "the test wants to go on");
	assert_int_equal(evaluated, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_never_change),
		cmocka_unit_test(values_go_down_from_zero_without_a_gap),
		cmocka_unit_test(every_status_has_its_own_name_and_its_own_sentence),
		cmocka_unit_test(a_sentence_begins_with_a_capital_and_ends_with_a_stop),
		cmocka_unit_test(a_value_that_is_no_status_is_told_apart),
		cmocka_unit_test(try_returns_early_with_the_status_and_evaluates_once),
		cmocka_unit_test(try_is_one_statement),
		cmocka_unit_test(ignore_evaluates_once_and_goes_on),
	};
	const int failed = cmocka_run_group_tests_name("status", tests, NULL, NULL);

	printf("status: %zu statuses, %zu tests, %d failed\n", COUNT, sizeof(tests) / sizeof(tests[0]), failed);
	return failed ? 1 : 0;
}
