/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking over from a consumer that stopped. Where it may stop in the middle of
 * an operation, the test brings the queue into that state by hand; stopping it
 * at every machine instruction is the crash tests' business.
 */
#include "dfq_test.h"

TEST(a_successor_delivers_what_was_not_acknowledged_and_nothing_else)
{
	struct desk desk;

	desk_set_up(&desk, 5);
	desk_enqueue(&desk, 0, 4);
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, 3, 4, -1 });
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[1]));
	EXPECT(OK, jobs_fail(&desk.consumer, &desk.job[3], 2));
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	expect_all(&desk.consumer, (const int[]){ 0, 2, 4, -1 });
}

TEST(an_empty_queue_is_taken_over)
{
	struct desk desk;

	desk_set_up(&desk, 5);
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	expect_all(&desk.consumer, (const int[]){ -1 });
	desk_enqueue(&desk, 0, 1);
	expect_all(&desk.consumer, (const int[]){ 0, 1, -1 });
}

TEST(what_was_enqueued_while_there_was_no_consumer_is_delivered)
{
	struct desk desk;

	desk_set_up(&desk, 5);
	desk_enqueue(&desk, 0, 1);
	expect_peek(&desk.consumer, 0);
	EXPECT(OK, jobs_detach(&desk.consumer));
	desk_enqueue(&desk, 2, 3);
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, 3, -1 });
}

TEST(a_successor_begins_at_the_oldest_whatever_the_old_cursor_was)
{
	struct desk desk;

	desk_set_up(&desk, 5);
	desk_enqueue(&desk, 0, 2);
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, -1 });
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	expect_next(&desk.consumer, 0);
}

/* The consumer stops after A or B while it settles job `which` of five, two of which are not linked yet. */
static void stop_and_take_over(int which, bool after_b)
{
	struct desk desk;
	int rest[JOBS + 1];
	int n = 0;
	int i;

	desk_set_up(&desk, 5);
	desk_enqueue(&desk, 0, 2);
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, -1 });
	desk_enqueue(&desk, 3, 4);
	(after_b ? stop_after_b : stop_after_a)(&desk, &desk.job[which], SFP_DFQ_DONE);
	EXPECT(BUSY, jobs_reclaim(&desk.queue, &desk.job[which])); /* the dead one might still write to it */
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	assert_false(is_in_list(&desk.queue, &desk.job[which]));
	EXPECT_VIEW(&desk.job[which], DONE, 1);
	for (i = 0; i <= 4; i++)
		if (i != which)
			rest[n++] = i;
	rest[n] = -1;
	expect_all(&desk.consumer, rest);
	EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[which]));
	for (i = 0; i < n; i++)
		EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[rest[i]]));
}

TEST(an_item_that_was_acknowledged_but_not_taken_out_is_taken_out)
{
	int which;

	for (which = 0; which <= 2; which++)
		stop_and_take_over(which, false);
}

TEST(an_item_that_was_taken_out_but_not_released_is_released_by_the_incarnation)
{
	int which;

	for (which = 0; which <= 2; which++)
		stop_and_take_over(which, true);
}

/* The only item, and the newest with nothing newer: B is a swap of head. */
TEST(the_head_that_was_acknowledged_but_not_taken_out_is_taken_out)
{
	struct desk desk;
	int items;

	for (items = 1; items <= 3; items++) {
		desk_set_up(&desk, 5);
		desk_enqueue(&desk, 0, items - 1);
		expect_peek(&desk.consumer, 0);
		stop_after_a(&desk, &desk.job[items - 1], SFP_DFQ_FAILED);
		EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
		assert_false(is_in_list(&desk.queue, &desk.job[items - 1]));
		EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[items - 1]));
		desk_enqueue(&desk, items - 1, items - 1);
		expect_peek(&desk.consumer, 0);
	}
}

TEST(several_terminal_items_are_taken_out_wherever_they_are)
{
	unsigned mask;

	for (mask = 0; mask < 1u << 5; mask++) {
		struct desk desk;
		int rest[JOBS + 1];
		int n = 0;
		int i;

		desk_set_up(&desk, 5);
		desk_enqueue(&desk, 0, 4);
		expect_peek(&desk.consumer, 0);
		for (i = 0; i <= 4; i++)
			if (mask & 1u << i)
				stop_after_a(&desk, &desk.job[i], SFP_DFQ_DONE);
			else
				rest[n++] = i;
		rest[n] = -1;
		EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
		for (i = 0; i <= 4; i++)
			if (mask & 1u << i)
				EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[i]));
		expect_all(&desk.consumer, rest);
	}
}

