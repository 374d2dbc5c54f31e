/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gate on AArch64, AAPCS64. Kernels build without the vector registers;
 * the lower halves of v8-v15 belong to the callee too and are saved where the
 * host uses them (SFP_GATE_SAVES_VECTORS, on by default in user space).
 *
 * Stack while a gate is open, from high to low:
 *   d8-d15, x19-x28, x29, x30, a word of padding, struct sfp_gate   <- context->gate, and sp
 */
#include "gate.h"

#define WORD(n) (8 * (n))
#define GENERAL WORD(SFP_GATE_WORDS + 1)
#define VECTORS (GENERAL + WORD(12))
#if defined(__ARM_FP)
#define FRAME (VECTORS + WORD(8))
#else
#define FRAME VECTORS
#endif

	.text

	.globl	sfp_gate_call
	.type	sfp_gate_call, %function
	.p2align 4
sfp_gate_call:
	sub	sp, sp, #FRAME
	stp	x19, x20, [sp, #GENERAL]
	stp	x21, x22, [sp, #GENERAL + WORD(2)]
	stp	x23, x24, [sp, #GENERAL + WORD(4)]
	stp	x25, x26, [sp, #GENERAL + WORD(6)]
	stp	x27, x28, [sp, #GENERAL + WORD(8)]
	stp	x29, x30, [sp, #GENERAL + WORD(10)]
#if defined(__ARM_FP)
	stp	d8, d9, [sp, #VECTORS]
	stp	d10, d11, [sp, #VECTORS + WORD(2)]
	stp	d12, d13, [sp, #VECTORS + WORD(4)]
	stp	d14, d15, [sp, #VECTORS + WORD(6)]
#endif
	ldp	x4, x5, [x0]
	stp	x4, x5, [sp]
	stp	x0, x3, [sp, #WORD(SFP_GATE_CONTEXT)]
	stp	xzr, xzr, [sp, #WORD(SFP_GATE_FLAGS)]
	mov	x4, sp
	str	x4, [x0]			/* from here on a fault comes to this gate */
	mov	x0, x2
	blr	x1
	ldr	x2, [sp, #WORD(SFP_GATE_CONTEXT)]
	ldr	x3, [sp, #WORD(SFP_GATE_OUTER)]
	str	x3, [x2]			/* ... to here */
	ldp	x29, x30, [sp, #GENERAL + WORD(10)]
	add	sp, sp, #FRAME
	ret
	.size	sfp_gate_call, . - sfp_gate_call

/* x0 = the gate; sp is below everything that the faulting code had in use */
	.globl	sfp_gate_landing
	.type	sfp_gate_landing, %function
	.p2align 4
sfp_gate_landing:
	mov	x19, x0
	bl	sfp_gate_unwind
	mov	sp, x19
	ldr	x2, [sp, #WORD(SFP_GATE_CONTEXT)]
	ldr	x3, [sp, #WORD(SFP_GATE_OUTER)]
	str	x3, [x2]
	ldp	x19, x20, [sp, #GENERAL]
	ldp	x21, x22, [sp, #GENERAL + WORD(2)]
	ldp	x23, x24, [sp, #GENERAL + WORD(4)]
	ldp	x25, x26, [sp, #GENERAL + WORD(6)]
	ldp	x27, x28, [sp, #GENERAL + WORD(8)]
	ldp	x29, x30, [sp, #GENERAL + WORD(10)]
#if defined(__ARM_FP)
	ldp	d8, d9, [sp, #VECTORS]
	ldp	d10, d11, [sp, #VECTORS + WORD(2)]
	ldp	d12, d13, [sp, #VECTORS + WORD(4)]
	ldp	d14, d15, [sp, #VECTORS + WORD(6)]
#endif
	add	sp, sp, #FRAME
	mov	w0, #SFP_GATE_FAULTED
	ret
	.size	sfp_gate_landing, . - sfp_gate_landing

/* void sfp_gate_jump(gate x0, sp x1, ip x2) */
	.globl	sfp_gate_jump
	.type	sfp_gate_jump, %function
	.p2align 4
sfp_gate_jump:
	mov	sp, x1
	br	x2
	.size	sfp_gate_jump, . - sfp_gate_jump

	.section .note.GNU-stack, "", %progbits
