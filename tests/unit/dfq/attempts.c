/* SPDX-License-Identifier: BSD-2-Clause */
/* Attempts are counted when a handler begins; past the limit an item is poison. */
#include "dfq_test.h"

static void expect_poison(const struct job *job, unsigned attempts)
{
	const struct sfp_dfq_view view = jobs_state(job);

	assert_int_equal(view.state, SFP_DFQ_FAILED);
	assert_int_equal(view.attempts, attempts);
	assert_int_equal(view.reason, SFP_DFQ_POISON);
}

TEST(an_item_is_handed_out_as_often_as_its_limit_says_and_is_poison_then)
{
	static const unsigned limits[] = { 1, 2, 3, 253, 254 };
	size_t l;

	for (l = 0; l < sizeof(limits) / sizeof(limits[0]); l++) {
		struct desk desk;
		struct job *job = NULL;
		unsigned i;

		desk_set_up(&desk, limits[l]);
		desk_enqueue(&desk, 0, 0);
		for (i = 1; i <= limits[l]; i++) {
			expect_peek(&desk.consumer, 0);
			EXPECT_VIEW(&desk.job[0], QUEUED, i);
		}
		EXPECT(EMPTY, jobs_peek(&desk.consumer, &job));
		expect_poison(&desk.job[0], limits[l]);
		EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[0]));
		desk_enqueue(&desk, 0, 0);
		expect_peek(&desk.consumer, 0); /* the count begins anew */
		EXPECT_VIEW(&desk.job[0], QUEUED, 1);
	}
}

TEST(without_a_limit_an_item_is_never_poison_and_the_count_stops_at_its_end)
{
	struct desk desk;
	unsigned i;

	desk_set_up(&desk, 0);
	desk_enqueue(&desk, 0, 1);
	for (i = 1; i <= 1000; i++) {
		expect_peek(&desk.consumer, 0);
		EXPECT_VIEW(&desk.job[0], QUEUED, i > 255 ? 255 : i);
		EXPECT(OK, jobs_begin(&desk.consumer, &desk.job[1]));
		EXPECT_VIEW(&desk.job[1], QUEUED, i > 255 ? 255 : i);
	}
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[0]));
	EXPECT_VIEW(&desk.job[0], DONE, 255);
}

TEST(peek_passes_a_poisoned_item_and_hands_out_the_one_behind_it)
{
	struct desk desk;

	desk_set_up(&desk, 1);
	desk_enqueue(&desk, 0, 2);
	expect_peek(&desk.consumer, 0);
	expect_peek(&desk.consumer, 1); /* 0 had its attempt */
	expect_poison(&desk.job[0], 1);
	EXPECT_VIEW(&desk.job[1], QUEUED, 1);
	EXPECT_VIEW(&desk.job[2], QUEUED, 0);
}

TEST(next_passes_a_poisoned_item_in_the_middle)
{
	struct desk desk;

	desk_set_up(&desk, 2);
	desk_enqueue(&desk, 0, 2);
	expect_peek(&desk.consumer, 0);
	EXPECT(OK, jobs_begin(&desk.consumer, &desk.job[1]));
	EXPECT(OK, jobs_begin(&desk.consumer, &desk.job[1]));
	expect_peek(&desk.consumer, 0);
	expect_next(&desk.consumer, 2);
	expect_poison(&desk.job[1], 2);
	EXPECT_VIEW(&desk.job[0], QUEUED, 2);
	assert_false(is_in_list(&desk.queue, &desk.job[1]));
}

TEST(a_stuck_item_holds_nobody_up)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 5);
	expect_peek(&desk.consumer, 0); /* its handler cannot finish it now */
	for (i = 1; i <= 5; i++)
		EXPECT(OK, jobs_complete(&desk.consumer, expect_next(&desk.consumer, i)));
	EXPECT_VIEW(&desk.job[0], QUEUED, 1);
	expect_peek(&desk.consumer, 0);
}

