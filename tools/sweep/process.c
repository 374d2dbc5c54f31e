/* SPDX-License-Identifier: BSD-2-Clause */
/* process: a program that is run under ptrace. Its other threads run on while one is stepped. */
#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK_STACK_GAP 65536u /* between the frames of the stopped code and those of the check */
#define BREAKPOINT 0xccl

static void on_alarm(int signal)
{
	(void)signal; /* only to interrupt waitpid */
}

void process_time_limit(unsigned milliseconds)
{
	const struct timeval first = { milliseconds / 1000, (suseconds_t)(milliseconds % 1000) * 1000 };
	const struct timeval again = { 0, milliseconds ? 10000 : 0 };
	const struct itimerval timer = { .it_value = first, .it_interval = again };
	struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* ---- threads --------------------------------------------------------------- */

static void forget(struct process *process, pid_t thread)
{
	size_t i;

	for (i = 0; i < process->thread_count; i++)
		if (process->threads[i] == thread)
			process->threads[i] = process->threads[--process->thread_count];
}

static void remember(struct process *process, pid_t thread)
{
	forget(process, thread);
	if (process->thread_count == MAX_THREADS) {
		fprintf(stderr, "sfp-sweep: the program has more than %d threads\n", MAX_THREADS);
		process_kill(process);
		exit(3);
	}
	process->threads[process->thread_count++] = thread;
}

static void gone(struct process *process, pid_t thread, int status)
{
	forget(process, thread);
	if (thread != process->pid)
		return;
	process->status = status;
	process->pid = 0;
	process->thread_count = 0;
}

void process_kill(struct process *process)
{
	const pid_t pid = process->pid;
	int status;

	if (!pid)
		return;
	kill(pid, SIGKILL);
	while (process->pid) {
		const pid_t thread = waitpid(-1, &status, __WALL);

		if (thread < 0 && errno == EINTR)
			continue;
		if (thread < 0)
			gone(process, pid, 0);
		else if (!WIFSTOPPED(status))
			gone(process, thread, status);
	}
}

/* A thread counts from its making, not from when it is first seen. */
static void note_clone(struct process *process, pid_t thread, int status)
{
	unsigned long made;

	if (status >> 16 == PTRACE_EVENT_CLONE && ptrace(PTRACE_GETEVENTMSG, thread, NULL, &made) == 0)
		remember(process, (pid_t)made);
}

/* What another thread's stop asks for: it goes on, with its signal if it has one. */
static void let_go_on(struct process *process, pid_t thread, int status)
{
	const int signal = WSTOPSIG(status);
	const bool is_new = signal == SIGSTOP || signal == SIGTRAP;

	remember(process, thread);
	ptrace(PTRACE_CONT, thread, NULL, (void *)(uintptr_t)(is_new ? 0 : signal));
}

/* Wait for one thread (0: for any at the breakpoint), minding the others. False: the process is gone. */
static bool wait_for(struct process *process, pid_t wanted, int *status)
{
	while (process->pid) {
		const pid_t thread = waitpid(-1, status, __WALL);

		if (thread < 0) {
			process->hung = true;
			process_kill(process);
			return false;
		}
		if (!WIFSTOPPED(*status)) {
			gone(process, thread, *status);
			if (thread == wanted)
				return false;
			continue;
		}
		note_clone(process, thread, *status);
		if (thread == wanted)
			return true;
		if (wanted == 0 && WSTOPSIG(*status) == SIGTRAP && *status >> 16 == 0) {
			process->thread = thread;
			return true;
		}
		let_go_on(process, thread, *status);
	}
	return false;
}

static struct user_regs_struct registers(const struct process *process)
{
	struct user_regs_struct regs;

	memset(&regs, 0, sizeof(regs));
	ptrace(PTRACE_GETREGS, process->thread, NULL, &regs);
	return regs;
}

/* ---- starting ---------------------------------------------------------------- */

static __attribute__((noreturn)) void be_program(char *const *command, int output)
{
	if (output >= 0) {
		dup2(output, STDOUT_FILENO);
		dup2(output, STDERR_FILENO);
	}
	personality(ADDR_NO_RANDOMIZE);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	execv(command[0], command);
	_exit(127);
}

/* Where the program was loaded, from the auxiliary vector that the kernel gave it. */
static bool learn_base(const struct process *process, struct symbols *symbols)
{
	char path[64];
	Elf64_auxv_t entry;
	bool found = false;
	int file;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)process->pid);
	file = open(path, O_RDONLY | O_CLOEXEC);
	while (!found && file >= 0 && read(file, &entry, sizeof(entry)) == sizeof(entry) &&
	       entry.a_type != AT_NULL) {
		found = entry.a_type == AT_ENTRY;
		if (found)
			symbols->base = entry.a_un.a_val - symbols->entry;
	}
	if (file >= 0)
		close(file);
	return found;
}

bool process_start(struct process *process, char *const *command, struct symbols *symbols, int output)
{
	int status;

	memset(process, 0, sizeof(*process));
	process->output = output;
	process->pid = fork();
	if (process->pid < 0) {
		perror("sfp-sweep: fork");
		return false;
	}
	if (process->pid == 0)
		be_program(command, output);
	if (!wait_for(process, process->pid, &status)) {
		fprintf(stderr, "sfp-sweep: %s cannot be started\n", command[0]);
		return false;
	}
	process->thread = process->pid;
	remember(process, process->pid);
	ptrace(PTRACE_SETOPTIONS, process->pid, NULL, (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE));
	if (learn_base(process, symbols))
		return true;
	fprintf(stderr, "sfp-sweep: cannot tell where %s was loaded\n", command[0]);
	process_kill(process);
	return false;
}

