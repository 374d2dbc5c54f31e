/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * victim: a forked process that runs functions of this program one machine
 * instruction at a time (x86-64, ptrace). Between two instructions all that it
 * is lies open: its registers here, its stack and its data in shared memory.
 * So a point of its run can be kept and gone back to; a sweep of n
 * instructions costs n steps, not n * n.
 */
#ifndef SFP_SWEEP_VICTIM_H
#define SFP_SWEEP_VICTIM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/user.h>

/** What a victim did last. */
enum victim_event {
	VICTIM_STEPPED,
	VICTIM_RETURNED,  /* the function has returned; victim_result() */
	VICTIM_SIGNALLED, /* a signal is about to arrive: victim->signal; the next step or run delivers it */
	VICTIM_DIED,      /* victim->status, as from waitpid */
	VICTIM_HUNG       /* ran past the time limit and was killed */
};

struct victim {
	pid_t pid;  /* 0: none */
	int signal; /* pending, to be delivered when it goes on */
	int status;
	uintptr_t stack; /* where a call's frames begin: the highest address */
	struct user_regs_struct regs;
};

/** All of a victim that is not memory. */
struct victim_place {
	struct user_regs_struct regs;
	struct user_fpregs_struct numbers;
	int signal;
};

/**
 * Fork a victim that stands still; `begin` (or NULL) runs in it first. `stack` is the top of the
 * shared memory for its calls; NULL: they use its own. 0, or -1 with errno.
 */
int victim_start(struct victim *victim, void (*begin)(void), void *stack);
void victim_kill(struct victim *victim);

/** Make it stand before the first instruction of function(argument). */
void victim_call(struct victim *victim, void *function, void *argument);

/** One instruction. */
enum victim_event victim_step(struct victim *victim);

/** Go on without steps until the function returns, or a trap of its own leaves it at `until` (0: nowhere). */
enum victim_event victim_run(struct victim *victim, unsigned milliseconds, uintptr_t until);

/** Go on without steps up to an address that it has not reached yet: STEPPED if it stands before it. */
enum victim_event victim_reach(struct victim *victim, uintptr_t address, unsigned milliseconds);

/** Make the next instruction trap: `signal` arrives as if the processor had raised it there. */
void victim_fault(struct victim *victim, int signal);

uintptr_t victim_ip(const struct victim *victim);
uintptr_t victim_sp(const struct victim *victim);
long victim_result(const struct victim *victim);

void victim_keep(struct victim *victim, struct victim_place *place);
void victim_go_back(struct victim *victim, const struct victim_place *place);

/** Wait for `pid`; false after `milliseconds`, when it was killed. */
bool victim_wait(pid_t pid, int *status, unsigned milliseconds);

#endif /* SFP_SWEEP_VICTIM_H */
