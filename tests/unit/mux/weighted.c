/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Weighted shares, as bounds: among clients that always have something
 * pending, what two of them got for a unit of weight differs, at every moment,
 * by no more than a quantum and the highest cost.
 */
#include "mux_test.h"

#define CLIENTS 3
#define DEPTH 4 /* requests that a client keeps pending */

struct market {
	struct fair mux;
	struct fair_server server;
	struct fair_client client[CLIENTS];
	struct task task[CLIENTS][DEPTH];
	uint32_t cost[CLIENTS][DEPTH];
	uint32_t weight[CLIENTS];
	uint64_t got[CLIENTS];
	uint64_t seed;
};

static uint32_t dice(struct market *market, uint32_t sides)
{
	market->seed = market->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(market->seed >> 33) % sides;
}

static void put(struct market *market, int c, int i, uint32_t highest)
{
	market->cost[c][i] = highest ? 1 + dice(market, highest) : 1;
	EXPECT(OK, fair_reclaim(&market->client[c], &market->task[c][i]));
	EXPECT(OK, fair_submit_cost(&market->client[c], &market->task[c][i], market->cost[c][i]));
}

static void open_market(struct market *market, const uint32_t *weights, uint32_t quantum, uint32_t highest)
{
	int c;
	int i;

	memset(market, 0, sizeof(*market));
	market->seed = 20240229;
	EXPECT(OK, fair_init(&market->mux, 0, quantum));
	EXPECT(OK, fair_attach(&market->server, &market->mux, NEW));
	for (c = 0; c < CLIENTS; c++) {
		market->weight[c] = weights[c];
		EXPECT(OK, fair_bind(&market->mux, &market->client[c], weights[c]));
		for (i = 0; i < DEPTH; i++) {
			market->task[c][i].number = c * DEPTH + i;
			put(market, c, i, highest);
		}
	}
}

/* |got a / weight a - got b / weight b| <= bound, without a division. */
static void expect_fair(const struct market *market, uint64_t bound)
{
	int a;
	int b;

	for (a = 0; a < CLIENTS; a++)
		for (b = 0; b < a; b++) {
			const int64_t difference = (int64_t)(market->got[a] * market->weight[b]) -
						   (int64_t)(market->got[b] * market->weight[a]);
			const int64_t most = (int64_t)(bound * market->weight[a] * market->weight[b]);

			assert_true(difference <= most && -difference <= most);
		}
}

/* One round of the server: hand out, complete, and the client submits again at once. */
static int serve_one(struct market *market, uint32_t highest)
{
	struct task *task = NULL;
	int c;
	int i;

	EXPECT(OK, fair_next(&market->server, &task));
	c = task->number / DEPTH;
	i = task->number % DEPTH;
	assert_ptr_equal(task, &market->task[c][i]);
	market->got[c] += market->cost[c][i];
	EXPECT(OK, fair_complete(&market->server, task, 0));
	put(market, c, i, highest);
	return c;
}

static void saturate(const uint32_t *weights, uint32_t quantum, uint32_t highest, uint64_t bound)
{
	struct market market;
	int i;

	open_market(&market, weights, quantum, highest);
	for (i = 0; i < 7000; i++) {
		(void)serve_one(&market, highest);
		expect_fair(&market, bound);
	}
	for (i = 0; i < CLIENTS; i++)
		assert_int_equal(fair_used(&market.client[i]), market.got[i]);
}

TEST(weights_of_1_2_4_hold_within_one_quantum_at_every_moment)
{
	saturate((const uint32_t[]){ 1, 2, 4 }, 1, 0, 1);
	saturate((const uint32_t[]){ 1, 2, 4 }, 5, 0, 5);
	saturate((const uint32_t[]){ 7, 1, 100 }, 3, 0, 3);
}

TEST(with_costs_they_hold_within_one_quantum_and_the_highest_cost)
{
	saturate((const uint32_t[]){ 1, 2, 4 }, 16, 16, 32);
	saturate((const uint32_t[]){ 3, 3, 1 }, 100, 7, 107);
}

TEST(nobody_waits_longer_than_a_turn_of_everybody_else)
{
	struct market market;
	unsigned waited[CLIENTS] = { 0 };
	int i;
	int c;

	open_market(&market, (const uint32_t[]){ 1, 2, 4 }, 1, 0);
	for (i = 0; i < 1000; i++) {
		const int served = serve_one(&market, 0);

		for (c = 0; c < CLIENTS; c++) {
			waited[c] = c == served ? 0 : waited[c] + 1;
			assert_in_range(waited[c], 0, 6);
		}
	}
}

TEST(who_was_away_has_saved_nothing)
{
	struct market market;
	struct task *task = NULL;
	uint64_t before;
	int i;

	open_market(&market, (const uint32_t[]){ 4, 1, 1 }, 1, 0);
	for (i = 0; i < DEPTH; i++)
		EXPECT(OK, fair_withdraw(&market.server, &market.task[0][i]));
	for (i = 0; i < 100; i++)
		(void)serve_one(&market, 0);
	before = market.got[1] + market.got[2];
	assert_int_equal(before, 100);
	for (i = 0; i < DEPTH; i++)
		put(&market, 0, i, 0);
	for (i = 0; i < 60; i++)
		(void)serve_one(&market, 0);
	assert_in_range(market.got[0], 40 - 4, 40 + 4);
	EXPECT(OK, fair_next(&market.server, &task));
}

