/* SPDX-License-Identifier: BSD-2-Clause */
/* victim: a module that does what a module must not, one misdeed at a time. */
#ifndef VICTIM_H
#define VICTIM_H

#include <nano/nano.h>

#define victim_VERSION 3

struct victim_list {
	unsigned index;
	const char *name;          /* out; what it does */
	uint32_t kind;             /* out; the kind of fault that must come of it */
};

struct victim_commit {
	unsigned index;
	bool own_gate;             /* the victim opens a gate of its own around it ... */
	struct sfp_fault why;      /* ... and says what came of it; out */
	uint32_t let_go;           /* out; times that what the misdeed held was released, since the start */
};

NANO_OPERATION_DECLARE(victim, list, 0)   /* NOT_FOUND past the last */
NANO_OPERATION_DECLARE(victim, commit, 1)

#endif /* VICTIM_H */
