/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gate on x86-64, System V.
 *
 * Stack while a gate is open, from high to low:
 *   return address, rbx, rbp, r12, r13, r14, r15,
 *   struct sfp_gate (SFP_GATE_WORDS words)      <- context->gate, and rsp before the call
 *
 * Without a fault the callee has preserved the registers itself, so the way out
 * only drops the frame. They are saved for the landing, which comes from the
 * middle of somebody's code.
 */
#include "gate.h"

#define WORD(n) (8 * (n))
#define SAVED WORD(SFP_GATE_WORDS)

/* A host that masks interrupts by its flags is a kernel, and has no x87 code. */
#ifndef SFP_GATE_EMPTIES_X87
#define SFP_GATE_EMPTIES_X87 !SFP_GATE_SAVES_FLAGS
#endif

	.text

/* enum sfp_status sfp_gate_call(context rdi, function rsi, argument rdx, why rcx) */
	.globl	sfp_gate_call
	.type	sfp_gate_call, @function
	.p2align 4
sfp_gate_call:
	.cfi_startproc
	push	%rbx
	.cfi_adjust_cfa_offset 8
	push	%rbp
	.cfi_adjust_cfa_offset 8
	push	%r12
	.cfi_adjust_cfa_offset 8
	push	%r13
	.cfi_adjust_cfa_offset 8
	push	%r14
	.cfi_adjust_cfa_offset 8
	push	%r15
	.cfi_adjust_cfa_offset 8
	sub	$SAVED, %rsp
	.cfi_adjust_cfa_offset SAVED
#if SFP_GATE_SAVES_FLAGS
	pushf
	pop	WORD(SFP_GATE_FLAGS)(%rsp)
#endif
	mov	WORD(SFP_CONTEXT_GATE)(%rdi), %rax
	mov	%rax, WORD(SFP_GATE_OUTER)(%rsp)
	mov	WORD(SFP_CONTEXT_GUARDS)(%rdi), %rax
	mov	%rax, WORD(SFP_GATE_GUARDS)(%rsp)
	mov	%rdi, WORD(SFP_GATE_CONTEXT)(%rsp)
	mov	%rcx, WORD(SFP_GATE_WHY)(%rsp)
	movq	$0, WORD(SFP_GATE_STATE)(%rsp)
	mov	%rsp, WORD(SFP_CONTEXT_GATE)(%rdi)	/* from here on a fault comes to this gate */
	mov	%rdx, %rdi
	call	*%rsi
	mov	WORD(SFP_GATE_CONTEXT)(%rsp), %rdx
	mov	WORD(SFP_GATE_OUTER)(%rsp), %rcx
	mov	%rcx, WORD(SFP_CONTEXT_GATE)(%rdx)	/* ... to here */
	add	$(SAVED + WORD(6)), %rsp
	.cfi_def_cfa_offset 8
	ret
	.cfi_endproc
	.size	sfp_gate_call, . - sfp_gate_call

/* rdi = the gate; rsp is below everything that the faulting code had in use */
	.globl	sfp_gate_landing
	.type	sfp_gate_landing, @function
	.p2align 4
sfp_gate_landing:
	cld
#if SFP_GATE_EMPTIES_X87
	emms						/* callers expect these registers empty */
#endif
	mov	%rdi, %rbx
	call	sfp_gate_unwind
	mov	%rbx, %rsp
	mov	WORD(SFP_GATE_CONTEXT)(%rsp), %rdx
	mov	WORD(SFP_GATE_OUTER)(%rsp), %rcx
	mov	%rcx, WORD(SFP_CONTEXT_GATE)(%rdx)
#if SFP_GATE_SAVES_FLAGS
	push	WORD(SFP_GATE_FLAGS)(%rsp)
	popf						/* interrupts as they were when the gate was opened */
#endif
	add	$SAVED, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	mov	$SFP_GATE_FAULTED, %eax
	ret
	.size	sfp_gate_landing, . - sfp_gate_landing

/* void sfp_gate_jump(gate rdi, sp rsi, ip rdx) */
	.globl	sfp_gate_jump
	.type	sfp_gate_jump, @function
	.p2align 4
sfp_gate_jump:
	mov	%rsi, %rsp
	jmp	*%rdx
	.size	sfp_gate_jump, . - sfp_gate_jump

	.section .note.GNU-stack, "", @progbits
