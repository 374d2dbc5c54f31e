/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver's pool of events over a real queue: nothing is lost without the console hearing of it. */
#include "cmocka_test.h"

#include "input.h"

static unsigned woken;

enum sfp_status nano_broken(const char *invariant)
{
	assert_non_null(invariant);
	return SFP_INVALID;
}

void nano_wake(void)
{
	woken++;
}

struct bench {
	struct input_queue queue;
	struct input_queue_consumer consumer;
	struct input_pool pool;
};

static void set_up(struct bench *bench)
{
	memset(bench, 0, sizeof(*bench));
	assert_int_equal(input_queue_init(&bench->queue, 3), SFP_OK);
	assert_int_equal(input_queue_attach(&bench->consumer, &bench->queue, SFP_PROOF("the queue is new")),
			 SFP_OK);
}

static enum sfp_status send(struct bench *bench, uint32_t value)
{
	return input_send(&bench->pool, &bench->queue, INPUT_KEYBOARD, INPUT_CHARACTER, value);
}

/* Take the next event; its kind, and its value in *value. 0: none. */
static unsigned take(struct bench *bench, uint32_t *value)
{
	struct input_event *event;
	unsigned kind;

	if (input_queue_peek(&bench->consumer, &event) != SFP_OK)
		return 0;
	kind = event->kind;
	*value = event->value;
	assert_int_equal(input_queue_complete(&bench->consumer, event), SFP_OK);
	return kind;
}

static void events_arrive_whole_and_in_order_through_many_rounds(void **state)
{
	struct bench *bench = aligned_alloc(64, sizeof(*bench));
	uint32_t sent = 0, taken = 0, value;

	(void)state;
	set_up(bench);
	for (unsigned round = 0; round < 1000; round++) {
		const unsigned count = round * 7 % INPUT_POOL_EVENTS + 1;

		for (unsigned i = 0; i < count; i++)
			assert_int_equal(send(bench, sent++), SFP_OK);
		assert_int_equal(input_check(&bench->pool), SFP_OK);
		for (unsigned i = 0; i < count; i++) {
			assert_int_equal(take(bench, &value), INPUT_CHARACTER);
			assert_int_equal(value, taken++);
		}
		assert_int_equal(take(bench, &value), 0);
	}
	assert_int_equal(bench->pool.sent, sent);
	print_message("%u events\n", sent);
	free(bench);
}

static void a_full_pool_says_again_and_changes_nothing(void **state)
{
	struct bench *bench = aligned_alloc(64, sizeof(*bench));
	uint32_t value;

	(void)state;
	set_up(bench);
	for (uint32_t i = 0; i < INPUT_POOL_EVENTS; i++)
		assert_int_equal(send(bench, i), SFP_OK);
	assert_int_equal(send(bench, 1000), SFP_AGAIN);
	assert_null(input_place(&bench->pool, &bench->queue));
	assert_int_equal(bench->pool.sent, INPUT_POOL_EVENTS);
	assert_int_equal(take(bench, &value), INPUT_CHARACTER);
	assert_int_equal(value, 0);
	assert_int_equal(send(bench, 1001), SFP_OK);
	assert_int_equal(send(bench, 1002), SFP_AGAIN);
	for (uint32_t i = 1; i < INPUT_POOL_EVENTS; i++) {
		assert_int_equal(take(bench, &value), INPUT_CHARACTER);
		assert_int_equal(value, i);
	}
	assert_int_equal(take(bench, &value), INPUT_CHARACTER);
	assert_int_equal(value, 1001);
	free(bench);
}

