/* SPDX-License-Identifier: BSD-2-Clause */
/* judge: what its files share. */
#ifndef JUDGE_H
#define JUDGE_H

#include "victim.h"

#include <nano/nano.h>

struct judge_state {
	struct victim_ref victim;
	uint32_t kept, broken;
	uint32_t let_go;

	/* interrupting.c, written by its handlers */
	uint32_t ended;            /* calls of the end-of-interrupt function */
	unsigned latest;           /* vector that was ended */
	uint32_t handled;
	uint32_t deepest;
	uint32_t depth;
	bool saw_interrupt;
	enum sfp_status call_status;
};

/* One promise: a line, and a count. */
void judge(struct judge_state *state, bool kept, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

uint32_t judge_faults_of(const char *name);

#endif /* JUDGE_H */
