/* SPDX-License-Identifier: BSD-2-Clause */
/* victim: ptrace, kept in one place. */
#define _GNU_SOURCE
#include "victim.h"

#include <elf.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#if !defined(__x86_64__)
#error "the sweep steps x86-64 code"
#endif

#define CALL_TIME_LIMIT 5000u /* milliseconds, for what is not expected to take any */
#define OWN_STACK_GAP 4096u   /* below the frames in which the victim waits */
#define BREAKPOINT 0xccl

/* Where every called function returns to. */
__asm__(".text\n"
	".type victim_trap, @function\n"
	"victim_trap: int3\n"
	"jmp victim_trap\n"
	".size victim_trap, . - victim_trap\n");
extern const char victim_trap[] __attribute__((visibility("hidden")));

/* What ptrace refuses here is a mistake of this program: there is nothing to go on with. */
static void trace(enum __ptrace_request request, pid_t pid, void *address, void *data)
{
	if (ptrace(request, pid, address, data) == 0 || errno == ESRCH)
		return;
	perror("sweep: ptrace");
	exit(3);
}

static void on_alarm(int signal)
{
	(void)signal; /* only to interrupt waitpid */
}

/* Interrupt again and again: the first time may come before waitpid has begun. */
static void set_timer(unsigned milliseconds)
{
	const struct timeval first = { milliseconds / 1000, (suseconds_t)(milliseconds % 1000) * 1000 };
	const struct timeval again = { 0, milliseconds ? 10000 : 0 };
	const struct itimerval timer = { .it_value = first, .it_interval = again };
	struct sigaction action = { .sa_handler = on_alarm };

	if (milliseconds)
		sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

bool victim_wait(pid_t pid, int *status, unsigned milliseconds)
{
	pid_t found;

	set_timer(milliseconds);
	found = waitpid(pid, status, __WALL);
	set_timer(0);
	if (found == pid)
		return true;
	kill(pid, SIGKILL);
	while (waitpid(pid, status, __WALL) == pid && WIFSTOPPED(*status))
		;
	return false;
}

static __attribute__((noreturn)) void be_victim(void (*begin)(void))
{
	int signal;

	/* What this process catches is its own business, and so is what a victim catches. */
	for (signal = 1; signal < SIGRTMIN; signal++)
		(void)sigaction(signal, &(struct sigaction){ .sa_handler = SIG_DFL }, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
		_exit(3);
	if (begin)
		begin();
	for (;;)
		raise(SIGSTOP);
}

/* Tracer and victim take turns, so they share a processor: to wake another one costs more than the step. */
static void share_a_processor(void)
{
	const int number = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	if (number >= 0 && number < CPU_SETSIZE)
		CPU_SET(number, &set);
	(void)sched_setaffinity(0, sizeof(set), &set); /* where it cannot be, it is slower */
}

int victim_start(struct victim *victim, void (*begin)(void), void *stack)
{
	pid_t pid;
	int status;

	memset(victim, 0, sizeof(*victim));
	fflush(NULL);
	share_a_processor();
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0)
		be_victim(begin);
	if (!victim_wait(pid, &status, CALL_TIME_LIMIT) || !WIFSTOPPED(status)) {
		errno = ECHILD;
		return -1;
	}
	trace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_EXITKILL);
	trace(PTRACE_GETREGS, pid, NULL, &victim->regs);
	victim->pid = pid;
	victim->stack = stack ? (uintptr_t)stack : victim->regs.rsp - OWN_STACK_GAP;
	return 0;
}

void victim_kill(struct victim *victim)
{
	int status;

	if (!victim->pid)
		return;
	kill(victim->pid, SIGKILL);
	while (waitpid(victim->pid, &status, __WALL) == victim->pid && WIFSTOPPED(status))
		;
	victim->pid = 0;
}

void victim_call(struct victim *victim, void *function, void *argument)
{
	const uintptr_t sp = (victim->stack & ~(uintptr_t)15) - 8; /* as a call instruction leaves it */

	trace(PTRACE_POKEDATA, victim->pid, (void *)sp, (void *)(uintptr_t)victim_trap);
	victim->regs.rip = (uintptr_t)function;
	victim->regs.rdi = (uintptr_t)argument;
	victim->regs.rsp = sp;
	victim->regs.rbp = 0;
	victim->regs.eflags &= ~0x400ull; /* direction flag */
	victim->regs.orig_rax = ~0ull;    /* it is in no system call */
	victim->signal = 0;
	trace(PTRACE_SETREGS, victim->pid, NULL, &victim->regs);
}

