/* SPDX-License-Identifier: BSD-2-Clause */
/* What the random test believes: see model.h. */
#include "model.h"

#include <string.h>

struct fate fate[ALL];
int order[ALL];
int queued;
int cursor;
bool closed;
uint32_t limit;

static int place_of(int thing)
{
	int i;

	for (i = 0; i < queued; i++)
		if (order[i] == thing)
			return i;
	return NONE;
}

void model_enqueue(int thing)
{
	fate[thing] = (struct fate){ .state = SFP_DFQ_QUEUED, .proof = NONE };
	order[queued++] = thing;
}

void model_retire(int thing, enum sfp_dfq_state outcome, uint32_t reason)
{
	const int place = place_of(thing);

	CHECK(place != NONE);
	if (cursor == thing)
		cursor = place > 0 ? order[place - 1] : NONE;
	memmove(&order[place], &order[place + 1], (size_t)(queued - place - 1) * sizeof(order[0]));
	queued--;
	fate[thing].state = outcome;
	fate[thing].reason = reason;
}

int model_find(int after, bool begin)
{
	int place = after == NONE ? 0 : place_of(after) + 1;

	while (place < queued) {
		const int thing = order[place];

		if (thing >= JOBS)
			model_retire(thing, SFP_DFQ_DONE, 0);
		else if (begin && limit && fate[thing].attempts >= limit)
			model_retire(thing, SFP_DFQ_FAILED, SFP_DFQ_POISON);
		else
			return thing;
	}
	return NONE;
}

void model_hand_out(int thing)
{
	cursor = thing;
	if (fate[thing].attempts < 255)
		fate[thing].attempts++;
	fate[thing].handed = true;
}

void model_reclaim(int thing)
{
	int i;

	fate[thing] = (struct fate){ .state = SFP_DFQ_IDLE, .proof = NONE };
	for (i = 0; i < JOBS; i++)
		if (fate[i].proof == thing)
			fate[i].proof = NONE; /* it proves nothing any more */
}
