/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine: x86-64 Linux by its system calls alone. */
#include "machine.h"

#include <stddef.h>

enum {
	CALL_WRITE = 1,
	CALL_SIGACTION = 13,
	CALL_SIGPROCMASK = 14,
	CALL_GETPID = 39,
	CALL_EXIT = 60,
	CALL_KILL = 62,
	CALL_SIGALTSTACK = 131
};
enum {
	SIGNAL_ILL = 4,
	SIGNAL_FPE = 8,
	SIGNAL_USR1 = 10,
	SIGNAL_SEGV = 11
};
enum {
	MASK_BLOCK = 0,
	MASK_UNBLOCK = 1
};
#define WITH_INFO 0x4ul
#define WITH_RESTORER 0x04000000ul
#define ON_OWN_STACK 0x08000000ul

#define INTERRUPT (1ul << (SIGNAL_USR1 - 1))
#define STACK_SIZE 65536

static long call(long number, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ __volatile__("syscall"
			     : "=a"(result)
			     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
			     : "rcx", "r11", "memory");
	return result;
}

/* ---- what compilers call, unasked ---------------------------------------------- */

void *memcpy(void *to, const void *from, size_t size);
void *memcpy(void *to, const void *from, size_t size)
{
	void *const result = to;

	__asm__ __volatile__("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
	return result;
}

void *memset(void *to, int byte, size_t size);
void *memset(void *to, int byte, size_t size)
{
	void *const result = to;

	__asm__ __volatile__("rep stosb" : "+D"(to), "+c"(size) : "a"(byte) : "memory");
	return result;
}

/* ---- interrupts -------------------------------------------------------------------- */

bool machine_interrupts_are_on(void)
{
	unsigned long mask = 0;

	call(CALL_SIGPROCMASK, MASK_BLOCK, 0, (long)&mask, sizeof(mask));
	return (mask & INTERRUPT) == 0;
}

static void mask_by(long how)
{
	const unsigned long mask = INTERRUPT;

	call(CALL_SIGPROCMASK, how, (long)&mask, 0, sizeof(mask));
}

void machine_interrupts_on(void)
{
	mask_by(MASK_UNBLOCK);
}

void machine_interrupts_off(void)
{
	mask_by(MASK_BLOCK);
}

void machine_interrupt_request(void)
{
	call(CALL_KILL, call(CALL_GETPID, 0, 0, 0, 0), SIGNAL_USR1, 0, 0);
}

static void on_interrupt(int signal)
{
	(void)signal;
	kernel_interrupt();
}

/* ---- traps ------------------------------------------------------------------------- */

/* The beginning of what Linux puts on the stack for a handler. */
struct information {
	int32_t signal, error, code, padding;
	uintptr_t address;
};
struct registers {
	unsigned long flags, link, stack[3];
	uint64_t r8_to_r15[8], rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip;
};

static void on_trap(int signal, const struct information *what, struct registers *registers)
{
	const unsigned vector = signal == SIGNAL_SEGV  ? VECTOR_PAGE
				: signal == SIGNAL_FPE ? VECTOR_DIVIDE
						       : VECTOR_UNDEFINED;
	struct machine_frame frame = { registers->rip, registers->rsp, registers->rdi };

	kernel_trap(vector, what->address, &frame);
	registers->rip = frame.ip;
	registers->rsp = frame.sp;
	registers->rdi = frame.argument;
}

void machine_restore(void);
__asm__("machine_restore: mov $15, %eax\n\tsyscall");

static void handle(int signal, void *handler, unsigned long flags)
{
	const struct {
		void *handler;
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} action = { handler, flags | WITH_RESTORER, machine_restore, 0 };

	call(CALL_SIGACTION, signal, (long)&action, 0, sizeof(action.mask));
}

/* ---- beginning and end --------------------------------------------------------------- */

static char trap_stack[STACK_SIZE] __attribute__((aligned(16)));

void machine_print(const char *text)
{
	size_t length = 0;

	while (text[length] != 0)
		length++;
	call(CALL_WRITE, 1, (long)text, (long)length, 0);
}

void machine_stop(int code)
{
	for (;;)
		call(CALL_EXIT, code, 0, 0, 0);
}

void machine_begin(void);
void machine_begin(void)
{
	const struct {
		void *at;
		int flags;
		size_t size;
	} stack = { trap_stack, 0, sizeof(trap_stack) };

	call(CALL_SIGALTSTACK, (long)&stack, 0, 0, 0);
	handle(SIGNAL_ILL, (void *)on_trap, WITH_INFO | ON_OWN_STACK);
	handle(SIGNAL_FPE, (void *)on_trap, WITH_INFO | ON_OWN_STACK);
	handle(SIGNAL_SEGV, (void *)on_trap, WITH_INFO | ON_OWN_STACK);
	handle(SIGNAL_USR1, (void *)on_interrupt, 0);
	kernel_main();
	machine_stop(0);
}

__asm__(".bss\n"
	".balign 16\n"
	".globl machine_stack_low, machine_stack_high\n"
	"machine_stack_low: .skip 65536\n"
	"machine_stack_high:\n"
	".text\n"
	".globl _start\n"
	"_start: lea machine_stack_high(%rip), %rsp\n"
	"xor %ebp, %ebp\n"
	"call machine_begin\n");
