/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world: a mux of each policy (one is in use at a time), two clients with some
 * requests each, and what is known about every request.
 *
 * Everything lies in memory that the sweep's victim shares. A *verb* is one
 * call of an operation, the same number for each policy.
 */
#ifndef CRASH_MUX_WORLD_H
#define CRASH_MUX_WORLD_H

#include <sfp/mux.h>
#include <sweep.h>

#include <string.h>

#define CLIENTS 2u
#define MINE 4u     /* requests of client 0, whom client-side sweeps stop */
#define REQUESTS 7u /* the rest is client 1's; the last one comes in the middle */
#define OTHERS_REQUEST (REQUESTS - 1u)
#define PATIENCE 50u /* calls that may say AGAIN, or find more to give back */
#define RESULT 77u

#define TRY(expr) \
	do { \
		if (!(expr)) \
			return false; \
	} while (0)

struct thing {
	unsigned number;
	struct sfp_mux_request link;
};

SFP_MUX(fifo, struct thing, link, SFP_FIFO);
SFP_MUX(fair, struct thing, link, SFP_WEIGHTED);
SFP_MUX(ranks, struct thing, link, SFP_PRIORITY);
SFP_MUX(timers, struct thing, link, SFP_DEADLINE);

enum verb {
	INIT,
	ATTACH,
	BIND,
	SUBMIT,
	CANCEL,
	RECLAIM,
	UNBIND,
	MARK,
	UNMARK,
	SETTLE,
	SETTLE_CLIENT,
	NEXT,
	COMPLETE,
	REQUEUE,
	WITHDRAW,
	LOOK,
	CLOSE
};

#define OF_EACH_POLICY(name) \
	struct name name##_mux; \
	struct name##_server name##_server; \
	struct name##_client name##_clients[CLIENTS]; \
	struct name##_marker name##_marker;

struct world;

/* One policy: its verbs. `i`: a request, or a client. */
struct kind {
	const char *name;
	enum sfp_status (*do_it)(struct world *world, enum verb verb, unsigned i, struct thing **got);
};

struct world {
	OF_EACH_POLICY(fifo)
	OF_EACH_POLICY(fair)
	OF_EACH_POLICY(ranks)
	OF_EACH_POLICY(timers)
	struct thing things[REQUESTS];

	/* The choice. */
	const struct kind *kind;
	const struct situation *situation;
	const struct operation *operation;

	/* What is known: as it was when the swept operation began, and as it leaves it. */
	enum sfp_mux_state now[REQUESTS];
	enum sfp_mux_state then[REQUESTS];
	bool cancelled[REQUESTS]; /* cancel has said OK */
	bool leaving;             /* client 0 */

	/* The operation. */
	unsigned target;
	enum sfp_status status;
	struct thing *got;
	bool inside; /* fault sweep: between call and return */
};

struct operation {
	const char *name;
	bool servers; /* who dies with it; else client 0 */
	enum verb verb;
	bool (*choose)(struct world *world);
	void (*plan)(struct world *world);
};

struct situation {
	const char *name;
	bool (*make)(struct world *world);
};

extern const struct kind kinds[];
extern const size_t kind_count;
extern const struct situation situations[];
extern const size_t situation_count;
extern const struct operation operations[];
extern const size_t operation_count;

static inline unsigned client_of(unsigned request)
{
	return request < MINE ? 0 : 1;
}

static inline enum sfp_status act(struct world *world, enum verb verb, unsigned i)
{
	return world->kind->do_it(world, verb, i, &world->got);
}

static inline enum sfp_mux_state state_of(const struct world *world, unsigned i)
{
	return sfp_mux_state(&world->things[i].link).state;
}

/* An act that must have this status; complains otherwise. */
bool expect(struct world *world, enum verb verb, unsigned i, enum sfp_status status);

/* Next, whatever takes several calls; EMPTY in *number: REQUESTS. */
bool next_through(struct world *world, unsigned *number);

/* The rule (rule.c): a check of the sweeps. */
bool rule_check(void *world, const struct sfp_sweep_point *point);
bool rule_after_fault(void *world);

#endif /* CRASH_MUX_WORLD_H */
