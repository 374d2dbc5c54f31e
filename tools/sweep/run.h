/* SPDX-License-Identifier: BSD-2-Clause */
/* run: one sweep under way; what sweep.c and fault.c share. */
#ifndef SFP_SWEEP_RUN_H
#define SFP_SWEEP_RUN_H

#include "sweep.h"
#include "victim.h"

#define TIME_LIMIT 5000u      /* milliseconds, for what runs without steps */
#define MANY_FAILURES 3ul     /* of one situation; more say nothing new */
#define DEFAULT_LIMIT 20000ul /* instructions of an operation */

struct run {
	const struct sfp_sweep *sweep;
	struct sfp_sweep_count *count;
	struct victim *victim;
	struct sfp_sweep_point point;
	unsigned long failures; /* of this situation */
	struct snapshot *last;  /* what the last point that was looked at in depth had left */
};

/** The complaint, and where the victim stands, make a failure of this run. */
void run_fail(struct run *run);

#endif /* SFP_SWEEP_RUN_H */
