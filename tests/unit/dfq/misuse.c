/* SPDX-License-Identifier: BSD-2-Clause */
/* Every refusal, and that a refused call changes nothing. */
#include "dfq_test.h"

/* Run `call`, expect `status`, and that neither the queue nor any job changed by a bit. */
#define EXPECT_UNCHANGED(status, whole, call) \
	do { \
		struct desk before_; \
		memcpy(&before_, (whole), sizeof(before_)); \
		EXPECT(status, call); \
		assert_memory_equal(&before_, (whole), sizeof(before_)); \
	} while (0)

TEST(a_limit_past_the_highest_is_refused)
{
	struct jobs queue;

	EXPECT(LIMIT, jobs_init(&queue, SFP_DFQ_MAX_ATTEMPTS + 1));
	EXPECT(LIMIT, jobs_init(&queue, 0xffffffffu));
	EXPECT(OK, jobs_init(&queue, SFP_DFQ_MAX_ATTEMPTS));
	EXPECT(OK, jobs_init(&queue, 0));
}

TEST(an_item_that_is_not_idle_cannot_be_enqueued)
{
	struct desk desk;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 3);
	EXPECT_UNCHANGED(BUSY, &desk, jobs_enqueue(&desk.queue, &desk.job[0]));
	expect_peek(&desk.consumer, 0);
	EXPECT_UNCHANGED(BUSY, &desk, jobs_enqueue(&desk.queue, &desk.job[0]));
	EXPECT(OK, jobs_complete(&desk.consumer, &desk.job[0]));
	EXPECT_UNCHANGED(BUSY, &desk, jobs_enqueue(&desk.queue, &desk.job[0]));
	EXPECT(OK, jobs_fail(&desk.consumer, expect_peek(&desk.consumer, 1), 1));
	EXPECT_UNCHANGED(BUSY, &desk, jobs_enqueue(&desk.queue, &desk.job[1]));
	EXPECT(OK, close_through(&desk.consumer));
	EXPECT_VIEW(&desk.job[2], LOST, 0);
	EXPECT_UNCHANGED(BUSY, &desk, jobs_enqueue(&desk.queue, &desk.job[2]));
}

TEST(a_queued_item_cannot_be_reclaimed_and_an_idle_one_can)
{
	struct desk desk;

	desk_set_up(&desk, 3);
	EXPECT_UNCHANGED(OK, &desk, jobs_reclaim(&desk.queue, &desk.job[0]));
	desk_enqueue(&desk, 0, 1);
	EXPECT_UNCHANGED(BUSY, &desk, jobs_reclaim(&desk.queue, &desk.job[0]));
	expect_peek(&desk.consumer, 0);
	EXPECT_UNCHANGED(BUSY, &desk, jobs_reclaim(&desk.queue, &desk.job[0]));
}

TEST(poison_is_not_a_reason_for_the_consumer_to_give)
{
	struct desk desk;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 0);
	expect_peek(&desk.consumer, 0);
	EXPECT_UNCHANGED(INVALID, &desk, jobs_fail(&desk.consumer, &desk.job[0], SFP_DFQ_POISON));
	EXPECT(OK, jobs_fail(&desk.consumer, &desk.job[0], SFP_DFQ_POISON - 1));
}

TEST(a_settled_item_cannot_be_settled_handed_out_or_looked_past)
{
	struct desk desk;
	struct job *job = NULL;
	int i;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 2);
	EXPECT(OK, jobs_complete(&desk.consumer, expect_peek(&desk.consumer, 0)));
	EXPECT(OK, jobs_fail(&desk.consumer, expect_peek(&desk.consumer, 1), 1));
	for (i = 0; i < 2; i++) {
		EXPECT_UNCHANGED(INVALID, &desk, jobs_complete(&desk.consumer, &desk.job[i]));
		EXPECT_UNCHANGED(INVALID, &desk, jobs_fail(&desk.consumer, &desk.job[i], 2));
		EXPECT_UNCHANGED(INVALID, &desk, jobs_begin(&desk.consumer, &desk.job[i]));
		EXPECT_UNCHANGED(INVALID, &desk, jobs_look(&desk.consumer, &desk.job[i], &job));
	}
}

TEST(an_idle_item_cannot_be_settled_handed_out_or_looked_past)
{
	struct desk desk;
	struct job *job = NULL;

	desk_set_up(&desk, 3);
	EXPECT_UNCHANGED(INVALID, &desk, jobs_complete(&desk.consumer, &desk.job[0]));
	EXPECT_UNCHANGED(INVALID, &desk, jobs_fail(&desk.consumer, &desk.job[0], 2));
	EXPECT_UNCHANGED(INVALID, &desk, jobs_begin(&desk.consumer, &desk.job[0]));
	EXPECT_UNCHANGED(INVALID, &desk, jobs_look(&desk.consumer, &desk.job[0], &job));
}