TEST(poison_is_out_of_the_way_where_all_are_poisoned)
{
	struct desk desk;
	struct job *job = NULL;
	int i;

	desk_set_up(&desk, 1);
	desk_enqueue(&desk, 0, 3);
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, 3, -1 });
	EXPECT(EMPTY, jobs_peek(&desk.consumer, &job));
	for (i = 0; i <= 3; i++) {
		expect_poison(&desk.job[i], 1);
		EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[i]));
	}
}

TEST(looking_past_an_item_does_not_count_as_an_attempt)
{
	struct desk desk;
	struct job *job = NULL;
	int i;

	desk_set_up(&desk, 1);
	desk_enqueue(&desk, 0, 1);
	for (i = 0; i < 10; i++) {
		EXPECT(OK, jobs_look(&desk.consumer, NULL, &job));
		EXPECT(OK, jobs_look(&desk.consumer, job, &job));
	}
	EXPECT_VIEW(&desk.job[0], QUEUED, 0);
	EXPECT_VIEW(&desk.job[1], QUEUED, 0);
}

TEST(begin_gives_up_an_item_that_had_all_its_attempts)
{
	struct desk desk;

	desk_set_up(&desk, 2);
	desk_enqueue(&desk, 0, 1);
	expect_peek(&desk.consumer, 0);
	EXPECT(OK, jobs_begin(&desk.consumer, &desk.job[0]));
	EXPECT(LIMIT, jobs_begin(&desk.consumer, &desk.job[0]));
	expect_poison(&desk.job[0], 2);
	EXPECT(INVALID, jobs_begin(&desk.consumer, &desk.job[0]));
	expect_peek(&desk.consumer, 1);
}

TEST(attempts_survive_a_change_of_consumers_and_lead_to_poison_there)
{
	struct desk desk;
	struct job *job = NULL;

	desk_set_up(&desk, 2);
	desk_enqueue(&desk, 0, 0);
	expect_peek(&desk.consumer, 0);
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	EXPECT_VIEW(&desk.job[0], QUEUED, 1);
	expect_peek(&desk.consumer, 0);
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	EXPECT(EMPTY, jobs_peek(&desk.consumer, &job));
	expect_poison(&desk.job[0], 2);
}

TEST(the_outcome_keeps_the_attempts)
{
	struct desk desk;

	desk_set_up(&desk, 9);
	desk_enqueue(&desk, 0, 2);
	expect_peek(&desk.consumer, 0);
	expect_peek(&desk.consumer, 0);
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[0]));
	EXPECT_VIEW(&desk.job[0], DONE, 2);
	expect_peek(&desk.consumer, 1);
	EXPECT(OK, jobs_fail(&desk.consumer, &desk.job[1], 3));
	EXPECT_VIEW(&desk.job[1], FAILED, 1);
	expect_peek(&desk.consumer, 2);
	EXPECT(OK, close_through(&desk.consumer));
	EXPECT_VIEW(&desk.job[2], LOST, 1);
}

int group_attempts(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_item_is_handed_out_as_often_as_its_limit_says_and_is_poison_then),
		cmocka_unit_test(without_a_limit_an_item_is_never_poison_and_the_count_stops_at_its_end),
		cmocka_unit_test(peek_passes_a_poisoned_item_and_hands_out_the_one_behind_it),
		cmocka_unit_test(next_passes_a_poisoned_item_in_the_middle),
		cmocka_unit_test(a_stuck_item_holds_nobody_up),
		cmocka_unit_test(poison_is_out_of_the_way_where_all_are_poisoned),
		cmocka_unit_test(looking_past_an_item_does_not_count_as_an_attempt),
		cmocka_unit_test(begin_gives_up_an_item_that_had_all_its_attempts),
		cmocka_unit_test(attempts_survive_a_change_of_consumers_and_lead_to_poison_there),
		cmocka_unit_test(the_outcome_keeps_the_attempts),
	};

	return cmocka_run_group_tests_name("attempts", tests, NULL, NULL);
}