/* Leaving the ring for a moment after each request is no way to a larger share. */
TEST(a_debt_is_kept_by_who_comes_and_goes)
{
	struct task task[2] = { { .number = 0 }, { .number = 1 } };
	struct fair_client client[2] = { { { 0 } }, { { 0 } } };
	struct fair_server server;
	struct fair fair;
	uint64_t got[2] = { 0, 0 };
	struct task *next = NULL;
	int i;

	EXPECT(OK, fair_init(&fair, 0, 1));
	EXPECT(OK, fair_attach(&server, &fair, NEW));
	for (i = 0; i < 2; i++) {
		EXPECT(OK, fair_bind(&fair, &client[i], 1));
		EXPECT(OK, fair_submit(&client[i], &task[i]));
	}
	for (i = 0; i < 4000; i++) {
		enum sfp_status status;

		do {
			status = fair_next(&server, &next);
		} while (status == SFP_AGAIN);
		assert_int_equal(status, SFP_OK);
		got[next->number] += next->number ? 10 : 1;
		if (next->number)
			EXPECT(OK, fair_charge(&server, next, 9)); /* it took ten times what it said */
		EXPECT(OK, fair_complete(&server, next, 0));
		EXPECT(OK, fair_reclaim(&client[next->number], next));
		EXPECT(OK, fair_submit(&client[next->number], next));
	}
	assert_in_range(got[1], got[0] - 20, got[0] + 20);
	assert_int_equal(fair_used(&client[1]), got[1]);
}

/* As tasks share a processor: each has one request, which is in flight, or put back. */
TEST(a_turn_is_not_over_while_the_only_request_is_in_flight)
{
	const uint32_t weight[3] = { 1, 2, 4 };
	struct task task[3] = { { .number = 0 }, { .number = 1 }, { .number = 2 } };
	struct fair_client client[3] = { { { 0 } }, { { 0 } }, { { 0 } } };
	struct market market = { .weight = { 1, 2, 4 } };
	struct task *next = NULL;
	uint32_t most = 0;
	int i;

	market.seed = 7;
	EXPECT(OK, fair_init(&market.mux, 0, 100));
	EXPECT(OK, fair_attach(&market.server, &market.mux, NEW));
	for (i = 0; i < 3; i++) {
		EXPECT(OK, fair_bind(&market.mux, &client[i], weight[i]));
		EXPECT(OK, fair_submit(&client[i], &task[i]));
	}
	for (i = 0; i < 20000; i++) {
		const uint32_t used = 1 + dice(&market, i % 50 == 0 ? 1000 : 100);

		most = used > most ? used : most;
		EXPECT(OK, fair_next(&market.server, &next));
		if (used > 1)
			EXPECT(OK, fair_charge(&market.server, next, used - 1));
		market.got[next->number] += used;
		EXPECT(OK, fair_requeue(&market.server, next));
		expect_fair(&market, 100 + most);
	}
	for (i = 0; i < 3; i++)
		assert_int_equal(fair_used(&client[i]), market.got[i]);
}

/* Who goes while others wait, and comes back, has not saved the rest of its turn. */
TEST(a_turn_is_over_when_nothing_is_pending_or_in_flight)
{
	struct task task[2] = { { .number = 0 }, { .number = 1 } };
	struct fair_client client[2] = { { { 0 } }, { { 0 } } };
	struct fair_server server;
	struct fair fair;
	struct task *next = NULL;
	int i;

	EXPECT(OK, fair_init(&fair, 0, 10));
	EXPECT(OK, fair_attach(&server, &fair, NEW));
	for (i = 0; i < 2; i++) {
		EXPECT(OK, fair_bind(&fair, &client[i], 4));
		EXPECT(OK, fair_submit(&client[i], &task[i]));
	}
	for (i = 0; i < 100; i++) {
		EXPECT(OK, fair_next(&server, &next));
		assert_int_equal(next->number, i % 2);
		EXPECT(OK, fair_complete(&server, next, 0));
		EXPECT(OK, fair_reclaim(&client[i % 2], next));
		EXPECT(OK, fair_submit(&client[i % 2], next));
	}
}

TEST(a_requeued_task_waits_behind_the_others_of_its_client)
{
	struct market market;
	struct task *task = NULL;

	open_market(&market, (const uint32_t[]){ 2, 1, 1 }, 1, 0);
	EXPECT(OK, fair_next(&market.server, &task));
	assert_int_equal(task->number, 0);
	EXPECT(OK, fair_requeue(&market.server, task));
	EXPECT(OK, fair_next(&market.server, &task));
	assert_int_equal(task->number, 1);
	EXPECT(OK, fair_next(&market.server, &task));
	assert_int_equal(task->number, DEPTH);
}

int group_weighted(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weights_of_1_2_4_hold_within_one_quantum_at_every_moment),
		cmocka_unit_test(with_costs_they_hold_within_one_quantum_and_the_highest_cost),
		cmocka_unit_test(nobody_waits_longer_than_a_turn_of_everybody_else),
		cmocka_unit_test(who_was_away_has_saved_nothing),
		cmocka_unit_test(a_debt_is_kept_by_who_comes_and_goes),
		cmocka_unit_test(a_turn_is_not_over_while_the_only_request_is_in_flight),
		cmocka_unit_test(a_turn_is_over_when_nothing_is_pending_or_in_flight),
		cmocka_unit_test(a_requeued_task_waits_behind_the_others_of_its_client),
	};

	return cmocka_run_group_tests_name("weighted", tests, NULL, NULL);
}
