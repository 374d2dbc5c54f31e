/* SPDX-License-Identifier: BSD-2-Clause */
/* A pool of queue items in an estate: what the consumer has to do before it can go. */
#include "estate_test.h"

#include <sfp/estate_dfq.h>

struct event {
	int number;
	struct sfp_dfq_item link;
};

struct plainq;
struct bellq;
static void ring(struct bellq *queue);

SFP_DFQ(plainq, struct event, link);
SFP_ESTATE_DFQ(plainq, struct event, link);
SFP_DFQ_HOOKED(bellq, struct event, link, ring);
SFP_ESTATE_DFQ_HOOKED(bellq, struct event, link);

static unsigned rung;

static void ring(struct bellq *queue)
{
	(void)queue;
	rung++;
}

#define EVENTS 4

struct producer {
	struct sfp_estate estate;
	struct plainq_estate retained;
	struct event event[EVENTS];
};

struct scene {
	struct plainq queue;
	struct plainq_consumer consumer;
	struct producer *dead;
};

static void scene_set_up(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->dead = calloc(1, sizeof(*scene->dead));
	assert_non_null(scene->dead);
	EXPECT(OK, plainq_init(&scene->queue, 0));
	EXPECT(OK, plainq_attach(&scene->consumer, &scene->queue, SFP_PROOF("the queue is new")));
	EXPECT(OK, plainq_estate_add(&scene->dead->estate, &scene->dead->retained, &scene->queue,
				     scene->dead->event, EVENTS, "events in the plain queue"));
}

static enum sfp_status bury(struct scene *scene)
{
	return sfp_estate_bury(&scene->dead->estate, DEAD, 8);
}

/* The consumer takes and completes one; EMPTY if there is none. */
static enum sfp_status consume(struct scene *scene)
{
	struct event *event = NULL;

	SFP_TRY(plainq_peek(&scene->consumer, &event));
	return plainq_complete(&scene->consumer, event);
}

/* It says OK: the memory goes (under ASan an access to it is a report), and the queue goes on. */
static void expect_buried(struct scene *scene)
{
	struct event other = { .number = 9 };

	EXPECT(OK, bury(scene));
	free(scene->dead);
	EXPECT(OK, plainq_enqueue(&scene->queue, &other));
	EXPECT(OK, consume(scene));
	EXPECT(EMPTY, consume(scene));
	EXPECT(OK, plainq_reclaim(&scene->queue, &other));
}

TEST(a_pool_that_was_never_used_goes_at_once)
{
	struct scene scene;

	scene_set_up(&scene);
	expect_buried(&scene);
}

TEST(items_in_the_queue_go_when_the_consumer_has_handled_them)
{
	struct scene scene;

	scene_set_up(&scene);
	EXPECT(OK, plainq_enqueue(&scene.queue, &scene.dead->event[0]));
	EXPECT(OK, plainq_enqueue(&scene.queue, &scene.dead->event[2]));
	EXPECT(AGAIN, bury(&scene));
	EXPECT(OK, consume(&scene));
	EXPECT(AGAIN, bury(&scene));
	EXPECT(OK, consume(&scene));
	EXPECT(EMPTY, consume(&scene));
	expect_buried(&scene);
}

TEST(an_outcome_that_nobody_fetched_is_no_obstacle)
{
	struct scene scene;

	scene_set_up(&scene);
	EXPECT(OK, plainq_enqueue(&scene.queue, &scene.dead->event[1]));
	EXPECT(OK, consume(&scene));
	expect_buried(&scene);
}

/* The producer stopped between the two stores of an enqueue: QUEUED, and not in the queue. */
TEST(an_item_that_was_about_to_be_enqueued_goes_when_the_marker_was_passed)
{
	struct scene scene;
	struct event other = { .number = 7 };

	scene_set_up(&scene);
	EXPECT(OK, plainq_enqueue(&scene.queue, &other)); /* not empty: that would settle it by itself */
	scene.dead->event[3].link.word = SFP_DFQ_QUEUED;
	EXPECT(AGAIN, bury(&scene));
	EXPECT(AGAIN, bury(&scene));
	EXPECT(OK, consume(&scene));
	EXPECT(EMPTY, consume(&scene));
	expect_buried(&scene);
}

