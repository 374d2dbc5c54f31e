/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bounded work: however long the queue is, one call of the consumer visits
 * SFP_DFQ_BUDGET items at most, and says AGAIN when that was not enough. A
 * visited item is one whose link changed: before each call every back link is
 * made unlikely, after it the changes are counted.
 */
#include "dfq_test.h"

#define MANY 10000

struct pile {
	struct jobs queue;
	struct jobs_consumer consumer;
	struct job job[MANY];
	struct sfp_dfq_item seen[MANY];
	struct jobs_marker marker[MANY];
	struct sfp_dfq_item marker_seen[MANY];
	size_t most;   /* the most visits that one call made */
};

static struct pile pile;

static void pile_init(uint32_t attempt_limit)
{
	size_t i;

	memset(&pile, 0, sizeof(pile));
	for (i = 0; i < MANY; i++)
		pile.job[i].number = (int)i;
	EXPECT(OK, jobs_init(&pile.queue, attempt_limit));
}

static void pile_enqueue(size_t first, size_t end)
{
	size_t i;

	for (i = first; i < end; i++)
		EXPECT(OK, jobs_enqueue(&pile.queue, &pile.job[i]));
}

static void remember(void)
{
	size_t i;

	for (i = 0; i < MANY; i++) {
		pile.seen[i] = pile.job[i].link;
		pile.marker_seen[i] = pile.marker[i].core;
	}
}

static bool changed(const struct sfp_dfq_item *before, const struct sfp_dfq_item *now)
{
	return memcmp(before, now, sizeof(*now)) != 0;
}

/* Items changed by the call between remember() and this; one end of a splice is no visit of its own. */
static size_t visits(void)
{
	size_t count = 0;
	size_t i;

	for (i = 0; i < MANY; i++) {
		count += changed(&pile.seen[i], &pile.job[i].link);
		count += changed(&pile.marker_seen[i], &pile.marker[i].core);
	}
	if (count > pile.most)
		pile.most = count;
	return count;
}

/* The newest, a pending one and neighbours of what was settled are touched too. */
#define SHARE (SFP_DFQ_BUDGET + 4)

/* Call until it is not AGAIN; each call within its share; how many calls. */
#define CALLS(calls, status, call) \
	do { \
		(calls) = 0; \
		do { \
			remember(); \
			(status) = (call); \
			(calls)++; \
			assert_in_range(visits(), 0, SHARE); \
			assert_true((calls) < MANY); \
		} while ((status) == SFP_AGAIN); \
	} while (0)

TEST(attach_and_the_first_peek_link_in_shares)
{
	unsigned calls;
	enum sfp_status status;
	struct job *job = NULL;

	pile_init(3);
	pile_enqueue(0, MANY);
	remember();
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	assert_in_range(visits(), 1, SHARE);
	CALLS(calls, status, jobs_peek(&pile.consumer, &job));
	EXPECT(OK, status);
	assert_int_equal(job->number, 0);
	assert_in_range(calls, MANY / SHARE - 2, MANY / SFP_DFQ_BUDGET + 2);
}

TEST(a_peek_at_many_new_items_links_in_shares)
{
	unsigned calls;
	enum sfp_status status;
	struct job *job = NULL;

	pile_init(3);
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	pile_enqueue(0, MANY);
	CALLS(calls, status, jobs_peek(&pile.consumer, &job));
	EXPECT(OK, status);
	assert_int_equal(job->number, 0);
	assert_true(calls > MANY / SHARE - 2);
}

TEST(what_is_linked_is_delivered_while_newer_items_wait_to_be_linked)
{
	struct job *job = NULL;
	size_t i;

	pile_init(3);
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	pile_enqueue(0, 10);
	EXPECT(OK, jobs_peek(&pile.consumer, &job));
	pile_enqueue(10, MANY);
	for (i = 0; i < 10; i++) {
		remember();
		EXPECT(OK, jobs_peek(&pile.consumer, &job)); /* at once */
		assert_int_equal(visits(), 1);
		assert_int_equal(job->number, (int)i);
		remember();
		EXPECT(OK, jobs_complete(&pile.consumer, job));
		assert_in_range(visits(), 1, SHARE);
	}
	EXPECT(OK, peek_through(&pile.consumer, &job));
	assert_int_equal(job->number, 10);
}

