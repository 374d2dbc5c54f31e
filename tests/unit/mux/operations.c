/* SPDX-License-Identifier: BSD-2-Clause */
/* What each operation does to a request, and to whom it tells what. */
#include "mux_test.h"

TEST(a_request_goes_from_idle_to_idle)
{
	struct desk desk;
	struct task *task;

	desk_set_up(&desk, 0);
	EXPECT_STATE(&desk.task[0], IDLE);
	desk_submit(&desk, 0, 0);
	EXPECT_STATE(&desk.task[0], PENDING);
	EXPECT(BUSY, fifo_reclaim(&desk.client, &desk.task[0]));
	task = expect_next(&desk.server, 0);
	assert_ptr_equal(task, &desk.task[0]);
	EXPECT_STATE(task, RUNNING);
	assert_int_equal(fifo_state(task).attempts, 1);
	EXPECT(BUSY, fifo_reclaim(&desk.client, &desk.task[0]));
	expect_empty(&desk.server);
	EXPECT(OK, fifo_complete(&desk.server, task, 42));
	EXPECT_STATE(task, DONE);
	assert_int_equal(fifo_state(task).result, 42);
	EXPECT(OK, fifo_reclaim(&desk.client, task));
	EXPECT_STATE(task, IDLE);
	EXPECT(OK, fifo_reclaim(&desk.client, task));
	desk_submit(&desk, 0, 0);
	expect_next(&desk.server, 0);
}

TEST(a_request_that_fails_says_why)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	EXPECT(OK, fifo_fail(&desk.server, expect_next(&desk.server, 0), 7));
	EXPECT_STATE(&desk.task[0], FAILED);
	assert_int_equal(fifo_state(&desk.task[0]).result, 7);
	EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[0]));
}

TEST(requests_are_settled_in_any_order)
{
	static const int orders[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 2, 0, 3, 1 }, { 1, 3, 0, 2 } };
	size_t o;
	int i;

	for (o = 0; o < sizeof(orders) / sizeof(orders[0]); o++) {
		struct desk desk;

		desk_set_up(&desk, 0);
		desk_submit(&desk, 0, 3);
		for (i = 0; i < 4; i++)
			expect_next(&desk.server, i);
		desk_submit(&desk, 4, 4); /* not taken in yet */
		for (i = 0; i < 4; i++)
			EXPECT(OK, fifo_complete(&desk.server, &desk.task[orders[o][i]], 0));
		for (i = 0; i < 4; i++)
			EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[i]));
		desk_submit(&desk, 0, 0);
		expect_next(&desk.server, 4);
		expect_next(&desk.server, 0);
		expect_empty(&desk.server);
	}
}

TEST(a_pending_request_may_be_settled_too)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 2);
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[1], 5));
	EXPECT_STATE(&desk.task[1], DONE);
	EXPECT(OK, fifo_fail(&desk.server, &desk.task[0], 6));
	EXPECT_STATE(&desk.task[0], FAILED);
	expect_next(&desk.server, 2);
	expect_empty(&desk.server);
}

TEST(more_than_one_share_is_taken_in_by_several_calls)
{
	static struct task tasks[3 * SFP_DFQ_BUDGET];
	struct task *task = NULL;
	struct desk desk;
	unsigned again = 0;
	unsigned i;

	desk_set_up(&desk, 0);
	memset(tasks, 0, sizeof(tasks));
	tasks_number(tasks, 3 * SFP_DFQ_BUDGET);
	for (i = 0; i < 3 * SFP_DFQ_BUDGET; i++)
		EXPECT(OK, fifo_submit(&desk.client, &tasks[i]));
	while (fifo_next(&desk.server, &task) == SFP_AGAIN)
		again++;
	assert_in_range(again, 1, 10);
	assert_int_equal(task->number, 0);
	for (i = 1; i < 3 * SFP_DFQ_BUDGET; i++)
		expect_next(&desk.server, (int)i);
	expect_empty(&desk.server);
}

