/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mux_types: what <sfp/mux.h> is about: requests, clients, muxes and servers, and
 * which side writes what of them.
 */
#ifndef SFP_MUX_TYPES_H
#define SFP_MUX_TYPES_H

#include <sfp/dfq.h>

/** What became of a request, as its client sees it. */
enum sfp_mux_state {
	SFP_MUX_IDLE,      /* the client's, not submitted */
	SFP_MUX_PENDING,   /* submitted, not handed out */
	SFP_MUX_RUNNING,   /* handed out, not settled */
	SFP_MUX_DONE,      /* completed, with a result */
	SFP_MUX_FAILED,    /* given up, for a reason; SFP_DFQ_POISON: it was handed out too often */
	SFP_MUX_CANCELLED, /* given back before it was handed out, since its client, or the server, wanted so */
	SFP_MUX_LOST       /* given back because its client left or the mux was closed */
};

/** A snapshot of a request. */
struct sfp_mux_view {
	enum sfp_mux_state state; /* what became of it */
	uint32_t attempts;        /* how often it was handed out */
	uint32_t result;          /* DONE: the result; FAILED: the reason */
};

/** The highest reasons of failure are the mux's own. */
#define SFP_MUX_REASON_CANCELLED 0xfffffffeu

/** Priorities are below this. */
#define SFP_MUX_LEVELS 32u

/** The highest weight. */
#define SFP_MUX_MAX_WEIGHT 0xffffu
/** The highest quantum of a weighted mux. */
#define SFP_MUX_MAX_QUANTUM 0x7fffffffu

/** Who is next. Compile-time arguments: the fourth of SFP_MUX. */
enum sfp_mux_policy {
	SFP_FIFO,
	SFP_WEIGHTED,
	SFP_PRIORITY,
	SFP_DEADLINE
};

/* What an item of the inbox is, in two bits of its word that the queue leaves alone. 0: a request. */
#define SFP_MUX_CANCEL_ 0x40u
#define SFP_MUX_LEAVE_ 0x80u
#define SFP_MUX_NOTES_ (SFP_MUX_CANCEL_ | SFP_MUX_LEAVE_)

/* mark */
#define SFP_MUX_STARTED_ 1u   /* the server's: it is, or was, handed out */
#define SFP_MUX_CANCELLED_ 2u /* the client's */

/* Where the server has a request; worth something if it says so for this incarnation. */
enum sfp_mux_stage_ {
	SFP_MUX_OUT_,
	SFP_MUX_IN_,
	SFP_MUX_STARTED_STAGE_
};

/** The link in the client's structure. Zeroed is idle. */
struct sfp_mux_request {
	/* The inbox's. The mark is both sides', by compare-and-swap, while it is submitted. */
	struct sfp_dfq_item item;
	struct sfp_dfq_item note; /* "cancelled" */
	uint32_t mark;
	uint32_t incarnation; /* the server's: of the three below, and of all of its links */

	/* The server's, while it is submitted: its place among its client's pending requests. */
	struct sfp_mux_request *older;
	struct sfp_mux_request *newer;

	/* The server's: its place in the order. A queue's neighbours are left and right. */
	struct sfp_mux_request *up;
	struct sfp_mux_request *left;
	struct sfp_mux_request *right;
	uint32_t rank;    /* a heap's; PRIORITY: its level */
	uint32_t arrival; /* order among equals */

	/* The client's, before it submits. */
	uint64_t key; /* WEIGHTED: its cost; DEADLINE: that */
	struct sfp_mux_client *client;
	uint32_t stage; /* the server's: enum sfp_mux_stage_ */
};

enum sfp_mux_bond_ {
	SFP_MUX_UNBOUND_,
	SFP_MUX_BOUND_,
	SFP_MUX_LEAVING_
};

/** A client, in its own memory. Zeroed: not bound. */
struct sfp_mux_client {
	/* The client's. */
	struct sfp_mux *mux;      /* to which it is, or was last, bound */
	uint32_t share;           /* weight, or priority */
	uint32_t bond;            /* enum sfp_mux_bond_ */
	struct sfp_dfq_item note; /* "leaving" */

	/* The server's, from the first request that it takes in until the note is settled. */
	uint32_t incarnation; /* of all below but `used` */
	uint32_t left;        /* the note was taken in */
	uint32_t in_flight;
	int64_t credit;                 /* WEIGHTED */
	struct sfp_mux_request *oldest; /* its pending requests */
	struct sfp_mux_request *newest;
	struct sfp_mux_client *before; /* WEIGHTED: the ring of those who have some */
	struct sfp_mux_client *after;
	uintptr_t used; /* accounting: the cost of all that was handed out to it */
};

/** Requests in the order of arrival. */
struct sfp_mux_level {
	struct sfp_mux_request *first; /* came first, is next */
	struct sfp_mux_request *last;  /* came last */
};

/** The mux. Clients use the inbox; the rest is the server's. Its inbox's cursor: what was taken in. */
struct sfp_mux {
	struct sfp_dfq inbox; /* all that is not settled, and notes */

	/* Constant from init on. */
	uint32_t quantum;

	/* The server's, derived. */
	uint32_t busy; /* an operation is under way, or was ended by a fault */
	uint32_t arrivals;
	uint32_t occupied;            /* FIFO, PRIORITY: a bit for each level that has a request */
	struct sfp_mux_request *root; /* DEADLINE */
	struct sfp_mux_client *turn;  /* WEIGHTED: whose turn it is ... */
	struct sfp_mux_client *last;  /* ... and who is the last before it is again */
};

/** A server: the right to hand out until another incarnation takes over. */
struct sfp_mux_server {
	struct sfp_dfq_consumer consumer; /* of the inbox */
	struct sfp_mux *mux;              /* from which it hands out */
	struct sfp_mux_level *levels;     /* FIFO, PRIORITY: the mux's */
};

SFP_STATIC_ASSERT(sizeof(void *) != 8 || sizeof(struct sfp_mux_request) <= 136,
		  "mux: what a client pays for a request");

SFP_ALWAYS_INLINE uint32_t sfp_mux_state_of_(const struct sfp_dfq_item *item)
{
	return sfp_load_u32(&item->word) & SFP_DFQ_STATE_;
}

#endif /* SFP_MUX_TYPES_H */
