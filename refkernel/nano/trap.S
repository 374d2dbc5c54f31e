/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trap: 256 stubs of 16 bytes that bring all vectors into one shape (struct
 * trap_frame), and the one way in and out behind them.
 */
#include "trap.h"

	.text
	.globl	nano_trap_stubs
	.p2align 4
nano_trap_stubs:
	.set	vector, 0
	.rept	TRAP_VECTORS
	.p2align 4
	/* Where the processor pushes no error code, push a 0 in its place. */
	.set	pushes_error, vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21
	.if	!(pushes_error || vector == 29 || vector == 30)
	push	$0
	.endif
	push	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr

	.p2align 4
trap_common:
	push	%rax
	push	%rbx
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%rbp
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	cld
	mov	%rsp, %rdi
	call	trap_handle	/* aligned: the processor aligned the stack, and the frame is 22 words */
	mov	%rax, %rsp	/* the frame, where it is now */
	test	%edx, %edx
	jz	1f
	call	nano_thread_preempt
1:
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rbp
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rbx
	pop	%rax
	add	$16, %rsp
	iretq

	.section .note.GNU-stack, "", @progbits
