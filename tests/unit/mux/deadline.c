/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines: the earliest, equal ones in turn, what is due, re-arming, and the heap's shape. */
#include "mux_test.h"

#define TIMERS 64

struct clock {
	struct timers mux;
	struct timers_server server;
	struct timers_client client;
	struct task task[TIMERS];
};

static void clock_set_up(struct clock *clock)
{
	memset(clock, 0, sizeof(*clock));
	tasks_number(clock->task, TIMERS);
	EXPECT(OK, timers_init(&clock->mux, 0));
	EXPECT(OK, timers_attach(&clock->server, &clock->mux, NEW));
	EXPECT(OK, timers_bind(&clock->mux, &clock->client));
}

static void arm(struct clock *clock, int number, uint64_t deadline)
{
	EXPECT(OK, timers_submit(&clock->client, &clock->task[number], deadline));
}

static struct task *expect_timer(struct clock *clock, int number)
{
	struct task *task = NULL;

	EXPECT(OK, timers_next(&clock->server, &task));
	assert_int_equal(task->number, number);
	return task;
}

TEST(the_earliest_deadline_comes_first_and_equal_ones_in_turn)
{
	struct clock clock;

	clock_set_up(&clock);
	arm(&clock, 0, 50);
	arm(&clock, 1, 10);
	arm(&clock, 2, UINT64_MAX);
	arm(&clock, 3, 10);
	arm(&clock, 4, 0);
	arm(&clock, 5, 10);
	expect_timer(&clock, 4);
	expect_timer(&clock, 1);
	expect_timer(&clock, 3);
	expect_timer(&clock, 5);
	expect_timer(&clock, 0);
	expect_timer(&clock, 2);
}

TEST(only_what_is_due_is_handed_out)
{
	struct task *task = NULL;
	uint64_t deadline = 0;
	struct clock clock;

	clock_set_up(&clock);
	EXPECT(EMPTY, timers_earliest(&clock.server, &deadline));
	arm(&clock, 0, 50);
	arm(&clock, 1, 10);
	EXPECT(OK, timers_earliest(&clock.server, &deadline));
	assert_int_equal(deadline, 10);
	EXPECT(EMPTY, timers_due(&clock.server, 9, &task));
	EXPECT(OK, timers_due(&clock.server, 10, &task));
	assert_int_equal(task->number, 1);
	EXPECT(EMPTY, timers_due(&clock.server, 49, &task));
	EXPECT(OK, timers_earliest(&clock.server, &deadline));
	assert_int_equal(deadline, 50);
	EXPECT(OK, timers_due(&clock.server, 1000, &task));
	EXPECT(EMPTY, timers_earliest(&clock.server, &deadline));
}

/* Both ways of a periodic timer: requeued while it is in flight, or settled and submitted again. */
TEST(a_timer_is_armed_again_from_its_own_expiry)
{
	struct task *task = NULL;
	struct clock clock;
	uint64_t now;

	clock_set_up(&clock);
	arm(&clock, 0, 10);
	arm(&clock, 1, 10);
	for (now = 10; now < 1000; now += 10) {
		EXPECT(OK, timers_due(&clock.server, now, &task));
		assert_int_equal(task->number, 0);
		assert_int_equal(timers_state(task).attempts, 1);
		EXPECT(OK, timers_requeue(&clock.server, task, now + 10));
		EXPECT_STATE(task, PENDING);
		EXPECT(OK, timers_due(&clock.server, now, &task));
		assert_int_equal(task->number, 1);
		EXPECT(OK, timers_complete(&clock.server, task, 0));
		EXPECT(OK, timers_reclaim(&clock.client, task));
		arm(&clock, 1, now + 10);
		EXPECT(EMPTY, timers_due(&clock.server, now, &task));
	}
}

TEST(a_pending_timer_is_moved_either_way)
{
	struct clock clock;

	clock_set_up(&clock);
	arm(&clock, 0, 10);
	arm(&clock, 1, 20);
	arm(&clock, 2, 30);
	EXPECT(OK, timers_requeue(&clock.server, &clock.task[0], 25));
	EXPECT(OK, timers_requeue(&clock.server, &clock.task[2], 5));
	expect_timer(&clock, 2);
	expect_timer(&clock, 1);
	expect_timer(&clock, 0);
}

/* Every node before its children, the longer way left, ranks and links true; how many nodes. */
static unsigned check_heap(const struct sfp_mux_request *node, const struct sfp_mux_request *up)
{
	uint32_t left;
	uint32_t right;

	if (!node)
		return 0;
	assert_ptr_equal(node->up, up);
	assert_true(!up || up->key <= node->key);
	left = node->left ? node->left->rank : 0;
	right = node->right ? node->right->rank : 0;
	assert_true(left >= right);
	assert_int_equal(node->rank, right + 1);
	return 1 + check_heap(node->left, node) + check_heap(node->right, node);
}

TEST(the_heap_keeps_its_shape_whatever_is_taken_out)
{
	struct clock clock;
	unsigned count;
	uint64_t seed = 7;
	int i;

	clock_set_up(&clock);
	for (i = 0; i < TIMERS; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		arm(&clock, i, i % 3 ? seed >> 40 : (uint64_t)i);
	}
	for (i = 0; i < TIMERS; i++) {
		const int number = (i * 29) % TIMERS;
		uint64_t deadline;

		EXPECT(OK, timers_withdraw(&clock.server, &clock.task[number]));
		count = check_heap(clock.mux.core.root, NULL);
		assert_int_equal(count, TIMERS - 1 - i);
		if (count)
			EXPECT(OK, timers_earliest(&clock.server, &deadline));
	}
}

/* Ascending, descending: the worst for trees that do not lean. */
TEST(the_way_to_the_right_is_never_longer_than_the_logarithm)
{
	int direction;
	int i;

	for (direction = 0; direction < 2; direction++) {
		const struct sfp_mux_request *node;
		struct clock clock;
		uint64_t deadline;
		unsigned length = 0;

		clock_set_up(&clock);
		for (i = 0; i < TIMERS; i++)
			arm(&clock, i, (uint64_t)(direction ? TIMERS - i : i));
		EXPECT(OK, timers_earliest(&clock.server, &deadline));
		for (node = clock.mux.core.root; node; node = node->right)
			length++;
		assert_in_range(length, 1, 6); /* log2(TIMERS + 1) */
	}
}

int group_deadline(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earliest_deadline_comes_first_and_equal_ones_in_turn),
		cmocka_unit_test(only_what_is_due_is_handed_out),
		cmocka_unit_test(a_timer_is_armed_again_from_its_own_expiry),
		cmocka_unit_test(a_pending_timer_is_moved_either_way),
		cmocka_unit_test(the_heap_keeps_its_shape_whatever_is_taken_out),
		cmocka_unit_test(the_way_to_the_right_is_never_longer_than_the_logarithm),
	};

	return cmocka_run_group_tests_name("deadline", tests, NULL, NULL);
}
