/* SPDX-License-Identifier: BSD-2-Clause */
/* Kinds: every trap that a port can tell is told as what it was. */
#define _GNU_SOURCE
#include "guard_test.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static enum sfp_status call_it(void *argument)
{
	void (*const *function)(void) = argument;
	HOLD(h, 'h');

	(*function)();
	return SFP_OK;
}

static struct sfp_fault fault_of(void (*function)(void))
{
	struct sfp_fault why = { .kind = 99 };

	begin();
	assert_int_equal(contained(call_it, &function, &why), SFP_FAULT);
	assert_string_equal(log_text(), "h");
	return why;
}

static void a_store_to_nowhere_is_a_memory_fault(void **state)
{
	const struct sfp_fault why = fault_of(trap_store);

	(void)state;
	assert_int_equal(why.kind, SFP_FAULT_MEMORY);
	assert_int_equal(why.address, NOWHERE);
	assert_int_equal(why.code, SIGSEGV);
	assert_true(why.ip >= (uintptr_t)trap_store && why.ip < (uintptr_t)trap_store + 256);
	assert_true(why.sp != 0 && why.sp < (uintptr_t)&state + 4096);
}

static char *page;

static void write_read_only(void)
{
#if defined(__x86_64__)
	__asm__ __volatile__("movb $1, 16(%0)" :: "r"(page) : "memory");
#else
	*(volatile char *)(page + 16) = 1;
#endif
}

static void a_store_to_read_only_memory_is_a_memory_fault(void **state)
{
	struct sfp_fault why;

	(void)state;
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(page, MAP_FAILED);
	why = fault_of(write_read_only);
	assert_int_equal(why.kind, SFP_FAULT_MEMORY);
	assert_int_equal(why.address, (uintptr_t)page + 16);
	munmap(page, 4096);
}

/* A mapping that is longer than its file. */
static void a_bus_error_is_a_memory_fault(void **state)
{
	struct sfp_fault why;
	const int file = memfd_create("empty", 0);

	(void)state;
	assert_true(file >= 0);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	assert_ptr_not_equal(page, MAP_FAILED);
	why = fault_of(write_read_only);
	assert_int_equal(why.kind, SFP_FAULT_MEMORY);
	assert_int_equal(why.code, SIGBUS);
	assert_int_equal(why.address, (uintptr_t)page + 16);
	munmap(page, 4096);
	close(file);
}

static void an_undefined_instruction_is_an_instruction_fault(void **state)
{
	(void)state;
	assert_int_equal(fault_of(trap_instruction).kind, SFP_FAULT_INSTRUCTION);
}

static void jump_to_nowhere(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ __volatile__("call *%0" :: "r"(NOWHERE) : "memory"); /* a sanitizer would look there first */
#else
	void (*volatile nowhere)(void) = (void (*)(void))NOWHERE;

	nowhere();
	__asm__ __volatile__("" ::: "memory"); /* no tail call */
#endif
}

static void a_wild_call_is_a_jump_fault_that_names_the_caller(void **state)
{
	const struct sfp_fault why = fault_of(jump_to_nowhere);

	(void)state;
	assert_int_equal(why.kind, SFP_FAULT_JUMP);
	assert_int_equal(why.address, NOWHERE);
	assert_true(why.ip > (uintptr_t)jump_to_nowhere && why.ip < (uintptr_t)jump_to_nowhere + 256);
}

#if defined(__x86_64__) || defined(__i386__)
static void divide(void)
{
	__asm__ __volatile__("xor %%edx, %%edx; mov $1, %%eax; xor %%ecx, %%ecx; div %%ecx" ::
				     : "eax", "ecx", "edx", "cc");
}

static void a_division_by_zero_is_an_arithmetic_fault(void **state)
{
	(void)state;
	assert_int_equal(fault_of(divide).kind, SFP_FAULT_ARITHMETIC);
}

static void breakpoint(void)
{
	__asm__ __volatile__("int3");
}

static void a_breakpoint_is_an_instruction_fault(void **state)
{
	const struct sfp_fault why = fault_of(breakpoint);

	(void)state;
	assert_int_equal(why.kind, SFP_FAULT_INSTRUCTION);
	assert_int_equal(why.code, SIGTRAP);
}
#endif

#if defined(__x86_64__)
static void load_impossible(void)
{
	__asm__ __volatile__("movabs $0x8000000000000000, %%rax; mov (%%rax), %%rax" ::: "rax", "memory");
}

static void an_impossible_address_is_a_protection_fault(void **state)
{
	(void)state;
	assert_int_equal(fault_of(load_impossible).kind, SFP_FAULT_PROTECTION);
}
#endif

/* As the processors send it that have such a trap. */
static void load_unaligned(void)
{
	siginfo_t info = { .si_signo = SIGBUS, .si_code = BUS_ADRALN };

	info.si_addr = (void *)1;
	syscall(SYS_rt_tgsigqueueinfo, getpid(), (pid_t)syscall(SYS_gettid), SIGBUS, &info);
}

static void an_unaligned_access_is_an_alignment_fault(void **state)
{
	(void)state;
	assert_int_equal(fault_of(load_unaligned).kind, SFP_FAULT_ALIGNMENT);
}

static void every_kind_has_a_text_of_its_own(void **state)
{
	uint32_t a;
	uint32_t b;

	(void)state;
	for (a = 0; a <= SFP_FAULT_RAISED; a++) {
		assert_true(strlen(sfp_fault_kind_text(a)) > 0);
		for (b = 0; b < a; b++)
			assert_string_not_equal(sfp_fault_kind_text(a), sfp_fault_kind_text(b));
	}
	assert_string_equal(sfp_fault_kind_text(SFP_FAULT_RAISED + 1), "unknown");
	assert_string_equal(sfp_fault_kind_text(UINT32_MAX), "unknown");
}

int group_kinds(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_to_nowhere_is_a_memory_fault),
		cmocka_unit_test(a_store_to_read_only_memory_is_a_memory_fault),
		cmocka_unit_test(a_bus_error_is_a_memory_fault),
		cmocka_unit_test(an_undefined_instruction_is_an_instruction_fault),
		cmocka_unit_test(a_wild_call_is_a_jump_fault_that_names_the_caller),
#if defined(__x86_64__) || defined(__i386__)
		cmocka_unit_test(a_division_by_zero_is_an_arithmetic_fault),
		cmocka_unit_test(a_breakpoint_is_an_instruction_fault),
#endif
#if defined(__x86_64__)
		cmocka_unit_test(an_impossible_address_is_a_protection_fault),
#endif
		cmocka_unit_test(an_unaligned_access_is_an_alignment_fault),
		cmocka_unit_test(every_kind_has_a_text_of_its_own),
	};

	return cmocka_run_group_tests_name("kinds", tests, NULL, NULL);
}
