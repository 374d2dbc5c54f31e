/* SPDX-License-Identifier: BSD-2-Clause */
/* The orders that have no arithmetic: first come, first served, and strict priority. */
#include "mux_test.h"

TEST(first_come_is_first_served_whoever_comes)
{
	struct desk desk;
	int i;

	desk_set_up(&desk, 0);
	for (i = 0; i < TASKS; i++)
		EXPECT(OK, fifo_submit(i % 3 ? &desk.client : &desk.other, &desk.task[i]));
	for (i = 0; i < TASKS; i++)
		expect_next(&desk.server, i);
	expect_empty(&desk.server);
}

#define CLIENTS 4

struct ranked {
	struct ranks mux;
	struct ranks_server server;
	struct ranks_client client[CLIENTS];
	struct task task[2 * CLIENTS];
};

static const uint32_t levels[CLIENTS] = { 31, 4, 0, 4 };

static void ranked_set_up(struct ranked *ranked)
{
	int i;

	memset(ranked, 0, sizeof(*ranked));
	tasks_number(ranked->task, 2 * CLIENTS);
	EXPECT(OK, ranks_init(&ranked->mux, 0));
	EXPECT(OK, ranks_attach(&ranked->server, &ranked->mux, NEW));
	for (i = 0; i < CLIENTS; i++)
		EXPECT(OK, ranks_bind(&ranked->mux, &ranked->client[i], levels[i]));
}

static void expect_ranked(struct ranked *ranked, int number)
{
	struct task *task = NULL;

	EXPECT(OK, ranks_next(&ranked->server, &task));
	assert_int_equal(task->number, number);
}

TEST(a_higher_priority_comes_first_and_equals_in_turn)
{
	static const int expected[] = { 2, 6, 1, 3, 5, 7, 0, 4 };
	struct task *task = NULL;
	struct ranked ranked;
	int i;

	ranked_set_up(&ranked);
	for (i = 0; i < 2 * CLIENTS; i++)
		EXPECT(OK, ranks_submit(&ranked.client[i % CLIENTS], &ranked.task[i]));
	for (i = 0; i < 2 * CLIENTS; i++)
		expect_ranked(&ranked, expected[i]);
	EXPECT(EMPTY, ranks_next(&ranked.server, &task));
}

TEST(a_higher_priority_that_comes_later_overtakes)
{
	struct ranked ranked;

	ranked_set_up(&ranked);
	EXPECT(OK, ranks_submit(&ranked.client[0], &ranked.task[0]));
	EXPECT(OK, ranks_submit(&ranked.client[0], &ranked.task[4]));
	expect_ranked(&ranked, 0);
	EXPECT(OK, ranks_submit(&ranked.client[1], &ranked.task[1]));
	EXPECT(OK, ranks_submit(&ranked.client[2], &ranked.task[2]));
	expect_ranked(&ranked, 2);
	expect_ranked(&ranked, 1);
	expect_ranked(&ranked, 4);
}

TEST(a_level_that_is_withdrawn_leaves_the_others_in_order)
{
	struct task *task = NULL;
	struct ranked ranked;
	int i;

	ranked_set_up(&ranked);
	for (i = 0; i < 2 * CLIENTS; i++)
		EXPECT(OK, ranks_submit(&ranked.client[i % CLIENTS], &ranked.task[i]));
	EXPECT(OK, ranks_withdraw(&ranked.server, &ranked.task[6]));
	EXPECT(OK, ranks_withdraw(&ranked.server, &ranked.task[2]));
	EXPECT(OK, ranks_withdraw(&ranked.server, &ranked.task[3]));
	EXPECT(OK, ranks_withdraw(&ranked.server, &ranked.task[7]));
	expect_ranked(&ranked, 1);
	expect_ranked(&ranked, 5);
	expect_ranked(&ranked, 0);
	expect_ranked(&ranked, 4);
	EXPECT(EMPTY, ranks_next(&ranked.server, &task));
	assert_int_equal(ranked.mux.core.occupied, 0);
}

int group_order(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_come_is_first_served_whoever_comes),
		cmocka_unit_test(a_higher_priority_comes_first_and_equals_in_turn),
		cmocka_unit_test(a_higher_priority_that_comes_later_overtakes),
		cmocka_unit_test(a_level_that_is_withdrawn_leaves_the_others_in_order),
	};

	return cmocka_run_group_tests_name("order", tests, NULL, NULL);
}
