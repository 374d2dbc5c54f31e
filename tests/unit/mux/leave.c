/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients that leave: what is pending goes back at once, what is in flight when it is settled. */
#include "mux_test.h"

TEST(a_client_without_requests_leaves_when_the_server_has_come_by)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	EXPECT(BUSY, fifo_unbind(&desk.client));
	EXPECT(BUSY, fifo_unbind(&desk.client));
	expect_empty(&desk.server);
	EXPECT(OK, fifo_unbind(&desk.client));
	EXPECT(INVALID, fifo_unbind(&desk.client));
	assert_null(sfp_dfq_pointer_(desk.mux.core.inbox.head));
}

TEST(all_that_a_leaving_client_has_pending_comes_back_lost)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 1);
	EXPECT(OK, fifo_submit(&desk.other, &desk.task[2]));
	desk_submit(&desk, 3, 4);
	EXPECT(BUSY, fifo_unbind(&desk.client));
	EXPECT(GONE, fifo_submit(&desk.client, &desk.task[5]));
	expect_next(&desk.server, 2);
	EXPECT(OK, fifo_unbind(&desk.client));
	for (i = 0; i <= 4; i++)
		if (i != 2) {
			EXPECT_STATE(&desk.task[i], LOST);
			EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[i]));
		}
	expect_empty(&desk.server);
}

TEST(a_leaving_client_waits_for_what_is_in_flight)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 2);
	expect_next(&desk.server, 0);
	expect_next(&desk.server, 1);
	EXPECT(BUSY, fifo_unbind(&desk.client));
	expect_empty(&desk.server);
	EXPECT_STATE(&desk.task[2], LOST);
	EXPECT(BUSY, fifo_unbind(&desk.client));
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[1], 1));
	EXPECT(BUSY, fifo_unbind(&desk.client));
	EXPECT(OK, fifo_fail(&desk.server, &desk.task[0], 2));
	EXPECT(OK, fifo_unbind(&desk.client));
	EXPECT_STATE(&desk.task[1], DONE);
	EXPECT_STATE(&desk.task[0], FAILED);
}

TEST(what_is_requeued_for_a_client_that_has_left_is_lost)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	expect_next(&desk.server, 0);
	EXPECT(BUSY, fifo_unbind(&desk.client));
	expect_empty(&desk.server);
	EXPECT(GONE, fifo_requeue(&desk.server, &desk.task[0]));
	EXPECT_STATE(&desk.task[0], LOST);
	EXPECT(OK, fifo_unbind(&desk.client));
}

/* An interrupt of the client that submitted at the same time. */
TEST(a_request_that_comes_after_the_note_goes_straight_back)
{
	struct desk desk;
	bool waiting;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	expect_next(&desk.server, 0);
	EXPECT(BUSY, fifo_unbind(&desk.client));
	desk.client.core.bond = SFP_MUX_BOUND_;
	EXPECT(OK, sfp_mux_submit(&desk.client.core, &desk.task[1].link, 0, &waiting, SFP_FIFO));
	desk.client.core.bond = SFP_MUX_LEAVING_;
	expect_empty(&desk.server);
	EXPECT_STATE(&desk.task[1], LOST);
}

TEST(a_client_that_left_may_come_back_and_go_elsewhere)
{
	struct fifo second;
	struct fifo_server server;
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	EXPECT(OK, fifo_init(&second, 0));
	EXPECT(OK, fifo_attach(&server, &second, NEW));
	for (i = 0; i < 3; i++) {
		desk_submit(&desk, 0, 1);
		expect_next(&desk.server, 0);
		EXPECT(OK, fifo_complete(&desk.server, &desk.task[0], 0));
		leave_through(&desk.server, &desk.client);
		EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[0]));
		EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[1]));
		EXPECT(OK, fifo_bind(&second, &desk.client));
		desk_submit(&desk, 0, 1);
		EXPECT(OK, fifo_complete(&server, expect_next(&server, 0), 0));
		EXPECT(OK, fifo_complete(&server, expect_next(&server, 1), 0));
		leave_through(&server, &desk.client);
		EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[0]));
		EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[1]));
		EXPECT(OK, fifo_bind(&desk.mux, &desk.client));
	}
}

TEST(a_leaving_client_with_more_than_one_share_takes_several_calls)
{
	static struct task tasks[3 * SFP_DFQ_BUDGET];
	struct task *task = NULL;
	struct desk desk;
	unsigned again = 0;
	unsigned i;

	desk_set_up(&desk, 0);
	memset(tasks, 0, sizeof(tasks));
	for (i = 0; i < 3 * SFP_DFQ_BUDGET; i++)
		EXPECT(OK, fifo_submit(&desk.client, &tasks[i]));
	EXPECT(OK, next_through(&desk.server, &task));
	EXPECT(OK, fifo_complete(&desk.server, task, 0));
	EXPECT(BUSY, fifo_unbind(&desk.client));
	while (fifo_next(&desk.server, &task) == SFP_AGAIN)
		again++;
	assert_in_range(again, 2, 4);
	EXPECT(OK, fifo_unbind(&desk.client));
	for (i = 1; i < 3 * SFP_DFQ_BUDGET; i++)
		EXPECT_STATE(&tasks[i], LOST);
}

int group_leave(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_without_requests_leaves_when_the_server_has_come_by),
		cmocka_unit_test(all_that_a_leaving_client_has_pending_comes_back_lost),
		cmocka_unit_test(a_leaving_client_waits_for_what_is_in_flight),
		cmocka_unit_test(what_is_requeued_for_a_client_that_has_left_is_lost),
		cmocka_unit_test(a_request_that_comes_after_the_note_goes_straight_back),
		cmocka_unit_test(a_client_that_left_may_come_back_and_go_elsewhere),
		cmocka_unit_test(a_leaving_client_with_more_than_one_share_takes_several_calls),
	};

	return cmocka_run_group_tests_name("leave", tests, NULL, NULL);
}
