/* SPDX-License-Identifier: BSD-2-Clause */
/* victim: see victim.h. Everything here ends in a trap, if the kernel keeps its promises. */
#include "victim.h"

struct victim_state {
	uint32_t let_go;
	uint8_t room[256];
};

typedef void misdeed(struct victim_state *state);

static const uint64_t constant = 0x5fb;

/* Kept as it is: the compiler must not conclude anything from where it writes. */
static __attribute__((noinline, used)) void write_at(uintptr_t address)
{
	*(volatile uint8_t *)address = 0xcc;
}

static void write_own_text(struct victim_state *state)
{
	(void)state;
	write_at((uintptr_t)write_at);
}

static void write_own_constant(struct victim_state *state)
{
	(void)state;
	write_at((uintptr_t)&constant);
}

static void write_nano_text(struct victim_state *state)
{
	(void)state;
	write_at((uintptr_t)nano_wake);
}

/* The frame of the nano-core's text at the direct map, and where GRUB ran: both must be gone. */
static void write_alias_of_nano_text(struct victim_state *state)
{
	(void)state;
	write_at(0xffff800000000000ul + ((uintptr_t)nano_wake - 0xffffffff80000000ul));
}

static void write_identity_map(struct victim_state *state)
{
	(void)state;
	write_at(0x100000);
}

static void read_null(struct victim_state *state)
{
	(void)state;
	__asm__ __volatile__("movb 0, %%al" : : : "rax");
}

static void read_wild(struct victim_state *state)
{
	(void)state;
	__asm__ __volatile__("movb (%0), %%al" : : "r"(0x8000000000000000ul) : "rax");
}

static void jump_to(uintptr_t address)
{
	__asm__ __volatile__("call *%0" : : "r"(address) : "memory");
}

static void jump_to_state(struct victim_state *state)
{
	state->room[0] = 0xc3;
	jump_to((uintptr_t)state->room);
}

static void jump_to_stack(struct victim_state *state)
{
	uint8_t code[16] = { 0xc3 };

	(void)state;
	jump_to((uintptr_t)code);
}

static void jump_to_constant(struct victim_state *state)
{
	(void)state;
	jump_to((uintptr_t)&constant);
}

static void jump_to_null(struct victim_state *state)
{
	(void)state;
	jump_to(0);
}

static void undefined(struct victim_state *state)
{
	(void)state;
	__asm__ __volatile__("ud2");
}

static void breakpoint(struct victim_state *state)
{
	(void)state;
	__asm__ __volatile__("int3");
}

static void divide(struct victim_state *state)
{
	(void)state;
	__asm__ __volatile__("xor %%edx, %%edx\n\txor %%ecx, %%ecx\n\tdiv %%ecx" : : : "rax", "rcx", "rdx");
}

/* Privileged code can do this; the gate must put it right. */
static void undefined_without_interrupts(struct victim_state *state)
{
	(void)state;
	__asm__ __volatile__("cli\n\tstd\n\tud2");
}

static void no_such_selector(struct victim_state *state)
{
	(void)state;
	__asm__ __volatile__("mov %0, %%es" : : "r"(0x1230));
}

static __attribute__((noinline)) uint64_t deeper(uint64_t depth)
{
	volatile uint64_t here[32];

	here[depth % 32] = depth;
	return depth == UINT64_MAX ? 0 : deeper(depth + 1) + here[depth % 32];
}

static void run_out_of_stack(struct victim_state *state)
{
	state->room[1] = (uint8_t)deeper(0);
}

/* More than a guard page at once, and no call: the compiler must touch every page on the way. */
static void step_over_the_guard(struct victim_state *state)
{
	uint8_t far[16 * 4096];

	(void)state;
	__asm__ __volatile__("movb $1, (%0)" : : "r"(far) : "memory");
}

/* There is room for the trap, but not for whoever handles it. */
static void trap_at_the_end(struct victim_state *state)
{
	(void)state;
	__asm__ __volatile__("mov %0, %%rsp\n\tud2" : : "r"(sfp_port_context()->stack_low + 256) : "memory");
}

/* Idempotent; and then it has all of the stack that releases run on, and traps. */
static void use_up_spare(struct victim_state **once)
{
	if (!*once)
		return;
	*once = NULL;
	__asm__ __volatile__("mov %0, %%rsp\n\tud2" : : "r"(sfp_port_context()->spare_low + 256) : "memory");
}
SFP_GUARD(greedy, struct victim_state *, use_up_spare);

static void run_out_of_stack_twice(struct victim_state *state)
{
	SFP_SCOPED(greedy, greedy, state);

	state->room[1] = (uint8_t)deeper(0);
}

