/* SPDX-License-Identifier: BSD-2-Clause */
/* The typed veneer: several queues in a file, links anywhere, two in one struct. */
#include "dfq_test.h"

struct letter {
	struct sfp_dfq_item link; /* at offset 0 */
	long weight;
};

struct parcel {
	double size;
	char label[3];
	struct sfp_dfq_item to_sort;
	struct sfp_dfq_item to_weigh; /* the same parcel stands in two queues at once */
};

struct scale;
static void no_hook(struct scale *queue);

SFP_DFQ(letters, struct letter, link);
SFP_DFQ(sorter, struct parcel, to_sort);
SFP_DFQ_HOOKED(scale, struct parcel, to_weigh, no_hook);
SFP_DFQ(second_desk, struct job, second_link);

static void no_hook(struct scale *queue)
{
	(void)queue;
}

TEST(queues_of_different_types_stand_beside_each_other)
{
	struct letters letters;
	struct letters_consumer reader;
	struct sorter sorter;
	struct sorter_consumer sorting;
	struct letter letter = { .weight = 7 };
	struct parcel parcel = { .size = 1.5 };
	struct letter *got_letter = NULL;
	struct parcel *got_parcel = NULL;

	EXPECT(OK, letters_init(&letters, 1));
	EXPECT(OK, sorter_init(&sorter, 1));
	EXPECT(OK, letters_attach(&reader, &letters, SFP_PROOF("the queue is new")));
	EXPECT(OK, sorter_attach(&sorting, &sorter, SFP_PROOF("the queue is new")));
	EXPECT(OK, letters_enqueue(&letters, &letter));
	EXPECT(OK, sorter_enqueue(&sorter, &parcel));
	EXPECT(OK, letters_peek(&reader, &got_letter));
	EXPECT(OK, sorter_peek(&sorting, &got_parcel));
	assert_ptr_equal(got_letter, &letter);
	assert_ptr_equal(got_parcel, &parcel);
	EXPECT(OK, letters_complete(&reader, got_letter));
	EXPECT(EMPTY, letters_peek(&reader, &got_letter));
	EXPECT(EMPTY, sorter_peek(&sorting, &got_parcel)); /* its one attempt was made */
	assert_int_equal(sorter_state(&parcel).state, SFP_DFQ_FAILED);
}

TEST(one_struct_stands_in_two_queues_with_two_fates)
{
	struct sorter sorter;
	struct sorter_consumer sorting;
	struct scale scale;
	struct scale_consumer weighing;
	struct parcel parcels[2];
	struct parcel *chain[] = { &parcels[1], &parcels[0] };
	struct parcel *got = NULL;

	memset(parcels, 0, sizeof(parcels));
	EXPECT(OK, sorter_init(&sorter, 1));
	EXPECT(OK, scale_init(&scale, 0));
	EXPECT(OK, sorter_attach(&sorting, &sorter, SFP_PROOF("the queue is new")));
	EXPECT(OK, scale_attach(&weighing, &scale, SFP_PROOF("the queue is new")));
	EXPECT(OK, sorter_enqueue(&sorter, &parcels[0]));
	EXPECT(OK, sorter_enqueue(&sorter, &parcels[1]));
	EXPECT(OK, scale_enqueue_chain(&scale, chain, 2)); /* the other way round */
	EXPECT(OK, sorter_peek(&sorting, &got));
	assert_ptr_equal(got, &parcels[0]);
	EXPECT(OK, scale_peek(&weighing, &got));
	assert_ptr_equal(got, &parcels[1]);
	EXPECT(OK, scale_look(&weighing, got, &got));
	assert_ptr_equal(got, &parcels[0]);
	EXPECT(OK, scale_fail(&weighing, got, 4));
	EXPECT(OK, sorter_complete(&sorting, &parcels[0]));
	assert_int_equal(scale_state(&parcels[0]).state, SFP_DFQ_FAILED);
	assert_int_equal(sorter_state(&parcels[0]).state, SFP_DFQ_DONE);
	EXPECT(OK, sorter_reclaim(&sorter, &parcels[0]));
	assert_int_equal(scale_state(&parcels[0]).state, SFP_DFQ_FAILED);
	EXPECT(OK, scale_reclaim(&scale, &parcels[0]));
}

TEST(the_two_links_of_a_job_do_not_touch_each_other)
{
	struct desk desk;
	struct second_desk queue;
	struct second_desk_consumer consumer;
	struct job *job = NULL;
	int i;

	desk_set_up(&desk, 0);
	EXPECT(OK, second_desk_init(&queue, 0));
	EXPECT(OK, second_desk_attach(&consumer, &queue, SFP_PROOF("the queue is new")));
	desk_enqueue(&desk, 0, 4);
	for (i = 4; i >= 0; i--)
		EXPECT(OK, second_desk_enqueue(&queue, &desk.job[i]));
	for (i = 4; i >= 0; i--) {
		EXPECT(OK, second_desk_peek(&consumer, &job));
		assert_int_equal(job->number, i);
		EXPECT(OK, second_desk_complete(&consumer, job));
	}
	expect_all(&desk.consumer, (const int[]){ 0, 1, 2, 3, 4, -1 });
}

TEST(the_queue_keeps_what_producers_write_on_a_cache_line_of_its_own)
{
	struct desk desk;

	assert_int_equal((uintptr_t)&desk.queue % SFP_PORT_CACHE_LINE, 0);
	assert_int_equal(offsetof(struct sfp_dfq, head), 0);
	assert_true(offsetof(struct sfp_dfq, incarnation) >= SFP_PORT_CACHE_LINE);
}

/* The usage that <sfp/dfq.h> opens with. */
TEST(the_usage_in_the_header_works)
{
	struct desk desk;
	struct job *event = NULL;
	enum sfp_status st = SFP_EMPTY;

	desk_set_up(&desk, 3);
	desk_enqueue(&desk, 0, 1);
	while (jobs_peek(&desk.consumer, &event) == SFP_OK)
		st = event->number == 0 ? jobs_complete(&desk.consumer, event)
					: jobs_fail(&desk.consumer, event, 6);
	EXPECT(OK, st);
	EXPECT_VIEW(&desk.job[0], DONE, 1);
	EXPECT_VIEW(&desk.job[1], FAILED, 1);
	if (jobs_reclaim(&desk.queue, &desk.job[0]) == SFP_OK)
		desk.job[0].number = 9;
	assert_int_equal(desk.job[0].number, 9);
}

int group_types(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queues_of_different_types_stand_beside_each_other),
		cmocka_unit_test(one_struct_stands_in_two_queues_with_two_fates),
		cmocka_unit_test(the_two_links_of_a_job_do_not_touch_each_other),
		cmocka_unit_test(the_queue_keeps_what_producers_write_on_a_cache_line_of_its_own),
		cmocka_unit_test(the_usage_in_the_header_works),
	};

	return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
