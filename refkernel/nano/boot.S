/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * boot: from GRUB's 32-bit entry to nano_main() in long mode.
 *
 * The page tables here are data, complete before the first instruction runs, and
 * live only until paging.c has made the final ones: they map the first 4 GiB
 * where GRUB left us (for the few instructions around the switch), at the direct
 * map (so that direct() holds from the first line of C on) and the first GiB at
 * the top 2 GiB, where the kernel is linked.
 *
 * Sections .boot.* are linked at their physical addresses.
 */
#include "multiboot2.h"
#include "stacks.h"

#define MULTIBOOT2_HEADER_MAGIC 0xe85250d6
#define MULTIBOOT2_TAG_CONSOLE 4
#define MULTIBOOT2_TAG_FRAMEBUFFER 5
#define MULTIBOOT2_TAG_MODULE_ALIGN 6
#define OPTIONAL 1
#define CONSOLE_TEXT 2

#define CR4_PAE (1 << 5)
#define CR4_PGE (1 << 7)
#define MSR_EFER 0xc0000080
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)
#define CR0_PG (1 << 31)
#define CR0_WP (1 << 16)
#define CR0_EM (1 << 2)
#define CPUID_LONG_MODE (1 << 29)
#define CPUID_NX (1 << 20)

#define PRESENT_WRITABLE 0x3
#define LARGE 0x80

	.section .boot.header, "a"
	.balign 8
header:
	.long	MULTIBOOT2_HEADER_MAGIC
	.long	0					/* i386, as multiboot2 calls protected mode */
	.long	header_end - header
	.long	-(MULTIBOOT2_HEADER_MAGIC + (header_end - header))
	.word	MULTIBOOT2_TAG_MODULE_ALIGN, 0
	.long	8
	.word	MULTIBOOT2_TAG_CONSOLE, OPTIONAL
	.long	12
	.long	CONSOLE_TEXT				/* leave the screen in text mode ... */
	.long	0
	.word	MULTIBOOT2_TAG_FRAMEBUFFER, OPTIONAL
	.long	20
	.long	0, 0, 0					/* ... or, where there is none, in any mode */
	.long	0
	.word	0, 0					/* end */
	.long	8
header_end:

	.section .boot.text, "ax"
	.code32
	.globl	nano_entry
nano_entry:
	cld
	mov	%eax, %edi				/* nano_main(magic, information) */
	mov	%ebx, %esi
	mov	$boot_stack_top, %esp

	mov	$0x80000000, %eax
	cpuid
	cmp	$0x80000001, %eax
	jb	too_old
	mov	$0x80000001, %eax
	cpuid
	test	$CPUID_LONG_MODE, %edx
	jz	too_old
	test	$CPUID_NX, %edx				/* without it every writable page could be run */
	jz	too_old

	mov	$(CR4_PAE | CR4_PGE), %eax
	mov	%eax, %cr4
	mov	$boot_pml4, %eax
	mov	%eax, %cr3
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$(EFER_LME | EFER_NXE), %eax
	wrmsr
	mov	%cr0, %eax
	and	$~CR0_EM, %eax
	or	$(CR0_PG | CR0_WP), %eax
	mov	%eax, %cr0
	lgdt	boot_gdt_pointer
	ljmp	$0x08, $long_mode

/* One line on the serial port by hand: there is nothing yet that could say more. */
too_old:
	mov	$too_old_text, %esi
1:	lodsb
	test	%al, %al
	jz	2f
	mov	%al, %bl
	mov	$0x3fd, %dx
	mov	$100000, %ecx
3:	in	%dx, %al
	test	$0x20, %al
	loopz	3b
	mov	$0x3f8, %dx
	mov	%bl, %al
	out	%al, %dx
	jmp	1b
2:	cli
	hlt
	jmp	2b

	.code64
long_mode:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	xor	%eax, %eax
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%edi, %edi				/* the upper halves are undefined after the switch */
	mov	%esi, %esi
	movabs	$high, %rax
	jmp	*%rax

	.text
high:
	mov	$(nano_stacks + STACK_STRIDE), %rsp	/* the first stack, without its guard yet */
	xor	%ebp, %ebp
	call	nano_main
	ud2

	.section .boot.data, "aw"
	.balign 8
boot_gdt:
	.quad	0
	.quad	0x00af9a000000ffff			/* code, 64 bits */
	.quad	0x00cf92000000ffff			/* data */
boot_gdt_pointer:
	.word	. - boot_gdt - 1
	.long	boot_gdt
too_old_text:
	.asciz	"nano: this processor has no 64-bit mode or no execute-disable bit; stopping\r\n"

	.balign 4096
boot_pml4:
	.quad	boot_pdpt_low + PRESENT_WRITABLE
	.fill	255, 8, 0
	.quad	boot_pdpt_low + PRESENT_WRITABLE	/* DIRECT_MAP */
	.fill	254, 8, 0
	.quad	boot_pdpt_high + PRESENT_WRITABLE
boot_pdpt_low:
	.quad	boot_directories + 0x0000 + PRESENT_WRITABLE
	.quad	boot_directories + 0x1000 + PRESENT_WRITABLE
	.quad	boot_directories + 0x2000 + PRESENT_WRITABLE
	.quad	boot_directories + 0x3000 + PRESENT_WRITABLE
	.fill	508, 8, 0
boot_pdpt_high:
	.fill	510, 8, 0
	.quad	boot_directories + PRESENT_WRITABLE	/* KERNEL_BASE */
	.quad	0
boot_directories:
	.set	address, 0
	.rept	4 * 512
	.quad	address + PRESENT_WRITABLE + LARGE
	.set	address, address + 0x200000
	.endr

	.section .boot.bss, "aw", @nobits
	.balign 16
	.skip	512
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
