/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trap: what becomes of an exception. It is told, and then it belongs to the
 * innermost gate of the context that was running; without one, the system ends.
 */
#include "trap.h"

#include "cpu.h"
#include "early.h"
#include "fault.h"
#include "modules.h"
#include "nano/nano.h"
#include "panic.h"
#include "smp.h"
#include "symbols.h"
#include "thread.h"

enum vector {
	VECTOR_DIVIDE = 0,
	VECTOR_NMI = 2,
	VECTOR_BOUND = 5,
	VECTOR_INVALID_OPCODE = 6,
	VECTOR_DOUBLE_FAULT = 8,
	VECTOR_STACK_SEGMENT = 12,
	VECTOR_PROTECTION = 13,
	VECTOR_PAGE_FAULT = 14,
	VECTOR_NUMERIC = 16,
	VECTOR_ALIGNMENT = 17,
	VECTOR_MACHINE_CHECK = 18,
	VECTOR_SIMD = 19
};

#define FLAG_TRAP (1ul << 8)
#define FLAG_DIRECTION (1ul << 10)
#define FLAG_NESTED (1ul << 14)
#define FLAG_RESUME (1ul << 16)
#define FLAG_ALIGNMENT (1ul << 18)

extern char nano_trap_stubs[];

static const uint8_t kinds[TRAP_EXCEPTIONS] = {
	[VECTOR_DIVIDE] = SFP_FAULT_ARITHMETIC,
	[1] = SFP_FAULT_INSTRUCTION, /* debug */
	[3] = SFP_FAULT_INSTRUCTION, /* breakpoint */
	[4] = SFP_FAULT_ARITHMETIC,  /* overflow */
	[VECTOR_BOUND] = SFP_FAULT_INSTRUCTION,
	[VECTOR_INVALID_OPCODE] = SFP_FAULT_INSTRUCTION,
	[7] = SFP_FAULT_INSTRUCTION, /* no such unit for us */
	[VECTOR_DOUBLE_FAULT] = SFP_FAULT_STACK,
	[10] = SFP_FAULT_PROTECTION,
	[11] = SFP_FAULT_PROTECTION,
	[VECTOR_STACK_SEGMENT] = SFP_FAULT_PROTECTION,
	[VECTOR_PROTECTION] = SFP_FAULT_PROTECTION,
	[VECTOR_PAGE_FAULT] = SFP_FAULT_MEMORY,
	[VECTOR_NUMERIC] = SFP_FAULT_ARITHMETIC,
	[VECTOR_ALIGNMENT] = SFP_FAULT_ALIGNMENT,
	[VECTOR_SIMD] = SFP_FAULT_ARITHMETIC,
};

void trap_gates(void)
{
	for (unsigned vector = 0; vector < TRAP_VECTORS; vector++) {
		enum cpu_ist stack = vector < TRAP_EXCEPTIONS ? IST_EXCEPTION : IST_INTERRUPT;

		if (vector == VECTOR_DOUBLE_FAULT)
			stack = IST_DOUBLE_FAULT;
		else if (vector == VECTOR_NMI)
			stack = IST_NMI;
		else if (vector == VECTOR_MACHINE_CHECK)
			stack = IST_MACHINE_CHECK;
		cpu_gate(vector, (uint64_t)(nano_trap_stubs + vector * TRAP_STUB_BYTES), stack);
	}
}

bool trap_on_stack(const struct sfp_context *context, uintptr_t sp)
{
	const uintptr_t word = sizeof(uintptr_t);

	return sp % word == 0 &&
	       ((sp >= context->stack_low && sp <= context->stack_high - word) ||
		(sp >= context->spare_low && sp <= context->spare_high - word));
}

/* Control went to where no code is: what called it is the place that the report needs. */
static void classify_jump(const struct trap_frame *frame, const struct sfp_context *context,
			  struct sfp_fault *fault)
{
	fault->kind = SFP_FAULT_JUMP;
	fault->address = frame->rip;
	if (trap_on_stack(context, frame->rsp) && symbols_is_code(*(const uintptr_t *)frame->rsp))
		fault->ip = *(const uintptr_t *)frame->rsp;
}

