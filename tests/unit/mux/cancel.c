/* SPDX-License-Identifier: BSD-2-Clause */
/* Giving up on requests: the client's mark and note, and the server's own way. */
#include "mux_test.h"

TEST(a_request_that_was_cancelled_comes_back_and_is_not_handed_out)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 2);
	expect_next(&desk.server, 0); /* all are taken in */
	EXPECT(OK, fifo_cancel(&desk.client, &desk.task[1]));
	EXPECT(BUSY, fifo_reclaim(&desk.client, &desk.task[1]));
	expect_next(&desk.server, 2);
	EXPECT_STATE(&desk.task[1], CANCELLED);
	assert_int_equal(fifo_state(&desk.task[1]).attempts, 0);
	EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[1]));
	desk_submit(&desk, 1, 1);
	expect_next(&desk.server, 1);
}

TEST(a_request_may_be_cancelled_before_the_server_has_seen_it)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 1);
	EXPECT(OK, fifo_cancel(&desk.client, &desk.task[0]));
	EXPECT(OK, fifo_cancel(&desk.client, &desk.task[0]));
	expect_next(&desk.server, 1);
	EXPECT_STATE(&desk.task[0], CANCELLED);
	EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[0]));
}

TEST(what_is_in_flight_is_marked_only)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 0);
	expect_next(&desk.server, 0);
	assert_false(fifo_is_cancelled(&desk.task[0]));
	EXPECT(RUNNING, fifo_cancel(&desk.client, &desk.task[0]));
	EXPECT(RUNNING, fifo_cancel(&desk.client, &desk.task[0]));
	assert_true(fifo_is_cancelled(&desk.task[0]));
	EXPECT_STATE(&desk.task[0], RUNNING);
	EXPECT(OK, fifo_complete(&desk.server, &desk.task[0], 3));
	EXPECT_STATE(&desk.task[0], DONE);
	EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[0]));
	desk_submit(&desk, 0, 0);
	assert_false(fifo_is_cancelled(&desk.task[0]));
	expect_next(&desk.server, 0);
}

TEST(what_is_not_in_the_mux_is_not_cancelled)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	EXPECT(EMPTY, fifo_cancel(&desk.client, &desk.task[0]));
	desk_submit(&desk, 0, 0);
	EXPECT(OK, fifo_complete(&desk.server, expect_next(&desk.server, 0), 0));
	EXPECT(EMPTY, fifo_cancel(&desk.client, &desk.task[0]));
	EXPECT_STATE(&desk.task[0], DONE);
}

/* The client stopped between the mark and the note. */
TEST(a_mark_without_a_note_is_found_when_its_turn_comes)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 2);
	expect_next(&desk.server, 0);
	desk.task[1].link.mark = SFP_MUX_CANCELLED_;
	expect_next(&desk.server, 2);
	EXPECT_STATE(&desk.task[1], CANCELLED);
}

TEST(a_note_that_comes_after_the_turn_does_no_harm)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 1);
	expect_next(&desk.server, 0);
	desk.task[1].link.mark = SFP_MUX_CANCELLED_;
	expect_empty(&desk.server);
	EXPECT_STATE(&desk.task[1], CANCELLED);
	desk.task[1].link.note.word = SFP_DFQ_QUEUED | SFP_MUX_CANCEL_;
	{
		bool waiting;

		EXPECT(OK, sfp_dfq_push_(&desk.mux.core.inbox, &desk.task[1].link.note,
					 &desk.task[1].link.note, &waiting));
	}
	EXPECT(BUSY, fifo_reclaim(&desk.client, &desk.task[1])); /* the note refers to it */
	EXPECT_STATE(&desk.task[1], CANCELLED);                  /* and its outcome stands */
	EXPECT(BUSY, fifo_submit(&desk.client, &desk.task[1]));
	expect_empty(&desk.server);
	EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[1]));
	desk_submit(&desk, 1, 1);
	expect_next(&desk.server, 1);
}

TEST(the_server_withdraws_what_is_pending_at_once)
{
	struct desk desk;

	desk_set_up(&desk, 0);
	desk_submit(&desk, 0, 3);
	EXPECT(OK, fifo_withdraw(&desk.server, &desk.task[2])); /* takes in by itself */
	EXPECT_STATE(&desk.task[2], CANCELLED);
	EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[2]));
	expect_next(&desk.server, 0);
	EXPECT(RUNNING, fifo_withdraw(&desk.server, &desk.task[0]));
	expect_next(&desk.server, 1);
	expect_next(&desk.server, 3);
	expect_empty(&desk.server);
}

/* Positions of a queue: the first, one between, the last, the only one. */
TEST(any_place_of_a_queue_can_be_cancelled)
{
	unsigned mask;

	for (mask = 0; mask < 1u << 4; mask++) {
		struct desk desk;
		int i;

		desk_set_up(&desk, 0);
		desk_submit(&desk, 0, 4);
		expect_next(&desk.server, 0);
		for (i = 1; i <= 4; i++)
			if (mask & 1u << (i - 1))
				EXPECT(OK, fifo_cancel(&desk.client, &desk.task[i]));
		for (i = 1; i <= 4; i++)
			if (!(mask & 1u << (i - 1)))
				expect_next(&desk.server, i);
		expect_empty(&desk.server);
		for (i = 1; i <= 4; i++)
			if (mask & 1u << (i - 1))
				EXPECT(OK, fifo_reclaim(&desk.client, &desk.task[i]));
		assert_null(desk.client.core.oldest);
		assert_null(desk.client.core.newest);
	}
}

int group_cancel(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_that_was_cancelled_comes_back_and_is_not_handed_out),
		cmocka_unit_test(a_request_may_be_cancelled_before_the_server_has_seen_it),
		cmocka_unit_test(what_is_in_flight_is_marked_only),
		cmocka_unit_test(what_is_not_in_the_mux_is_not_cancelled),
		cmocka_unit_test(a_mark_without_a_note_is_found_when_its_turn_comes),
		cmocka_unit_test(a_note_that_comes_after_the_turn_does_no_harm),
		cmocka_unit_test(the_server_withdraws_what_is_pending_at_once),
		cmocka_unit_test(any_place_of_a_queue_can_be_cancelled),
	};

	return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