TEST(the_successor_never_says_released_for_its_predecessor)
{
	struct desk desk;

	desk_set_up(&desk, 5);
	desk_enqueue(&desk, 0, 2);
	expect_peek(&desk.consumer, 0);
	stop_after_a(&desk, &desk.job[1], SFP_DFQ_DONE);
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	expect_peek(&desk.consumer, 0);
	assert_int_equal(desk.job[1].link.word & SFP_DFQ_RELEASED_, 0);
}

/* Reclaim's rule, bit by bit: released, or terminal and of an older incarnation than the one in charge. */
TEST(an_unreleased_item_is_reclaimed_only_when_a_later_incarnation_is_in_charge)
{
	static const struct {
		uint32_t in_charge;
		uint32_t of_item;
		bool free;
	} cases[] = {
		{ 1, 1, false },          { 2, 1, true },           { 1, 2, false },
		{ 0x7fff, 0, true },      { 0x8000, 0, false },     { 0x8000, 1, true },
		{ 0xffff, 0xffff, false }, { 0x10000, 0xffff, true }, { 0x10001, 0xffff, true },
		{ 0x10000, 0, false },    { 0x10001, 0, true },     { 0xffffffff, 0xfffe, true },
		{ 0xffffffff, 0xffff, false }, { 1, 0xffff, true }, { 0x1ffff, 0, false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		static const enum sfp_dfq_state outcomes[] = { SFP_DFQ_DONE, SFP_DFQ_FAILED, SFP_DFQ_LOST };
		struct desk desk;

		desk_set_up(&desk, 5);
		desk.queue.core.incarnation = cases[i].in_charge;
		desk.job[0].link.word = outcomes[i % 3] | cases[i].of_item << SFP_DFQ_INCARNATION_SHIFT_;
		if (cases[i].free)
			EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[0]));
		else
			EXPECT(BUSY, jobs_reclaim(&desk.queue, &desk.job[0]));
		desk.job[1].link.word = SFP_DFQ_QUEUED | cases[i].of_item << SFP_DFQ_INCARNATION_SHIFT_;
		EXPECT(BUSY, jobs_reclaim(&desk.queue, &desk.job[1]));
		desk.job[2].link.word = SFP_DFQ_DONE | SFP_DFQ_RELEASED_ |
					cases[i].of_item << SFP_DFQ_INCARNATION_SHIFT_;
		EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[2]));
	}
}

TEST(incarnations_wrap_around)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	desk.queue.core.incarnation = 0xfffffffeu - 5;
	desk.queue.core.latest = desk.queue.core.incarnation;
	for (i = 0; i < 12; i++) {
		struct jobs_consumer old;

		EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
		assert_int_not_equal(desk.queue.core.attached, 0);
		desk_enqueue(&desk, 0, 1);
		old = desk.consumer;
		expect_all(&desk.consumer, (const int[]){ 0, 1, -1 });
		stop_after_a(&desk, &desk.job[0], SFP_DFQ_DONE);
		EXPECT(BUSY, jobs_reclaim(&desk.queue, &desk.job[0]));
		EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
		EXPECT(STALE, jobs_complete(&old, &desk.job[1]));
		EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[0]));
		EXPECT(OK, jobs_complete(&desk.consumer, expect_peek(&desk.consumer, 1)));
		EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[1]));
	}
	assert_true(desk.queue.core.incarnation < 100);
}

TEST(many_takeovers_in_a_row_lose_nothing)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	desk_enqueue(&desk, 0, 3);
	for (i = 0; i < 70000; i++) {
		EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
		if (i % 1000 == 0) {
			expect_all(&desk.consumer, (const int[]){ 0, 1, 2, 3, -1 });
			EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
		}
	}
	for (i = 0; i <= 3; i++) {
		EXPECT(OK, jobs_complete(&desk.consumer, expect_peek(&desk.consumer, i)));
		EXPECT(OK, jobs_reclaim(&desk.queue, &desk.job[i]));
	}
}

/* ---- takeovers of more than one share --------------------------------------------- */

#define MANY (SFP_DFQ_BUDGET * 3 + 7)

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
	EXPECT(OK, jobs_init(&pile.queue, 0));
	for (i = 0; i < MANY; i++) {
		pile.job[i].number = (int)i;
		EXPECT(OK, jobs_enqueue(&pile.queue, &pile.job[i]));
	}
}

TEST(a_long_takeover_may_be_taken_over_at_every_share)
{
	unsigned shares;

	for (shares = 0; shares < 6; shares++) {
		struct job *job = NULL;
		unsigned i;

		pile_set_up();
		EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
		for (i = 0; i < shares; i++)
			if (jobs_peek(&pile.consumer, &job) == SFP_OK)
				assert_int_equal(job->number, 0);
		EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, DEAD));
		for (i = 0; i < MANY; i++) {
			job = expect_peek(&pile.consumer, (int)i);
			EXPECT(OK, jobs_complete(&pile.consumer, job));
			EXPECT(OK, jobs_reclaim(&pile.queue, job));
		}
		EXPECT(EMPTY, jobs_peek(&pile.consumer, &job));
	}
}

