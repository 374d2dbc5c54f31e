/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of delivery, settling out of order, and where `next` goes on. */
#include "dfq_test.h"

TEST(items_come_in_the_order_in_which_they_were_enqueued)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, JOBS - 1);
	for (i = 0; i < JOBS; i++)
		EXPECT(OK, jobs_complete(&desk.consumer, expect_peek(&desk.consumer, i)));
	expect_all(&desk.consumer, (const int[]){ -1 });
}

TEST(the_order_holds_where_enqueueing_and_completing_alternate)
{
	struct desk desk;
	int in;
	int out = 0;

	desk_set_up(&desk, 3);
	for (in = 0; in < 100; in++) {
		int complete = in % 3 != 0 || in - out >= JOBS - 1 ? 1 : 0;

		EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[in % JOBS]));
		desk_enqueue(&desk, in % JOBS, in % JOBS);
		if (in % 7 == 0)
			complete = in + 1 - out; /* all */
		for (; complete > 0; complete--)
			EXPECT(OK, jobs_complete(&desk.consumer, expect_peek(&desk.consumer, out++ % JOBS)));
	}
}

/* Settle all of `count` jobs in every possible order; what is left keeps its order each time. */
static void settle_rest(struct desk *desk, unsigned left, int count, unsigned long *orders)
{
	int i;

	if (!left) {
		struct job *job = NULL;

		EXPECT(EMPTY, jobs_peek(&desk->consumer, &job));
		assert_null(sfp_dfq_pointer_(desk->queue.core.head));
		++*orders;
		return;
	}
	for (i = 0; i < count; i++) {
		struct desk again = *desk;
		int rest[JOBS + 1];
		int n = 0;
		int j;

		if (!(left & 1u << i))
			continue;
		EXPECT(OK, jobs_complete(&desk->consumer, &desk->job[i]));
		EXPECT(OK, jobs_reclaim(&desk->queue, &desk->job[i]));
		for (j = 0; j < count; j++)
			if (left & ~(1u << i) & 1u << j)
				rest[n++] = j;
		rest[n] = -1;
		expect_all(&desk->consumer, rest);
		settle_rest(desk, left & ~(1u << i), count, orders);
		*desk = again; /* back to where it was, at the same address */
	}
}

TEST(items_may_be_settled_in_every_order)
{
	struct desk desk;
	unsigned long orders = 0;

	desk_set_up(&desk, 0);
	desk_enqueue(&desk, 0, 4);
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, 3, 4, -1 });
	settle_rest(&desk, 0x1f, 5, &orders);
	assert_int_equal(orders, 120);
}

TEST(the_newest_may_be_settled_while_newer_ones_arrive)
{
	struct desk desk;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 2);
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, -1 });
	desk_enqueue(&desk, 3, 4); /* job 2 is the newest that is linked both ways */
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[2]));
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[2]));
	expect_all(&desk.consumer, (const int[]){ 0, 1, 3, 4, -1 });
}

TEST(the_only_item_may_be_settled_while_newer_ones_arrive)
{
	struct desk desk;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 0);
	expect_peek(&desk.consumer, 0);
	desk_enqueue(&desk, 1, 2);
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[0]));
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[0]));
	expect_all(&desk.consumer, (const int[]){ 1, 2, -1 });
}

TEST(next_goes_on_behind_what_was_handed_out_last)
{
	struct desk desk;
	struct job *job = NULL;

	desk_set_up(&desk, 0);
	desk_enqueue(&desk, 0, 2);
	expect_next(&desk.consumer, 0); /* without a peek before it begins at the oldest */
	expect_next(&desk.consumer, 1);
	expect_peek(&desk.consumer, 0); /* peek takes the cursor back */
	expect_next(&desk.consumer, 1);
	expect_next(&desk.consumer, 2);
	EXPECT(EMPTY, jobs_next(&desk.consumer, &job));
	desk_enqueue(&desk, 3, 3);
	expect_next(&desk.consumer, 3);
}

TEST(next_goes_on_where_it_was_after_the_cursors_item_is_settled)
{
	struct desk desk;
	struct job *job = NULL;

	desk_set_up(&desk, 0);
	desk_enqueue(&desk, 0, 4);
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, 3, 4, -1 });
	expect_peek(&desk.consumer, 0);
	expect_next(&desk.consumer, 1);
	expect_next(&desk.consumer, 2);
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[2])); /* the cursor's: in the middle */
	expect_next(&desk.consumer, 3);
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[1])); /* another one */
	expect_next(&desk.consumer, 4);
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[4])); /* the cursor's: the newest */
	EXPECT(EMPTY, jobs_next(&desk.consumer, &job));
	desk_enqueue(&desk, 5, 5);
	expect_next(&desk.consumer, 5);
	expect_peek(&desk.consumer, 0);
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[0])); /* the cursor's: the oldest */
	expect_next(&desk.consumer, 3);
}

TEST(settling_back_from_the_cursor_leads_next_to_the_first_item_behind_them)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	desk_enqueue(&desk, 0, 4);
	expect_peek(&desk.consumer, 0);
	for (i = 1; i <= 3; i++)
		expect_next(&desk.consumer, i);
	for (i = 3; i >= 0; i--)
		EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[i]));
	expect_next(&desk.consumer, 4);
}

TEST(an_item_that_is_used_again_comes_behind_the_others)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_enqueue(&desk, 0, 2);
	EXPECT(OK, jobs_complete(&desk.consumer, expect_peek(&desk.consumer, 0)));
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[0]));
	desk_enqueue(&desk, 0, 0);
	expect_all(&desk.consumer, (const int[]){ 1, 2, 0, -1 });
}

int group_order(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_in_the_order_in_which_they_were_enqueued),
		cmocka_unit_test(the_order_holds_where_enqueueing_and_completing_alternate),
		cmocka_unit_test(items_may_be_settled_in_every_order),
		cmocka_unit_test(the_newest_may_be_settled_while_newer_ones_arrive),
		cmocka_unit_test(the_only_item_may_be_settled_while_newer_ones_arrive),
		cmocka_unit_test(next_goes_on_behind_what_was_handed_out_last),
		cmocka_unit_test(next_goes_on_where_it_was_after_the_cursors_item_is_settled),
		cmocka_unit_test(settling_back_from_the_cursor_leads_next_to_the_first_item_behind_them),
		cmocka_unit_test(an_item_that_is_used_again_comes_behind_the_others),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
