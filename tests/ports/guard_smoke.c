/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Gates and guards on another machine: faults come as signals, end the gate and
 * nothing else; registers, stack and guards are as they must be afterwards.
 */
#define _GNU_SOURCE
#include <sfp/guard.h>
#include <sfp/lock.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned checks;

#define CHECK(condition) \
	do { \
		checks++; \
		if (!(condition)) { \
			printf("guard: line %d: not true: %s\n", __LINE__, #condition); \
			exit(1); \
		} \
	} while (0)

/* ---- things to hold ------------------------------------------------------------------ */

static char released[64];

static void note_release(const char **name)
{
	if (*name)
		strcat(released, *name);
	*name = NULL;
}

static void *nowhere(void)
{
	void *volatile address = (void *)8;

	return address;
}

static void fault_in_release(const char **name)
{
	const bool first = *name != NULL;

	note_release(name);
	if (first)
		*(volatile int *)nowhere() = 1;
}

SFP_GUARD(note, const char *, note_release);
SFP_GUARD(bad, const char *, fault_in_release);

static struct sfp_lock lock;

/* ---- what runs in gates ----------------------------------------------------------------- */

__attribute__((noinline)) static enum sfp_status return_status(int number)
{
	return (enum sfp_status)number;
}

static enum sfp_status read_nowhere(int depth)
{
	SFP_SCOPED(note, outer, "a");
	SFP_SCOPED(note, inner, "b");

	if (depth > 0)
		return read_nowhere(depth - 1);
	return *(volatile int *)nowhere() ? SFP_OK : SFP_EMPTY;
}

static enum sfp_status trap(int number)
{
	(void)number;
	__builtin_trap();
}

static enum sfp_status jump_nowhere(int number)
{
	enum sfp_status (*volatile function)(int) = (enum sfp_status (*)(int))(uintptr_t)16;

	return function(number);
}

static enum sfp_status raise_it(int code)
{
	SFP_SCOPED(note, held, "r");
	sfp_fault_raise((uintptr_t)code);
}

static enum sfp_status hold_and_fault(int number)
{
	struct sfp_lock_guard held;

	SFP_TRY(sfp_lock_acquire(&lock, &held));
	if (number)
		*(volatile int *)nowhere() = number;
	sfp_lock_release(&held);
	return SFP_OK;
}

static enum sfp_status fault_twice(int number)
{
	SFP_SCOPED(note, first, "1");
	SFP_SCOPED(bad, second, "2");
	SFP_SCOPED(note, third, "3");

	*(volatile int *)nowhere() = number;
	return SFP_OK;
}

static int use_up_the_stack(int number)
{
	volatile char space[512];

	if (number < 0)
		return 0;
	space[0] = (char)number;
	return use_up_the_stack(number + 1) + space[0];
}

static enum sfp_status overflow(int number)
{
	SFP_SCOPED(note, held, "s");
	return (enum sfp_status)use_up_the_stack(number);
}

/* Callers expect the x87 registers empty: what a fault leaves in them must not stay. */
static void fill_x87(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ __volatile__("fld1; fld1; fld1; fld1; fld1; fld1; fld1; fld1" : : : "memory");
#endif
}

/* Has every callee-saved register in use when it faults. */
static enum sfp_status spoil(int number)
{
	volatile long in[12];
	volatile double real[8];
	long general[12];
	double floating[8];
	int i;

	for (i = 0; i < 12; i++)
		in[i] = number * 100 + i;
	for (i = 0; i < 8; i++)
		real[i] = number * 100.25 + i;
	for (i = 0; i < 12; i++)
		general[i] = in[i];
	for (i = 0; i < 8; i++)
		floating[i] = real[i];
	CHECK(return_status(number) == (enum sfp_status)number);
	fill_x87();
	*(volatile int *)nowhere() = number;
	for (i = 0; i < 12; i++)
		in[i] = general[i];
	for (i = 0; i < 8; i++)
		real[i] = floating[i];
	return SFP_OK;
}

SFP_GATE(spoil, spoil, int);
SFP_GATE(status, return_status, int);
SFP_GATE(memory, read_nowhere, int);
SFP_GATE(trap, trap, int);
SFP_GATE(jump, jump_nowhere, int);
SFP_GATE(raise, raise_it, int);
SFP_GATE(lock, hold_and_fault, int);
SFP_GATE(twice, fault_twice, int);
SFP_GATE(overflow, overflow, int);

static enum sfp_status nest(int number)
{
	SFP_SCOPED(note, held, "n");
	struct sfp_fault why;

	CHECK(memory_contained(number, &why) == SFP_FAULT);
	CHECK(strcmp(released, "ba") == 0);
	CHECK(held.value != NULL); /* the inner gate released its own guards only */
	return SFP_LIMIT;
}
SFP_GATE(nested, nest, int);

/* ---- the checks --------------------------------------------------------------------------- */

#define EXPECT_FAULT(call, expected_kind, expected_released) \
	do { \
		released[0] = 0; \
		memset(&why, 0xff, sizeof(why)); \
		CHECK((call) == SFP_FAULT); \
		CHECK(why.kind == (expected_kind)); \
		CHECK(strcmp(released, expected_released) == 0); \
		CHECK(sfp_port_context()->gate == NULL && sfp_port_context()->guards == NULL); \
	} while (0)

static void check_kinds(void)
{
	struct sfp_fault why = { .ip = 1 };
	char deep[64] = "";
	int i;

	CHECK(status_contained(SFP_OK, &why) == SFP_OK);
	CHECK(status_contained(SFP_GONE, &why) == SFP_GONE);
	CHECK(why.ip == 1);
	EXPECT_FAULT(memory_contained(0, &why), SFP_FAULT_MEMORY, "ba");
	CHECK(why.address == 8 && why.code == SIGSEGV && why.cleanup_faults == 0);
	for (i = 0; i <= 20; i++)
		strcat(deep, "ba");
	EXPECT_FAULT(memory_contained(20, &why), SFP_FAULT_MEMORY, deep);
	EXPECT_FAULT(trap_contained(0, &why), SFP_FAULT_INSTRUCTION, "");
	EXPECT_FAULT(jump_contained(0, &why), SFP_FAULT_JUMP, "");
	EXPECT_FAULT(raise_contained(77, &why), SFP_FAULT_RAISED, "r");
	CHECK(why.code == 77);
	EXPECT_FAULT(twice_contained(1, &why), SFP_FAULT_MEMORY, "321");
	CHECK(why.cleanup_faults == 1);
	released[0] = 0;
	CHECK(nested_contained(0, &why) == SFP_LIMIT);
	CHECK(strcmp(released, "ban") == 0);
}

/* Callee-saved registers, general and floating: values that live across a gate that faults. */
static void check_registers(volatile long *numbers, volatile double *reals)
{
	const long a = numbers[0], b = numbers[1], c = numbers[2];
	const long d = numbers[3], e = numbers[4], f = numbers[5];
	const long double sum = (long double)reals[0] + reals[1];
	const double u = reals[0], v = reals[1], w = reals[2];
	const double x = reals[3], y = reals[4], z = reals[5];

	released[0] = 0;
	CHECK(spoil_contained(1, NULL) == SFP_FAULT);
	CHECK(a == 1 && b == 2 && c == 3 && d == 4 && e == 5 && f == 6);
	CHECK((long double)reals[0] + reals[1] == sum);
	CHECK(u == 1.5 && v == 2.5 && w == 3.5 && x == 4.5 && y == 5.5 && z == 6.5);
}

static void check_many(void)
{
	const void *volatile stack = __builtin_frame_address(0);
	int i;

	for (i = 0; i < 2000; i++) {
		CHECK(lock_contained(1, NULL) == SFP_FAULT);
		CHECK(!sfp_lock_is_held(&lock));
	}
	CHECK(lock_contained(0, NULL) == SFP_OK);
	CHECK(stack == __builtin_frame_address(0));
}

static void check_overflow(void)
{
	struct sfp_fault why;

	EXPECT_FAULT(overflow_contained(0, &why), SFP_FAULT_STACK, "s");
}

static void *body(void *unused)
{
	static volatile long numbers[] = { 1, 2, 3, 4, 5, 6 };
	static volatile double reals[] = { 1.5, 2.5, 3.5, 4.5, 5.5, 6.5 };
	int i;

	CHECK(sfp_posix_thread_enter() == 0);
	check_kinds();
	check_registers(numbers, reals);
	check_many();
	for (i = 0; i < 3; i++)
		check_overflow();
	sfp_posix_thread_leave();
	return unused;
}

/* On the first thread's stack, and on one of a size that is quickly used up. */
int main(void)
{
	pthread_attr_t attributes;
	pthread_t thread;

	CHECK(sfp_posix_faults_catch() == 0);
	body(NULL);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, (size_t)256 * 1024);
	CHECK(pthread_create(&thread, &attributes, body, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	printf("guard: %u checks: faults end their gate and nothing else\n", checks);
	return 0;
}
