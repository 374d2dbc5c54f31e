/* SPDX-License-Identifier: BSD-2-Clause */
/* Closing: what is left becomes LOST, visibly, and nothing comes in any more. */
#include "dfq_test.h"

/* More than two shares of work. */
#define MANY (SFP_DFQ_BUDGET * 2 + SFP_DFQ_BUDGET / 2)

struct pile {
	struct jobs queue;
	struct jobs_consumer consumer;
	struct job job[MANY];
};

static struct pile pile;

static void pile_set_up(void)
{
	size_t i;

	memset(&pile, 0, sizeof(pile));
	EXPECT(OK, jobs_init(&pile.queue, 3));
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	for (i = 0; i < MANY; i++)
		EXPECT(OK, jobs_enqueue(&pile.queue, &pile.job[i]));
}

/* The LOST ones are the oldest; how many. */
static size_t lost_prefix(void)
{
	size_t lost = 0;
	size_t i;

	while (lost < MANY && jobs_state(&pile.job[lost]).state == SFP_DFQ_LOST)
		lost++;
	for (i = lost; i < MANY; i++)
		assert_int_equal(jobs_state(&pile.job[i]).state, SFP_DFQ_QUEUED);
	return lost;
}

TEST(an_empty_queue_closes_at_once_and_stays_closed)
{
	struct desk desk;
	struct job *job = NULL;
	size_t depth;

	desk_set_up(&desk, 3);
	EXPECT(OK, jobs_close(&desk.consumer));
	EXPECT(OK, jobs_close(&desk.consumer));
	EXPECT(GONE, jobs_enqueue(&desk.queue, &desk.job[0]));
	EXPECT_VIEW(&desk.job[0], IDLE, 0);
	EXPECT(GONE, jobs_peek(&desk.consumer, &job));
	EXPECT(GONE, jobs_next(&desk.consumer, &job));
	EXPECT(GONE, jobs_look(&desk.consumer, NULL, &job));
	EXPECT(GONE, sfp_dfq_wait(&desk.consumer.core));
	EXPECT(OK, jobs_depth(&desk.consumer, &depth));
	assert_int_equal(depth, 0);
}

TEST(what_is_left_is_lost_and_can_be_reclaimed)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 3);
	EXPECT(OK, jobs_complete(&desk.consumer, expect_peek(&desk.consumer, 0)));
	expect_peek(&desk.consumer, 1);
	desk_enqueue(&desk, 4, 5);
	EXPECT(OK, close_through(&desk.consumer));
	EXPECT_VIEW(&desk.job[0], DONE, 1);
	EXPECT_VIEW(&desk.job[1], LOST, 1);
	for (i = 2; i <= 5; i++)
		EXPECT_VIEW(&desk.job[i], LOST, 0);
	for (i = 0; i <= 5; i++)
		EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[i]));
	EXPECT(INVALID, jobs_complete(&desk.consumer, &desk.job[1]));
}

TEST(a_lost_item_goes_into_another_queue)
{
	struct desk desk;
	struct desk other;

	desk_set_up(&desk, 3);
	desk_set_up(&other, 3);
	desk_enqueue(&desk, 0, 0);
	EXPECT(OK, close_through(&desk.consumer));
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[0]));
	EXPECT(OK, jobs_enqueue(&other.queue, &desk.job[0]));
	EXPECT(OK, jobs_complete(&other.consumer, expect_peek(&other.consumer, 0)));
}

TEST(close_does_a_bounded_share_a_call_oldest_first)
{
	size_t lost = 0;
	unsigned calls = 0;
	enum sfp_status status;

	pile_set_up();
	do {
		const size_t before = lost;

		status = jobs_close(&pile.consumer);
		lost = lost_prefix();
		assert_in_range(lost - before, 0, SFP_DFQ_BUDGET);
		calls++;
		assert_true(calls < 20);
	} while (status == SFP_AGAIN);
	EXPECT(OK, status);
	assert_int_equal(lost, MANY);
	assert_true(calls > 2);
}

