/* SPDX-License-Identifier: BSD-2-Clause */
/* The lock whose word is its holder's guard. */
#include <sfp/lock.h>

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define THREADS 4
#define ROUNDS 5000

static struct sfp_lock one;
static struct sfp_lock two;

static void begin(void)
{
	assert_int_equal(sfp_posix_faults_catch(), 0);
	assert_int_equal(sfp_posix_thread_enter(), 0);
	assert_null(sfp_port_context()->guards);
	one.owner = 0;
	two.owner = 0;
}

static enum sfp_status call(sfp_gated *function, void *argument)
{
	return sfp_gate_call(sfp_port_context(), function, argument, NULL);
}

static void taking_and_letting_go(void **state)
{
	struct sfp_lock_guard held;

	(void)state;
	begin();
	assert_false(sfp_lock_is_held(&one));
	assert_int_equal(sfp_lock_acquire(&one, &held), SFP_OK);
	assert_true(sfp_lock_is_held(&one));
	assert_int_equal(one.owner, (uintptr_t)&held.guard);
	assert_ptr_equal(sfp_port_context()->guards, &held.guard);
	sfp_lock_release(&held);
	assert_false(sfp_lock_is_held(&one));
	assert_null(sfp_port_context()->guards);
}

static void a_second_taking_is_a_status_and_changes_nothing(void **state)
{
	struct sfp_lock_guard held;
	struct sfp_lock_guard again;

	(void)state;
	begin();
	assert_int_equal(sfp_lock_acquire(&one, &held), SFP_OK);
	assert_int_equal(sfp_lock_acquire(&one, &again), SFP_DEADLOCK);
	assert_int_equal(one.owner, (uintptr_t)&held.guard);
	assert_ptr_equal(sfp_port_context()->guards, &held.guard);
	sfp_lock_release(&held);
	assert_false(sfp_lock_is_held(&one));
	assert_int_equal(sfp_lock_acquire(&one, &again), SFP_OK);
	sfp_lock_release(&again);
}

static void a_second_taking_is_noticed_behind_other_locks(void **state)
{
	struct sfp_lock_guard first;
	struct sfp_lock_guard second;
	struct sfp_lock_guard again;

	(void)state;
	begin();
	assert_int_equal(sfp_lock_acquire(&one, &first), SFP_OK);
	assert_int_equal(sfp_lock_acquire(&two, &second), SFP_OK);
	assert_int_equal(sfp_lock_acquire(&one, &again), SFP_DEADLOCK);
	assert_true(sfp_lock_is_held(&one));
	assert_true(sfp_lock_is_held(&two));
	sfp_lock_release(&second);
	sfp_lock_release(&first);
	assert_false(sfp_lock_is_held(&one));
}

static enum sfp_status hold_two_and_raise(void *argument)
{
	struct sfp_lock_guard first;
	struct sfp_lock_guard second;

	(void)argument;
	SFP_TRY(sfp_lock_acquire(&one, &first));
	SFP_TRY(sfp_lock_acquire(&two, &second));
	sfp_fault_raise(1);
	return SFP_OK;
}

static void a_fault_lets_go_of_all_that_was_held(void **state)
{
	(void)state;
	begin();
	assert_int_equal(call(hold_two_and_raise, NULL), SFP_FAULT);
	assert_false(sfp_lock_is_held(&one));
	assert_false(sfp_lock_is_held(&two));
	assert_null(sfp_port_context()->guards);
}

static enum sfp_status raise_while_held_outside(void *argument)
{
	(void)argument;
	sfp_fault_raise(1);
	return SFP_OK;
}

static void a_fault_keeps_what_is_held_outside_of_its_gate(void **state)
{
	struct sfp_lock_guard held;

	(void)state;
	begin();
	assert_int_equal(sfp_lock_acquire(&one, &held), SFP_OK);
	assert_int_equal(call(raise_while_held_outside, NULL), SFP_FAULT);
	assert_int_equal(one.owner, (uintptr_t)&held.guard);
	sfp_lock_release(&held);
}

/* ---- threads ---------------------------------------------------------------- */

static unsigned long count;

struct adder {
	pthread_t thread;
	unsigned faults;
	unsigned wrong;
};

static enum sfp_status add_once(void *argument)
{
	struct adder *adder = argument;
	struct sfp_lock_guard held;