TEST(wait_and_look_link_in_shares)
{
	unsigned calls;
	enum sfp_status status;
	struct job *job = NULL;

	pile_init(3);
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	pile_enqueue(0, MANY);
	remember();
	EXPECT(AGAIN, sfp_dfq_wait(&pile.consumer.core));
	assert_in_range(visits(), 1, SHARE);
	CALLS(calls, status, jobs_look(&pile.consumer, NULL, &job));
	EXPECT(OK, status);
	assert_true(calls > MANY / SHARE - 2);
}

TEST(a_pile_of_poison_is_passed_in_shares)
{
	unsigned calls;
	enum sfp_status status;
	struct job *job = NULL;
	size_t i;

	pile_init(1);
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	pile_enqueue(0, MANY);
	EXPECT(OK, peek_through(&pile.consumer, &job));
	for (i = 1; i < MANY; i++)
		EXPECT(OK, jobs_next(&pile.consumer, &job));
	CALLS(calls, status, jobs_peek(&pile.consumer, &job));
	EXPECT(EMPTY, status);
	assert_true(calls > MANY / SHARE - 2);
	for (i = 0; i < MANY; i++)
		EXPECT_VIEW(&pile.job[i], FAILED, 1);
}

TEST(a_pile_of_markers_is_passed_in_shares)
{
	unsigned calls;
	enum sfp_status status;
	struct job *job = NULL;
	size_t i;

	pile_init(1);
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	for (i = 0; i < MANY; i++)
		EXPECT(OK, jobs_mark(&pile.queue, &pile.marker[i]));
	pile_enqueue(0, 1);
	CALLS(calls, status, jobs_peek(&pile.consumer, &job));
	EXPECT(OK, status);
	assert_int_equal(job->number, 0);
	assert_true(calls > MANY / SHARE);
}

/* Between two poisoned items almost a whole share of markers: both are charged to the same share. */
TEST(markers_and_poison_are_charged_to_one_share)
{
	const size_t between = SFP_DFQ_BUDGET - 1;
	unsigned calls;
	enum sfp_status status;
	struct job *job = NULL;
	size_t i;

	pile_init(1);
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	for (i = 0; i < MANY; i++) {
		EXPECT(OK, jobs_mark(&pile.queue, &pile.marker[i]));
		if (i % between == 0) {
			EXPECT(OK, jobs_enqueue(&pile.queue, &pile.job[i]));
			pile.job[i].link.word += SFP_DFQ_ATTEMPT_; /* it had its attempt */
		}
	}
	CALLS(calls, status, jobs_peek(&pile.consumer, &job));
	EXPECT(EMPTY, status);
	for (i = 0; i < MANY; i += between)
		EXPECT_VIEW(&pile.job[i], FAILED, 1);
}

/* Linked and poisoned up to the newest, behind which much is unlinked: settling and linking share, too. */
static void set_up_poison_before_a_pile(void)
{
	struct job *job = NULL;
	size_t i;

	pile_init(1);
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	pile_enqueue(0, SFP_DFQ_BUDGET - 10);
	EXPECT(OK, jobs_peek(&pile.consumer, &job));
	for (i = 1; i < SFP_DFQ_BUDGET - 10; i++)
		EXPECT(OK, jobs_next(&pile.consumer, &job));
	pile_enqueue(SFP_DFQ_BUDGET - 10, MANY);
}

