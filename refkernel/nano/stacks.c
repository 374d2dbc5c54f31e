/* SPDX-License-Identifier: BSD-2-Clause */
/* stacks: see stacks.h. */
#include "stacks.h"

#include "memory.h"
#include "nano/nano.h"

struct stack {
	uint8_t guard[STACK_GUARD_BYTES];
	uint8_t bytes[STACK_BYTES];
};

SFP_STATIC_ASSERT(sizeof(struct stack) == STACK_STRIDE, "boot.S begins on the first stack");

extern struct stack nano_stacks[STACK_COUNT];
struct stack nano_stacks[STACK_COUNT] __attribute__((section(".stacks,\"aw\",@nobits#"), aligned(4096)));

uintptr_t stack_low(unsigned number)
{
	return (uintptr_t)nano_stacks[number].bytes;
}

uintptr_t stack_top(unsigned number)
{
	return stack_low(number) + STACK_BYTES;
}

void stack_describe(struct sfp_context *context, unsigned number, unsigned spare)
{
	context->stack_low = stack_low(number);
	context->stack_high = stack_top(number);
	context->spare_low = stack_low(spare);
	context->spare_high = stack_top(spare);
}

bool stack_is_guard(uintptr_t address)
{
	const uintptr_t offset = address - (uintptr_t)nano_stacks;

	return offset < sizeof(nano_stacks) && offset % STACK_STRIDE < STACK_GUARD_BYTES;
}

bool nano_is_on_a_stack(uintptr_t address)
{
	return address - (uintptr_t)nano_stacks < sizeof(nano_stacks);
}

enum sfp_status stacks_guard(void)
{
	for (unsigned number = 0; number < STACK_COUNT; number++)
		SFP_TRY(paging_protect((uintptr_t)nano_stacks[number].guard, 1, PAGE_NONE));
	return SFP_OK;
}
