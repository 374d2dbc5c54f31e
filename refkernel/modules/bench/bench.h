/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench: what the kernel's own steps cost. Under QEMU's -icount shift=0 a tick
 * of the processor's counter is an instruction, which the module finds out for
 * itself; elsewhere the figures are times, in ticks of that counter.
 */
#ifndef BENCH_H
#define BENCH_H

#include "nano/nano.h"

enum bench_step {
	BENCH_KNOWN,       /* 100 instructions: whether they are what is counted */
	BENCH_INDIRECT,    /* a call through a pointer, of a function that does nothing */
	BENCH_GATE,        /* the same, so that a fault would end it */
	BENCH_CALL,        /* the same, late-bound: a call of another module's operation */
	BENCH_RAISE,       /* a fault that a function raises, to the status that its caller gets */
	BENCH_FAULT,       /* an instruction that traps, to the status; its record is made, but not printed */
	BENCH_INTERRUPT,   /* an interrupt, to the first instruction of the handler that a module bound */
	BENCH_STEPS
};

struct bench_figure {
	uint64_t least;
	uint64_t median;
	uint32_t repetitions;
};

/*
 * measure       A step of enum bench_step, with interrupts off. INVALID: no such step. @retains nothing,
 *               but that the faults of BENCH_RAISE and BENCH_FAULT are counted as this module's
 * instructions  Is a tick of the processor's counter an instruction? @retains nothing
 * nothing       Is what BENCH_CALL calls. @retains nothing
 */
#define BENCH_OPS(OP) \
	OP(measure, SFP_IN(unsigned, step), SFP_OUT(struct bench_figure, figure)) \
	OP(instructions, SFP_OUT(bool, are_counted)) \
	OP(nothing)
SFP_INTERFACE(bench, 1, BENCH_OPS);

#endif /* BENCH_H */
