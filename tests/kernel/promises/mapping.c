/* SPDX-License-Identifier: BSD-2-Clause */
/* mapping: see mapping.h. The device is the processor's own interrupt controller: every machine has it. */
#include "mapping.h"

#define PAGE 4096ul
#define CONTROLLER 0xfee00000ul
#define CONTROLLER_VERSION 0x30
#define IMAGE 0x100000ul            /* where the kernel is loaded, and RAM around it */
#define RAM 0x2000000ul
#define NOWHERE 0x4000000000ul      /* no RAM, and below what any processor can address */
#define PROCESSOR_MOST 52
#define WINDOW 0x40000000ul
#define RANGES 32

static enum sfp_status ask(uint64_t physical, size_t bytes)
{
	volatile void *at = NULL;

	return nano_device_map(physical, bytes, &at);
}

static void judge_refusals(struct judge_state *state)
{
	static const struct {
		const char *what;
		uint64_t physical;
		size_t bytes;
	} refused[] = {
		{ "RAM", RAM, PAGE },
		{ "one byte of RAM", RAM + 5, 1 },
		{ "the kernel's image", IMAGE, PAGE },
		{ "a range that begins before RAM", 0xb8000, IMAGE - 0xb8000 + 1 },
		{ "a range with RAM in the middle", 0xb8000, CONTROLLER },
		{ "the page that RAM begins in", 0, 1 },
		{ "nothing", CONTROLLER, 0 },
		{ "a range that wraps", 0 - PAGE, 2 * PAGE },
		{ "all there is", CONTROLLER, SIZE_MAX },
		{ "a range of which the processor has no address", 1ul << PROCESSOR_MOST, PAGE },
		{ "a range that passes the last address", (1ul << PROCESSOR_MOST) - PAGE, 2 * PAGE },
	};

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const enum sfp_status status = ask(refused[i].physical, refused[i].bytes);

		judge(state, status == SFP_INVALID, "asking for %s as a device's: %s", refused[i].what,
		      sfp_status_name(status));
	}
}

static enum sfp_status jump(void *address)
{
	((void (*)(void))address)();
	return SFP_OK;
}

static void judge_device(struct judge_state *state)
{
	volatile void *first = NULL, *again = NULL, *part = NULL;
	struct sfp_fault why = { .kind = SFP_FAULT_UNKNOWN };
	enum sfp_status status;

	judge(state, nano_device_map(CONTROLLER, PAGE, &first) == SFP_OK, "a device's page is mapped");
	judge(state, *(volatile uint32_t *)((uintptr_t)first + CONTROLLER_VERSION) != 0,
	      "and the device answers there");
	judge(state, nano_device_map(CONTROLLER, PAGE, &again) == SFP_OK && again == first,
	      "the same range has the same address");
	judge(state,
	      nano_device_map(CONTROLLER + CONTROLLER_VERSION, 4, &part) == SFP_OK &&
		      (uintptr_t)part == (uintptr_t)first + CONTROLLER_VERSION,
	      "a part of it lies in it");
	status = sfp_gate_call(sfp_port_context(), jump, (void *)(uintptr_t)first, &why);
	judge(state, status == SFP_FAULT && why.kind == SFP_FAULT_JUMP, "it cannot be executed: %s",
	      sfp_fault_kind_text(why.kind));
}

static void judge_limits(struct judge_state *state)
{
	unsigned given = 0;

	judge(state, ask(NOWHERE, WINDOW + PAGE) == SFP_LIMIT, "more than the window is past a limit");
	while (given < RANGES && ask(NOWHERE + 2 * PAGE * given, PAGE) == SFP_OK)
		given++;
	judge(state, given == RANGES - 1, "%u more ranges find a place", given);
	judge(state, ask(NOWHERE + 2 * PAGE * given, PAGE) == SFP_LIMIT, "then there is none left");
	judge(state, ask(NOWHERE, PAGE) == SFP_OK && ask(CONTROLLER, PAGE) == SFP_OK,
	      "but what is mapped is still given");
}

void judge_mapping(struct judge_state *state)
{
	judge_refusals(state);
	judge_device(state);
	judge_limits(state);
}
