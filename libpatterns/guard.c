/* SPDX-License-Identifier: BSD-2-Clause */
/* guard: what happens to a chain of gates and guards when a fault arrives. */
#include "gate.h"

#define OFFSET_IS(member, word) \
	SFP_STATIC_ASSERT(offsetof(struct sfp_gate, member) == (word) * sizeof(uintptr_t), \
			  "gate.h: the assembly's offset of " #member)
OFFSET_IS(outer, SFP_GATE_OUTER);
OFFSET_IS(guards, SFP_GATE_GUARDS);
OFFSET_IS(context, SFP_GATE_CONTEXT);
OFFSET_IS(why, SFP_GATE_WHY);
OFFSET_IS(flags, SFP_GATE_FLAGS);
OFFSET_IS(faulted, SFP_GATE_STATE);
OFFSET_IS(at, SFP_GATE_AT);
SFP_STATIC_ASSERT(sizeof(struct sfp_gate) == SFP_GATE_WORDS * sizeof(uintptr_t), "gate.h: the assembly's size");
SFP_STATIC_ASSERT(offsetof(struct sfp_context, gate) == SFP_CONTEXT_GATE * sizeof(uintptr_t), "gate.h");
SFP_STATIC_ASSERT(offsetof(struct sfp_context, guards) == SFP_CONTEXT_GUARDS * sizeof(uintptr_t), "gate.h");
SFP_STATIC_ASSERT(SFP_FAULT == SFP_GATE_FAULTED, "gate.h: the assembly's SFP_FAULT");

/* What releases may need of stack, with the trap frames of their own faults. */
#define ROOM ((uintptr_t)2048)

/* Compilers may keep data this far below the stack pointer (System V red zone). */
#define RED_ZONE ((uintptr_t)128)

#define STACK_ALIGNMENT ((uintptr_t)16)

static uintptr_t below(uintptr_t sp)
{
	return (sp - RED_ZONE) & ~(STACK_ALIGNMENT - 1);
}

static bool has_room(uintptr_t sp, uintptr_t low, uintptr_t high)
{
	return sp <= high && sp > low && sp - low >= ROOM + RED_ZONE;
}

/* Is sp where code called from this gate may have it, with room under it? */
static bool on_own_stack(const struct sfp_context *context, const struct sfp_gate *gate, uintptr_t sp)
{
	if (sp > (uintptr_t)gate)
		return false;
	if (context->stack_high == 0)
		return true; /* bounds unknown: the port vouches for it */
	return has_room(sp, context->stack_low, context->stack_high);
}

static bool is_spare(const struct sfp_context *context, uintptr_t sp)
{
	return context->spare_high != 0 && sp > context->spare_low && sp <= context->spare_high;
}

/* Where releases can run without overwriting what they release; 0: nowhere. */
static uintptr_t landing_stack(const struct sfp_context *context, const struct sfp_gate *gate, uintptr_t sp)
{
	if (is_spare(context, sp) && has_room(sp, context->spare_low, context->spare_high))
		return below(sp);
	/* A release has used it up. Unless it opened a gate there, nobody needs what it left. */
	if (is_spare(context, sp) && is_spare(context, (uintptr_t)gate))
		return 0;
	if (!is_spare(context, sp) && on_own_stack(context, gate, sp))
		return below(sp);
	if (context->spare_high != 0 && has_room(context->spare_high, context->spare_low, context->spare_high))
		return context->spare_high & ~(STACK_ALIGNMENT - 1);
	return 0;
}

/* Only the first fault is reported: what its releases do is a consequence. */
static void record(struct sfp_gate *gate, const struct sfp_fault *fault)
{
	struct sfp_fault *why = gate->why;

	if (gate->faulted) {
		if (why)
			why->cleanup_faults++;
		return;
	}
	gate->faulted = 1;
	gate->at = NULL;
	if (why) {
		*why = *fault;
		why->cleanup_faults = 0;
	}
}

enum sfp_status sfp_fault_deliver(struct sfp_context *context, const struct sfp_fault *fault,
				  struct sfp_landing *landing)
{
	struct sfp_gate *gate = context->gate;
	uintptr_t sp;

	if (!gate)
		return SFP_NOT_FOUND;
	sp = landing_stack(context, gate, fault->sp);
	if (sp == 0)
		return SFP_LIMIT;
	record(gate, fault);
	landing->ip = (uintptr_t)sfp_gate_landing;
	landing->sp = sp;
	landing->argument = (uintptr_t)gate;
	return SFP_OK;
}

/* Drop the pins that were taken under this gate and not given back; those of inner gates went with them. */
static void unpin(struct sfp_context *context, const struct sfp_gate *gate)
{
	while (context->pinned > 0 && context->pin_gates[context->pinned - 1] == gate) {
		/* Release: as at the end of a call; pairs with the scan of <sfp/iface.h>. */
		sfp_store_release_word(&context->pins[context->pinned - 1], 0);
		context->pinned--;
	}
}

void sfp_gate_unwind(struct sfp_gate *gate)
{
	struct sfp_context *context = gate->context;

	unpin(context, gate);

	/*
	 * A release that faults lands here again with its guard off the chain.
	 * If the guard could not even be read, the chain was overwritten: what is
	 * left of it is lost, the gate is not.
	 */
	if (context->guards && gate->at == context->guards)
		context->guards = gate->guards;
	while (context->guards && context->guards != gate->guards) {
		struct sfp_guard *guard = context->guards;
		void (*release)(struct sfp_guard *);

		gate->at = guard;
		sfp_compiler_barrier(); /* known before it is read */
		release = guard->release;
		context->guards = guard->older;
		sfp_compiler_barrier(); /* off the chain before it runs: never twice */
		release(guard);
	}
	context->guards = gate->guards;
}

void sfp_fault_raise(uintptr_t code)
{
	struct sfp_context *context = sfp_port_context();
	struct sfp_fault fault = {
		.ip = (uintptr_t)__builtin_return_address(0),
		.sp = (uintptr_t)__builtin_frame_address(0),
		.code = code,
		.kind = SFP_FAULT_RAISED,
	};
	struct sfp_landing landing;

	/* This function's own frame lies below; leave it out of what may be overwritten. */
	fault.sp -= 512;
	if (sfp_fault_deliver(context, &fault, &landing) != SFP_OK)
		sfp_port_panic("sfp_fault_raise: no gate is open, or no stack is left to release on");
	sfp_gate_jump((struct sfp_gate *)landing.argument, landing.sp, landing.ip);
}

static const char *const kind_texts[] = {
	[SFP_FAULT_UNKNOWN] = "unknown",
	[SFP_FAULT_MEMORY] = "memory",
	[SFP_FAULT_PROTECTION] = "protection",
	[SFP_FAULT_INSTRUCTION] = "instruction",
	[SFP_FAULT_ARITHMETIC] = "arithmetic",
	[SFP_FAULT_ALIGNMENT] = "alignment",
	[SFP_FAULT_STACK] = "stack",
	[SFP_FAULT_JUMP] = "jump",
	[SFP_FAULT_RAISED] = "raised",
};

const char *sfp_fault_kind_text(uint32_t kind)
{
	if (kind >= sizeof(kind_texts) / sizeof(kind_texts[0]))
		kind = SFP_FAULT_UNKNOWN;
	return kind_texts[kind];
}
