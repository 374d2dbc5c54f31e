/* SPDX-License-Identifier: BSD-2-Clause */
/* process: a program that is run under ptrace up to an instruction of one of its functions. */
#ifndef SFP_SWEEP_PROCESS_H
#define SFP_SWEEP_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "symbols.h"

#define MAX_THREADS 64

struct process {
	pid_t pid;                  /* 0: gone */
	pid_t threads[MAX_THREADS]; /* that have been seen and not gone */
	size_t thread_count;
	pid_t thread;               /* the one that called the function */
	uintptr_t function;
	uintptr_t return_address;
	uintptr_t entry_sp;
	long covered;               /* what the breakpoint overwrote */
	int output;                 /* a file with what the program printed; -1: it prints for itself */
	int status;                 /* once it is gone */
	bool hung;
};

/**
 * Start a program; it stands before its first instruction, with fixed addresses. `symbols` (of the
 * program's file) learns where it was loaded. False: it could not be started (a sentence is printed).
 */
bool process_start(struct process *process, char *const *command, struct symbols *symbols, int output);

/** Run until the function is called for the `call`th time; false if the process ended first. */
bool process_reach(struct process *process, uintptr_t function, unsigned call);

/** One instruction of the thread that called; false: the function has returned, or the process is gone. */
bool process_step(struct process *process);

uintptr_t process_ip(const struct process *process);

/** Leave the thread where it is and let it call `check`, as somebody else would; false: no int came back. */
bool process_check(struct process *process, uintptr_t check, int *result);

/** Let the thread go on; with a signal: as if the next instruction trapped. */
void process_go_on(struct process *process, int signal);

/** Let all others go on until the process ends; `without` the thread that called, if it stands. */
void process_finish(struct process *process, bool without);

void process_kill(struct process *process);

/** After this many milliseconds whatever is waited for is killed, and `hung`. */
void process_time_limit(unsigned milliseconds);

#endif /* SFP_SWEEP_PROCESS_H */
