/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of an item, operation by operation. */
#include "dfq_test.h"

TEST(a_new_queue_is_empty)
{
	struct desk desk;
	struct job *job = NULL;
	size_t depth = 99;

	desk_set_up(&desk, 3);
	EXPECT(EMPTY, jobs_peek(&desk.consumer, &job));
	EXPECT(EMPTY, jobs_next(&desk.consumer, &job));
	EXPECT(EMPTY, jobs_look(&desk.consumer, NULL, &job));
	EXPECT(OK, jobs_depth(&desk.consumer, &depth));
	assert_int_equal(depth, 0);
}

TEST(an_item_goes_from_idle_over_queued_and_done_to_idle)
{
	struct desk desk;
	struct job *job = NULL;

	desk_set_up(&desk, 3);
	EXPECT_VIEW(&desk.job[0], IDLE, 0);
	EXPECT(OK, jobs_enqueue(&desk.queue, &desk.job[0]));
	EXPECT_VIEW(&desk.job[0], QUEUED, 0);
	job = expect_peek(&desk.consumer, 0);
	assert_ptr_equal(job, &desk.job[0]);
	EXPECT_VIEW(&desk.job[0], QUEUED, 1);
	EXPECT(OK, jobs_complete(&desk.consumer, job));
	EXPECT_VIEW(&desk.job[0], DONE, 1);
	assert_false(is_in_list(&desk.queue, &desk.job[0]));
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[0]));
	EXPECT_VIEW(&desk.job[0], IDLE, 0);
	EXPECT(EMPTY, jobs_peek(&desk.consumer, &job));
}

TEST(an_item_can_be_used_again_after_each_outcome)
{
	struct desk desk;
	int round;

	desk_set_up(&desk, 3);
	for (round = 0; round < 10; round++) {
		EXPECT(OK, jobs_enqueue(&desk.queue, &desk.job[0]));
		EXPECT_VIEW(&desk.job[0], QUEUED, 0);
		expect_peek(&desk.consumer, 0);
		if (round % 2)
			EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[0]));
		else
			EXPECT(OK, jobs_fail(&desk.consumer, &desk.job[0], 5));
		EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[0]));
	}
}

TEST(a_failed_item_tells_the_reason)
{
	struct desk desk;
	struct sfp_dfq_view view;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 1);
	EXPECT(OK, jobs_fail(&desk.consumer, expect_peek(&desk.consumer, 0), 77));
	view = jobs_state(&desk.job[0]);
	assert_int_equal(view.state, SFP_DFQ_FAILED);
	assert_int_equal(view.reason, 77);
	EXPECT(OK, jobs_fail(&desk.consumer, expect_peek(&desk.consumer, 1), 0));
	view = jobs_state(&desk.job[1]);
	assert_int_equal(view.state, SFP_DFQ_FAILED);
	assert_int_equal(view.reason, 0);
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[0]));
	EXPECT(OK, jobs_enqueue(&desk.queue, &desk.job[0]));
	assert_int_equal(jobs_state(&desk.job[0]).reason, 0);
	EXPECT(OK, jobs_complete(&desk.consumer, expect_peek(&desk.consumer, 0)));
	assert_int_equal(jobs_state(&desk.job[0]).reason, 0);
}

TEST(peek_does_not_remove)
{
	struct desk desk;
	size_t depth;

	desk_set_up(&desk, 0);
	desk_enqueue(&desk, 0, 2);
	expect_peek(&desk.consumer, 0);
	expect_peek(&desk.consumer, 0);
	EXPECT_VIEW(&desk.job[0], QUEUED, 2);
	assert_true(is_in_list(&desk.queue, &desk.job[0]));
	EXPECT(OK, jobs_depth(&desk.consumer, &depth));
	assert_int_equal(depth, 3);
}

TEST(items_can_be_enqueued_before_there_is_a_consumer)
{
	struct jobs queue;
	struct jobs_consumer consumer;
	struct job jobs[2];

	memset(jobs, 0, sizeof(jobs));
	jobs[1].number = 1;
	EXPECT(OK, jobs_init(&queue, 3));
	EXPECT(OK, jobs_enqueue(&queue, &jobs[0]));
	EXPECT(OK, jobs_enqueue(&queue, &jobs[1]));
	EXPECT(OK, jobs_attach(&consumer, &queue, SFP_PROOF("the queue is new")));
	expect_all(&consumer, (const int[]){ 0, 1, -1 });
}