/* An item that waits in the list, but which no call has shown yet, has no newer neighbour to unlink it by. */
TEST(an_item_that_was_never_shown_cannot_be_settled)
{
	struct desk desk;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 2);
	EXPECT_UNCHANGED(INVALID, &desk, jobs_complete(&desk.consumer, &desk.job[1]));
	EXPECT_UNCHANGED(INVALID, &desk, jobs_fail(&desk.consumer, &desk.job[1], 2));
	EXPECT_UNCHANGED(INVALID, &desk, jobs_begin(&desk.consumer, &desk.job[1]));
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, -1 });
}

TEST(a_consumer_attaches_only_with_a_proof)
{
	struct desk desk;
	struct jobs_consumer other;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 0);
	EXPECT_UNCHANGED(INVALID, &desk, jobs_attach(&other, &desk.queue, (struct sfp_proof){ NULL }));
	expect_peek(&desk.consumer, 0);
}

/* All that a consumer can do, with one that another has replaced. */
static void expect_stale(struct desk *desk, struct jobs_consumer *old, struct job *handed_out)
{
	struct job *job = NULL;
	size_t depth;

	EXPECT_UNCHANGED(STALE, desk, jobs_peek(old, &job));
	EXPECT_UNCHANGED(STALE, desk, jobs_next(old, &job));
	EXPECT_UNCHANGED(STALE, desk, jobs_look(old, NULL, &job));
	EXPECT_UNCHANGED(STALE, desk, jobs_look(old, handed_out, &job));
	EXPECT_UNCHANGED(STALE, desk, jobs_begin(old, handed_out));
	EXPECT_UNCHANGED(STALE, desk, jobs_complete(old, handed_out));
	EXPECT_UNCHANGED(STALE, desk, jobs_fail(old, handed_out, 1));
	EXPECT_UNCHANGED(STALE, desk, jobs_close(old));
	EXPECT_UNCHANGED(STALE, desk, jobs_depth(old, &depth));
	EXPECT_UNCHANGED(STALE, desk, jobs_detach(old));
	EXPECT_UNCHANGED(STALE, desk, sfp_dfq_wait(&old->core));
}

TEST(a_replaced_consumer_is_told_so_by_every_operation)
{
	struct desk desk;
	struct jobs_consumer old;

	desk_set_up(&desk, 3);
	old = desk.consumer;
	desk_enqueue(&desk, 0, 2);
	expect_peek(&old, 0);
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	expect_stale(&desk, &old, &desk.job[0]);
	expect_peek(&desk.consumer, 0);
	expect_stale(&desk, &old, &desk.job[0]);
	EXPECT_VIEW(&desk.job[0], QUEUED, 2);
}

TEST(a_consumer_that_has_detached_is_stale_and_the_queue_goes_on)
{
	struct desk desk;
	struct jobs_consumer old;

	desk_set_up(&desk, 3);
	old = desk.consumer;
	desk_enqueue(&desk, 0, 0);
	expect_peek(&old, 0);
	EXPECT(OK, jobs_detach(&old));
	expect_stale(&desk, &old, &desk.job[0]);
	desk_enqueue(&desk, 1, 1);
	EXPECT(OK, jobs_attach(&desk.consumer, &desk.queue, DEAD));
	expect_stale(&desk, &old, &desk.job[0]);
	expect_all(&desk.consumer, (const int[]){ 0, 1, -1 });
	EXPECT_VIEW(&desk.job[0], QUEUED, 2);
}

int group_misuse(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_past_the_highest_is_refused),
		cmocka_unit_test(an_item_that_is_not_idle_cannot_be_enqueued),
		cmocka_unit_test(a_queued_item_cannot_be_reclaimed_and_an_idle_one_can),
		cmocka_unit_test(poison_is_not_a_reason_for_the_consumer_to_give),
		cmocka_unit_test(a_settled_item_cannot_be_settled_handed_out_or_looked_past),
		cmocka_unit_test(an_idle_item_cannot_be_settled_handed_out_or_looked_past),
		cmocka_unit_test(an_item_that_was_never_shown_cannot_be_settled),
		cmocka_unit_test(a_consumer_attaches_only_with_a_proof),
		cmocka_unit_test(a_replaced_consumer_is_told_so_by_every_operation),
		cmocka_unit_test(a_consumer_that_has_detached_is_stale_and_the_queue_goes_on),
	};

	return cmocka_run_group_tests_name("misuse", tests, NULL, NULL);
}
