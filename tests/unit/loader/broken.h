/* SPDX-License-Identifier: BSD-2-Clause */
/* Sound objects with one field broken, and the report that is true of each. */
#ifndef BROKEN_H
#define BROKEN_H

#include "object.h"

struct broken {
	void (*change)(struct object *);
	const char *name;
	const char *reason, *text; /* extended regular expressions: of the reason's name, of the report */
};

extern const struct broken broken[];
extern const size_t broken_count;

#endif /* BROKEN_H */
