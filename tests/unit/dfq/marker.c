/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A producer restarted over its old items: marker and settle. A producer that
 * stopped inside of enqueue, before the swap, is made by hand: its item says
 * QUEUED and is in no list.
 */
#include "dfq_test.h"

static void stop_before_the_swap(struct job *job)
{
	job->link.word = SFP_DFQ_QUEUED;
}

TEST(a_marker_is_never_handed_out_shown_or_counted)
{
	struct desk desk;
	struct jobs_marker marker[3] = { 0 };
	struct job *job = NULL;
	size_t depth;

	desk_set_up(&desk, 3);
	EXPECT(OK, jobs_mark(&desk.queue, &marker[0]));
	desk_enqueue(&desk, 0, 0);
	EXPECT(OK, jobs_mark(&desk.queue, &marker[1]));
	desk_enqueue(&desk, 1, 1);
	EXPECT(OK, jobs_mark(&desk.queue, &marker[2]));
	EXPECT(OK, jobs_depth(&desk.consumer, &depth));
	assert_int_equal(depth, 2);
	EXPECT(OK, jobs_look(&desk.consumer, NULL, &job));
	assert_int_equal(job->number, 0);
	expect_all(&desk.consumer, (const int[]){ 0, 1, -1 });
	for (depth = 0; depth < 3; depth++)
		EXPECT(OK, jobs_unmark(&desk.queue, &marker[depth]));
}

TEST(a_marker_is_refused_twice_and_by_a_closed_queue)
{
	struct desk desk;
	struct jobs_marker marker = { 0 };
	struct jobs_marker late = { 0 };

	desk_set_up(&desk, 3);
	EXPECT(OK, jobs_mark(&desk.queue, &marker));
	EXPECT(BUSY, jobs_mark(&desk.queue, &marker));
	EXPECT(BUSY, jobs_unmark(&desk.queue, &marker));
	EXPECT(OK, close_through(&desk.consumer));
	EXPECT(BUSY, jobs_mark(&desk.queue, &marker)); /* LOST, not reclaimed */
	EXPECT(OK, jobs_unmark(&desk.queue, &marker));
	EXPECT(GONE, jobs_mark(&desk.queue, &late));
	EXPECT(OK, jobs_unmark(&desk.queue, &late));
}

TEST(an_item_that_was_never_linked_is_settled_once_the_marker_is_passed)
{
	struct desk desk;
	struct jobs_marker marker = { 0 };

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 0);
	stop_before_the_swap(&desk.job[1]);
	EXPECT(AGAIN, jobs_settle(&desk.queue, NULL, &desk.job[1]));
	EXPECT(OK, jobs_mark(&desk.queue, &marker));
	EXPECT(AGAIN, jobs_settle(&desk.queue, &marker, &desk.job[1]));
	expect_peek(&desk.consumer, 0);
	EXPECT(AGAIN, jobs_settle(&desk.queue, &marker, &desk.job[1])); /* linked past, not handed past */
	EXPECT_VIEW(&desk.job[1], QUEUED, 0);
	expect_all(&desk.consumer, (const int[]){ 0, -1 });
	EXPECT(OK, jobs_settle(&desk.queue, &marker, &desk.job[1]));
	EXPECT_VIEW(&desk.job[1], IDLE, 0);
	desk_enqueue(&desk, 1, 1);
	expect_next(&desk.consumer, 1);
}

TEST(an_item_that_is_in_the_queue_is_busy_and_will_be_delivered)
{
	struct desk desk;
	struct jobs_marker marker = { 0 };

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 1);
	EXPECT(OK, jobs_mark(&desk.queue, &marker));
	EXPECT(AGAIN, jobs_settle(&desk.queue, &marker, &desk.job[1])); /* nobody knows yet */
	expect_peek(&desk.consumer, 0);
	EXPECT(BUSY, jobs_settle(&desk.queue, &marker, &desk.job[0]));
	EXPECT(BUSY, jobs_settle(&desk.queue, &marker, &desk.job[1]));
	EXPECT(BUSY, jobs_settle(&desk.queue, NULL, &desk.job[1]));
	expect_all(&desk.consumer, (const int[]){ 0, 1, -1 });
	EXPECT(BUSY, jobs_settle(&desk.queue, &marker, &desk.job[1]));
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[1]));
	EXPECT(OK, jobs_settle(&desk.queue, &marker, &desk.job[1]));
	EXPECT_VIEW(&desk.job[1], IDLE, 0);
}

