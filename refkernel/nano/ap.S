/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ap: from a processor's reset to nano_ap_main() in long mode.
 *
 * smp.c copies the first part to a page below 1 MiB, since a processor starts in
 * real mode, and fills in what depends on the page. It only ever reads there:
 * all processors run through it at once, and in the tables that it switches to
 * the page can be run but not written.
 */
#include "ap.h"

#define CR4_PAE (1 << 5)
#define CR4_PGE (1 << 7)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)
#define CR0_PE (1 << 0)
#define CR0_EM (1 << 2)
#define CR0_WP (1 << 16)
#define CR0_NW (1 << 29)
#define CR0_CD (1 << 30)
#define CR0_PG (1 << 31)
#define CPUID_FEATURES 1

	.section .rodata
	.balign 16
	.globl	nano_ap_code, nano_ap_code_end
	.code16
nano_ap_code:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	mov	$(CR4_PAE | CR4_PGE), %eax
	mov	%eax, %cr4
	mov	tables - nano_ap_code, %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$(EFER_LME | EFER_NXE), %eax
	wrmsr
	lgdtl	segments_pointer - nano_ap_code
	mov	%cr0, %eax
	and	$~(CR0_EM | CR0_NW | CR0_CD), %eax	/* caches are off after a reset */
	or	$(CR0_PG | CR0_WP | CR0_PE), %eax
	mov	%eax, %cr0
	ljmpl	*far_jump - nano_ap_code

	.code64
long_mode:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	movabs	$high, %rax
	jmp	*%rax

	/* Marked as accessed already: the processor would write the mark into the page. */
	.balign 8
segments:
	.quad	0
	.quad	0x00af9b000000ffff			/* code, 64 bits */
	.quad	0x00cf93000000ffff			/* data */
segments_end:

	/* Filled in; the offsets are ap.h's. */
	.org	nano_ap_code + AP_TABLES
tables:
	.long	0
	.org	nano_ap_code + AP_SEGMENTS
segments_pointer:
	.word	segments_end - segments - 1
	.long	segments - nano_ap_code			/* + page */
	.org	nano_ap_code + AP_JUMP
far_jump:
	.long	long_mode - nano_ap_code		/* + page */
	.word	0x08
nano_ap_code_end:

	.text
high:
	/* Who am I? Those called at once come in any order, and perhaps late. */
	mov	$CPUID_FEATURES, %eax
	cpuid
	shr	$24, %ebx
	xor	%edi, %edi
1:	cmp	%ebx, nano_ap_ids(, %rdi, 4)
	je	2f
	inc	%edi
	cmp	$PROCESSORS_MAX, %edi
	jb	1b
3:	cli
	hlt
	jmp	3b
2:	mov	nano_ap_root, %rax
	mov	%rax, %cr3
	mov	nano_ap_stacks(, %rdi, 8), %rsp
	xor	%ebp, %ebp
	call	nano_ap_main				/* (number) */
	ud2

	.section .note.GNU-stack, "", @progbits
