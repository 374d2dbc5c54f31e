/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting, and the hook: no order of events loses a wake-up. */
#include "dfq_test.h"

struct bell;
static void ring(struct bell *bell);

SFP_DFQ_HOOKED(bell, struct job, link, ring);

static unsigned rung;
static const struct bell *rung_by;

static void ring(struct bell *bell)
{
	rung++;
	rung_by = bell;
}

struct booth {
	struct bell queue;
	struct bell_consumer consumer;
	struct job job[JOBS];
	struct bell_marker marker;
};

static void booth_set_up(struct booth *booth)
{
	int i;

	memset(booth, 0, sizeof(*booth));
	for (i = 0; i < JOBS; i++)
		booth->job[i].number = i;
	EXPECT(OK, bell_init(&booth->queue, 0));
	EXPECT(OK, bell_attach(&booth->consumer, &booth->queue, SFP_PROOF("the queue is new")));
	rung = 0;
	rung_by = NULL;
}

static bool is_armed(const struct booth *booth)
{
	return booth->queue.core.head & SFP_DFQ_WAITING_;
}

TEST(without_a_wait_the_hook_is_silent)
{
	struct booth booth;
	struct job *job = NULL;
	int i;

	booth_set_up(&booth);
	for (i = 0; i < 3; i++) {
		EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[i]));
		EXPECT(OK, bell_peek(&booth.consumer, &job));
		EXPECT(OK, bell_complete(&booth.consumer, job));
	}
	assert_int_equal(rung, 0);
}

TEST(after_a_wait_an_enqueue_rings_for_its_queue)
{
	struct booth booth;

	booth_set_up(&booth);
	EXPECT(OK, bell_wait(&booth.consumer));
	assert_int_equal(rung, 0);
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[0]));
	assert_int_equal(rung, 1);
	assert_ptr_equal(rung_by, &booth.queue);
}

TEST(a_chain_rings_once)
{
	struct booth booth;
	struct job *const chain[] = { &booth.job[0], &booth.job[1], &booth.job[2] };

	booth_set_up(&booth);
	EXPECT(OK, bell_wait(&booth.consumer));
	EXPECT(OK, bell_enqueue_chain(&booth.queue, chain, 3));
	assert_int_equal(rung, 1);
}

TEST(a_marker_rings)
{
	struct booth booth;

	booth_set_up(&booth);
	EXPECT(OK, bell_wait(&booth.consumer));
	EXPECT(OK, bell_mark(&booth.queue, &booth.marker));
	assert_int_equal(rung, 1);
}

TEST(a_refused_enqueue_does_not_ring)
{
	struct booth booth;
	struct job *const chain[] = { &booth.job[0], &booth.job[1] };
	struct job *job = NULL;

	booth_set_up(&booth);
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[1]));
	EXPECT(OK, bell_peek(&booth.consumer, &job));
	EXPECT(OK, bell_wait(&booth.consumer));
	EXPECT(BUSY, bell_enqueue(&booth.queue, &booth.job[1]));
	EXPECT(BUSY, bell_enqueue_chain(&booth.queue, chain, 2));
	assert_int_equal(rung, 0);
	assert_true(is_armed(&booth));
	EXPECT(OK, bell_close(&booth.consumer));
	EXPECT(GONE, bell_enqueue(&booth.queue, &booth.job[0]));
	EXPECT(GONE, bell_enqueue_chain(&booth.queue, chain, 1));
	assert_int_equal(rung, 0);
}

/* The producer that rang may have stopped before it did: so all ring until the consumer has come. */
TEST(every_enqueue_rings_until_the_consumer_has_linked_and_none_does_then)
{
	struct booth booth;
	struct job *job = NULL;

	booth_set_up(&booth);
	EXPECT(OK, bell_wait(&booth.consumer));
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[0]));
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[1]));
	assert_int_equal(rung, 2);
	EXPECT(OK, bell_peek(&booth.consumer, &job));
	assert_false(is_armed(&booth));
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[2]));
	assert_int_equal(rung, 2);
}