static void push_nowhere(struct victim_state *state)
{
	(void)state;
	__asm__ __volatile__("mov $64, %%esp\n\tpush %%rax" : : : "memory");
}

static void push_beyond_addresses(struct victim_state *state)
{
	(void)state;
	__asm__ __volatile__("mov %0, %%rsp\n\tpush %%rax" : : "r"(0x8000000000000000ul) : "memory");
}

static void raise(struct victim_state *state)
{
	(void)state;
	sfp_fault_raise(77);
}

static const struct {
	const char *name;
	misdeed *commit;
	uint32_t kind;
} misdeeds[] = {
	{ "write to its own code", write_own_text, SFP_FAULT_MEMORY },
	{ "write to its own constants", write_own_constant, SFP_FAULT_MEMORY },
	{ "write to the nano-core's code", write_nano_text, SFP_FAULT_MEMORY },
	{ "write to the nano-core's code under another address", write_alias_of_nano_text, SFP_FAULT_MEMORY },
	{ "write to the boot's identity map", write_identity_map, SFP_FAULT_MEMORY },
	{ "read from address 0", read_null, SFP_FAULT_MEMORY },
	{ "read beyond all addresses", read_wild, SFP_FAULT_PROTECTION },
	{ "jump into its state", jump_to_state, SFP_FAULT_JUMP },
	{ "jump into its stack", jump_to_stack, SFP_FAULT_JUMP },
	{ "jump into its constants", jump_to_constant, SFP_FAULT_JUMP },
	{ "jump to address 0", jump_to_null, SFP_FAULT_JUMP },
	{ "run an undefined instruction", undefined, SFP_FAULT_INSTRUCTION },
	{ "run a breakpoint", breakpoint, SFP_FAULT_INSTRUCTION },
	{ "divide by 0", divide, SFP_FAULT_ARITHMETIC },
	{ "trap with interrupts off and the direction flag set", undefined_without_interrupts,
	  SFP_FAULT_INSTRUCTION },
	{ "load a selector that is none", no_such_selector, SFP_FAULT_PROTECTION },
	{ "run out of stack", run_out_of_stack, SFP_FAULT_STACK },
	{ "step over the page that guards its stack", step_over_the_guard, SFP_FAULT_STACK },
	{ "trap where its stack ends", trap_at_the_end, SFP_FAULT_INSTRUCTION },
	{ "run out of stack, and of the one for releases too", run_out_of_stack_twice, SFP_FAULT_STACK },
	{ "push where no stack is", push_nowhere, SFP_FAULT_STACK },
	{ "push beyond all addresses", push_beyond_addresses, SFP_FAULT_STACK },
	{ "raise a fault by hand", raise, SFP_FAULT_RAISED },
};

#define COUNT (sizeof(misdeeds) / sizeof(misdeeds[0]))

/* What every misdeed holds while it is committed; idempotent, as a release must be. */
static void let_go(struct victim_state **held)
{
	if (*held)
		(*held)->let_go++;
	*held = NULL;
}
SFP_GUARD(held, struct victim_state *, let_go);

struct deed {
	struct victim_state *state;
	unsigned index;
};

static enum sfp_status commit_held(struct deed *deed)
{
	SFP_SCOPED(held, held, NULL);

	held.value = deed->state;
	misdeeds[deed->index].commit(deed->state);
	return SFP_OK; /* it got away with it */
}
SFP_GATE(commit_held, commit_held, struct deed *);

static enum sfp_status serve_deed(struct victim_state *state, unsigned index, struct victim_deed *deed)
{
	(void)state;
	if (index >= COUNT)
		return SFP_NOT_FOUND;
	*deed = (struct victim_deed){ misdeeds[index].name, misdeeds[index].kind };
	return SFP_OK;
}

static enum sfp_status serve_commit(struct victim_state *state, unsigned index)
{
	struct deed deed = { state, index };

	return index < COUNT ? commit_held(&deed) : SFP_NOT_FOUND;
}

static enum sfp_status serve_contain(struct victim_state *state, unsigned index, struct victim_outcome *outcome)
{
	struct deed deed = { state, index };

	if (index >= COUNT)
		return SFP_NOT_FOUND;
	outcome->status = commit_held_contained(&deed, &outcome->why);
	outcome->let_go = state->let_go;
	return SFP_OK;
}

static enum sfp_status check(struct victim_state *state)
{
	(void)state;
	return SFP_OK;
}

SFP_PROVIDER(serve, struct victim_state, victim, VICTIM_OPS);
NANO_HOOK(victim, check, check)

NANO_MODULE(victim,
	.version = 1,
	.summary = "does what a module must not",
	.state_size = sizeof(struct victim_state),
	.state_version = 1,
	NANO_OFFERS(serve, victim),
	.check = victim_check_hook_,
);
