/* SPDX-License-Identifier: BSD-2-Clause */
/* The interface of the module that the loader's tests link and run. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include "nano/nano.h"

#define fixture_VERSION 3

/* A computed jump: a table of addresses of code in the constants. */
struct fixture_compute {
	unsigned rule;
	unsigned value;
	unsigned result;
};

/* Text through a table of addresses of constants. */
struct fixture_word {
	unsigned number;
	const char *text;
};

/* Into the nano-core directly and through a constant pointer, and to the module's other file. */
struct fixture_report {
	unsigned calls;
	unsigned sum;
};

enum { fixture_compute_NUMBER, fixture_word_NUMBER, fixture_report_NUMBER };

struct fixture_state {
	uint64_t started;
	uint64_t computed;
};

unsigned fixture_sum(const unsigned *values, unsigned count);

#endif /* FIXTURE_H */
