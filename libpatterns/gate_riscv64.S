/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The gate on RV64, standard calling convention; fs0-fs11 are saved where the
 * host was built with floating point registers in its calling convention.
 *
 * Stack while a gate is open, from high to low:
 *   fs0-fs11, s0-s11, ra, two words of padding, struct sfp_gate  <- context->gate, and sp
 */
#include "gate.h"

#define WORD(n) (8 * (n))
#define GENERAL WORD(SFP_GATE_WORDS + 1)
#define FLOATS (GENERAL + WORD(14))
#if defined(__riscv_float_abi_double)
#define FRAME (FLOATS + WORD(12))
#else
#define FRAME FLOATS
#endif

	.text

	.macro	each_saved op
	\op	s0, GENERAL + WORD(0)(sp)
	\op	s1, GENERAL + WORD(1)(sp)
	\op	s2, GENERAL + WORD(2)(sp)
	\op	s3, GENERAL + WORD(3)(sp)
	\op	s4, GENERAL + WORD(4)(sp)
	\op	s5, GENERAL + WORD(5)(sp)
	\op	s6, GENERAL + WORD(6)(sp)
	\op	s7, GENERAL + WORD(7)(sp)
	\op	s8, GENERAL + WORD(8)(sp)
	\op	s9, GENERAL + WORD(9)(sp)
	\op	s10, GENERAL + WORD(10)(sp)
	\op	s11, GENERAL + WORD(11)(sp)
	\op	ra, GENERAL + WORD(12)(sp)
	.endm

	.macro	each_float op
#if defined(__riscv_float_abi_double)
	\op	fs0, FLOATS + WORD(0)(sp)
	\op	fs1, FLOATS + WORD(1)(sp)
	\op	fs2, FLOATS + WORD(2)(sp)
	\op	fs3, FLOATS + WORD(3)(sp)
	\op	fs4, FLOATS + WORD(4)(sp)
	\op	fs5, FLOATS + WORD(5)(sp)
	\op	fs6, FLOATS + WORD(6)(sp)
	\op	fs7, FLOATS + WORD(7)(sp)
	\op	fs8, FLOATS + WORD(8)(sp)
	\op	fs9, FLOATS + WORD(9)(sp)
	\op	fs10, FLOATS + WORD(10)(sp)
	\op	fs11, FLOATS + WORD(11)(sp)
#endif
	.endm

/* a0 = context, a1 = function, a2 = argument, a3 = why */
	.globl	sfp_gate_call
	.type	sfp_gate_call, @function
	.p2align 2
sfp_gate_call:
	addi	sp, sp, -FRAME
	each_saved sd
	each_float fsd
	ld	t0, WORD(SFP_CONTEXT_GATE)(a0)
	ld	t1, WORD(SFP_CONTEXT_GUARDS)(a0)
	sd	t0, WORD(SFP_GATE_OUTER)(sp)
	sd	t1, WORD(SFP_GATE_GUARDS)(sp)
	sd	a0, WORD(SFP_GATE_CONTEXT)(sp)
	sd	a3, WORD(SFP_GATE_WHY)(sp)
	sd	zero, WORD(SFP_GATE_STATE)(sp)
	sd	sp, WORD(SFP_CONTEXT_GATE)(a0)	/* from here on a fault comes to this gate */
	mv	a0, a2
	jalr	a1
	ld	t0, WORD(SFP_GATE_CONTEXT)(sp)
	ld	t1, WORD(SFP_GATE_OUTER)(sp)
	sd	t1, WORD(SFP_CONTEXT_GATE)(t0)	/* ... to here */
	ld	ra, GENERAL + WORD(12)(sp)
	addi	sp, sp, FRAME
	ret
	.size	sfp_gate_call, . - sfp_gate_call

/* a0 = the gate; sp is below everything that the faulting code had in use */
	.globl	sfp_gate_landing
	.type	sfp_gate_landing, @function
	.p2align 2
sfp_gate_landing:
	mv	s0, a0
	call	sfp_gate_unwind
	mv	sp, s0
	ld	t0, WORD(SFP_GATE_CONTEXT)(sp)
	ld	t1, WORD(SFP_GATE_OUTER)(sp)
	sd	t1, WORD(SFP_CONTEXT_GATE)(t0)
	each_saved ld
	each_float fld
	addi	sp, sp, FRAME
	li	a0, SFP_GATE_FAULTED
	ret
	.size	sfp_gate_landing, . - sfp_gate_landing

/* void sfp_gate_jump(gate a0, sp a1, ip a2) */
	.globl	sfp_gate_jump
	.type	sfp_gate_jump, @function
	.p2align 2
sfp_gate_jump:
	mv	sp, a1
	jr	a2
	.size	sfp_gate_jump, . - sfp_gate_jump

	.section .note.GNU-stack, "", @progbits
