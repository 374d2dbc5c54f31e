/* SPDX-License-Identifier: BSD-2-Clause */
/* Gates: what comes back, and what a fault in which place releases. */
#include "guard_test.h"

static enum sfp_status say(void *argument)
{
	return *(enum sfp_status *)argument;
}

static void a_gate_returns_what_its_function_returned(void **state)
{
	enum sfp_status wanted = SFP_BUSY;
	struct sfp_fault why = { .code = 12345 };

	(void)state;
	begin();
	assert_int_equal(contained(say, &wanted, &why), SFP_BUSY);
	assert_int_equal(why.code, 12345);
	assert_null(sfp_port_context()->gate);
}

static enum sfp_status fault_in_holder(void *argument)
{
	HOLD(a, 'a');
	HOLD(b, 'b');

	(void)argument;
	trap_store();
	return SFP_OK;
}

static void a_fault_in_the_holder_releases_newest_first(void **state)
{
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(fault_in_holder, NULL, &why), SFP_FAULT);
	assert_string_equal(log_text(), "ba");
	assert_int_equal(why.kind, SFP_FAULT_MEMORY);
	assert_int_equal(why.address, NOWHERE);
	assert_int_equal(why.cleanup_faults, 0);
	assert_null(sfp_port_context()->guards);
	assert_null(sfp_port_context()->gate);
}

static void why_may_be_null(void **state)
{
	(void)state;
	begin();
	assert_int_equal(contained(fault_in_holder, NULL, NULL), SFP_FAULT);
	assert_string_equal(log_text(), "ba");
}

static __attribute__((noinline)) void callee(void)
{
	HOLD(c, 'c');

	trap_instruction();
}

static enum sfp_status fault_in_callee(void *argument)
{
	HOLD(a, 'a');

	(void)argument;
	callee();
	return SFP_OK;
}

static void a_fault_in_a_callee_releases_the_callers_too(void **state)
{
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(fault_in_callee, NULL, &why), SFP_FAULT);
	assert_string_equal(log_text(), "ca");
	assert_int_equal(why.kind, SFP_FAULT_INSTRUCTION);
}

static __attribute__((noinline)) int descend(int depth)
{
	HOLD(here, (char)('a' + depth));

	if (depth == 19)
		trap_store();
	else
		return descend(depth + 1) + here.value.letter;
	return 0;
}

static enum sfp_status fault_at_depth(void *argument)
{
	(void)argument;
	return descend(0) ? SFP_OK : SFP_BUSY;
}

static void a_fault_at_depth_twenty_releases_all_twenty(void **state)
{
	(void)state;
	begin();
	assert_int_equal(contained(fault_at_depth, NULL, NULL), SFP_FAULT);
	assert_string_equal(log_text(), "tsrqponmlkjihgfedcba");
}

static enum sfp_status inner(void *argument)
{
	HOLD(i, 'i');

	(void)argument;
	trap_store();
	return SFP_OK;
}

static enum sfp_status outer(void *argument)
{
	HOLD(o, 'o');
	const struct sfp_guard *mine = sfp_port_context()->guards;
	struct sfp_fault why;

	if (contained(inner, NULL, &why) != SFP_FAULT || strcmp(log_text(), "i") != 0)
		return SFP_INVALID;
	if (sfp_port_context()->guards != mine)
		return SFP_INVALID;
	if (argument)
		trap_store();
	return SFP_OK;
}

static void a_fault_ends_at_the_innermost_gate(void **state)
{
	(void)state;
	begin();
	assert_int_equal(contained(outer, NULL, NULL), SFP_OK);
	assert_string_equal(log_text(), "io");
}

static void the_outer_gate_takes_a_later_fault(void **state)
{
	int yes = 1;

	(void)state;
	begin();
	assert_int_equal(contained(outer, &yes, NULL), SFP_FAULT);
	assert_string_equal(log_text(), "io");
}

static enum sfp_status raise_it(void *argument)
{
	HOLD(r, 'r');

	sfp_fault_raise(*(uintptr_t *)argument);
	return SFP_OK;
}

static void a_raised_fault_carries_its_code(void **state)
{
	uintptr_t code = 4711;
	struct sfp_fault why;

	(void)state;
	begin();
	assert_int_equal(contained(raise_it, &code, &why), SFP_FAULT);
	assert_string_equal(log_text(), "r");
	assert_int_equal(why.kind, SFP_FAULT_RAISED);
	assert_int_equal(why.code, 4711);
	assert_int_not_equal(why.ip, 0);
}

