/* SPDX-License-Identifier: BSD-2-Clause */
/* switch: from one stack to another. What the compiler may keep in registers over a call is saved on the stack. */

	.text
/* void nano_switch(uintptr_t *save rdi, uintptr_t load rsi); interrupts are off */
	.globl	nano_switch
	.p2align 4
nano_switch:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, (%rdi)
	mov	%rsi, %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret

	.section .note.GNU-stack, "", @progbits