TEST(until_a_long_takeover_is_done_nothing_can_be_settled_or_reclaimed_by_it)
{
	struct job *job = NULL;

	pile_set_up();
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	EXPECT(OK, peek_through(&pile.consumer, &job));
	EXPECT(OK, jobs_next(&pile.consumer, &job));
	job->link.word = (job->link.word & SFP_DFQ_ATTEMPTS_) | SFP_DFQ_DONE |
			 pile.consumer.core.incarnation << SFP_DFQ_INCARNATION_SHIFT_;
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, DEAD));
	EXPECT(INVALID, jobs_complete(&pile.consumer, &pile.job[0]));
	EXPECT(INVALID, jobs_fail(&pile.consumer, &pile.job[0], 1));
	EXPECT(INVALID, jobs_begin(&pile.consumer, &pile.job[0]));
	EXPECT(BUSY, jobs_reclaim(&pile.queue, job)); /* still in the list that is being walked */
	expect_peek(&pile.consumer, 0);
	EXPECT(OK, jobs_reclaim(&pile.queue, job));
	expect_next(&pile.consumer, 2);
}

TEST(an_incarnation_that_never_finished_its_takeover_is_stale_for_the_next)
{
	struct jobs_consumer old;
	struct job *job = NULL;

	pile_set_up();
	EXPECT(OK, jobs_attach(&old, &pile.queue, SFP_PROOF("the queue is new")));
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, DEAD));
	EXPECT(STALE, jobs_peek(&old, &job));
	expect_peek(&pile.consumer, 0);
	EXPECT(STALE, jobs_complete(&old, &pile.job[0]));
}

TEST(so_is_one_that_detached_before_it_finished_its_takeover)
{
	struct jobs_consumer old;
	struct job *job = NULL;

	pile_set_up();
	EXPECT(OK, jobs_attach(&old, &pile.queue, SFP_PROOF("the queue is new")));
	EXPECT(OK, jobs_detach(&old));
	EXPECT(STALE, jobs_peek(&old, &job));
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, DEAD));
	EXPECT(STALE, jobs_peek(&old, &job));
	expect_peek(&pile.consumer, 0);
}

TEST(a_takeover_meets_items_that_arrive_meanwhile)
{
	struct desk late;
	unsigned i;

	desk_set_up(&late, 0);
	pile_set_up();
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	for (i = 0; i < 3; i++) {
		struct job *job = NULL;

		late.job[i].number = (int)(MANY + i);
		EXPECT(OK, jobs_enqueue(&pile.queue, &late.job[i]));
		SFP_IGNORE(jobs_peek(&pile.consumer, &job), "a share of the takeover, or the first item");
	}
	expect_peek(&pile.consumer, 0);
	for (i = 1; i < MANY + 3; i++)
		expect_next(&pile.consumer, (int)i);
}

int group_takeover(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_successor_delivers_what_was_not_acknowledged_and_nothing_else),
		cmocka_unit_test(an_empty_queue_is_taken_over),
		cmocka_unit_test(what_was_enqueued_while_there_was_no_consumer_is_delivered),
		cmocka_unit_test(a_successor_begins_at_the_oldest_whatever_the_old_cursor_was),
		cmocka_unit_test(an_item_that_was_acknowledged_but_not_taken_out_is_taken_out),
		cmocka_unit_test(an_item_that_was_taken_out_but_not_released_is_released_by_the_incarnation),
		cmocka_unit_test(the_head_that_was_acknowledged_but_not_taken_out_is_taken_out),
		cmocka_unit_test(several_terminal_items_are_taken_out_wherever_they_are),
		cmocka_unit_test(the_successor_never_says_released_for_its_predecessor),
		cmocka_unit_test(an_unreleased_item_is_reclaimed_only_when_a_later_incarnation_is_in_charge),
		cmocka_unit_test(incarnations_wrap_around),
		cmocka_unit_test(many_takeovers_in_a_row_lose_nothing),
		cmocka_unit_test(a_long_takeover_may_be_taken_over_at_every_share),
		cmocka_unit_test(until_a_long_takeover_is_done_nothing_can_be_settled_or_reclaimed_by_it),
		cmocka_unit_test(an_incarnation_that_never_finished_its_takeover_is_stale_for_the_next),
		cmocka_unit_test(so_is_one_that_detached_before_it_finished_its_takeover),
		cmocka_unit_test(a_takeover_meets_items_that_arrive_meanwhile),
	};

	return cmocka_run_group_tests_name("takeover", tests, NULL, NULL);
}
