/* SPDX-License-Identifier: BSD-2-Clause */
/* Having a request handed out again later, without its client's doing. */
#include "mux_test.h"

TEST(what_is_requeued_comes_behind_the_others)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 2);
	for (i = 0; i < 30; i++) {
		struct task *task = expect_next(&desk.server, i % 3);

		assert_int_equal(fifo_state(task).attempts, 1);
		EXPECT(OK, fifo_requeue(&desk.server, task));
		EXPECT_STATE(task, PENDING);
	}
	EXPECT(OK, fifo_requeue(&desk.server, &desk.task[0])); /* a pending one */
	expect_next(&desk.server, 1);
	expect_next(&desk.server, 2);
	expect_next(&desk.server, 0);
}

TEST(what_is_requeued_can_be_cancelled_again)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	EXPECT(OK, fifo_requeue(&desk.server, expect_next(&desk.server, 0)));
	EXPECT(OK, fifo_cancel(&desk.client, &desk.task[0]));
	expect_empty(&desk.server);
	EXPECT_STATE(&desk.task[0], CANCELLED);
}

TEST(what_was_cancelled_in_flight_is_not_requeued)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	expect_next(&desk.server, 0);
	EXPECT(RUNNING, fifo_cancel(&desk.client, &desk.task[0]));
	EXPECT(GONE, fifo_requeue(&desk.server, &desk.task[0]));
	EXPECT_STATE(&desk.task[0], CANCELLED);
	EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[0]));
	expect_empty(&desk.server);
}

TEST(a_successor_finds_a_requeued_one_where_it_was_submitted)
{
	struct desk desk;

	desk_set_up(&desk, 1);
	desk_submit(&desk, 0, 1);
	EXPECT(OK, fifo_requeue(&desk.server, expect_next(&desk.server, 0)));
	EXPECT(OK, fifo_attach(&desk.server, &desk.mux, DEAD));
	expect_next(&desk.server, 0); /* its attempts had begun anew, or it would be poison */
	expect_next(&desk.server, 1);
}

int group_requeue(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_requeued_comes_behind_the_others),
		cmocka_unit_test(what_is_requeued_can_be_cancelled_again),
		cmocka_unit_test(what_was_cancelled_in_flight_is_not_requeued),
		cmocka_unit_test(a_successor_finds_a_requeued_one_where_it_was_submitted),
	};

	return cmocka_run_group_tests_name("requeue", tests, NULL, NULL);
}
