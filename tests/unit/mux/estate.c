/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of a mux in an estate: whatever it was in the middle of, its memory comes free. */
#include "mux_test.h"

#include <sfp/estate_mux.h>

SFP_ESTATE_MUX(fifo, struct task, link);
SFP_ESTATE_MUX_HOOKED(timers, struct task, link);

#define POOL 4

struct owner {
	struct sfp_estate estate;
	struct fifo_estate retained;
	struct fifo_client client;
	struct task task[POOL];
};

struct scene {
	struct fifo mux;
	struct fifo_server server;
	struct owner *dead;
};

static void scene_set_up(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->dead = calloc(1, sizeof(*scene->dead));
	assert_non_null(scene->dead);
	tasks_number(scene->dead->task, POOL);
	EXPECT(OK, fifo_init(&scene->mux, 0));
	EXPECT(OK, fifo_attach(&scene->server, &scene->mux, NEW));
	EXPECT(INVALID, fifo_estate_add(&scene->dead->estate, &scene->dead->retained, &scene->dead->client,
					scene->dead->task, POOL, "not bound yet"));
	EXPECT(OK, fifo_bind(&scene->mux, &scene->dead->client));
	EXPECT(INVALID, fifo_estate_add(&scene->dead->estate, &scene->dead->retained, &scene->dead->client,
					scene->dead->task, 0, "no requests"));
	EXPECT(OK, fifo_estate_add(&scene->dead->estate, &scene->dead->retained, &scene->dead->client,
				   scene->dead->task, POOL, "a client of the mux"));
	EXPECT(BUSY, fifo_estate_add(&scene->dead->estate, &scene->dead->retained, &scene->dead->client,
				     scene->dead->task, POOL, "a second time"));
}

static enum sfp_status bury(struct scene *scene)
{
	return sfp_estate_bury(&scene->dead->estate, SFP_PROOF("the test has stopped being the client"), 8);
}

/* Bury, while the server only comes by; under ASan an access to the memory afterwards is a report. */
static void expect_buried(struct scene *scene)
{
	unsigned patience = 12;
	enum sfp_status status;

	while ((status = bury(scene)) == SFP_AGAIN && patience-- > 0)
		expect_empty(&scene->server);
	EXPECT(OK, status);
	free(scene->dead);
	expect_empty(&scene->server);
	assert_null(sfp_dfq_pointer_(scene->mux.core.inbox.head));
}

TEST(a_client_that_had_nothing_in_the_mux_is_buried)
{
	struct scene scene;

	scene_set_up(&scene);
	expect_buried(&scene);
}

TEST(what_was_pending_cancelled_and_done_comes_back)
{
	struct scene scene;

	scene_set_up(&scene);
	EXPECT(OK, fifo_submit(&scene.dead->client, &scene.dead->task[0]));
	EXPECT(OK, fifo_submit(&scene.dead->client, &scene.dead->task[1]));
	EXPECT(OK, fifo_complete(&scene.server, expect_next(&scene.server, 0), 0));
	EXPECT(OK, fifo_submit(&scene.dead->client, &scene.dead->task[2]));
	EXPECT(OK, fifo_cancel(&scene.dead->client, &scene.dead->task[2]));
	EXPECT(AGAIN, bury(&scene));
	EXPECT(AGAIN, bury(&scene));
	expect_next(&scene.server, 1); /* it was pending, and the server passes the marker */
	EXPECT(AGAIN, bury(&scene));
	expect_empty(&scene.server);
	EXPECT(AGAIN, bury(&scene)); /* task 1 is in flight */
	EXPECT(OK, fifo_complete(&scene.server, &scene.dead->task[1], 0));
	expect_buried(&scene);
}

/* Each thing that a client may have been about to enqueue when it stopped, linked or not. */
TEST(what_was_in_doubt_is_settled)
{
	unsigned mask;

	for (mask = 0; mask < 1u << 3; mask++) {
		struct scene scene;

		scene_set_up(&scene);
		if (mask & 1)
			scene.dead->task[0].link.item.word = SFP_DFQ_QUEUED;
		else
			EXPECT(OK, fifo_submit(&scene.dead->client, &scene.dead->task[0]));
		EXPECT(OK, fifo_submit(&scene.dead->client, &scene.dead->task[1]));
		if (mask & 2)
			scene.dead->task[1].link.note.word = SFP_DFQ_QUEUED | SFP_MUX_CANCEL_;
		else
			EXPECT(OK, fifo_cancel(&scene.dead->client, &scene.dead->task[1]));
		scene.dead->client.core.bond = SFP_MUX_LEAVING_;
		if (mask & 4)
			scene.dead->client.core.note.word = SFP_DFQ_QUEUED | SFP_MUX_LEAVE_;
		else
			EXPECT(BUSY, fifo_unbind(&scene.dead->client));
		EXPECT(AGAIN, bury(&scene));
		while (true) { /* hand nothing out for good: all is completed at once */
			struct task *task = NULL;

			if (next_through(&scene.server, &task) != SFP_OK)
				break;
			EXPECT(OK, fifo_complete(&scene.server, task, 0));
		}
		expect_buried(&scene);
	}
}

TEST(a_closed_mux_gives_a_dead_clients_memory_back)
{
	struct task *task = NULL;
	struct scene scene;

	scene_set_up(&scene);
	EXPECT(OK, fifo_submit(&scene.dead->client, &scene.dead->task[0]));
	scene.dead->task[1].link.item.word = SFP_DFQ_QUEUED;
	EXPECT(AGAIN, bury(&scene));
	EXPECT(OK, fifo_close(&scene.server));
	EXPECT(OK, bury(&scene));
	free(scene.dead);
	EXPECT(GONE, fifo_next(&scene.server, &task));
}

TEST(a_client_that_left_by_itself_is_removed_and_forgotten)
{
	struct scene scene;

	scene_set_up(&scene);
	EXPECT(OK, fifo_submit(&scene.dead->client, &scene.dead->task[0]));
	leave_through(&scene.server, &scene.dead->client);
	EXPECT(OK, fifo_reclaim(&scene.dead->client, &scene.dead->task[0]));
	EXPECT(OK, fifo_estate_remove(&scene.dead->estate, &scene.dead->retained));
	EXPECT(OK, bury(&scene));
	free(scene.dead);
	expect_empty(&scene.server);
}

int group_estate(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_had_nothing_in_the_mux_is_buried),
		cmocka_unit_test(what_was_pending_cancelled_and_done_comes_back),
		cmocka_unit_test(what_was_in_doubt_is_settled),
		cmocka_unit_test(a_closed_mux_gives_a_dead_clients_memory_back),
		cmocka_unit_test(a_client_that_left_by_itself_is_removed_and_forgotten),
	};

	return cmocka_run_group_tests_name("estate", tests, NULL, NULL);
}