	SFP_TRY(sfp_lock_acquire(&one, &held));
	count++;
	if (count % 7 == 0) {
		adder->faults++;
		sfp_fault_raise(7);
	}
	sfp_lock_release(&held);
	return SFP_OK;
}

static void *add_often(void *argument)
{
	struct adder *adder = argument;
	unsigned before;
	int i;

	if (sfp_posix_thread_enter() != 0)
		return NULL;
	for (i = 0; i < ROUNDS; i++) {
		before = adder->faults;
		if (call(add_once, adder) != (adder->faults == before ? SFP_OK : SFP_FAULT))
			adder->wrong++;
	}
	sfp_posix_thread_leave();
	return adder;
}

static void threads_exclude_each_other_and_survive_each_others_faults(void **state)
{
	struct adder adders[THREADS] = { { .faults = 0 } };
	unsigned faults = 0;
	void *result;
	int i;

	(void)state;
	begin();
	count = 0;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&adders[i].thread, NULL, add_often, &adders[i]), 0);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(adders[i].thread, &result), 0);
		assert_ptr_equal(result, &adders[i]);
		assert_int_equal(adders[i].wrong, 0);
		faults += adders[i].faults;
	}
	assert_int_equal(count, THREADS * ROUNDS);
	assert_int_equal(faults, THREADS * ROUNDS / 7);
	assert_false(sfp_lock_is_held(&one));
}

struct waiter {
	uint32_t waits;
	enum sfp_status status;
};

static enum sfp_status wait_for_it(void *argument)
{
	struct waiter *waiter = argument;
	struct sfp_lock_guard held;

	__atomic_store_n(&waiter->waits, 1, __ATOMIC_RELEASE);
	SFP_TRY(sfp_lock_acquire(&one, &held));
	sfp_lock_release(&held);
	return SFP_OK;
}

static void *wait_in_a_gate(void *argument)
{
	struct waiter *waiter = argument;

	if (sfp_posix_thread_enter() != 0)
		return NULL;
	waiter->status = call(wait_for_it, waiter);
	sfp_posix_thread_leave();
	return waiter;
}

static void a_fault_while_waiting_leaves_the_lock_to_its_holder(void **state)
{
	struct sfp_lock_guard held;
	struct waiter waiter = { .waits = 0 };
	pthread_t thread;

	(void)state;
	begin();
	assert_int_equal(sfp_lock_acquire(&one, &held), SFP_OK);
	assert_int_equal(pthread_create(&thread, NULL, wait_in_a_gate, &waiter), 0);
	while (__atomic_load_n(&waiter.waits, __ATOMIC_ACQUIRE) == 0)
		sched_yield();
	pthread_kill(thread, SIGILL);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(waiter.status, SFP_FAULT);
	assert_int_equal(one.owner, (uintptr_t)&held.guard);
	sfp_lock_release(&held);
}

static void a_waiter_gets_the_lock_in_the_end(void **state)
{
	struct sfp_lock_guard held;
	struct waiter waiter = { .waits = 0 };
	pthread_t thread;

	(void)state;
	begin();
	assert_int_equal(sfp_lock_acquire(&one, &held), SFP_OK);
	assert_int_equal(pthread_create(&thread, NULL, wait_in_a_gate, &waiter), 0);
	while (__atomic_load_n(&waiter.waits, __ATOMIC_ACQUIRE) == 0)
		sched_yield();
	sfp_lock_release(&held);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(waiter.status, SFP_OK);
	assert_false(sfp_lock_is_held(&one));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(taking_and_letting_go),
		cmocka_unit_test(a_second_taking_is_a_status_and_changes_nothing),
		cmocka_unit_test(a_second_taking_is_noticed_behind_other_locks),
		cmocka_unit_test(a_fault_lets_go_of_all_that_was_held),
		cmocka_unit_test(a_fault_keeps_what_is_held_outside_of_its_gate),
		cmocka_unit_test(threads_exclude_each_other_and_survive_each_others_faults),
		cmocka_unit_test(a_fault_while_waiting_leaves_the_lock_to_its_holder),
		cmocka_unit_test(a_waiter_gets_the_lock_in_the_end),
	};

	return cmocka_run_group_tests_name("lock", tests, NULL, NULL);
}
