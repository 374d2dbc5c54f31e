/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world: one list, six parties that may be in it, four contexts, and a client
 * with pages and an estate of its own; and what is known of each party.
 *
 * The parties' order in the list is that of their numbers: A is the first by
 * its priority, D the last, those in between are equals and go by address.
 */
#ifndef WORLD_H
#define WORLD_H

#include "crash_port.h"

#include <sfp/dispatch.h>
#include <sfp/iface.h>
#include <sweep.h>

#include <stdio.h>
#include <string.h>

/* Who has which context. The guest is in a handler, or died in one; it is looked at first: scans are short. */
enum {
	GUEST,
	VICTIM,
	OTHER,
	SUCCESSOR,
	CONTEXTS
};

/* T is the target of the operations, S a spare one. */
enum party_number {
	A,
	B,
	T,
	C,
	S,
	D,
	PARTIES,
	NOBODY = PARTIES
};

/* What T's handler, or B's too, does in the victim's dispatch. */
enum act {
	NOTHING,
	LEAVE,
	DROP_NEXT,
	LEAVE_AND_DROP,
	JOIN,
	NEST,
	RAISE
};

#define ROOM 16u
#define PAGE 4096

/* One dispatch. */
struct event {
	bool acts;  /* the victim's: handlers do what they shall */
	bool taken; /* a handler was about to say SFP_OK */
	uint32_t count;
	uint32_t inside;   /* 1 + the number of whose handler runs; 0: none does */
	uint8_t ran[ROOM]; /* numbers, in order */
};
SFP_DISPATCH(line, struct event, SFP_LISTED);

struct party {
	struct line_sub sub;
	enum party_number number;
	enum act act;
	enum sfp_status answer;
};

/* All that goes when the client dies. */
struct client {
	struct sfp_estate estate;
	struct line_sub first;
	struct line_sub last;
	unsigned calls;
} __attribute__((aligned(PAGE)));

SFP_STATIC_ASSERT(sizeof(struct client) % PAGE == 0, "the client's pages are its own");

struct situation;
struct operation;

struct world {
	struct client client;
	struct line line;
	struct party parties[PARTIES];
	struct sfp_context contexts[CONTEXTS];
	struct sfp_iface_realm realm; /* of no interfaces: for reaping */

	/* The choice. */
	const struct situation *situation;
	const struct operation *operation;
	unsigned meddler;
	bool plain; /* how pins are published */

	/* What is known of each party, kept by whoever does something with it. */
	bool in[PARTIES];
	bool unsure[PARTIES]; /* somebody is about to change that, or was */
	bool gone[PARTIES];   /* silent, and its memory used for something else */
	bool quarantined[PARTIES];
	bool unsure_quarantine; /* of T */

	/* The operation. */
	bool victims[PARTIES];    /* whom others leave alone meanwhile */
	bool was_to_run[PARTIES]; /* when it began */
	bool was_silent;          /* T */
	bool touched[PARTIES];    /* since then */
	enum sfp_status status;
	struct event event; /* the victim's */
	bool inside;        /* a trap may come */
	bool returned;      /* before any gate of this test saw the trap */
};

struct situation {
	const char *name;
	bool busy; /* others come by and go in the middle, in every run */
	bool (*make)(struct world *world);
};

struct operation {
	const char *name;
	bool (*choose)(struct world *world); /* false: not in this situation */
	enum sfp_status (*operate)(struct world *world);
	bool (*judge)(const struct world *world); /* its status, when it has returned */
	enum {
		NONE,
		ALL,
		FIRST
	} walk;                 /* it dispatches: to all, or until one says SFP_OK */
	bool faults;            /* by itself: traps come in tests/crash/guard */
	unsigned pins;          /* at most */
	const char *closely_in; /* the situation where it is trapped too, and others are timed */
};

/* Somebody else's doing in the middle. */
struct meddler {
	const char *name;
	bool (*can)(const struct world *world); /* there is something for it to do */
	void (*meddle)(struct world *world);
};

extern struct world *the_world;
extern const struct situation situations[];
extern const size_t situation_count;
extern const struct operation operations[];
extern const size_t operation_count;
extern const struct meddler meddlers[]; /* the first is nobody */
extern const size_t meddler_count;

#define TRY(expr) \
	do { \
		if (!(expr)) \
			return false; \
	} while (0)

/* Complains and returns false unless the call says so. */
#define TRY_IS(expected, call) \
	do { \
		const enum sfp_status try_ = (call); \
		if (try_ != (expected)) \
			return sfp_sweep_complain("%s: %s", #call, sfp_status_name(try_)); \
	} while (0)

#define DEAD SFP_PROOF("the sweep has stopped it")

/* ---- situations.c: what parties do, and what is noted of it ------------------------- */

bool make_world(struct world *world);
enum sfp_status join(struct world *world, enum party_number i);
enum sfp_status leave(struct world *world, enum party_number i);
enum sfp_status leave_waiting(struct world *world, enum party_number i);

/* Leave; and if it is silent, use its memory for something else. */
enum sfp_status drop(struct world *world, enum party_number i);

/* ---- operations.c ------------------------------------------------------------------------ */

/* Somebody else's dispatch. */
void dispatch_too(struct world *world);

/* ---- rule.c: what must be true afterwards --------------------------------------------- */

/* The operation begins: who is to be run by a dispatch. */
void note_beginning(struct world *world);

/* The victim has stopped for ever, or returned. */
bool rule_after_stop(struct world *world, bool returned);

/* A trap came to who lives on. */
bool rule_after_trap(struct world *world);

bool is_clean(const struct sfp_context *context);

/* ---- burial.c: the client's life, and its end --------------------------------------- */

void sweep_client(struct world *world, bool plain, struct sfp_sweep_count *count);

#endif /* WORLD_H */