static void a_loss_is_told_once_and_before_what_follows_it(void **state)
{
	struct bench *bench = aligned_alloc(64, sizeof(*bench));
	uint32_t value;

	(void)state;
	set_up(bench);
	assert_int_equal(input_tell(&bench->pool, &bench->queue, INPUT_KEYBOARD), SFP_EMPTY);
	assert_int_equal(send(bench, 'a'), SFP_OK);
	input_lose(&bench->pool, 2);
	input_lose(&bench->pool, 3);
	assert_int_equal(send(bench, 'b'), SFP_OK);
	assert_int_equal(take(bench, &value), INPUT_CHARACTER);
	assert_int_equal(take(bench, &value), INPUT_LOST);
	assert_int_equal(value, 5);
	assert_int_equal(take(bench, &value), INPUT_CHARACTER);
	assert_int_equal(value, 'b');
	assert_int_equal(take(bench, &value), 0);
	assert_int_equal(bench->pool.lost, 0);
	assert_int_equal(bench->pool.lost_ever, 5);
	free(bench);
}

static void a_loss_waits_for_a_place(void **state)
{
	struct bench *bench = aligned_alloc(64, sizeof(*bench));
	uint32_t value;

	(void)state;
	set_up(bench);
	for (uint32_t i = 0; i < INPUT_POOL_EVENTS; i++)
		assert_int_equal(send(bench, i), SFP_OK);
	input_lose(&bench->pool, 9);
	assert_int_equal(input_tell(&bench->pool, &bench->queue, INPUT_KEYBOARD), SFP_AGAIN);
	assert_int_equal(bench->pool.lost, 9);
	(void)take(bench, &value);
	assert_int_equal(input_tell(&bench->pool, &bench->queue, INPUT_KEYBOARD), SFP_OK);
	assert_int_equal(bench->pool.lost, 0);
	for (uint32_t i = 1; i < INPUT_POOL_EVENTS; i++)
		assert_int_equal(take(bench, &value), INPUT_CHARACTER);
	assert_int_equal(take(bench, &value), INPUT_LOST);
	assert_int_equal(value, 9);
	free(bench);
}

static void the_consumer_that_waits_is_woken_once(void **state)
{
	struct bench *bench = aligned_alloc(64, sizeof(*bench));

	(void)state;
	set_up(bench);
	woken = 0;
	assert_int_equal(send(bench, 'a'), SFP_OK);
	assert_int_equal(woken, 0);
	assert_int_equal(input_queue_wait(&bench->consumer), SFP_AGAIN);
	(void)take(bench, &(uint32_t){ 0 });
	assert_int_equal(input_queue_wait(&bench->consumer), SFP_OK);
	assert_int_equal(send(bench, 'b'), SFP_OK);
	assert_true(woken >= 1);
	free(bench);
}

static void a_broken_pool_is_told_from_a_sound_one(void **state)
{
	struct bench *bench = aligned_alloc(64, sizeof(*bench));

	(void)state;
	set_up(bench);
	assert_int_equal(send(bench, 'a'), SFP_OK);
	assert_int_equal(input_check(&bench->pool), SFP_OK);
	bench->pool.events[0].source = INPUT_SOURCES;
	assert_int_equal(input_check(&bench->pool), SFP_INVALID);
	bench->pool.events[0].source = 0;
	bench->pool.events[0].kind = INPUT_LOST + 1;
	assert_int_equal(input_check(&bench->pool), SFP_INVALID);
	bench->pool.events[0].kind = 0;
	assert_int_equal(input_check(&bench->pool), SFP_INVALID);
	bench->pool.events[0].kind = INPUT_KEY;
	bench->pool.lost = 1;
	assert_int_equal(input_check(&bench->pool), SFP_INVALID);
	free(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_arrive_whole_and_in_order_through_many_rounds),
		cmocka_unit_test(a_full_pool_says_again_and_changes_nothing),
		cmocka_unit_test(a_loss_is_told_once_and_before_what_follows_it),
		cmocka_unit_test(a_loss_waits_for_a_place),
		cmocka_unit_test(the_consumer_that_waits_is_woken_once),
		cmocka_unit_test(a_broken_pool_is_told_from_a_sound_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
