/* SPDX-License-Identifier: BSD-2-Clause */
/* victim: a module that does what a module must not, one misdeed at a time. */
#ifndef VICTIM_H
#define VICTIM_H

#include <nano/nano.h>

/** A misdeed. */
struct victim_deed {
	const char *name;          /* what it does */
	uint32_t kind;             /* the kind of fault that must come of it */
};

/** What came of one in a gate of the victim's own. */
struct victim_outcome {
	struct sfp_fault why;
	uint32_t let_go;           /* times that what the misdeed held was released, since the start */
	enum sfp_status status;
};

/*
 * deed     What misdeed `index` is. NOT_FOUND past the last.
 * commit   Commit it. It does not come back.
 * contain  Commit it in a gate, and say what came of it.
 */
#define VICTIM_OPS(OP) \
	OP(deed, SFP_IN(unsigned, index), SFP_OUT(struct victim_deed, deed)) \
	OP(commit, SFP_IN(unsigned, index)) \
	OP(contain, SFP_IN(unsigned, index), SFP_OUT(struct victim_outcome, outcome))
SFP_INTERFACE(victim, 3, VICTIM_OPS);

#endif /* VICTIM_H */
