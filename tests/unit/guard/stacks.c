/* SPDX-License-Identifier: BSD-2-Clause */
/* Stacks: where releases run when the stack is exhausted, wild, or as it should be. */
#include "guard_test.h"

#include <sys/resource.h>

/* Where the release function of a guard ran. */
static uintptr_t release_sp;

static void note_sp(void)
{
	release_sp = (uintptr_t)__builtin_frame_address(0);
}

static bool on_spare(uintptr_t sp)
{
	const struct sfp_context *context = sfp_port_context();

	return sp > context->spare_low && sp <= context->spare_high;
}

static enum sfp_status overflow(void *argument)
{
	HOLD(a, 'a');

	(void)argument;
	a.value.before = note_sp;
	trap_overflow();
	return SFP_OK;
}

static void a_stack_that_runs_out_is_released_on_the_spare(void **state)
{
	struct sfp_fault why;
	int i;

	(void)state;
	begin();
	for (i = 0; i < TIMES(20); i++) {
		log_clear();
		release_sp = 0;
		assert_int_equal(contained(overflow, NULL, &why), SFP_FAULT);
		assert_int_equal(why.kind, SFP_FAULT_STACK);
		assert_string_equal(log_text(), "a");
		assert_true(on_spare(release_sp));
	}
}

static enum sfp_status fault_at(void *argument)
{
	HOLD(a, 'a');

	a.value.before = note_sp;
	*(uintptr_t *)argument = (uintptr_t)__builtin_frame_address(0);
	trap_store();
	return SFP_OK;
}

static void releases_run_on_the_stack_below_the_fault(void **state)
{
	struct sfp_fault why;
	uintptr_t frame;

	(void)state;
	begin();
	assert_int_equal(contained(fault_at, &frame, &why), SFP_FAULT);
	assert_true(release_sp < why.sp);
	assert_true(release_sp > why.sp - 4096);
	assert_true(why.sp <= frame);
}

/* A buffer that fills the frame: a landing above it would write into it. */
static enum sfp_status keep_what_is_held(void *argument)
{
	volatile unsigned char bytes[3000];
	HOLD(a, 'a');
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	*(volatile unsigned char **)argument = bytes;
	trap_instruction();
	return SFP_OK;
}

static const volatile unsigned char *kept;
static size_t changed;

static void count_changes(void)
{
	size_t i;

	for (i = 0; i < 3000; i++)
		changed += kept[i] != (unsigned char)i;
}

static enum sfp_status look_while_releasing(void *argument)
{
	HOLD(look, 'l');

	(void)argument;
	look.value.before = count_changes;
	return keep_what_is_held(&kept);
}

static void what_the_faulting_code_had_on_its_stack_is_intact(void **state)
{
	(void)state;
	begin();
	changed = 0;
	assert_int_equal(contained(look_while_releasing, NULL, NULL), SFP_FAULT);
	assert_string_equal(log_text(), "al");
	assert_int_equal(changed, 0);
}

#if defined(__x86_64__)
static enum sfp_status lose_the_stack(void *argument)
{
	HOLD(a, 'a');

	a.value.before = note_sp;
	__asm__ __volatile__("mov %0, %%rsp; push %%rax" :: "r"(*(uintptr_t *)argument) : "memory");
	__builtin_unreachable();
}

static void a_wild_stack_pointer_is_survived_on_the_spare(void **state)
{
	static const uintptr_t wild[] = { 4096, (uintptr_t)1 << 40, (uintptr_t)1 << 63, UINTPTR_MAX - 4095 };
	size_t i;

	(void)state;
	begin();
	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		uintptr_t sp = wild[i];

		log_clear();
		release_sp = 0;
		assert_int_equal(contained(lose_the_stack, &sp, NULL), SFP_FAULT);
		assert_string_equal(log_text(), "a");
		assert_true(on_spare(release_sp));
	}
}
#endif

/* The release of an exhausted stack faults as well, on the spare. */
static enum sfp_status overflow_with_faulty_release(void *argument)
{
	HOLD(a, 'a');
	HOLD(b, 'b');