TEST(settling_poison_and_linking_what_is_newer_are_charged_to_one_share)
{
	unsigned calls;
	enum sfp_status status;
	struct job *job = NULL;

	set_up_poison_before_a_pile();
	CALLS(calls, status, jobs_peek(&pile.consumer, &job));
	EXPECT(OK, status);
	assert_int_equal(job->number, SFP_DFQ_BUDGET - 10);
	assert_true(calls > MANY / SHARE - 2);
}

TEST(losing_and_linking_what_is_newer_are_charged_to_one_share)
{
	unsigned calls;
	enum sfp_status status;

	set_up_poison_before_a_pile();
	CALLS(calls, status, jobs_close(&pile.consumer));
	EXPECT(OK, status);
	EXPECT_VIEW(&pile.job[0], LOST, 1);
	EXPECT_VIEW(&pile.job[MANY - 1], LOST, 0);
	assert_true(calls > MANY / SHARE - 2);
}

TEST(close_works_in_shares)
{
	unsigned calls;
	enum sfp_status status;
	size_t i;

	pile_init(3);
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	pile_enqueue(0, MANY);
	CALLS(calls, status, jobs_close(&pile.consumer));
	EXPECT(OK, status);
	for (i = 0; i < MANY; i++)
		EXPECT_VIEW(&pile.job[i], LOST, 0);
	assert_true(calls > MANY / SHARE);
}

/* ---- the pending newest: retired when its newer neighbour cannot be reached in one share ---- */

static struct job *set_up_pending(size_t linked, size_t end)
{
	struct job *job = NULL;
	size_t i;

	pile_init(3);
	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, SFP_PROOF("the queue is new")));
	pile_enqueue(0, linked);
	EXPECT(OK, jobs_peek(&pile.consumer, &job));
	for (i = 1; i < linked; i++)
		EXPECT(OK, jobs_next(&pile.consumer, &job));
	pile_enqueue(linked, end);
	remember();
	EXPECT(OK, jobs_complete(&pile.consumer, job));
	assert_in_range(visits(), 1, SHARE);
	return job;
}

TEST(the_newest_is_pending_while_its_newer_neighbour_is_out_of_reach)
{
	struct job *pending = set_up_pending(5, 5 + SFP_DFQ_BUDGET * 3);
	struct job *job = NULL;
	unsigned calls = 0;

	EXPECT_VIEW(pending, DONE, 1); /* acknowledged */
	assert_true(is_in_list(&pile.queue, pending));
	EXPECT(BUSY, jobs_reclaim(&pile.queue, pending));
	EXPECT(INVALID, jobs_complete(&pile.consumer, pending));
	while (jobs_next(&pile.consumer, &job) == SFP_AGAIN)
		assert_true(++calls < 10);
	assert_true(calls > 0);
	assert_int_equal(job->number, 5);
	assert_false(is_in_list(&pile.queue, pending));
	EXPECT(OK, jobs_reclaim(&pile.queue, pending));
	expect_peek(&pile.consumer, 0);
}

TEST(within_one_share_the_newest_is_taken_out_at_once)
{
	struct job *settled = set_up_pending(5, 5 + SFP_DFQ_BUDGET - 1);

	assert_false(is_in_list(&pile.queue, settled));
	EXPECT(OK, jobs_reclaim(&pile.queue, settled));
}

/* All that is older than the pending one is settled too, in each order: it becomes the oldest. */
TEST(items_around_a_pending_one_are_settled_in_every_order)
{
	static const int orders[6][3] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	size_t o;
	int i;

	for (o = 0; o < 6; o++) {
		struct job *pending = set_up_pending(4, 4 + SFP_DFQ_BUDGET * 3);
		size_t depth;

		for (i = 0; i < 3; i++) {
			EXPECT(OK, jobs_complete(&pile.consumer, &pile.job[orders[o][i]]));
			EXPECT(OK, jobs_reclaim(&pile.queue, &pile.job[orders[o][i]]));
		}
		EXPECT(BUSY, jobs_reclaim(&pile.queue, pending));
		EXPECT(OK, jobs_depth(&pile.consumer, &depth));
		assert_int_equal(depth, SFP_DFQ_BUDGET * 3);
		expect_peek(&pile.consumer, 4);
		EXPECT(OK, jobs_reclaim(&pile.queue, pending));
		for (i = 5; i < 4 + (int)SFP_DFQ_BUDGET * 3; i++)
			expect_next(&pile.consumer, i);
	}
}