TEST(wait_is_refused_while_there_is_something_to_hand_out)
{
	struct booth booth;
	struct job *job = NULL;

	booth_set_up(&booth);
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[0]));
	EXPECT(AGAIN, bell_wait(&booth.consumer)); /* not linked yet */
	assert_false(is_armed(&booth));
	EXPECT(AGAIN, bell_wait(&booth.consumer)); /* linked */
	EXPECT(OK, bell_peek(&booth.consumer, &job));
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[1]));
	EXPECT(AGAIN, bell_wait(&booth.consumer));
	EXPECT(OK, bell_next(&booth.consumer, &job));
	EXPECT(OK, bell_wait(&booth.consumer));
}

TEST(a_consumer_may_wait_while_items_that_it_was_given_are_unsettled)
{
	struct booth booth;
	struct job *job = NULL;

	booth_set_up(&booth);
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[0]));
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[1]));
	EXPECT(OK, bell_peek(&booth.consumer, &job));
	EXPECT(OK, bell_next(&booth.consumer, &job));
	EXPECT(OK, bell_wait(&booth.consumer));
	EXPECT(OK, bell_wait(&booth.consumer)); /* twice is as good as once */
	EXPECT(OK, bell_complete(&booth.consumer, &booth.job[1])); /* swaps head: the bell stays armed */
	assert_true(is_armed(&booth));
	EXPECT(OK, bell_complete(&booth.consumer, &booth.job[0]));
	assert_true(is_armed(&booth));
	EXPECT(OK, bell_wait(&booth.consumer));
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[2]));
	assert_int_equal(rung, 1);
	EXPECT(OK, bell_next(&booth.consumer, &job));
	assert_int_equal(job->number, 2);
}

TEST(wait_takes_a_marker_out_and_waits_behind_it)
{
	struct booth booth;

	booth_set_up(&booth);
	EXPECT(OK, bell_mark(&booth.queue, &booth.marker));
	EXPECT(OK, bell_wait(&booth.consumer));
	EXPECT(OK, bell_unmark(&booth.queue, &booth.marker));
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[0]));
	assert_int_equal(rung, 1);
}

/*
 * Every order of two enqueues among the steps of a consumer that sleeps: the
 * consumer may only sleep if the bell is armed and nothing waits, and when it
 * sleeps each enqueue rings.
 */
TEST(no_order_of_events_loses_a_wake_up)
{
	int first;
	int second;
	int orders = 0;

	for (first = 0; first <= 4; first++)
		for (second = first; second <= 4; second++) {
			struct booth booth;
			struct job *job = NULL;
			int delivered = 0;
			int step;

			booth_set_up(&booth);
			for (step = 0; step <= 4; step++) {
				bool asleep = false;

				if (step % 2 == 0)
					while (bell_peek(&booth.consumer, &job) == SFP_OK) {
						EXPECT(OK, bell_complete(&booth.consumer, job));
						delivered++;
					}
				else
					asleep = bell_wait(&booth.consumer) == SFP_OK;
				rung = 0;
				if (step == first)
					EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[0]));
				if (step == second)
					EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[1]));
				if (asleep)
					assert_int_equal(rung, (step == first) + (step == second));
			}
			while (bell_wait(&booth.consumer) == SFP_AGAIN) {
				EXPECT(OK, bell_peek(&booth.consumer, &job));
				EXPECT(OK, bell_complete(&booth.consumer, job));
				delivered++;
			}
			assert_int_equal(delivered, 2);
			orders++;
		}
	assert_int_equal(orders, 15);
}

/* An enqueue between wait's look and its swap: head is not what the swap expects. */
TEST(wait_sees_an_enqueue_that_comes_before_its_swap)
{
	struct booth booth;
	struct job *job = NULL;
	uintptr_t head;

	booth_set_up(&booth);
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[0]));
	EXPECT(OK, bell_peek(&booth.consumer, &job));
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[1]));
	head = (uintptr_t)booth.queue.core.linked; /* what wait would expect if it had looked before */
	assert_false(sfp_cas_release_word(&booth.queue.core.head, &head, head | SFP_DFQ_WAITING_));
	EXPECT(AGAIN, bell_wait(&booth.consumer));
}