TEST(what_a_client_used_is_counted_in_its_record)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 2);
	EXPECT(OK, fifo_submit(&desk.other, &desk.task[3]));
	expect_next(&desk.server, 0);
	expect_next(&desk.server, 1);
	assert_int_equal(fifo_used(&desk.client), 2);
	assert_int_equal(fifo_used(&desk.other), 0);
	expect_next(&desk.server, 2);
	expect_next(&desk.server, 3);
	assert_int_equal(fifo_used(&desk.client), 3);
	assert_int_equal(fifo_used(&desk.other), 1);
}

TEST(look_shows_all_in_the_order_of_submission)
{
	struct task *task = NULL;
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 3);
	expect_next(&desk.server, 0);
	expect_next(&desk.server, 1);
	EXPECT(OK, fifo_cancel(&desk.client, &desk.task[3])); /* a note stands there too */
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[1], 0));
	desk_submit(&desk, 4, 4);
	for (i = 0; i <= 4; i++) {
		if (i == 1)
			continue;
		EXPECT(OK, fifo_look(&desk.server, task, &task));
		assert_int_equal(task->number, i);
		assert_int_equal(fifo_state(task).state, i == 0 ? SFP_MUX_RUNNING : SFP_MUX_PENDING);
	}
	EXPECT(EMPTY, fifo_look(&desk.server, task, &task));
}

TEST(a_closed_mux_gives_everything_back)
{
	struct task *task = NULL;
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 2);
	expect_next(&desk.server, 0);
	EXPECT(OK, fifo_close(&desk.server));
	EXPECT_STATE(&desk.task[0], LOST);
	EXPECT_STATE(&desk.task[1], LOST);
	EXPECT_STATE(&desk.task[2], LOST);
	EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[0]));
	EXPECT(GONE, fifo_submit(&desk.client, &desk.task[0]));
	EXPECT_STATE(&desk.task[0], IDLE);
	EXPECT(GONE, fifo_next(&desk.server, &task));
	EXPECT(GONE, fifo_complete(&desk.server, &desk.task[1], 0));
	EXPECT(GONE, fifo_requeue(&desk.server, &desk.task[1]));
	EXPECT_STATE(&desk.task[1], LOST);
	EXPECT(OK, fifo_unbind(&desk.client));
	EXPECT(GONE, fifo_bind(&desk.mux, &desk.client));
}

TEST(a_request_that_was_handed_out_too_often_is_poison)
{
	struct task *task = NULL;
	struct desk desk;
	int i;

	desk_set_up(&desk, 2);
	desk_submit(&desk, 0, 1);
	for (i = 0; i < 2; i++) {
		expect_next(&desk.server, 0);
		EXPECT(OK, fifo_attach(&desk.server, &desk.mux, DEAD));
	}
	expect_next(&desk.server, 1);
	EXPECT_STATE(&desk.task[0], FAILED);
	assert_int_equal(fifo_state(&desk.task[0]).result, SFP_DFQ_POISON);
	assert_int_equal(fifo_state(&desk.task[0]).attempts, 2);
	EXPECT(EMPTY, fifo_next(&desk.server, &task));
}

TEST(without_a_limit_attempts_have_no_end)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	for (i = 1; i <= 300; i++) {
		assert_int_equal(fifo_state(expect_next(&desk.server, 0)).attempts, i < 255 ? i : 255);
		EXPECT(OK, fifo_attach(&desk.server, &desk.mux, DEAD));
	}
}

int group_operations(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_goes_from_idle_to_idle),
		cmocka_unit_test(a_request_that_fails_says_why),
		cmocka_unit_test(requests_are_settled_in_any_order),
		cmocka_unit_test(a_pending_request_may_be_settled_too),
		cmocka_unit_test(more_than_one_share_is_taken_in_by_several_calls),
		cmocka_unit_test(what_a_client_used_is_counted_in_its_record),
		cmocka_unit_test(look_shows_all_in_the_order_of_submission),
		cmocka_unit_test(a_closed_mux_gives_everything_back),
		cmocka_unit_test(a_request_that_was_handed_out_too_often_is_poison),
		cmocka_unit_test(without_a_limit_attempts_have_no_end),
	};

	return cmocka_run_group_tests_name("operations", tests, NULL, NULL);
}
