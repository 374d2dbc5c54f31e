/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking over from a server that stopped. At every instruction: tests/crash/mux. */
#include "mux_test.h"

TEST(a_successor_sees_what_was_in_flight_and_is_handed_it_again)
{
	struct task *task = NULL;
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 3);
	expect_next(&desk.server, 0);
	expect_next(&desk.server, 1);
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[0], 0));
	EXPECT(OK, fifo_attach(&desk.server, &desk.mux, DEAD));
	EXPECT(OK, fifo_look(&desk.server, NULL, &task));
	assert_int_equal(task->number, 1);
	EXPECT_STATE(task, RUNNING);
	EXPECT(OK, fifo_look(&desk.server, task, &task));
	assert_int_equal(task->number, 2);
	EXPECT_STATE(task, PENDING);
	assert_int_equal(fifo_state(expect_next(&desk.server, 1)).attempts, 2);
	assert_int_equal(fifo_state(expect_next(&desk.server, 2)).attempts, 1);
	expect_next(&desk.server, 3);
	expect_empty(&desk.server);
}

/* The device finishes what the predecessor had started. */
TEST(a_successor_may_settle_what_it_was_not_handed)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 2);
	expect_next(&desk.server, 0);
	EXPECT(OK, fifo_attach(&desk.server, &desk.mux, DEAD));
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[0], 9));
	EXPECT_STATE(&desk.task[0], DONE);
	EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[0]));
	expect_next(&desk.server, 1);
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[1], 0));
	leave_through(&desk.server, &desk.client);
}

TEST(what_was_cancelled_in_flight_is_not_handed_out_by_a_successor)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 1);
	expect_next(&desk.server, 0);
	EXPECT(RUNNING, fifo_cancel(&desk.client, &desk.task[0]));
	EXPECT(OK, fifo_attach(&desk.server, &desk.mux, DEAD));
	expect_next(&desk.server, 1);
	EXPECT_STATE(&desk.task[0], CANCELLED);
}

/* The predecessor was in the middle of writing its orders: none of it counts. */
TEST(a_successor_reads_nothing_that_was_derived)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 3);
	expect_next(&desk.server, 0);
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[0], 0));
	for (i = 0; i <= 3; i++) {
		desk.task[i].link.older = (void *)8;
		desk.task[i].link.newer = (void *)8;
		desk.task[i].link.up = (void *)8;
		desk.task[i].link.left = (void *)8;
		desk.task[i].link.right = (void *)8;
	}
	desk.client.core.oldest = (void *)8;
	desk.client.core.newest = (void *)8;
	desk.client.core.in_flight = 77;
	desk.client.core.left = 1;
	desk.mux.levels[0].first = (void *)8;
	desk.mux.levels[0].last = (void *)8;
	desk.mux.core.occupied = 0xffffffff;
	desk.mux.core.busy = 1;
	EXPECT(OK, fifo_attach(&desk.server, &desk.mux, DEAD));
	for (i = 1; i <= 3; i++)
		EXPECT(OK, fifo_complete(&desk.server, expect_next(&desk.server, i), 0));
	expect_empty(&desk.server);
	leave_through(&desk.server, &desk.client);
}

TEST(a_client_that_was_leaving_is_let_go_by_the_successor)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 1);
	expect_next(&desk.server, 0);
	EXPECT(BUSY, fifo_unbind(&desk.client));
	expect_empty(&desk.server); /* the note is held for task 0 */
	EXPECT(OK, fifo_attach(&desk.server, &desk.mux, DEAD));
	EXPECT(BUSY, fifo_unbind(&desk.client));
	expect_empty(&desk.server);
	EXPECT_STATE(&desk.task[0], LOST);
	EXPECT_STATE(&desk.task[1], LOST);
	EXPECT(OK, fifo_unbind(&desk.client));
}

TEST(credit_begins_anew_with_a_server)
{
	struct fair_client client[2] = { { { 0 } }, { { 0 } } };
	struct task task[2] = { { .number = 0 }, { .number = 1 } };
	struct fair_server server;
	struct task *next = NULL;
	struct fair fair;

	EXPECT(OK, fair_init(&fair, 0, 1));
	EXPECT(OK, fair_attach(&server, &fair, NEW));
	EXPECT(OK, fair_bind(&fair, &client[0], 1));
	EXPECT(OK, fair_bind(&fair, &client[1], 1));
	EXPECT(OK, fair_submit(&client[0], &task[0]));
	EXPECT(OK, fair_next(&server, &next));
	EXPECT(OK, fair_charge(&server, next, 1000));
	EXPECT(OK, fair_submit(&client[1], &task[1]));
	EXPECT(OK, fair_attach(&server, &fair, DEAD));
	EXPECT(OK, fair_next(&server, &next));
	assert_int_equal(next->number, 0);
	assert_int_equal(fair_used(&client[0]), 1002);
}

int group_takeover(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_successor_sees_what_was_in_flight_and_is_handed_it_again),
		cmocka_unit_test(a_successor_may_settle_what_it_was_not_handed),
		cmocka_unit_test(what_was_cancelled_in_flight_is_not_handed_out_by_a_successor),
		cmocka_unit_test(a_successor_reads_nothing_that_was_derived),
		cmocka_unit_test(a_client_that_was_leaving_is_let_go_by_the_successor),
		cmocka_unit_test(credit_begins_anew_with_a_server),
	};

	return cmocka_run_group_tests_name("takeover", tests, NULL, NULL);
}
