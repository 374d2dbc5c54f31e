/* SPDX-License-Identifier: BSD-2-Clause */
/* Lazy start: the first call starts the provider, once, and not from everywhere. */
#include "iface_test.h"

#include <pthread.h>
#include <sched.h>

/* A provider that is started by its first call; `offer` must be the first to be asked. */
struct lazy {
	struct scene scene;
	struct counter_offer offer;
	unsigned starts;
	enum sfp_status answer;
	enum { STARTS, FAULTS, NEEDS_ITSELF, MAKES_NOTHING, WAITS } what;
	enum sfp_status inner;
	uint32_t waiting;
	uint32_t may_go;
};

static enum sfp_status lazy_start(struct counter_offer *offer, struct counter_record **record)
{
	struct lazy *lazy = SFP_CONTAINER(offer, struct lazy, offer);

	lazy->starts++;
	if (lazy->what == FAULTS)
		__builtin_trap();
	if (lazy->what == NEEDS_ITSELF)
		lazy->inner = counter_reset(&lazy->scene.ref);
	if (lazy->what == WAITS) {
		sfp_store_release_u32(&lazy->waiting, 1);
		while (!sfp_load_acquire_u32(&lazy->may_go))
			sched_yield();
	}
	if (lazy->what != MAKES_NOTHING)
		*record = &lazy->scene.record;
	return lazy->answer;
}

static void lazy_set_up(struct lazy *lazy)
{
	memset(lazy, 0, sizeof(*lazy));
	scene_set_up(&lazy->scene, SCENE_BARE);
	lazy->offer.provider = "lazy";
	lazy->offer.start = lazy_start;
	EXPECT(OK, counter_offer(&lazy->scene.realm, &lazy->offer));
}

TEST(the_first_call_starts_it_and_the_second_does_not)
{
	struct lazy lazy;

	lazy_set_up(&lazy);
	assert_int_equal(sfp_iface_phase(&lazy.offer.core), SFP_IFACE_OFFERED);
	EXPECT(OK, counter_reset(&lazy.scene.ref));
	assert_int_equal(sfp_iface_phase(&lazy.offer.core), SFP_IFACE_OPEN);
	EXPECT(OK, counter_reset(&lazy.scene.ref));
	assert_int_equal(lazy.starts, 1);
	assert_int_equal(lazy.scene.tally.resets, 2);
	expect_nothing_left();
}

TEST(in_an_interrupt_it_is_not_started)
{
	struct lazy lazy;

	lazy_set_up(&lazy);
	sfp_port_context()->interrupt = 1;
	EXPECT(AGAIN, counter_reset(&lazy.scene.ref));
	assert_int_equal(lazy.starts, 0);
	sfp_port_context()->interrupt = 0;
	EXPECT(OK, counter_reset(&lazy.scene.ref));
	sfp_port_context()->interrupt = 1;
	EXPECT(OK, counter_reset(&lazy.scene.ref)); /* started by now */
	sfp_port_context()->interrupt = 0;
	expect_nothing_left();
}

TEST(under_a_spin_lock_it_is_not_started)
{
	struct lazy lazy;
	struct sfp_lock lock = { 0 };
	struct sfp_lock_guard held;

	lazy_set_up(&lazy);
	EXPECT(OK, sfp_lock_acquire(&lock, &held));
	EXPECT(AGAIN, counter_reset(&lazy.scene.ref));
	sfp_lock_release(&held);
	assert_int_equal(lazy.starts, 0);
	EXPECT(OK, counter_reset(&lazy.scene.ref));
	expect_nothing_left();
}

TEST(a_start_that_faults_or_fails_can_be_tried_again)
{
	struct lazy lazy;
	struct sfp_fault why = { .kind = SFP_FAULT_UNKNOWN };
	uint64_t total;

	catch_traps();
	lazy_set_up(&lazy);
	lazy.what = FAULTS;
	EXPECT(FAULT, counter_add_contained(&lazy.scene.ref, 1, &total, &why));
	assert_int_equal(why.kind, SFP_FAULT_INSTRUCTION);
	lazy.what = STARTS;
	lazy.answer = SFP_NO_MEMORY;
	EXPECT(NO_MEMORY, counter_reset(&lazy.scene.ref));
	lazy.answer = SFP_OK;
	lazy.what = MAKES_NOTHING;
	EXPECT(INVALID, counter_reset(&lazy.scene.ref));
	lazy.what = STARTS;
	EXPECT(OK, counter_reset(&lazy.scene.ref));
	assert_int_equal(lazy.starts, 4);
	expect_nothing_left();
}

TEST(a_start_that_needs_itself_is_told_so)
{
	struct lazy lazy;

	lazy_set_up(&lazy);
	lazy.what = NEEDS_ITSELF;
	EXPECT(OK, counter_reset(&lazy.scene.ref));
	EXPECT(DEADLOCK, lazy.inner);
	assert_int_equal(lazy.starts, 1);
	expect_nothing_left();
}

static void *call_once(void *opaque)
{
	struct lazy *lazy = opaque;
	enum sfp_status status;

	if (sfp_posix_thread_enter() != 0)
		return NULL;
	status = counter_reset(&lazy->scene.ref);
	sfp_posix_thread_leave();
	return status == SFP_OK ? lazy : NULL;
}

TEST(while_another_thread_starts_it_callers_do_not_wait)
{
	struct lazy lazy;
	pthread_t thread;
	void *result = NULL;
	int i;

	lazy_set_up(&lazy);
	lazy.what = WAITS;
	assert_int_equal(pthread_create(&thread, NULL, call_once, &lazy), 0);
	while (!sfp_load_acquire_u32(&lazy.waiting))
		sched_yield();
	for (i = 0; i < 3; i++)
		EXPECT(AGAIN, counter_reset(&lazy.scene.ref));
	EXPECT(BUSY, counter_publish(&lazy.offer, &lazy.scene.record, NULL));
	EXPECT(BUSY, counter_close(&lazy.offer));
	EXPECT(AGAIN, counter_withdraw(&lazy.offer));
	sfp_store_release_u32(&lazy.may_go, 1);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_ptr_equal(result, &lazy);
	EXPECT(OK, counter_reset(&lazy.scene.ref));
	assert_int_equal(lazy.starts, 1);
}

int group_start(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_call_starts_it_and_the_second_does_not),
		cmocka_unit_test(in_an_interrupt_it_is_not_started),
		cmocka_unit_test(under_a_spin_lock_it_is_not_started),
		cmocka_unit_test(a_start_that_faults_or_fails_can_be_tried_again),
		cmocka_unit_test(a_start_that_needs_itself_is_told_so),
		cmocka_unit_test(while_another_thread_starts_it_callers_do_not_wait),
	};

	return cmocka_run_group_tests_name("iface: start", tests, NULL, NULL);
}
