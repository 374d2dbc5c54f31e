/* SPDX-License-Identifier: BSD-2-Clause */
/* The interface of the module that the loader's tests link and run. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "nano/nano.h"

/** What it has done so far. */
struct fixture_report {
	unsigned calls;
	unsigned sum;
};

/*
 * compute  A computed jump: a table of addresses of code in the constants.
 * word     Text through a table of addresses of constants.
 * report   Into the nano-core directly and through a constant pointer, and to the module's other file.
 */
#define FIXTURE_OPS(OP) \
	OP(compute, SFP_IN(unsigned, rule), SFP_IN(unsigned, value), SFP_OUT(unsigned, result)) \
	OP(word, SFP_IN(unsigned, number), SFP_OUT(const char *, text)) \
	OP(report, SFP_OUT(struct fixture_report, report))
SFP_INTERFACE(fixture, 3, FIXTURE_OPS);

/* Whom it uses: nobody in earnest. */
#define USED_OPS(OP) OP(nothing)
SFP_INTERFACE(console, 1, USED_OPS);
SFP_INTERFACE(interrupts, 1, USED_OPS);

struct fixture_state {
	struct console_ref console;
	struct interrupts_ref interrupts;
	uint64_t started;
	uint64_t computed;
};

unsigned fixture_sum(const unsigned *values, unsigned count);

#endif /* FIXTURE_H */
