/* SPDX-License-Identifier: BSD-2-Clause */
/* places: where the instructions of the modules begin, as places.py found them. */
#ifndef CAMPAIGN_PLACES_H
#define CAMPAIGN_PLACES_H

#include "nano/nano.h"

#define PLACES_MAX 32768u
#define PLACES_MODULES_MAX 16u

/* A module's. */
struct places {
	const char *module;      /* NULL: the end of the list */
	const uint32_t *offsets;
	uint32_t count;
	uint32_t first;          /* how many the modules before it have */
};

extern const struct places places_of[];

#endif /* CAMPAIGN_PLACES_H */