/* A push or a call with nothing under it: in a guard page, or by a stack pointer that leads nowhere. */
static bool is_out_of_stack(const struct trap_frame *frame, const struct sfp_context *context,
			    const struct sfp_fault *fault)
{
	if (frame->vector == VECTOR_STACK_SEGMENT || frame->vector == VECTOR_PROTECTION)
		return !trap_on_stack(context, frame->rsp);
	if (frame->vector != VECTOR_PAGE_FAULT)
		return false;
	return stack_is_guard(fault->address) ||
	       (frame->rsp - fault->address <= sizeof(uintptr_t) && !trap_on_stack(context, frame->rsp));
}

static void classify(const struct trap_frame *frame, const struct sfp_context *context,
		     struct sfp_fault *fault)
{
	const bool has_address = frame->vector == VECTOR_PAGE_FAULT || frame->vector == VECTOR_DOUBLE_FAULT;

	*fault = (struct sfp_fault){
		.ip = frame->rip,
		.sp = frame->rsp,
		.address = has_address ? cpu_fault_address() : 0,
		.code = frame->vector,
		.kind = kinds[frame->vector],
	};
	if (is_out_of_stack(frame, context, fault))
		fault->kind = SFP_FAULT_STACK;
	else if (frame->vector != VECTOR_DOUBLE_FAULT && !symbols_is_code(frame->rip))
		classify_jump(frame, context, fault);
}

static void resume_at(struct trap_frame *frame, const struct sfp_landing *landing)
{
	frame->rip = landing->ip;
	frame->rsp = landing->sp;
	frame->rdi = landing->argument;
	/* The interrupt flag stays as it was at the fault: the gate puts its caller's back. */
	frame->rflags &= ~(FLAG_TRAP | FLAG_DIRECTION | FLAG_NESTED | FLAG_RESUME | FLAG_ALIGNMENT);
}

static void exception(struct trap_frame *frame)
{
	struct nano_cpu *cpu = cpu_this();
	enum sfp_status delivered = SFP_NOT_FOUND;
	struct sfp_landing landing;
	struct sfp_fault fault;

	if (cpu->trapping)
		panic_again(frame);
	if (frame->vector == VECTOR_INVALID_OPCODE && inject_pass(frame->rip))
		return;
	cpu->trapping = true;
	classify(frame, &cpu->context->core, &fault);
	if (frame->vector == VECTOR_INVALID_OPCODE)
		inject_spend(frame->rip);
	if (frame->vector != VECTOR_MACHINE_CHECK)
		delivered = sfp_fault_deliver(&cpu->context->core, &fault, &landing);
	fault_note(frame, &fault, delivered == SFP_OK);
	if (delivered == SFP_NOT_FOUND)
		panic(frame->vector == VECTOR_MACHINE_CHECK ? "machine check"
							    : "a fault outside of every gate");
	if (delivered != SFP_OK)
		panic("a fault, and no stack is left to release on");
	modules_count_fault(context_module(cpu->context));
	resume_at(frame, &landing);
	cpu->trapping = false;
}

/* By another processor that wants this one to see something; or by the machine, which means nothing here. */
static void told(void)
{
	struct nano_cpu *cpu = cpu_this();

	cpu->nmis++;
	smp_told(cpu);
}

struct trap_exit trap_handle(struct trap_frame *frame)
{
	struct trap_frame *moved = NULL;

	if (frame->vector >= TRAP_EXCEPTIONS) {
		interrupt_handle((unsigned)frame->vector);
		moved = thread_move_frame(cpu_this(), frame);
	} else if (frame->vector == VECTOR_NMI) {
		told();
	} else {
		exception(frame);
		/* Whom it woke is told by an interrupt: others' code must not run on this stack. */
		if (cpu_this()->woke)
			smp_nudge(cpu_this());
	}
	return (struct trap_exit){ moved ? moved : frame, moved != NULL };
}
