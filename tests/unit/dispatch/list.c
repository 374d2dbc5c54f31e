/* SPDX-License-Identifier: BSD-2-Clause */
/* Subscribing, dispatching and leaving, one after the other. */
#include "dispatch_test.h"

TEST(a_zeroed_dispatcher_runs_nobody)
{
	static struct irqs irqs;

	EXPECT_RAN(&irqs, 0, "", NOT_FOUND);
	assert_string_equal(ran_first(&irqs, 7), "");
	EXPECT(NOT_FOUND, dispatched);
}

TEST(a_handler_is_run_for_its_own_key_only)
{
	static struct irqs irqs;
	struct client a;
	struct client b;

	client_init(&a, &irqs, 'a', 0);
	client_init(&b, &irqs, 'b', 0);
	EXPECT(OK, irqs_subscribe(&irqs, 3, &a.sub));
	EXPECT(OK, irqs_subscribe(&irqs, 7, &b.sub));
	EXPECT_RAN(&irqs, 3, "a", OK);
	EXPECT_RAN(&irqs, 7, "b", OK);
	EXPECT_RAN(&irqs, 2, "", NOT_FOUND);
}

TEST(a_list_has_no_keys)
{
	static struct hooks hooks;
	struct client a;
	struct event event = { .ran = "" };

	client_init(&a, NULL, 'a', 0);
	EXPECT(NOT_FOUND, hooks_dispatch(&hooks, &event));
	EXPECT(OK, hooks_subscribe(&hooks, &a.hook));
	EXPECT(OK, hooks_dispatch(&hooks, &event));
	EXPECT(OK, hooks_dispatch_first(&hooks, &event));
	assert_string_equal(event.ran, "aa");
	EXPECT(OK, hooks_unsubscribe(&hooks, &a.hook));
	EXPECT(NOT_FOUND, hooks_dispatch(&hooks, &event));
	EXPECT(OK, hooks_unsubscribe_wait(&hooks, &a.hook));
}

TEST(a_key_that_is_too_great_is_refused)
{
	static struct irqs irqs;
	struct client a;
	struct event event = { .ran = "" };

	client_init(&a, &irqs, 'a', 0);
	EXPECT(INVALID, irqs_subscribe(&irqs, 8, &a.sub));
	EXPECT(INVALID, irqs_dispatch(&irqs, 8, &event));
	EXPECT(INVALID, irqs_dispatch_first(&irqs, 0u - 1, &event));
	EXPECT(OK, irqs_subscribe(&irqs, 0, &a.sub));
}

TEST(a_subscription_is_in_one_list_at_a_time)
{
	static struct irqs irqs;
	static struct irqs other;
	struct client a;

	client_join(&a, &irqs, 'a', 0);
	EXPECT(BUSY, irqs_subscribe(&irqs, 0, &a.sub));
	EXPECT(BUSY, irqs_subscribe(&irqs, 1, &a.sub));
	EXPECT(BUSY, irqs_subscribe(&other, 1, &a.sub));
	EXPECT(INVALID, irqs_unsubscribe(&other, &a.sub));
	EXPECT(INVALID, irqs_unsubscribe_wait(&other, &a.sub));
	EXPECT_RAN(&irqs, 0, "a", OK);
	expect_clean();
}

TEST(a_subscription_needs_a_handler)
{
	static struct irqs irqs;
	struct irqs_sub none;

	memset(&none, 0, sizeof(none));
	EXPECT(INVALID, irqs_subscribe(&irqs, 0, &none));
	assert_int_equal(irqs.heads[0], 0);
}

TEST(who_has_left_is_not_run_and_can_come_back_elsewhere)
{
	static struct irqs irqs;
	struct client a;
	struct client b;

	client_join(&a, &irqs, 'a', 2);
	client_join(&b, &irqs, 'b', 1);
	EXPECT(OK, irqs_unsubscribe(&irqs, &a.sub));
	EXPECT_RAN(&irqs, 0, "b", OK);
	EXPECT(OK, irqs_unsubscribe(&irqs, &a.sub));
	EXPECT(OK, irqs_subscribe(&irqs, 5, &a.sub));
	EXPECT_RAN(&irqs, 0, "b", OK);
	EXPECT_RAN(&irqs, 5, "a", OK);
	EXPECT(OK, irqs_unsubscribe_wait(&irqs, &a.sub));
	EXPECT(OK, irqs_unsubscribe_wait(&irqs, &b.sub));
	assert_int_equal(irqs.heads[0] | irqs.heads[5], 0);
	assert_int_equal(a.sub.core.next | a.sub.core.place, 0);
}

TEST(the_first_taker_is_the_last_to_run)
{
	static struct irqs irqs;
	struct client a;
	struct client b;
	struct client c;

	client_join(&a, &irqs, 'a', 3);
	client_join(&b, &irqs, 'b', 2);
	client_join(&c, &irqs, 'c', 1);
	a.answer = SFP_EMPTY;
	assert_string_equal(ran_first(&irqs, 0), "ab");
	EXPECT(OK, dispatched);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	b.answer = SFP_BUSY;
	c.answer = SFP_EMPTY;
	assert_string_equal(ran_first(&irqs, 0), "abc");
	EXPECT(EMPTY, dispatched);
	EXPECT_RAN(&irqs, 0, "abc", EMPTY);
}

TEST(without_two_free_pins_nothing_is_walked)
{
	static struct irqs irqs;
	struct client a;
	struct client b;
	struct event event = { .ran = "" };
	struct sfp_context *context = level_port_context();

	client_join(&a, &irqs, 'a', 2);
	client_init(&b, &irqs, 'b', 1);
	context->pinned = SFP_PINS - 1;
	EXPECT(LIMIT, irqs_dispatch(&irqs, 0, &event));
	EXPECT(LIMIT, irqs_dispatch_first(&irqs, 0, &event));
	EXPECT(LIMIT, irqs_subscribe(&irqs, 0, &b.sub));
	EXPECT(LIMIT, irqs_unsubscribe(&irqs, &a.sub));
	assert_int_equal(context->pinned, SFP_PINS - 1);
	context->pinned = 0;
	EXPECT_RAN(&irqs, 0, "", NOT_FOUND); /* it had left all the same */
	EXPECT(OK, irqs_subscribe(&irqs, 0, &b.sub));
	EXPECT(OK, irqs_unsubscribe(&irqs, &a.sub));
	EXPECT_RAN(&irqs, 0, "b", OK);
}

TEST(a_dispatcher_that_is_made_anew_is_empty)
{
	struct irqs irqs;

	memset(&irqs, 0xdd, sizeof(irqs));
	irqs_init(&irqs, 3);
	assert_int_equal(irqs.core.limit, 3);
	EXPECT_RAN(&irqs, 7, "", NOT_FOUND);
}

int group_list(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_dispatcher_runs_nobody),
		cmocka_unit_test(a_handler_is_run_for_its_own_key_only),
		cmocka_unit_test(a_list_has_no_keys),
		cmocka_unit_test(a_key_that_is_too_great_is_refused),
		cmocka_unit_test(a_subscription_is_in_one_list_at_a_time),
		cmocka_unit_test(a_subscription_needs_a_handler),
		cmocka_unit_test(who_has_left_is_not_run_and_can_come_back_elsewhere),
		cmocka_unit_test(the_first_taker_is_the_last_to_run),
		cmocka_unit_test(without_two_free_pins_nothing_is_walked),
		cmocka_unit_test(a_dispatcher_that_is_made_anew_is_empty),
	};

	return cmocka_run_group_tests_name("dispatch: list", tests, NULL, NULL);
}
