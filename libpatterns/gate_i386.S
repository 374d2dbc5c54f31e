/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gate on i386, System V (arguments on the stack).
 *
 * Stack while a gate is open, from high to low:
 *   why, argument, function, context (the caller's), return address,
 *   ebx, ebp, esi, edi, struct sfp_gate, a slot for the
 *   call's argument and its padding             <- esp before the call
 * context->gate points to struct sfp_gate.
 */
#include "gate.h"

#define WORD(n) (4 * (n))
#define CALL_SLOT WORD(4)
#define FRAME (CALL_SLOT + WORD(SFP_GATE_WORDS))
#define ARGUMENTS (FRAME + WORD(5))

/* A host that masks interrupts by its flags is a kernel, and has no x87 code. */
#ifndef SFP_GATE_EMPTIES_X87
#define SFP_GATE_EMPTIES_X87 !SFP_GATE_SAVES_FLAGS
#endif

	.text

	.globl	sfp_gate_call
	.type	sfp_gate_call, @function
	.p2align 4
sfp_gate_call:
	push	%ebx
	push	%ebp
	push	%esi
	push	%edi
	sub	$FRAME, %esp
	mov	ARGUMENTS(%esp), %edx
	lea	CALL_SLOT(%esp), %ecx
	mov	WORD(SFP_CONTEXT_GATE)(%edx), %eax
	mov	%eax, WORD(SFP_GATE_OUTER)(%ecx)
	mov	WORD(SFP_CONTEXT_GUARDS)(%edx), %eax
	mov	%eax, WORD(SFP_GATE_GUARDS)(%ecx)
	mov	%edx, WORD(SFP_GATE_CONTEXT)(%ecx)
	mov	(ARGUMENTS + WORD(3))(%esp), %eax
	mov	%eax, WORD(SFP_GATE_WHY)(%ecx)
	movl	$0, WORD(SFP_GATE_STATE)(%ecx)
#if SFP_GATE_SAVES_FLAGS
	pushf
	pop	%eax
	mov	%eax, WORD(SFP_GATE_FLAGS)(%ecx)
#endif
	mov	(ARGUMENTS + WORD(2))(%esp), %eax
	mov	%eax, (%esp)
	mov	(ARGUMENTS + WORD(1))(%esp), %eax
	mov	%ecx, WORD(SFP_CONTEXT_GATE)(%edx)	/* from here on a fault comes to this gate */
	call	*%eax
	mov	(CALL_SLOT + WORD(SFP_GATE_CONTEXT))(%esp), %edx
	mov	(CALL_SLOT + WORD(SFP_GATE_OUTER))(%esp), %ecx
	mov	%ecx, WORD(SFP_CONTEXT_GATE)(%edx)	/* ... to here */
	add	$(FRAME + WORD(4)), %esp
	ret
	.size	sfp_gate_call, . - sfp_gate_call

/* ecx = the gate; esp is below everything that the faulting code had in use, 16-aligned */
	.globl	sfp_gate_landing
	.type	sfp_gate_landing, @function
	.p2align 4
sfp_gate_landing:
	cld
#if SFP_GATE_EMPTIES_X87
	/* What the faulting code had in these registers would stay there for ever: callers expect them empty. */
	.irp	register, 0, 1, 2, 3, 4, 5, 6, 7
	ffree	%st(\register)
	.endr
#endif
	mov	%ecx, %ebx
	sub	$12, %esp
	push	%ecx
	call	sfp_gate_unwind
	mov	%ebx, %esp
	mov	WORD(SFP_GATE_CONTEXT)(%esp), %edx
	mov	WORD(SFP_GATE_OUTER)(%esp), %ecx
	mov	%ecx, WORD(SFP_CONTEXT_GATE)(%edx)
#if SFP_GATE_SAVES_FLAGS
	push	WORD(SFP_GATE_FLAGS)(%esp)
	popf
#endif
	add	$WORD(SFP_GATE_WORDS), %esp
	pop	%edi
	pop	%esi
	pop	%ebp
	pop	%ebx
	mov	$SFP_GATE_FAULTED, %eax
	ret
	.size	sfp_gate_landing, . - sfp_gate_landing

/* void sfp_gate_jump(gate, sp, ip) */
	.globl	sfp_gate_jump
	.type	sfp_gate_jump, @function
	.p2align 4
sfp_gate_jump:
	mov	4(%esp), %ecx
	mov	12(%esp), %eax
	mov	8(%esp), %esp
	jmp	*%eax
	.size	sfp_gate_jump, . - sfp_gate_jump

	.section .note.GNU-stack, "", @progbits
