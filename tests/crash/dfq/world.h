/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world: one queue, its producers and consumers, and what is known about them.
 *
 * Everything lies in memory that the sweep's victim shares, the knowledge too:
 * a point of the sweep is put back with all of it. A *node* is an item or a
 * marker. A *fact* is what a look at a node must show. While an operation is
 * under way there are up to three of them for a node: as it was (`now`), as
 * the operation leaves it (`then`), and between (`mid`).
 *
 * The verbs below act on the real queue, say what the facts are afterwards and
 * check the queue against them. They return false after sfp_sweep_complain().
 */
#ifndef CRASH_DFQ_WORLD_H
#define CRASH_DFQ_WORLD_H

#include <sfp/dfq.h>
#include <sweep.h>

#include <string.h>

#define PLENTY (SFP_DFQ_BUDGET + 4u)      /* more than one call of the consumer gets through */
#define ITEMS (PLENTY + 13u)
#define MARKERS 2u
#define NODES (ITEMS + MARKERS)
#define CONSUMERS 5u
#define PRODUCERS 5u
#define NO_NODE NODES
#define REASON 77u
#define PATIENCE 80u                      /* calls that may say AGAIN in a row */

/* The last items are for special parts; the situations use those from 0 up. */
#define OTHERS_ITEM (ITEMS - 1u)          /* "another producer enqueues": at every point */
#define BETWEEN_COUNT 5u                  /* and in the middle of an operation */
#define BETWEEN_FIRST (ITEMS - 6u)
#define CHAIN_FIRST (ITEMS - 9u)          /* three for the operation chain */
#define NEW_ITEM (ITEMS - 10u)            /* the operation enqueue's */

#define TRY(expr) \
	do { \
		if (!(expr)) \
			return false; \
	} while (0)

struct thing {
	uint32_t payload;
	struct sfp_dfq_item link;
};

struct thingq;
static inline void count_wakeup(struct thingq *queue);
SFP_DFQ_HOOKED(thingq, struct thing, link, count_wakeup);

struct fact {
	uint8_t state;          /* enum sfp_dfq_state */
	bool linked;            /* of a QUEUED node: its swap has happened */
	uint8_t attempts;
	uint32_t reason;        /* of a FAILED one */
};

struct operation;

struct world {
	struct thingq queue;
	struct thingq_consumer consumers[CONSUMERS];
	struct thing items[ITEMS];
	struct thingq_marker markers[MARKERS];

	uint32_t wakeups;       /* calls of the hook */

	/* What is known. */
	struct fact now[NODES];
	struct fact then[NODES];
	struct fact mid[NODES];
	uint32_t stamp[NODES];  /* order of the pushes; 0: never */
	uint32_t last_stamp;
	uint32_t cursor_stamp;  /* next goes on after this one */
	uint32_t limit;         /* attempts */
	unsigned current;       /* of the consumers */
	bool attached;
	bool closed;
	bool emptied;           /* close has said OK */
	bool may_close;         /* close is under way: GONE and OK are both true */
	bool sleeping;          /* the last wait said OK, and the consumer has done nothing since */

	/* The operation that is swept. */
	const struct operation *operation;
	unsigned node;          /* what it is about */
	struct thing *held;     /* that, as the consumer knows it */
	struct thing *chain[3];
	enum sfp_status status; /* what it returned */
	struct thing *got;
};

static inline void count_wakeup(struct thingq *queue)
{
	struct world *world = (struct world *)(void *)((char *)queue - offsetof(struct world, queue));

	world->wakeups++;
}

/* An operation of one party, and what it does to the facts. */
struct operation {
	const char *name;
	bool consumers;                       /* who dies with it; else a producer */
	bool sleeps;                          /* it is wait */
	bool pushes;
	bool telling;                         /* as in struct situation */
	bool (*choose)(struct world *world);  /* can it be done here? picks world->node */
	void (*run)(struct world *world);     /* in the victim */
	void (*plan)(struct world *world);    /* fills then and mid from now */
};

/* ---- looking (facts.c) ------------------------------------------------------- */

struct sfp_dfq_item *node_link(struct world *world, unsigned node);
unsigned node_of(const struct world *world, const struct sfp_dfq_item *link); /* NO_NODE: none of ours */
bool is_marker(unsigned node);
unsigned producer_of(unsigned node);

/** Are the facts of `now` true, and the list sound? For moments at which nothing is under way. */
bool facts_hold(struct world *world);

/** In the middle of the operation: each node as it was, mid or then? `now` becomes what was seen. */
bool facts_observe(struct world *world, const struct sfp_sweep_point *point);

/** Plan anew after somebody else has changed `now`. */
void facts_replan(struct world *world);

/** The first node that a consumer would hand out after the one with this stamp; passes what it skips. */
unsigned facts_take(const struct world *world, struct fact *facts, uint32_t after);

/* ---- doing (verbs.c) --------------------------------------------------------- */

bool do_push(struct world *world, unsigned node);
bool do_push_range(struct world *world, unsigned first, unsigned count);
bool do_attach(struct world *world);
bool do_peek(struct world *world, unsigned *node);   /* *node == NO_NODE: empty */
bool do_next(struct world *world, unsigned *node);
bool do_hold_all(struct world *world);               /* peek, then next to the end */
bool do_settle(struct world *world, unsigned node, bool done);
bool do_close(struct world *world);
bool do_wait(struct world *world, bool expected);
bool do_reclaim(struct world *world, unsigned node, bool must);
bool do_reclaim_all(struct world *world, bool must);

/* ---- the rule (rule.c), the situations (situations.c), the operations (operations.c) ------ */

bool rule_check(void *world, const struct sfp_sweep_point *point);
void rule_succeed(void *world);
void rule_again(void *world);
void rule_others(void *world);

struct situation {
	const char *name;
	bool (*make)(struct world *world);
	bool telling;           /* others in the middle of an operation are tried here even in a short run */
};
extern const struct situation situations[];
extern const size_t situation_count;
extern const struct operation operations[];
extern const size_t operation_count;

struct meddling {
	const char *name;
	bool consumers;         /* for operations of the consumer; else for a producer's */
	void (*act)(void *world);
};
extern const struct meddling meddlings[];
extern const size_t meddling_count;

#endif /* CRASH_DFQ_WORLD_H */