struct job {
	int number;
};

static enum sfp_status work(struct job *job)
{
	if (job->number < 0)
		trap_store();
	return job->number == 7 ? SFP_OK : SFP_LIMIT;
}
SFP_GATE(work, work, struct job *);

static void a_typed_gate_passes_its_argument(void **state)
{
	struct job job = { .number = 7 };

	(void)state;
	begin();
	assert_int_equal(work_contained(&job, NULL), SFP_OK);
	job.number = 8;
	assert_int_equal(work_contained(&job, NULL), SFP_LIMIT);
	job.number = -1;
	assert_int_equal(work_contained(&job, NULL), SFP_FAULT);
}

#if defined(__x86_64__)
static enum sfp_status spoil_registers(void *argument)
{
	(void)argument;
	__asm__ __volatile__(
		"mov $1, %%rbx; mov $2, %%rbp; mov $3, %%r12; mov $4, %%r13; mov $5, %%r14; mov $6, %%r15;"
		"std; ud2" ::
			: "rbx", "r12", "r13", "r14", "r15", "memory");
	return SFP_OK;
}

/*
 * Call a gate with known values in all registers that a callee preserves. 0 if they are still there
 * afterwards, the direction flag is clear, and the gate said SFP_FAULT.
 */
uint64_t registers_after_gate(struct sfp_context *context, sfp_gated *function);
__asm__(".text\n"
	".type registers_after_gate, @function\n"
	"registers_after_gate:\n"
	"push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15; sub $8, %rsp\n"
	"mov $0x11, %ebx; mov $0x12, %ebp; mov $0x13, %r12d; mov $0x14, %r13d; mov $0x15, %r14d\n"
	"mov $0x16, %r15d\n"
	"xor %edx, %edx; xor %ecx, %ecx\n"
	"call sfp_gate_call\n"
	"xor $-6, %eax\n" /* SFP_FAULT */
	"pushf; pop %rcx; cld; and $0x400, %ecx; or %rcx, %rax\n"
	"xor $0x11, %rbx; xor $0x12, %rbp; xor $0x13, %r12; xor $0x14, %r13; xor $0x15, %r14\n"
	"xor $0x16, %r15\n"
	"or %rbx, %rax; or %rbp, %rax; or %r12, %rax; or %r13, %rax; or %r14, %rax; or %r15, %rax\n"
	"add $8, %rsp; pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"ret\n"
	".size registers_after_gate, . - registers_after_gate\n");

static void registers_and_direction_are_restored(void **state)
{
	(void)state;
	begin();
	assert_int_equal(registers_after_gate(sfp_port_context(), spoil_registers), 0);
}
#endif

static enum sfp_status just_fine(void *argument)
{
	(void)argument;
	return SFP_OK;
}

static void an_unfaulted_gate_leaves_the_chains_alone(void **state)
{
	struct sfp_context *context = sfp_port_context();
	int i;

	(void)state;
	begin();
	for (i = 0; i < 1000; i++) {
		assert_int_equal(contained(just_fine, NULL, NULL), SFP_OK);
		assert_null(context->gate);
		assert_null(context->guards);
	}
}

int group_gates(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gate_returns_what_its_function_returned),
		cmocka_unit_test(an_unfaulted_gate_leaves_the_chains_alone),
		cmocka_unit_test(a_fault_in_the_holder_releases_newest_first),
		cmocka_unit_test(why_may_be_null),
		cmocka_unit_test(a_fault_in_a_callee_releases_the_callers_too),
		cmocka_unit_test(a_fault_at_depth_twenty_releases_all_twenty),
		cmocka_unit_test(a_fault_ends_at_the_innermost_gate),
		cmocka_unit_test(the_outer_gate_takes_a_later_fault),
		cmocka_unit_test(a_raised_fault_carries_its_code),
		cmocka_unit_test(a_typed_gate_passes_its_argument),
#if defined(__x86_64__)
		cmocka_unit_test(registers_and_direction_are_restored),
#endif
	};

	return cmocka_run_group_tests_name("gates", tests, NULL, NULL);
}