	(void)argument;
	b.value.before = trap_store;
	trap_overflow();
	return SFP_OK;
}

static void a_release_may_fault_on_the_spare(void **state)
{
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(overflow_with_faulty_release, NULL, &why), SFP_FAULT);
	assert_string_equal(log_text(), "a");
	assert_int_equal(why.kind, SFP_FAULT_STACK);
	assert_int_equal(why.cleanup_faults, 1);
}

static enum sfp_status nothing_left(void *argument)
{
	struct sfp_context *context = sfp_port_context();
	struct sfp_context bare = *context;
	const struct sfp_fault fault = { .sp = context->stack_low + 64, .kind = SFP_FAULT_STACK };
	struct sfp_landing landing;

	(void)argument;
	if (sfp_fault_deliver(&bare, &fault, &landing) != SFP_OK || !on_spare(landing.sp))
		return SFP_BUSY;
	bare.spare_low = 0;
	bare.spare_high = 0;
	return sfp_fault_deliver(&bare, &fault, &landing);
}

static void a_fault_without_room_for_releases_is_refused(void **state)
{
	(void)state;
	begin();
	assert_int_equal(contained(nothing_left, NULL, NULL), SFP_LIMIT);
}

static void a_fault_without_a_gate_is_refused(void **state)
{
	struct sfp_context bare = { 0 };
	const struct sfp_fault fault = { .sp = (uintptr_t)&bare };
	struct sfp_landing landing;

	(void)state;
	begin();
	assert_int_equal(sfp_fault_deliver(&bare, &fault, &landing), SFP_NOT_FOUND);
}

/* ---- a million ------------------------------------------------------------------ */

static enum sfp_status fault_by_trap(void *argument)
{
	HOLD(a, 'a');

	(void)argument;
	log_clear();
	trap_instruction();
	return SFP_OK;
}

static enum sfp_status fault_by_raise(void *argument)
{
	HOLD(a, 'a');

	(void)argument;
	log_clear();
	sfp_fault_raise(1);
	return SFP_OK;
}

static long peak_kilobytes(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void fault_often(sfp_gated *function, unsigned long times)
{
	struct sfp_fault first;
	struct sfp_fault why;
	unsigned long i;
	long before;

	assert_int_equal(contained(function, NULL, &first), SFP_FAULT);
	before = peak_kilobytes();
	for (i = 0; i < times; i++) {
		if (contained(function, NULL, &why) != SFP_FAULT || why.sp != first.sp ||
		    log_text()[0] != 'a' || sfp_port_context()->gate || sfp_port_context()->guards)
			break;
	}
	assert_int_equal(i, times);
	assert_true(peak_kilobytes() - before < 512);
}

/* How many of the million; the variants of a build need not all have their own. */
#ifndef MANY_FAULTS
#define MANY_FAULTS 1000000ul
#endif

static void many_faults_leave_no_trace(void **state)
{
	(void)state;
	begin();
	fault_often(fault_by_trap, TIMES(MANY_FAULTS / 2));
	fault_often(fault_by_raise, TIMES(MANY_FAULTS / 2));
	print_message("           %lu faults: stack pointer, chains and memory as before the first\n",
		      2 * TIMES(MANY_FAULTS / 2));
}

int group_stacks(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(releases_run_on_the_stack_below_the_fault),
		cmocka_unit_test(what_the_faulting_code_had_on_its_stack_is_intact),
		cmocka_unit_test(a_stack_that_runs_out_is_released_on_the_spare),
		cmocka_unit_test(a_release_may_fault_on_the_spare),
#if defined(__x86_64__)
		cmocka_unit_test(a_wild_stack_pointer_is_survived_on_the_spare),
#endif
		cmocka_unit_test(a_fault_without_room_for_releases_is_refused),
		cmocka_unit_test(a_fault_without_a_gate_is_refused),
		cmocka_unit_test(many_faults_leave_no_trace),
	};

	return cmocka_run_group_tests_name("stacks", tests, NULL, NULL);
}