TEST(between_the_calls_of_close_nothing_comes_in_or_out)
{
	struct job extra;
	struct job *job = NULL;

	memset(&extra, 0, sizeof(extra));
	pile_set_up();
	EXPECT(AGAIN, jobs_close(&pile.consumer));
	EXPECT(GONE, jobs_enqueue(&pile.queue, &extra));
	EXPECT_VIEW(&extra, IDLE, 0);
	EXPECT(GONE, jobs_peek(&pile.consumer, &job));
	EXPECT(GONE, jobs_next(&pile.consumer, &job));
	EXPECT(OK, close_through(&pile.consumer));
	assert_int_equal(lost_prefix(), MANY);
}

TEST(what_was_handed_out_can_still_be_settled_while_the_queue_closes)
{
	struct job *job = NULL;

	pile_set_up();
	EXPECT(OK, peek_through(&pile.consumer, &job));
	EXPECT(OK, jobs_next(&pile.consumer, &job));
	assert_ptr_equal(job, &pile.job[1]);
	while (jobs_state(&pile.job[0]).state != SFP_DFQ_LOST) {
		const enum sfp_status status = jobs_complete(&pile.consumer, &pile.job[1]);

		if (status != SFP_INVALID)
			EXPECT(OK, status);
		EXPECT(AGAIN, jobs_close(&pile.consumer));
	}
	EXPECT_VIEW(&pile.job[1], DONE, 1);
	EXPECT(OK, close_through(&pile.consumer));
	EXPECT_VIEW(&pile.job[0], LOST, 1);
	EXPECT_VIEW(&pile.job[2], LOST, 0);
}

TEST(a_takeover_goes_on_closing)
{
	struct job *job = NULL;
	enum sfp_status status = SFP_AGAIN;
	unsigned takeovers = 0;

	pile_set_up();
	EXPECT(AGAIN, jobs_close(&pile.consumer));
	while (status == SFP_AGAIN) {
		const size_t before = lost_prefix();
		unsigned calls;

		EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, DEAD));
		takeovers++;
		EXPECT(GONE, peek_through(&pile.consumer, &job));
		assert_int_equal(lost_prefix(), before);
		EXPECT(GONE, jobs_enqueue(&pile.queue, &(struct job){ .number = 0 }));
		for (calls = 0; calls < 2 && status == SFP_AGAIN; calls++)
			status = jobs_close(&pile.consumer);
	}
	EXPECT(OK, status);
	assert_int_equal(lost_prefix(), MANY);
	assert_true(takeovers > 1);
}

/* CLOSED was set and nothing else had happened when the consumer stopped. */
TEST(a_takeover_right_after_the_closing_swap_goes_on_closing)
{
	struct desk desk;
	struct job *job = NULL;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 2);
	expect_peek(&desk.consumer, 0);
	desk.queue.core.head |= SFP_DFQ_CLOSED_;
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	EXPECT(GONE, jobs_peek(&desk.consumer, &job));
	EXPECT_VIEW(&desk.job[0], QUEUED, 1);
	EXPECT(OK, close_through(&desk.consumer));
	EXPECT_VIEW(&desk.job[0], LOST, 1);
	EXPECT_VIEW(&desk.job[2], LOST, 0);
}

TEST(a_closed_queue_can_be_made_anew)
{
	struct desk desk;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 0);
	EXPECT(OK, close_through(&desk.consumer));
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[0]));
	EXPECT(OK, jobs_init(&desk.queue, 3));
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, SFP_PROOF("the queue is new")));
	desk_enqueue(&desk, 0, 0);
	expect_all(&desk.consumer, (const int[]){ 0, -1 });
}

int group_close(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_queue_closes_at_once_and_stays_closed),
		cmocka_unit_test(what_is_left_is_lost_and_can_be_reclaimed),
		cmocka_unit_test(a_lost_item_goes_into_another_queue),
		cmocka_unit_test(close_does_a_bounded_share_a_call_oldest_first),
		cmocka_unit_test(between_the_calls_of_close_nothing_comes_in_or_out),
		cmocka_unit_test(what_was_handed_out_can_still_be_settled_while_the_queue_closes),
		cmocka_unit_test(a_takeover_goes_on_closing),
		cmocka_unit_test(a_takeover_right_after_the_closing_swap_goes_on_closing),
		cmocka_unit_test(a_closed_queue_can_be_made_anew),
	};

	return cmocka_run_group_tests_name("close", tests, NULL, NULL);
}
