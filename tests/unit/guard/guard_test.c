/* SPDX-License-Identifier: BSD-2-Clause */
#include "guard_test.h"

#if WITH_ASAN
#include <sanitizer/asan_interface.h>

/* Guards live on the stack: locals must not be moved to the heap. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_stack_use_after_return=0";
}
#endif

static char text[128];
static size_t length;

void begin(void)
{
	assert_int_equal(sfp_posix_faults_catch(), 0);
	assert_int_equal(sfp_posix_thread_enter(), 0);
	assert_null(sfp_port_context()->gate);
	assert_null(sfp_port_context()->guards);
	log_clear();
}

enum sfp_status contained(sfp_gated *function, void *argument, struct sfp_fault *why)
{
	const enum sfp_status status = sfp_gate_call(sfp_port_context(), function, argument, why);

#if WITH_ASAN
	if (status == SFP_FAULT)
		__asan_handle_no_return();
#endif
	return status;
}

void trap_store(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ __volatile__("movl $1, (%0)" :: "r"(NOWHERE) : "memory");
#else
	*(volatile int *)NOWHERE = 1;
#endif
}

void trap_instruction(void)
{
	__builtin_trap();
}

static int deeper(const volatile char *above);
static int (*volatile much_deeper)(const volatile char *) = deeper;

static int deeper(const volatile char *above)
{
	volatile char here[512];

	here[0] = *above;
	return much_deeper(here) + here[0];
}

void trap_overflow(void)
{
	const volatile char first = 1;

	(void)deeper(&first);
}

void holding_release(struct holding *holding)
{
	void (*before)(void) = holding->before;

	holding->before = NULL;
	if (before)
		before();
	if (holding->letter && length + 1 < sizeof(text))
		text[length++] = holding->letter;
	text[length] = 0;
	holding->letter = 0;
}

void log_clear(void)
{
	length = 0;
	text[0] = 0;
}

const char *log_text(void)
{
	return text;
}