TEST(settle_reclaims_what_has_its_outcome_and_leaves_what_is_idle)
{
	struct desk desk;
	struct jobs_marker marker = { 0 };
	int i;

	desk_set_up(&desk, 1);
	desk_enqueue(&desk, 0, 3);
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, 3, -1 });
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[0]));
	EXPECT(OK, jobs_fail(&desk.consumer, &desk.job[1], 3));
	EXPECT(LIMIT, jobs_begin(&desk.consumer, &desk.job[2]));
	EXPECT(OK, close_through(&desk.consumer));
	EXPECT(OK, jobs_settle(&desk.queue, &marker, &desk.job[4]));
	for (i = 0; i <= 4; i++) {
		EXPECT(OK, jobs_settle(&desk.queue, NULL, &desk.job[i]));
		EXPECT_VIEW(&desk.job[i], IDLE, 0);
	}
}

TEST(a_terminal_item_that_is_not_released_is_busy_for_settle_too)
{
	struct desk desk;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 1);
	expect_peek(&desk.consumer, 0);
	stop_after_a(&desk, &desk.job[0], SFP_DFQ_DONE);
	EXPECT(BUSY, jobs_settle(&desk.queue, NULL, &desk.job[0]));
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	EXPECT(OK, jobs_settle(&desk.queue, NULL, &desk.job[0]));
}

TEST(an_empty_queue_settles_without_a_marker)
{
	struct desk desk;

	desk_set_up(&desk, 3);
	stop_before_the_swap(&desk.job[0]);
	EXPECT(OK, jobs_settle(&desk.queue, NULL, &desk.job[0]));
	EXPECT_VIEW(&desk.job[0], IDLE, 0);
}

TEST(a_queue_that_closes_settles_the_marker_and_the_items)
{
	struct desk desk;
	struct jobs_marker marker = { 0 };

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 0);
	stop_before_the_swap(&desk.job[1]);
	EXPECT(OK, jobs_mark(&desk.queue, &marker));
	EXPECT(OK, close_through(&desk.consumer));
	EXPECT(OK, jobs_settle(&desk.queue, &marker, &desk.job[1]));
	EXPECT_VIEW(&desk.job[1], IDLE, 0);
	EXPECT_VIEW(&desk.job[0], LOST, 0);
	EXPECT(OK, jobs_settle(&desk.queue, &marker, &desk.job[0]));
	EXPECT(OK, jobs_unmark(&desk.queue, &marker));
}

/* The marker is passed as the only thing in the list, and by a consumer that had to take over first. */
TEST(a_takeover_passes_the_marker)
{
	struct desk desk;
	struct jobs_marker marker = { 0 };

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 0);
	stop_before_the_swap(&desk.job[1]);
	EXPECT(OK, jobs_mark(&desk.queue, &marker));
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	expect_all(&desk.consumer, (const int[]){ 0, -1 });
	EXPECT(OK, jobs_settle(&desk.queue, &marker, &desk.job[1]));
	EXPECT(BUSY, jobs_settle(&desk.queue, &marker, &desk.job[0]));
	EXPECT(OK, jobs_unmark(&desk.queue, &marker));
	EXPECT(OK, jobs_mark(&desk.queue, &marker));
}

TEST(a_marker_in_front_of_a_stuck_item_and_behind_it_is_passed_by_next)
{
	struct desk desk;
	struct jobs_marker marker[2] = { 0 };
	struct job *job = NULL;

	desk_set_up(&desk, 3);
	EXPECT(OK, jobs_mark(&desk.queue, &marker[0]));
	desk_enqueue(&desk, 0, 0);
	EXPECT(OK, jobs_mark(&desk.queue, &marker[1]));
	expect_peek(&desk.consumer, 0);
	EXPECT(OK, jobs_unmark(&desk.queue, &marker[0]));
	EXPECT(BUSY, jobs_unmark(&desk.queue, &marker[1]));
	EXPECT(EMPTY, jobs_next(&desk.consumer, &job));
	EXPECT(OK, jobs_unmark(&desk.queue, &marker[1]));
	desk_enqueue(&desk, 1, 1);
	expect_next(&desk.consumer, 1);
}

int group_marker(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_marker_is_never_handed_out_shown_or_counted),
		cmocka_unit_test(a_marker_is_refused_twice_and_by_a_closed_queue),
		cmocka_unit_test(an_item_that_was_never_linked_is_settled_once_the_marker_is_passed),
		cmocka_unit_test(an_item_that_is_in_the_queue_is_busy_and_will_be_delivered),
		cmocka_unit_test(settle_reclaims_what_has_its_outcome_and_leaves_what_is_idle),
		cmocka_unit_test(a_terminal_item_that_is_not_released_is_busy_for_settle_too),
		cmocka_unit_test(an_empty_queue_settles_without_a_marker),
		cmocka_unit_test(a_queue_that_closes_settles_the_marker_and_the_items),
		cmocka_unit_test(a_takeover_passes_the_marker),
		cmocka_unit_test(a_marker_in_front_of_a_stuck_item_and_behind_it_is_passed_by_next),
	};

	return cmocka_run_group_tests_name("marker", tests, NULL, NULL);
}