/* ---- reaching the function ------------------------------------------------------ */

static void set_breakpoint(struct process *process)
{
	errno = 0;
	process->covered = ptrace(PTRACE_PEEKTEXT, process->thread, (void *)process->function, NULL);
	ptrace(PTRACE_POKETEXT, process->thread, (void *)process->function,
	       (void *)((process->covered & ~0xffl) | BREAKPOINT));
}

/* The thread stands before the function's first instruction, as if there had been no breakpoint. */
static void take_breakpoint(struct process *process)
{
	struct user_regs_struct regs = registers(process);

	ptrace(PTRACE_POKETEXT, process->thread, (void *)process->function, (void *)process->covered);
	regs.rip = process->function;
	ptrace(PTRACE_SETREGS, process->thread, NULL, &regs);
	process->entry_sp = regs.rsp;
	process->return_address = (uintptr_t)ptrace(PTRACE_PEEKDATA, process->thread, (void *)regs.rsp, NULL);
}

bool process_reach(struct process *process, uintptr_t function, unsigned call)
{
	int status = 0;
	unsigned i;

	process->function = function;
	for (i = 0; i < call; i++) {
		if (i > 0) { /* over the instruction that was covered */
			ptrace(PTRACE_SINGLESTEP, process->thread, NULL, NULL);
			if (!wait_for(process, process->thread, &status))
				return false;
		}
		set_breakpoint(process);
		ptrace(PTRACE_CONT, process->thread, NULL, NULL);
		do {
			if (!wait_for(process, 0, &status))
				return false;
			if (registers(process).rip != function + 1) /* a trap of its own */
				ptrace(PTRACE_CONT, process->thread, NULL, (void *)(uintptr_t)SIGTRAP);
		} while (registers(process).rip != function + 1);
		take_breakpoint(process);
	}
	return true;
}

uintptr_t process_ip(const struct process *process)
{
	return registers(process).rip;
}

bool process_step(struct process *process)
{
	struct user_regs_struct regs;
	int signal = 0;
	int status;

	do {
		ptrace(PTRACE_SINGLESTEP, process->thread, NULL, (void *)(uintptr_t)signal);
		if (!wait_for(process, process->thread, &status))
			return false;
		signal = WSTOPSIG(status);
	} while (signal != SIGTRAP || status >> 16 != 0);
	regs = registers(process);
	return !(regs.rip == process->return_address && regs.rsp > process->entry_sp);
}

/* ---- what comes after the stop ------------------------------------------------------ */

bool process_check(struct process *process, uintptr_t check, int *result)
{
	struct user_regs_struct regs = registers(process);
	const uintptr_t sp = ((regs.rsp - CHECK_STACK_GAP) & ~(uintptr_t)15) - 8;
	int signal = 0;
	int status;

	/* It returns to address 0: that trap ends it. */
	ptrace(PTRACE_POKEDATA, process->thread, (void *)sp, NULL);
	regs.rsp = sp;
	regs.rip = check;
	regs.rbp = 0;
	regs.eflags &= ~0x400ull; /* direction flag */
	regs.orig_rax = ~0ull;    /* it is in no system call */
	ptrace(PTRACE_SETREGS, process->thread, NULL, &regs);
	for (;;) {
		ptrace(PTRACE_CONT, process->thread, NULL, (void *)(uintptr_t)signal);
		if (!wait_for(process, process->thread, &status))
			return false;
		regs = registers(process);
		signal = status >> 16 ? 0 : WSTOPSIG(status);
		if (signal == SIGSEGV && regs.rip == 0 && regs.rsp == sp + 8)
			break;
	}
	*result = (int)regs.rax;
	process_kill(process);
	return true;
}

static void make_fault(struct process *process, int signal)
{
	const uintptr_t ip = process_ip(process);
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signal;
	info.si_code = signal == SIGSEGV ? SEGV_MAPERR : signal == SIGILL ? ILL_ILLOPN : SI_KERNEL;
	info.si_addr = signal == SIGSEGV ? NULL : (void *)ip;
	ptrace(PTRACE_SETSIGINFO, process->thread, NULL, &info);
}

void process_go_on(struct process *process, int signal)
{
	if (signal)
		make_fault(process, signal);
	ptrace(PTRACE_CONT, process->thread, NULL, (void *)(uintptr_t)signal);
}

void process_finish(struct process *process, bool without)
{
	int status;

	while (process->pid) {
		const pid_t thread = waitpid(-1, &status, __WALL);

		if (thread < 0) {
			process->hung = true;
			process_kill(process);
		} else if (!WIFSTOPPED(status)) {
			gone(process, thread, status);
		} else if (without && thread == process->thread) {
			continue; /* it has stopped for ever */
		} else if (WSTOPSIG(status) == SIGTRAP && status >> 16 == 0) {
			ptrace(PTRACE_CONT, thread, NULL, (void *)(uintptr_t)SIGTRAP); /* its own */
		} else {
			note_clone(process, thread, status);
			let_go_on(process, thread, status);
		}
	}
}