TEST(newer_items_that_arrive_while_one_is_pending_are_delivered)
{
	struct job *pending = set_up_pending(1, 1 + SFP_DFQ_BUDGET * 3);
	size_t next = 1 + SFP_DFQ_BUDGET * 3;
	struct job *job = NULL;
	enum sfp_status status;
	int expected = 1;

	while ((status = jobs_peek(&pile.consumer, &job)) == SFP_AGAIN) {
		pile_enqueue(next, next + 100);
		next += 100;
	}
	EXPECT(OK, status);
	for (; expected < (int)next; expected++)
		EXPECT(OK, jobs_complete(&pile.consumer, expect_peek(&pile.consumer, expected)));
	EXPECT(EMPTY, jobs_peek(&pile.consumer, &job));
	EXPECT(OK, jobs_reclaim(&pile.queue, pending));
}

TEST(a_successor_takes_the_pending_one_out)
{
	struct job *pending = set_up_pending(3, 3 + SFP_DFQ_BUDGET * 3);

	EXPECT(OK, jobs_attach(&pile.consumer, &pile.queue, DEAD));
	EXPECT(BUSY, jobs_reclaim(&pile.queue, pending));
	expect_peek(&pile.consumer, 0);
	EXPECT(OK, jobs_reclaim(&pile.queue, pending));
	expect_next(&pile.consumer, 1);
	expect_next(&pile.consumer, 3);
}

TEST(close_takes_the_pending_one_out)
{
	struct job *pending = set_up_pending(3, 3 + SFP_DFQ_BUDGET * 3);

	EXPECT(OK, close_through(&pile.consumer));
	EXPECT_VIEW(pending, DONE, 1);
	EXPECT(OK, jobs_reclaim(&pile.queue, pending));
	EXPECT_VIEW(&pile.job[3 + SFP_DFQ_BUDGET * 3 - 1], LOST, 0);
}

int group_bounds(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attach_and_the_first_peek_link_in_shares),
		cmocka_unit_test(a_peek_at_many_new_items_links_in_shares),
		cmocka_unit_test(what_is_linked_is_delivered_while_newer_items_wait_to_be_linked),
		cmocka_unit_test(wait_and_look_link_in_shares),
		cmocka_unit_test(a_pile_of_poison_is_passed_in_shares),
		cmocka_unit_test(a_pile_of_markers_is_passed_in_shares),
		cmocka_unit_test(markers_and_poison_are_charged_to_one_share),
		cmocka_unit_test(settling_poison_and_linking_what_is_newer_are_charged_to_one_share),
		cmocka_unit_test(losing_and_linking_what_is_newer_are_charged_to_one_share),
		cmocka_unit_test(close_works_in_shares),
		cmocka_unit_test(the_newest_is_pending_while_its_newer_neighbour_is_out_of_reach),
		cmocka_unit_test(within_one_share_the_newest_is_taken_out_at_once),
		cmocka_unit_test(items_around_a_pending_one_are_settled_in_every_order),
		cmocka_unit_test(newer_items_that_arrive_while_one_is_pending_are_delivered),
		cmocka_unit_test(a_successor_takes_the_pending_one_out),
		cmocka_unit_test(close_takes_the_pending_one_out),
	};
	const int failed = cmocka_run_group_tests_name("bounds", tests, NULL, NULL);

	printf("dfq: with %d items queued no call visited more than %zu (a share is %u)\n", MANY, pile.most,
	       SFP_DFQ_BUDGET);
	return failed;
}
