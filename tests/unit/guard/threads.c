/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: each has its own chains, stacks and faults. */
#include "guard_test.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define FAULTS 2000

struct thread {
	pthread_t id;
	unsigned number;
	unsigned released;    /* by its own guard */
	unsigned wrong;
};

static void count_release(struct thread **owner)
{
	if (*owner)
		(*owner)->released++;
	*owner = NULL;
}
SFP_GUARD(counted, struct thread *, count_release);

static enum sfp_status fault_somehow(void *argument)
{
	struct thread *thread = argument;
	SFP_SCOPED(counted, held, thread);

	switch (thread->number++ % 8) {
	case 0:
		trap_overflow();
		break;
	case 1: case 2:
		trap_store();
		break;
	case 3: case 4:
		trap_instruction();
		break;
	default:
		sfp_fault_raise(thread->number);
	}
	return SFP_OK;
}

static void *run(void *argument)
{
	struct thread *thread = argument;
	int i;

	if (sfp_posix_thread_enter() != 0)
		return NULL;
	for (i = 0; i < TIMES(FAULTS); i++)
		thread->wrong += contained(fault_somehow, thread, NULL) != SFP_FAULT;
	thread->wrong += sfp_port_context()->gate != NULL || sfp_port_context()->guards != NULL;
	sfp_posix_thread_leave();
	return thread;
}

static void many_threads_fault_at_once(void **state)
{
	struct thread threads[THREADS];
	void *result;
	unsigned i;

	(void)state;
	begin();
	for (i = 0; i < THREADS; i++) {
		threads[i] = (struct thread){ .number = i };
		assert_int_equal(pthread_create(&threads[i].id, NULL, run, &threads[i]), 0);
	}
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i].id, &result), 0);
		assert_ptr_equal(result, &threads[i]);
		assert_int_equal(threads[i].wrong, 0);
		assert_int_equal(threads[i].released, TIMES(FAULTS));
	}
}

static size_t enumerated(void)
{
	struct sfp_context *context;
	size_t count = 0;

	for (context = sfp_port_context_next(NULL); context; context = sfp_port_context_next(context))
		count++;
	return count;
}

static pthread_barrier_t barrier;

static void *stay(void *argument)
{
	if (sfp_posix_thread_enter() != 0)
		return NULL;
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	sfp_posix_thread_leave();
	return argument;
}

static void threads_are_enumerated_while_they_stay(void **state)
{
	pthread_t threads[3];
	size_t before;
	int i;

	(void)state;
	begin();
	before = enumerated();
	pthread_barrier_init(&barrier, NULL, 4);
	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, stay, NULL), 0);
	pthread_barrier_wait(&barrier);
	assert_int_equal(enumerated(), before + 3);
	pthread_barrier_wait(&barrier);
	for (i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(enumerated(), before);
	pthread_barrier_destroy(&barrier);
}

static void *come_and_go(void *argument)
{
	if (sfp_posix_thread_enter() != 0)
		return NULL;
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier); /* held by now */
	sfp_posix_thread_leave();
	return argument;
}

static void nobody_leaves_while_contexts_are_held(void **state)
{
	const struct timespec moment = { 0, 20000000 };
	pthread_t thread;
	size_t before;

	(void)state;
	begin();
	before = enumerated();
	pthread_barrier_init(&barrier, NULL, 2);
	assert_int_equal(pthread_create(&thread, NULL, come_and_go, NULL), 0);
	pthread_barrier_wait(&barrier);
	sfp_port_context_hold();
	sfp_port_context_hold();
	pthread_barrier_wait(&barrier);
	nanosleep(&moment, NULL);
	assert_int_equal(enumerated(), before + 1);
	sfp_port_context_release();
	nanosleep(&moment, NULL);
	assert_int_equal(enumerated(), before + 1);
	sfp_port_context_release();
	pthread_join(thread, NULL);
	assert_int_equal(enumerated(), before);
	pthread_barrier_destroy(&barrier);
}

static void a_processor_has_a_number_of_this_machine(void **state)
{
	(void)state;
	assert_true(sfp_port_cpu() < (unsigned)sysconf(_SC_NPROCESSORS_CONF));
}

static void entering_twice_is_entering_once(void **state)
{
	size_t before;

	(void)state;
	begin();
	before = enumerated();
	assert_int_equal(sfp_posix_thread_enter(), 0);
	assert_int_equal(enumerated(), before);
}

static void a_thread_that_left_can_enter_again(void **state)
{
	size_t before;

	(void)state;
	begin();
	before = enumerated();
	sfp_posix_thread_leave();
	sfp_posix_thread_leave();
	assert_int_equal(enumerated(), before - 1);
	begin();
	assert_int_equal(enumerated(), before);
	assert_true(sfp_port_context()->stack_low < (uintptr_t)&before);
	assert_true(sfp_port_context()->stack_high > (uintptr_t)&before);
}

static uint32_t word;

static void *wake_it(void *argument)
{
	__atomic_store_n(&word, 1, __ATOMIC_RELEASE);
	sfp_port_wake(&word);
	return argument;
}

static void a_wait_ends_when_the_word_has_changed(void **state)
{
	pthread_t thread;

	(void)state;
	__atomic_store_n(&word, 0, __ATOMIC_RELAXED);
	sfp_port_wait(&word, 1); /* it is not 1: returns at once */
	assert_int_equal(pthread_create(&thread, NULL, wake_it, NULL), 0);
	while (__atomic_load_n(&word, __ATOMIC_ACQUIRE) == 0)
		sfp_port_wait(&word, 0);
	pthread_join(thread, NULL);
}

int group_threads(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_threads_fault_at_once),
		cmocka_unit_test(threads_are_enumerated_while_they_stay),
		cmocka_unit_test(nobody_leaves_while_contexts_are_held),
		cmocka_unit_test(a_processor_has_a_number_of_this_machine),
		cmocka_unit_test(entering_twice_is_entering_once),
		cmocka_unit_test(a_thread_that_left_can_enter_again),
		cmocka_unit_test(a_wait_ends_when_the_word_has_changed),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
