/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world: a host that has a server of every pattern, a neighbour who is a client
 * of all of them and lives on, and the client that dies, in pages of its own,
 * with a record lent to each of them.
 */
#ifndef WORLD_H
#define WORLD_H

#include "crash_port.h"

#include <sfp/dispatch.h>
#include <sfp/estate_dfq.h>
#include <sfp/estate_handle.h>
#include <sfp/estate_mux.h>
#include <sfp/iface.h>
#include <sweep.h>

#include <string.h>

/* Who has which context. The victim is the client, or a burier. */
enum { VICTIM, HOST, GUEST, CONTEXTS };

/* Where the guest is, in another thread, when the client dies. */
enum inside { NOWHERE, IN_RECORD, IN_HANDLER, IN_HANDLE, INSIDES };

#define TALLY_OPS(OP) OP(add, SFP_IN(uint64_t, amount), SFP_OUT(uint64_t, total))
SFP_INTERFACE(tally, 1, TALLY_OPS);

struct counter {
	uint64_t total;
};

struct event {
	struct sfp_dfq_item link;
};
SFP_DFQ(eventq, struct event, link);
SFP_ESTATE_DFQ(eventq, struct event, link);

struct job {
	struct sfp_mux_request link;
};
SFP_MUX(desk, struct job, link, SFP_WEIGHTED);
SFP_ESTATE_MUX(desk, struct job, link);

struct position {
	uint64_t at;
};
SFP_HANDLE(file, struct position, 1);
SFP_ESTATE_HANDLE(file);

struct tick {
	unsigned handlers; /* that ran */
};
SFP_DISPATCH(line, struct tick, SFP_LISTED);

#define RECORDS 2
#define EVENTS 3
#define JOBS 5
#define SUBS 2
#define SLOTS 2
#define PAGE 4096

/* All that goes when the client dies. */
struct client {
	struct sfp_estate estate;

	struct tally_offer offer;
	struct tally_record records[RECORDS];
	struct counter counter;

	struct eventq_estate pool;
	struct event events[EVENTS];

	struct desk_client desk;
	struct desk_estate bench;
	struct job jobs[JOBS];

	struct file file;
	struct file_estate open;

	struct line_sub subs[SUBS];
	unsigned ticks;
} __attribute__((aligned(PAGE)));

SFP_STATIC_ASSERT(sizeof(struct client) % PAGE == 0, "the client's pages are its own");

/* Lives on. Its subscriptions are the first and the last of the line, the client's between them. */
struct neighbour {
	struct desk_client desk;
	struct job job;
	struct event event;
	struct line_sub subs[SUBS];
};

struct situation;

struct world {
	struct client client;

	struct sfp_iface_slot slots[SLOTS];
	struct sfp_iface_realm realm;
	struct eventq queue;
	struct eventq_consumer consumer;
	struct desk desk;
	struct desk_server server;
	struct job *in_hand; /* the server's: handed out, not completed */
	bool quiet;          /* the neighbour asks for nothing any more */
	struct line line;
	struct sfp_realm files;
	struct neighbour neighbour;

	struct sfp_context contexts[CONTEXTS];
	struct tally_ref ref;      /* the host's */
	struct file_import import; /* the guest's */

	/* The choice. */
	const struct situation *situation;
	enum inside inside;
	unsigned rounds; /* of burial that are over when the swept one begins */

	enum sfp_status status; /* of the operation */
};

/* One chapter of a life, or of a burial. */
struct situation {
	const char *name;
	bool (*make)(struct world *world);
	enum sfp_status (*operate)(struct world *world);
	bool lent;  /* when it begins all is lent: a guest may be inside */
	bool grave; /* it is a round of burial */
};

extern struct world *the_world;
extern const struct situation situations[]; /* in client.c */
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

#define TRY(expr) \
	do { \
		if (!(expr)) \
			return false; \
	} while (0)

#define DEAD SFP_PROOF("the sweep has stopped it")

/* ---- host.c: everybody but the client --------------------------------------------------- */

bool make_host(struct world *world);

/* Each server does a piece of its work. */
bool come_by(struct world *world);

void guest_enters(struct world *world);
void guest_goes(struct world *world);

/* When the client is gone all goes on; and what every server has at last is nothing of it. */
bool others_go_on(struct world *world);

/* ---- burial.c ------------------------------------------------------------------------------- */

/* One call of a burier. */
enum sfp_status bury_some(struct world *world);

/* Bury what is left of the client, and unmap it; others go on. */
bool check_burial(struct world *world);

#endif /* WORLD_H */