static enum victim_event judge_stop(struct victim *victim, int status)
{
	victim->status = status;
	if (!WIFSTOPPED(status)) {
		victim->pid = 0;
		return VICTIM_DIED;
	}
	trace(PTRACE_GETREGS, victim->pid, NULL, &victim->regs);
	if (WSTOPSIG(status) != SIGTRAP) {
		victim->signal = WSTOPSIG(status);
		return VICTIM_SIGNALLED;
	}
	return VICTIM_STEPPED;
}

enum victim_event victim_step(struct victim *victim)
{
	enum victim_event event;
	int status;

	trace(PTRACE_SINGLESTEP, victim->pid, NULL, (void *)(uintptr_t)victim->signal);
	victim->signal = 0;
	if (waitpid(victim->pid, &status, __WALL) != victim->pid) {
		perror("sweep: waitpid");
		exit(3);
	}
	event = judge_stop(victim, status);
	return event == VICTIM_STEPPED && victim->regs.rip == (uintptr_t)victim_trap ? VICTIM_RETURNED
										     : event;
}

enum victim_event victim_run(struct victim *victim, unsigned milliseconds, uintptr_t until)
{
	enum victim_event event;
	int status;

	do {
		trace(PTRACE_CONT, victim->pid, NULL, (void *)(uintptr_t)victim->signal);
		victim->signal = 0;
		if (!victim_wait(victim->pid, &status, milliseconds)) {
			victim->pid = 0;
			return VICTIM_HUNG;
		}
		event = judge_stop(victim, status);
		if (event == VICTIM_STEPPED && victim->regs.rip == (uintptr_t)victim_trap + 1)
			return VICTIM_RETURNED;
		if (event == VICTIM_STEPPED && victim->regs.rip == until)
			return event;
		if (event == VICTIM_STEPPED)
			victim->signal = SIGTRAP; /* the function's own */
	} while (event != VICTIM_DIED);
	return event;
}

static long set_breakpoint(struct victim *victim, uintptr_t address)
{
	long covered;

	errno = 0;
	covered = ptrace(PTRACE_PEEKTEXT, victim->pid, (void *)address, NULL);
	if (errno) {
		perror("sweep: no breakpoint there");
		exit(3);
	}
	trace(PTRACE_POKETEXT, victim->pid, (void *)address, (void *)((covered & ~0xffl) | BREAKPOINT));
	return covered;
}

enum victim_event victim_reach(struct victim *victim, uintptr_t address, unsigned milliseconds)
{
	const long covered = set_breakpoint(victim, address);
	enum victim_event event = victim_run(victim, milliseconds, address + 1);

	if (victim->pid)
		trace(PTRACE_POKETEXT, victim->pid, (void *)address, (void *)covered);
	if (event == VICTIM_STEPPED) {
		victim->regs.rip = address; /* as if there had been no breakpoint */
		trace(PTRACE_SETREGS, victim->pid, NULL, &victim->regs);
	}
	return event;
}

void victim_fault(struct victim *victim, int signal)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signal;
	info.si_code = signal == SIGSEGV ? SEGV_MAPERR : signal == SIGILL ? ILL_ILLOPN : SI_KERNEL;
	info.si_addr = signal == SIGSEGV ? NULL : (void *)victim_ip(victim);
	trace(PTRACE_SETSIGINFO, victim->pid, NULL, &info);
	victim->signal = signal;
}

uintptr_t victim_ip(const struct victim *victim)
{
	return victim->regs.rip;
}

uintptr_t victim_sp(const struct victim *victim)
{
	return victim->regs.rsp;
}

long victim_result(const struct victim *victim)
{
	return (long)victim->regs.rax;
}

void victim_keep(struct victim *victim, struct victim_place *place)
{
	place->regs = victim->regs;
	place->signal = victim->signal;
	trace(PTRACE_GETFPREGS, victim->pid, NULL, &place->numbers);
}

void victim_go_back(struct victim *victim, const struct victim_place *place)
{
	victim->regs = place->regs;
	victim->signal = place->signal;
	trace(PTRACE_SETREGS, victim->pid, NULL, &victim->regs);
	trace(PTRACE_SETFPREGS, victim->pid, NULL, (void *)(uintptr_t)&place->numbers);
}