TEST(a_successor_finds_the_bell_as_it_is_and_disarms_it_by_linking)
{
	struct booth booth;
	struct job *job = NULL;

	booth_set_up(&booth);
	EXPECT(OK, bell_wait(&booth.consumer));
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[0])); /* its hook may never have run */
	EXPECT(OK, bell_attach(&booth.consumer, &booth.queue, DEAD));
	assert_false(is_armed(&booth));
	EXPECT(OK, bell_peek(&booth.consumer, &job));
	EXPECT(OK, bell_complete(&booth.consumer, job));
	EXPECT(OK, bell_wait(&booth.consumer));
	rung = 0;
	EXPECT(OK, bell_attach(&booth.consumer, &booth.queue, DEAD)); /* died in its sleep */
	EXPECT(EMPTY, bell_peek(&booth.consumer, &job));
	EXPECT(OK, bell_wait(&booth.consumer));
	EXPECT(OK, bell_enqueue(&booth.queue, &booth.job[1]));
	assert_int_equal(rung, 1);
	EXPECT(OK, bell_peek(&booth.consumer, &job));
	assert_int_equal(job->number, 1);
	assert_false(is_armed(&booth));
}

TEST(a_queue_that_closes_while_its_consumer_waits_says_so)
{
	struct booth booth;
	struct job *job = NULL;

	booth_set_up(&booth);
	EXPECT(OK, bell_wait(&booth.consumer));
	EXPECT(OK, bell_close(&booth.consumer));
	EXPECT(GONE, bell_wait(&booth.consumer));
	EXPECT(GONE, bell_peek(&booth.consumer, &job));
	EXPECT(GONE, bell_enqueue(&booth.queue, &booth.job[0]));
	assert_int_equal(rung, 0);
}

TEST(wait_of_a_long_takeover_works_in_shares)
{
	static struct job many[SFP_DFQ_BUDGET * 3];
	struct booth booth;
	struct job *job = NULL;
	size_t i;

	booth_set_up(&booth);
	memset(many, 0, sizeof(many));
	for (i = 0; i < SFP_DFQ_BUDGET * 3; i++)
		EXPECT(OK, bell_enqueue(&booth.queue, &many[i]));
	EXPECT(OK, bell_attach(&booth.consumer, &booth.queue, DEAD));
	for (i = 0; i < 10; i++)
		EXPECT(AGAIN, bell_wait(&booth.consumer));
	EXPECT(OK, bell_peek(&booth.consumer, &job));
	assert_ptr_equal(job, &many[0]);
}

int group_wait(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_wait_the_hook_is_silent),
		cmocka_unit_test(after_a_wait_an_enqueue_rings_for_its_queue),
		cmocka_unit_test(a_chain_rings_once),
		cmocka_unit_test(a_marker_rings),
		cmocka_unit_test(a_refused_enqueue_does_not_ring),
		cmocka_unit_test(every_enqueue_rings_until_the_consumer_has_linked_and_none_does_then),
		cmocka_unit_test(wait_is_refused_while_there_is_something_to_hand_out),
		cmocka_unit_test(a_consumer_may_wait_while_items_that_it_was_given_are_unsettled),
		cmocka_unit_test(wait_takes_a_marker_out_and_waits_behind_it),
		cmocka_unit_test(no_order_of_events_loses_a_wake_up),
		cmocka_unit_test(wait_sees_an_enqueue_that_comes_before_its_swap),
		cmocka_unit_test(a_successor_finds_the_bell_as_it_is_and_disarms_it_by_linking),
		cmocka_unit_test(a_queue_that_closes_while_its_consumer_waits_says_so),
		cmocka_unit_test(wait_of_a_long_takeover_works_in_shares),
	};

	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