TEST(a_zeroed_queue_is_open_and_has_no_limit_of_attempts)
{
	static struct jobs queue;
	struct jobs_consumer consumer;
	struct job job;
	int i;

	memset(&job, 0, sizeof(job));
	EXPECT(OK, jobs_attach(&consumer, &queue, SFP_PROOF("the queue is new")));
	EXPECT(OK, jobs_enqueue(&queue, &job));
	for (i = 1; i <= 300; i++) {
		expect_peek(&consumer, 0);
		EXPECT_VIEW(&job, QUEUED, i > 255 ? 255 : i);
	}
	EXPECT(OK, jobs_complete(&consumer, &job));
	EXPECT(OK, jobs_reclaim(&queue, &job));
}

TEST(look_shows_without_counting_and_begin_counts)
{
	struct desk desk;
	struct job *job = NULL;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 2);
	EXPECT(OK, jobs_look(&desk.consumer, NULL, &job));
	assert_int_equal(job->number, 0);
	EXPECT(OK, jobs_look(&desk.consumer, job, &job));
	assert_int_equal(job->number, 1);
	EXPECT(OK, jobs_look(&desk.consumer, job, &job));
	assert_int_equal(job->number, 2);
	EXPECT(EMPTY, jobs_look(&desk.consumer, job, &job));
	EXPECT_VIEW(&desk.job[2], QUEUED, 0);
	EXPECT(OK, jobs_begin(&desk.consumer, &desk.job[1]));
	EXPECT_VIEW(&desk.job[0], QUEUED, 0);
	EXPECT_VIEW(&desk.job[1], QUEUED, 1);
	expect_next(&desk.consumer, 2); /* begin moves the cursor as peek does */
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[1]));
}

TEST(an_item_that_was_only_looked_at_can_be_settled)
{
	struct desk desk;
	struct job *job = NULL;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 1);
	EXPECT(OK, jobs_look(&desk.consumer, NULL, &job));
	EXPECT(OK, jobs_complete(&desk.consumer, job));
	EXPECT_VIEW(&desk.job[0], DONE, 0);
	expect_all(&desk.consumer, (const int[]){ 1, -1 });
}

TEST(depth_counts_what_is_not_settled_linked_or_not)
{
	struct desk desk;
	size_t depth;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 3);
	EXPECT(OK, jobs_depth(&desk.consumer, &depth));
	assert_int_equal(depth, 4);
	EXPECT(OK, jobs_complete(&desk.consumer, expect_peek(&desk.consumer, 0)));
	EXPECT(OK, jobs_depth(&desk.consumer, &depth));
	assert_int_equal(depth, 3);
	desk_enqueue(&desk, 4, 4);
	EXPECT(OK, jobs_depth(&desk.consumer, &depth));
	assert_int_equal(depth, 4);
}

TEST(the_payload_is_left_alone)
{
	struct desk desk;
	struct job copy;

	desk_set_up(&desk, 3);
	memset(desk.job[3].before, 0x5a, sizeof(desk.job[3].before));
	memset(&desk.job[3].second_link, 0xa5, sizeof(desk.job[3].second_link));
	copy = desk.job[3];
	desk_enqueue(&desk, 2, 4);
	expect_peek(&desk.consumer, 2);
	EXPECT(OK, jobs_fail(&desk.consumer, expect_next(&desk.consumer, 3), 1));
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[3]));
	assert_memory_equal(copy.before, desk.job[3].before, sizeof(copy.before));
	assert_memory_equal(&copy.second_link, &desk.job[3].second_link, sizeof(copy.second_link));
	assert_int_equal(copy.number, desk.job[3].number);
}

int group_operations(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_queue_is_empty),
		cmocka_unit_test(an_item_goes_from_idle_over_queued_and_done_to_idle),
		cmocka_unit_test(an_item_can_be_used_again_after_each_outcome),
		cmocka_unit_test(a_failed_item_tells_the_reason),
		cmocka_unit_test(peek_does_not_remove),
		cmocka_unit_test(items_can_be_enqueued_before_there_is_a_consumer),
		cmocka_unit_test(a_zeroed_queue_is_open_and_has_no_limit_of_attempts),
		cmocka_unit_test(look_shows_without_counting_and_begin_counts),
		cmocka_unit_test(an_item_that_was_only_looked_at_can_be_settled),
		cmocka_unit_test(depth_counts_what_is_not_settled_linked_or_not),
		cmocka_unit_test(the_payload_is_left_alone),
	};

	return cmocka_run_group_tests_name("operations", tests, NULL, NULL);
}
