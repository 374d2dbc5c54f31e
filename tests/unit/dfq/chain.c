/* SPDX-License-Identifier: BSD-2-Clause */
/* Chains: many items by one swap. */
#include "dfq_test.h"

TEST(a_chain_comes_in_the_order_of_its_array_and_behind_what_was_there)
{
	struct desk desk;
	struct job *const chain[] = { &desk.job[4], &desk.job[1], &desk.job[3] };

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 0);
	EXPECT(OK, jobs_enqueue_chain(&desk.queue, chain, 3));
	desk_enqueue(&desk, 2, 2);
	EXPECT_VIEW(&desk.job[1], QUEUED, 0);
	expect_all(&desk.consumer, (const int[]){ 0, 4, 1, 3, 2, -1 });
}

TEST(a_chain_of_one_is_an_item)
{
	struct desk desk;
	struct job *const chain[] = { &desk.job[5] };

	desk_set_up(&desk, 3);
	EXPECT(OK, jobs_enqueue_chain(&desk.queue, chain, 1));
	EXPECT(OK, jobs_complete(&desk.consumer, expect_peek(&desk.consumer, 5)));
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[5]));
}

TEST(a_chain_of_none_is_refused)
{
	struct desk desk;
	struct job *const chain[] = { &desk.job[5] };

	desk_set_up(&desk, 3);
	EXPECT(INVALID, jobs_enqueue_chain(&desk.queue, chain, 0));
	EXPECT_VIEW(&desk.job[5], IDLE, 0);
	expect_all(&desk.consumer, (const int[]){ -1 });
}

TEST(a_chain_with_a_busy_item_is_refused_whole_wherever_that_stands)
{
	struct desk desk;
	int at;
	int i;

	for (at = 0; at < 4; at++) {
		struct job *const chain[] = { &desk.job[0], &desk.job[1], &desk.job[2], &desk.job[3] };

		desk_set_up(&desk, 3);
		desk_enqueue(&desk, at, at);
		EXPECT(BUSY, jobs_enqueue_chain(&desk.queue, chain, 4));
		for (i = 0; i < 4; i++)
			assert_int_equal(jobs_state(&desk.job[i]).state,
					 i == at ? SFP_DFQ_QUEUED : SFP_DFQ_IDLE);
		expect_all(&desk.consumer, (const int[]){ at, -1 });
	}
}

TEST(a_chain_with_a_settled_item_that_is_not_reclaimed_is_refused_whole)
{
	struct desk desk;
	struct job *const chain[] = { &desk.job[1], &desk.job[0] };

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 0);
	EXPECT(OK, jobs_fail(&desk.consumer, expect_peek(&desk.consumer, 0), 9));
	EXPECT(BUSY, jobs_enqueue_chain(&desk.queue, chain, 2));
	EXPECT_VIEW(&desk.job[0], FAILED, 1);
	assert_int_equal(jobs_state(&desk.job[0]).reason, 9);
	EXPECT_VIEW(&desk.job[1], IDLE, 0);
}

TEST(an_item_cannot_stand_twice_in_a_chain)
{
	struct desk desk;
	struct job *const chain[] = { &desk.job[0], &desk.job[1], &desk.job[0] };
	struct job *const neighbours[] = { &desk.job[0], &desk.job[0] };

	desk_set_up(&desk, 3);
	EXPECT(BUSY, jobs_enqueue_chain(&desk.queue, chain, 3));
	EXPECT(BUSY, jobs_enqueue_chain(&desk.queue, neighbours, 2));
	EXPECT_VIEW(&desk.job[0], IDLE, 0);
	EXPECT_VIEW(&desk.job[1], IDLE, 0);
	expect_all(&desk.consumer, (const int[]){ -1 });
}

TEST(a_chain_into_a_closed_queue_is_refused_whole)
{
	struct desk desk;
	struct job *const chain[] = { &desk.job[0], &desk.job[1] };

	desk_set_up(&desk, 3);
	EXPECT(OK, jobs_close(&desk.consumer));
	EXPECT(GONE, jobs_enqueue_chain(&desk.queue, chain, 2));
	EXPECT_VIEW(&desk.job[0], IDLE, 0);
	EXPECT_VIEW(&desk.job[1], IDLE, 0);
}

TEST(the_items_of_a_chain_are_settled_each_for_itself)
{
	struct desk desk;
	struct job *const chain[] = { &desk.job[0], &desk.job[1], &desk.job[2] };

	desk_set_up(&desk, 3);
	EXPECT(OK, jobs_enqueue_chain(&desk.queue, chain, 3));
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, -1 });
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[1]));
	EXPECT(OK, jobs_fail(&desk.consumer, &desk.job[2], 4));
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[1]));
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[2]));
	EXPECT(BUSY, jobs_reclaim(&desk.queue, &desk.job[0]));
	expect_all(&desk.consumer, (const int[]){ 0, -1 });
}

int group_chain(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chain_comes_in_the_order_of_its_array_and_behind_what_was_there),
		cmocka_unit_test(a_chain_of_one_is_an_item),
		cmocka_unit_test(a_chain_of_none_is_refused),
		cmocka_unit_test(a_chain_with_a_busy_item_is_refused_whole_wherever_that_stands),
		cmocka_unit_test(a_chain_with_a_settled_item_that_is_not_reclaimed_is_refused_whole),
		cmocka_unit_test(an_item_cannot_stand_twice_in_a_chain),
		cmocka_unit_test(a_chain_into_a_closed_queue_is_refused_whole),
		cmocka_unit_test(the_items_of_a_chain_are_settled_each_for_itself),
	};

	return cmocka_run_group_tests_name("chain", tests, NULL, NULL);
}
