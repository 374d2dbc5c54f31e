/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the random test believes: the queue as a plain array, and the fate of
 * each thing that can stand in it. A marker is a thing like a job.
 */
#ifndef MODEL_H
#define MODEL_H

#include <sfp/dfq.h>

#define JOBS 24
#define MARKERS 4
#define ALL (JOBS + MARKERS)
#define NONE (-1)

struct fate {
	enum sfp_dfq_state state;
	uint32_t attempts;
	uint32_t reason;
	bool orphan;    /* QUEUED by a producer that stopped before its swap */
	int proof;      /* orphan: the marker that was enqueued since then, or NONE */
	bool handed;    /* a call has shown it to this consumer or an older one */
};

extern struct fate fate[ALL];
extern int order[ALL];   /* what is queued, oldest first */
extern int queued;
extern int cursor;       /* the thing handed out last, or NONE */
extern bool closed;
extern uint32_t limit;   /* of attempts */

void model_enqueue(int thing);
void model_retire(int thing, enum sfp_dfq_state outcome, uint32_t reason);

/* What is behind `after`; passes markers, and poison if `begin`. NONE: nothing. */
int model_find(int after, bool begin);
void model_hand_out(int thing);
void model_reclaim(int thing);

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			wrong(#condition, __LINE__); \
	} while (0)

void wrong(const char *what, int line) __attribute__((noreturn));

#endif /* MODEL_H */