TEST(a_queue_that_is_closed_gives_everything_back)
{
	struct scene scene;

	scene_set_up(&scene);
	EXPECT(OK, plainq_enqueue(&scene.queue, &scene.dead->event[0]));
	EXPECT(AGAIN, bury(&scene));
	EXPECT(OK, plainq_close(&scene.consumer));
	EXPECT(OK, bury(&scene));
	free(scene.dead);
}

TEST(a_new_consumer_gives_back_what_a_dead_one_had_done)
{
	struct scene scene;

	scene_set_up(&scene);
	EXPECT(OK, plainq_enqueue(&scene.queue, &scene.dead->event[0]));
	scene.dead->event[0].link.word = SFP_DFQ_DONE | (1u << SFP_DFQ_INCARNATION_SHIFT_); /* A, and no further */
	EXPECT(AGAIN, bury(&scene));
	EXPECT(OK, plainq_attach(&scene.consumer, &scene.queue, SFP_PROOF("the test stopped it")));
	EXPECT(EMPTY, consume(&scene));
	expect_buried(&scene);
}

TEST(a_pool_is_in_one_estate_and_is_not_empty)
{
	struct scene scene;
	struct plainq_estate none = { .core = { .count = 0 } };

	scene_set_up(&scene);
	EXPECT(BUSY, plainq_estate_add(&scene.dead->estate, &scene.dead->retained, &scene.queue,
				       scene.dead->event, EVENTS, "twice"));
	EXPECT(INVALID, plainq_estate_add(&scene.dead->estate, &none, &scene.queue, scene.dead->event, 0, "none"));
	EXPECT(INVALID, plainq_estate_add(&scene.dead->estate, &none, &scene.queue, NULL, 1, "nowhere"));
	EXPECT(OK, plainq_estate_remove(&scene.dead->estate, &scene.dead->retained));
	assert_null(sfp_estate_next(&scene.dead->estate, NULL));
	free(scene.dead);
}

TEST(the_marker_wakes_a_consumer_that_sleeps)
{
	struct bellq queue;
	struct bellq_consumer consumer;
	struct event event[2] = { { .number = 0 } };
	struct event other = { .number = 5 };
	struct event *seen = NULL;
	struct bellq_estate retained = { .core = { .count = 0 } };
	struct sfp_estate estate = { .sealed = 0 };

	rung = 0;
	EXPECT(OK, bellq_init(&queue, 0));
	EXPECT(OK, bellq_attach(&consumer, &queue, SFP_PROOF("the queue is new")));
	EXPECT(OK, bellq_estate_add(&estate, &retained, &queue, event, 2, "events"));
	EXPECT(OK, bellq_enqueue(&queue, &other));
	EXPECT(OK, bellq_peek(&consumer, &seen));
	EXPECT(OK, bellq_wait(&consumer));            /* asleep, with one handed out */
	event[1].link.word = SFP_DFQ_QUEUED;
	EXPECT(AGAIN, sfp_estate_bury(&estate, DEAD, 1));
	assert_int_equal(rung, 1);
	EXPECT(OK, bellq_complete(&consumer, seen));
	EXPECT(EMPTY, bellq_peek(&consumer, &seen));
	EXPECT(OK, sfp_estate_bury(&estate, DEAD, 1));
	EXPECT(OK, bellq_reclaim(&queue, &other));
}

int group_pool(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pool_that_was_never_used_goes_at_once),
		cmocka_unit_test(items_in_the_queue_go_when_the_consumer_has_handled_them),
		cmocka_unit_test(an_outcome_that_nobody_fetched_is_no_obstacle),
		cmocka_unit_test(an_item_that_was_about_to_be_enqueued_goes_when_the_marker_was_passed),
		cmocka_unit_test(a_queue_that_is_closed_gives_everything_back),
		cmocka_unit_test(a_new_consumer_gives_back_what_a_dead_one_had_done),
		cmocka_unit_test(a_pool_is_in_one_estate_and_is_not_empty),
		cmocka_unit_test(the_marker_wakes_a_consumer_that_sleeps),
	};

	return cmocka_run_group_tests_name("estate: pool", tests, NULL, NULL);
}
