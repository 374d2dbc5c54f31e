/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world that is swept: a host with a realm, a consumer with a queue, and a
 * client that has an offer, records and queue items, all in pages of its own.
 */
#ifndef WORLD_H
#define WORLD_H

#include "crash_port.h"

#include <sfp/estate_dfq.h>
#include <sfp/iface.h>
#include <sweep.h>

#include <stdio.h>
#include <string.h>

/* Who has which context. */
enum { VICTIM, SUCCESSOR, GUEST, CONTEXTS };

struct world;

#define TALLY_OPS(OP) \
	OP(add, SFP_IN(uint64_t, amount), SFP_OUT(uint64_t, total)) \
	OP(relay, SFP_IN(struct world *, world))
SFP_INTERFACE(tally, 1, TALLY_OPS);

/* Layouts 1 and 2 of a state. */
struct counter {
	uint64_t total;
};
struct halves {
	uint64_t low;
	uint64_t high;
};

struct event {
	struct sfp_dfq_item link;
	uint64_t number;
};
SFP_DFQ(eventq, struct event, link);
SFP_ESTATE_DFQ(eventq, struct event, link);

#define EVENTS 3
#define SLOTS 2
#define PAGE 4096
#define TOTAL 40u

/* All that goes when the client dies. */
struct client {
	struct sfp_estate estate;
	struct tally_offer offer;
	struct tally_record record[2];
	struct tally_record fresh;       /* of layout 2 */
	struct counter counter;
	struct halves halves;
	struct eventq_estate pool;
	struct event event[EVENTS];
	struct sfp_estate_entry plain[3];
} __attribute__((aligned(PAGE)));

struct situation;

struct world {
	struct client client;
	struct sfp_iface_slot slots[SLOTS];
	struct sfp_iface_realm realm;
	struct eventq queue;
	struct eventq_consumer consumer;
	struct sfp_context contexts[CONTEXTS];
	struct tally_ref ref;            /* the victim's */
	const struct situation *situation;
	bool inside;                     /* a trap may come */
	enum sfp_status status;          /* of the operation */
	uint64_t total;
	unsigned starts;
};

SFP_STATIC_ASSERT(sizeof(struct client) % PAGE == 0, "the client's pages are its own");

/* One operation somewhere; `check` finishes it and looks. It gets the victim's context reaped. */
struct situation {
	const char *name;
	bool (*make)(struct world *world);
	enum sfp_status (*operate)(struct world *world);
	bool (*check)(struct world *world);
	bool traps;                      /* sweep it with traps too */
	void (*meanwhile)(struct world *world); /* somebody else's doing, before each instruction in turn */
};

extern struct world *the_world;
extern const struct situation situations[];
extern const size_t situation_count;

/* Complains and returns false unless the call says so. */
#define TRY_IS(expected, call) \
	do { \
		const enum sfp_status try_ = (call); \
		if (try_ != (expected)) \
			return sfp_sweep_complain("%s: %s", #call, sfp_status_name(try_)); \
	} while (0)

#define TRY_TRUE(condition) \
	do { \
		if (!(condition)) \
			return sfp_sweep_complain("not so: %s", #condition); \
	} while (0)

#define DEAD SFP_PROOF("the sweep has stopped it")

/* The parts of a world. */
bool make_host(struct world *world);
bool make_offered(struct world *world);
bool make_lazy(struct world *world);
bool make_published(struct world *world);
bool make_called(struct world *world);
bool make_client(struct world *world);

/* Bury the client while the consumer works; the pages must not be touched afterwards. */
bool check_burial(struct world *world);

#endif /* WORLD_H */
