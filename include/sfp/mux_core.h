/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mux_core: the untyped core of <sfp/mux.h>: its types, the client's side, the
 * orders, the server's side. What it is for, and why it is correct, is said there.
 *
 * A mux is used through what SFP_MUX generates. The policy is the last argument
 * of the inline functions below, and a constant wherever they are used.
 */
#ifndef SFP_MUX_CORE_H
#define SFP_MUX_CORE_H

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

/**
 * Make a mux: open, without clients or a server.
 * @context any   @progress wait-free   @order none: publish it by your own means
 * @owner   the mux is the server side's   @retains nothing   @cost a few stores
 * @return  SFP_OK; SFP_LIMIT: more attempts than SFP_DFQ_MAX_ATTEMPTS (0 is no limit), or a quantum of 0
 *          or above SFP_MUX_MAX_QUANTUM
 */
enum sfp_status sfp_mux_init(struct sfp_mux *mux, uint32_t attempt_limit, uint32_t quantum) SFP_NODISCARD;

/* ---- the client's side ---------------------------------------------------- */

/**
 * Become a client. The server learns of it by its first request.
 * @context any   @progress wait-free   @order none
 * @owner   the record stays the caller's   @retains nothing, until the first submit
 * @cost    a few stores
 * @return  SFP_OK; SFP_BUSY: bound already; SFP_INVALID: a weight of 0 or above SFP_MUX_MAX_WEIGHT, or no
 *          such priority; SFP_GONE: the mux is closed
 */
enum sfp_status sfp_mux_bind(struct sfp_mux *mux, struct sfp_mux_client *client, uint32_t share,
			     enum sfp_mux_policy policy) SFP_NODISCARD;

/* Enqueue one of the three kinds of items. */
SFP_ALWAYS_INLINE enum sfp_status sfp_mux_push_(struct sfp_mux *mux, struct sfp_dfq_item *item, uint32_t kind,
						bool *waiting)
{
	enum sfp_status status;

	if (SFP_UNLIKELY(sfp_mux_state_of_(item) != SFP_DFQ_IDLE))
		return SFP_BUSY;
	sfp_store_u32(&item->word, SFP_DFQ_QUEUED | kind);
	status = sfp_dfq_push_(&mux->inbox, item, item, waiting);
	if (SFP_UNLIKELY(status != SFP_OK))
		sfp_store_u32(&item->word, SFP_DFQ_IDLE);
	return status;
}

/**
 * Submit a request; `key` is its cost or its deadline. *waiting: call the hook.
 * @context any, interrupts and NMI included   @progress lock-free
 * @order   release: what was written to the request before is seen by the server
 * @owner   the request stays the caller's; its payload may be read by the server until reclaimed
 * @retains links to the request, until reclaim says OK, and to the client's record, until unbind does
 * @cost    one compare-and-swap
 * @return  SFP_OK; SFP_BUSY: not idle (reclaim it); SFP_GONE: the mux is closed, or the client is leaving;
 *          SFP_INVALID: not bound; SFP_LIMIT: a cost of 0, or above the quantum
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_mux_submit(struct sfp_mux_client *client,
							       struct sfp_mux_request *request, uint64_t key,
							       bool *waiting,
							       const enum sfp_mux_policy policy)
{
	*waiting = false;
	if (SFP_UNLIKELY(client->bond != SFP_MUX_BOUND_))
		return client->bond == SFP_MUX_LEAVING_ ? SFP_GONE : SFP_INVALID;
	if (policy == SFP_WEIGHTED && SFP_UNLIKELY(key == 0 || key > client->mux->quantum))
		return SFP_LIMIT;
	if (SFP_UNLIKELY(sfp_mux_state_of_(&request->item) != SFP_DFQ_IDLE ||
			 sfp_mux_state_of_(&request->note) != SFP_DFQ_IDLE))
		return SFP_BUSY;
	request->client = client;
	request->key = key;
	sfp_store_u32(&request->mark, 0);
	return sfp_mux_push_(client->mux, &request->item, 0, waiting);
}

/**
 * Give up on a request. Once this has said OK it will not be handed out any more; the server gives it
 * back as CANCELLED when it comes by. *waiting: call the hook.
 * @context any   @progress lock-free   @order the mark is a full barrier
 * @owner   the request stays the caller's; it is to be reclaimed as ever
 * @retains a second link to the request, until reclaim says OK   @cost two compare-and-swaps
 * @return  SFP_OK; SFP_RUNNING: it is, or was, handed out: marked, for the server to see (name_is_cancelled)
 *          and for a successor; SFP_EMPTY: it is not in the mux; SFP_INVALID: another client's
 */
enum sfp_status sfp_mux_cancel(struct sfp_mux_client *client, struct sfp_mux_request *request,
			       bool *waiting) SFP_NODISCARD;

/**
 * What became of a request.
 * @context any   @progress wait-free   @order acquire: after an outcome, the server's writes are seen
 * @owner   nothing changes hands   @retains nothing   @cost a few loads   @return cannot fail
 */
struct sfp_mux_view sfp_mux_state(const struct sfp_mux_request *request);

/**
 * Take a request back, whatever its outcome; it is idle afterwards.
 * @context any   @progress wait-free   @order acquire, as sfp_dfq_reclaim()
 * @owner   on SFP_OK the request is wholly the caller's   @retains nothing   @cost a few loads, a store
 * @return  SFP_OK (an idle one included); SFP_BUSY: not settled, or still referred to: later; SFP_INVALID:
 *          another client's
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_mux_reclaim(const struct sfp_mux_client *client,
								struct sfp_mux_request *request)
{
	if (SFP_UNLIKELY(!client->mux || (request->client && request->client != client)))
		return SFP_INVALID;
	/* The note first: where that is BUSY the outcome still stands. */
	SFP_TRY(sfp_dfq_reclaim(&client->mux->inbox, &request->note));
	return sfp_dfq_reclaim(&client->mux->inbox, &request->item);
}

/**
 * Leave: all pending requests come back as LOST, and those in flight when they are settled. Call it until
 * it says OK; submit says GONE from the first call on. *waiting: call the hook.
 * @context any; no submit of this client at the same time   @progress lock-free
 * @order   acquire: after OK the server does not look at the record any more
 * @owner   on SFP_OK the record is wholly the caller's; its requests are to be reclaimed before
 * @retains the record, until SFP_OK   @cost one compare-and-swap; the server's work is O(its requests)
 * @return  SFP_OK: not bound any more, requests that are not idle are lost or done; SFP_BUSY: the server has
 *          not come that far; SFP_INVALID: not bound
 */
enum sfp_status sfp_mux_unbind(struct sfp_mux_client *client, bool *waiting) SFP_NODISCARD;

/**
 * For a client restarted over its old memory: is this request in the mux? Enqueue a marker first, as
 * for sfp_dfq_settle().
 * @context as reclaim; after the old client is proved dead   @progress wait-free   @order as sfp_dfq_settle()
 * @owner   as reclaim   @retains nothing   @cost a few loads
 * @return  SFP_OK: idle (never linked, or settled and now reclaimed); SFP_BUSY: it is in the mux; SFP_AGAIN:
 *          the marker has not been passed; SFP_INVALID: another client's. Without a request: of the client's
 *          own note
 */
enum sfp_status sfp_mux_settle(struct sfp_mux_client *client, const struct sfp_dfq_item *marker,
			       struct sfp_mux_request *request) SFP_NODISCARD;

/**
 * The mux is lost, its memory gone: the request is the client's, as if never submitted. Without a
 * request: the client's record, as if never bound. What it was at last, sfp_mux_state() says before.
 * @context any   @progress wait-free   @order none
 * @owner   the request, or the record, is wholly the caller's   @retains nothing   @cost a few stores
 * @return  SFP_OK; SFP_INVALID: no proof, or another client's request
 */
enum sfp_status sfp_mux_abandon(struct sfp_mux_client *client, struct sfp_mux_request *request,
				struct sfp_proof proof) SFP_NODISCARD;

/* ---- the server's side: orders ---------------------------------------------- */

/* The heap of pending requests; in libpatterns/mux.c. */
void sfp_mux_heap_add_(struct sfp_mux *mux, struct sfp_mux_request *request);
void sfp_mux_heap_remove_(struct sfp_mux *mux, struct sfp_mux_request *request);

SFP_ALWAYS_INLINE void sfp_mux_queue_add_(struct sfp_mux_server *server, struct sfp_mux_request *request,
					  uint32_t number)
{
	struct sfp_mux_level *level = &server->levels[number];

	request->rank = number;
	request->left = level->last;
	request->right = NULL;
	if (level->last)
		level->last->right = request;
	else
		level->first = request;
	level->last = request;
	server->mux->occupied |= 1u << number;
}

SFP_ALWAYS_INLINE void sfp_mux_queue_remove_(struct sfp_mux_server *server, struct sfp_mux_request *request)
{
	struct sfp_mux_level *level = &server->levels[request->rank];

	if (request->left)
		request->left->right = request->right;
	else
		level->first = request->right;
	if (request->right)
		request->right->left = request->left;
	else
		level->last = request->left;
	if (!level->first)
		server->mux->occupied &= ~(1u << request->rank);
}

SFP_ALWAYS_INLINE void sfp_mux_ring_add_(struct sfp_mux *mux, struct sfp_mux_client *client)
{
	client->before = mux->last;
	client->after = NULL;
	if (mux->last)
		mux->last->after = client;
	else
		mux->turn = client;
	mux->last = client;
}

SFP_ALWAYS_INLINE void sfp_mux_ring_remove_(struct sfp_mux *mux, struct sfp_mux_client *client)
{
	if (client->before)
		client->before->after = client->after;
	else
		mux->turn = client->after;
	if (client->after)
		client->after->before = client->before;
	else
		mux->last = client->before;
}

/* The turn of who has it is over. */
SFP_ALWAYS_INLINE void sfp_mux_ring_turn_(struct sfp_mux *mux)
{
	struct sfp_mux_client *client = mux->turn;

	if (client == mux->last)
		return;
	sfp_mux_ring_remove_(mux, client);
	sfp_mux_ring_add_(mux, client);
}

SFP_ALWAYS_INLINE void sfp_mux_own_add_(struct sfp_mux_client *client, struct sfp_mux_request *request)
{
	request->older = client->newest;
	request->newer = NULL;
	if (client->newest)
		client->newest->newer = request;
	else
		client->oldest = request;
	client->newest = request;
}

SFP_ALWAYS_INLINE void sfp_mux_own_remove_(struct sfp_mux_client *client, struct sfp_mux_request *request)
{
	if (request->older)
		request->older->newer = request->newer;
	else
		client->oldest = request->newer;
	if (request->newer)
		request->newer->older = request->older;
	else
		client->newest = request->older;
}

/* Into the order, behind its equals. */
SFP_ALWAYS_INLINE void sfp_mux_put_(struct sfp_mux_server *server, struct sfp_mux_request *request,
				    const enum sfp_mux_policy policy)
{
	struct sfp_mux_client *client = request->client;

	if (policy == SFP_WEIGHTED && !client->oldest)
		sfp_mux_ring_add_(server->mux, client);
	sfp_mux_own_add_(client, request);
	if (policy == SFP_FIFO)
		sfp_mux_queue_add_(server, request, 0);
	if (policy == SFP_PRIORITY)
		sfp_mux_queue_add_(server, request, client->share);
	if (policy == SFP_DEADLINE) {
		request->arrival = server->mux->arrivals++;
		sfp_mux_heap_add_(server->mux, request);
	}
	request->stage = SFP_MUX_IN_;
}

/* Out of the order. */
SFP_ALWAYS_INLINE void sfp_mux_take_(struct sfp_mux_server *server, struct sfp_mux_request *request,
				     const enum sfp_mux_policy policy)
{
	struct sfp_mux_client *client = request->client;

	sfp_mux_own_remove_(client, request);
	if (policy == SFP_WEIGHTED && !client->oldest) {
		sfp_mux_ring_remove_(server->mux, client);
		if (client->credit > 0)
			client->credit = 0; /* a debt stays, or leaving would pay it */
	}
	if (policy == SFP_FIFO || policy == SFP_PRIORITY)
		sfp_mux_queue_remove_(server, request);
	if (policy == SFP_DEADLINE)
		sfp_mux_heap_remove_(server->mux, request);
	request->stage = SFP_MUX_OUT_;
}

/* Who comes next; NULL: nobody, or (WEIGHTED) the share is used up by those who owe. */
SFP_ALWAYS_INLINE struct sfp_mux_request *sfp_mux_choose_(struct sfp_mux_server *server, unsigned *share,
							  const enum sfp_mux_policy policy)
{
	struct sfp_mux *mux = server->mux;

	if (policy == SFP_DEADLINE)
		return mux->root;
	if (policy == SFP_WEIGHTED) {
		while (mux->turn && mux->turn->credit <= 0 && *share > 0) {
			struct sfp_mux_client *client = mux->turn;

			client->credit += (int64_t)client->share * mux->quantum; /* its turn begins */
			if (client->credit <= 0) {
				sfp_mux_ring_turn_(mux);
				--*share;
			}
		}
		return mux->turn && *share > 0 ? mux->turn->oldest : NULL;
	}
	return mux->occupied ? server->levels[__builtin_ctz(mux->occupied)].first : NULL;
}

/* WEIGHTED: what was handed out is paid for; with the last of its credit a client's turn is over. */
SFP_ALWAYS_INLINE void sfp_mux_pay_(struct sfp_mux *mux, struct sfp_mux_client *client, uint32_t cost)
{
	client->credit -= cost;
	if (client->credit <= 0 && client == mux->turn)
		sfp_mux_ring_turn_(mux);
}

/* ---- the server's side: operations ------------------------------------------- */

/**
 * Become the server, and begin to take over what an older one left.
 * @context any; the older server must be dead, its writes visible here   @progress wait-free
 * @order   as sfp_dfq_attach()
 * @owner   *server is the caller's; it must not be copied   @retains nothing of it
 * @cost    O(1), and for PRIORITY the levels; the rest of the takeover goes on within the next calls
 * @return  SFP_OK; SFP_INVALID: no reason given
 */
enum sfp_status sfp_mux_attach(struct sfp_mux_server *server, struct sfp_mux *mux,
			       struct sfp_mux_level *levels, size_t level_count,
			       struct sfp_proof proof) SFP_NODISCARD;

/**
 * End this incarnation in order; the mux stays open for the next one.
 * @context the server's   @progress wait-free   @order none: hand over by your own means
 * @owner   *server is of no further use   @retains nothing   @cost a store   @return SFP_OK; SFP_STALE
 */
enum sfp_status sfp_mux_detach(struct sfp_mux_server *server) SFP_NODISCARD;

/* Every operation of the server stands between these two; a fault between leaves `busy`. */
SFP_ALWAYS_INLINE enum sfp_status sfp_mux_enter_(struct sfp_mux_server *server)
{
	if (SFP_UNLIKELY(server->consumer.incarnation != server->mux->inbox.attached))
		return SFP_STALE;
	if (SFP_UNLIKELY(server->mux->busy))
		return SFP_POISONED;
	server->mux->busy = 1;
	sfp_compiler_barrier();
	return SFP_OK;
}

SFP_ALWAYS_INLINE void sfp_mux_leave_(struct sfp_mux_server *server)
{
	sfp_compiler_barrier();
	server->mux->busy = 0;
}

/* Closed by this incarnation, or by an older one: whatever was in it may be its client's again. */
SFP_ALWAYS_INLINE bool sfp_mux_is_over_(const struct sfp_mux *mux)
{
	return mux->inbox.limit == 0;
}

/* Is there something in the inbox that was not taken in, or is it closed? */
SFP_ALWAYS_INLINE bool sfp_mux_has_news_(const struct sfp_mux *mux)
{
	return sfp_load_word(&mux->inbox.head) != (uintptr_t)mux->inbox.cursor;
}

/* Was it taken in by this incarnation, and not settled? */
SFP_ALWAYS_INLINE bool sfp_mux_knows_(const struct sfp_mux_server *server,
				      const struct sfp_mux_request *request)
{
	return !sfp_mux_is_over_(server->mux) && request->stage != SFP_MUX_OUT_ &&
	       request->incarnation == server->consumer.incarnation && request->client->mux == server->mux;
}

/* Cold halves; in libpatterns/mux.c. */
void sfp_mux_client_anew_(struct sfp_mux_client *client, uint32_t incarnation);
void sfp_mux_last_access_(struct sfp_mux_server *server, struct sfp_mux_client *client);

/* A request that is out of the order gets its outcome. The reason, or result, comes before A. */
SFP_ALWAYS_INLINE void sfp_mux_outcome_(struct sfp_mux_server *server, struct sfp_mux_request *request,
					enum sfp_dfq_state outcome, uint32_t result)
{
	request->stage = SFP_MUX_OUT_;
	sfp_store_u32(&request->item.reason, result);
	SFP_IGNORE(sfp_dfq_retire_(&server->consumer, &request->item, outcome, NULL),
		   "in charge, not recovering and unsettled: or it would not have been in the order");
}

/* What is pending goes back. */
SFP_ALWAYS_INLINE void sfp_mux_give_back_(struct sfp_mux_server *server, struct sfp_mux_request *request,
					  enum sfp_dfq_state outcome, uint32_t reason,
					  const enum sfp_mux_policy policy)
{
	sfp_mux_take_(server, request, policy);
	sfp_mux_outcome_(server, request, outcome, reason);
}

/* A note has come: its own outcome is the last thing. AGAIN: the share is used up, it stays the next item. */
SFP_ALWAYS_INLINE enum sfp_status sfp_mux_take_note_(struct sfp_mux_server *server, struct sfp_dfq_item *item,
						     uint32_t word, unsigned *share,
						     const enum sfp_mux_policy policy)
{
	if (word & SFP_MUX_CANCEL_) {
		struct sfp_mux_request *request = SFP_CONTAINER(item, struct sfp_mux_request, note);

		if (request->stage == SFP_MUX_IN_ && request->incarnation == server->consumer.incarnation)
			sfp_mux_give_back_(server, request, SFP_DFQ_FAILED, SFP_MUX_REASON_CANCELLED, policy);
	} else {
		struct sfp_mux_client *client = SFP_CONTAINER(item, struct sfp_mux_client, note);

		if (client->incarnation != server->consumer.incarnation)
			sfp_mux_client_anew_(client, server->consumer.incarnation);
		client->left = 1;
		for (; client->oldest && *share > 0; --*share)
			sfp_mux_give_back_(server, client->oldest, SFP_DFQ_LOST, 0, policy);
		if (client->oldest)
			return SFP_AGAIN;
		if (client->in_flight) {
			server->mux->inbox.cursor = item; /* settled with the last that is in flight */
			return SFP_OK;
		}
	}
	return sfp_dfq_complete(&server->consumer, item);
}

/* A request has come: into the order, or straight back. */
SFP_ALWAYS_INLINE void sfp_mux_take_request_(struct sfp_mux_server *server, struct sfp_mux_request *request,
					     const enum sfp_mux_policy policy)
{
	struct sfp_mux_client *client = request->client;

	server->mux->inbox.cursor = &request->item;
	if (SFP_UNLIKELY(client->incarnation != server->consumer.incarnation))
		sfp_mux_client_anew_(client, server->consumer.incarnation);
	request->incarnation = server->consumer.incarnation;
	if (SFP_UNLIKELY(client->left))
		sfp_mux_outcome_(server, request, SFP_DFQ_LOST, 0);
	else if (SFP_UNLIKELY(sfp_load_u32(&request->mark) & SFP_MUX_CANCELLED_))
		sfp_mux_outcome_(server, request, SFP_DFQ_FAILED, SFP_MUX_REASON_CANCELLED);
	else
		sfp_mux_put_(server, request, policy);
}

/* Take in what has come, up to one share of it. AGAIN: there is more. */
SFP_ALWAYS_INLINE enum sfp_status sfp_mux_take_in_(struct sfp_mux_server *server,
						   const enum sfp_mux_policy policy)
{
	unsigned share = SFP_DFQ_BUDGET;

	while (sfp_mux_has_news_(server->mux)) {
		struct sfp_dfq_item *item = NULL;
		enum sfp_status status;
		uint32_t word;

		if (share == 0)
			return SFP_AGAIN;
		share--;
		status = sfp_dfq_look(&server->consumer, server->mux->inbox.cursor, &item);
		if (SFP_UNLIKELY(status != SFP_OK)) /* EMPTY: what stood there were markers, or a tag */
			return status == SFP_EMPTY ? SFP_OK : status;
		word = sfp_load_u32(&item->word);
		if (SFP_LIKELY(!(word & SFP_MUX_NOTES_)))
			sfp_mux_take_request_(server, SFP_CONTAINER(item, struct sfp_mux_request, item),
					      policy);
		else
			SFP_TRY(sfp_mux_take_note_(server, item, word, &share, policy));
	}
	return SFP_OK;
}

/* Start what was chosen. False: it went back instead. */
SFP_ALWAYS_INLINE bool sfp_mux_start_(struct sfp_mux_server *server, struct sfp_mux_request *request,
				      const enum sfp_mux_policy policy)
{
	const uint32_t limit = server->mux->inbox.limit;
	const uint32_t word = sfp_load_u32(&request->item.word);
	const uint32_t cost = policy == SFP_WEIGHTED ? (uint32_t)request->key : 1;
	struct sfp_mux_client *client = request->client;
	uint32_t mark = 0;

	/* Full barrier, pairs with cancel's: one of the two comes first. A successor finds STARTED there already. */
	if (SFP_UNLIKELY(!sfp_cas_u32(&request->mark, &mark, SFP_MUX_STARTED_) &&
			 (mark & SFP_MUX_CANCELLED_))) {
		sfp_mux_give_back_(server, request, SFP_DFQ_FAILED, SFP_MUX_REASON_CANCELLED, policy);
		return false;
	}
	if (SFP_UNLIKELY((word & SFP_DFQ_ATTEMPTS_) >= limit)) {
		if (limit != SFP_DFQ_UNLIMITED_) {
			sfp_mux_give_back_(server, request, SFP_DFQ_FAILED, SFP_DFQ_POISON, policy);
			return false;
		}
	} else {
		sfp_store_u32(&request->item.word, word + SFP_DFQ_ATTEMPT_);
	}
	if (policy == SFP_WEIGHTED)
		sfp_mux_pay_(server->mux, client, cost);
	sfp_mux_take_(server, request, policy);
	request->stage = SFP_MUX_STARTED_STAGE_;
	client->in_flight++;
	sfp_store_release_word(&client->used, client->used + cost);
	return true;
}

/**
 * Hand out the next request, by the policy; it stays in the mux until it is settled. DEADLINE: if its
 * deadline is not after `until`.
 * @context the server's   @progress wait-free, bounded
 * @order   acquire: what the client wrote to the request before it submitted is seen
 * @owner   the request stays its client's; its payload is the server's to use until it settles it
 * @retains links, as before   @cost see Policies; up to SFP_DFQ_BUDGET new ones are taken in first
 * @return  SFP_OK; SFP_EMPTY: nothing pending (nothing due); SFP_AGAIN: more was submitted, or taken over,
 *          than one call takes in: call again; SFP_GONE: closed; SFP_STALE: another server has taken over;
 *          SFP_POISONED: a fault ended an operation of this server: attach anew
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_mux_next(struct sfp_mux_server *server,
							     struct sfp_mux_request **request, uint64_t until,
							     const enum sfp_mux_policy policy)
{
	unsigned share = SFP_DFQ_BUDGET;

	for (;;) {
		struct sfp_mux_request *chosen = sfp_mux_choose_(server, &share, policy);

		if (SFP_UNLIKELY(share == 0))
			return SFP_AGAIN;
		if (!chosen || (policy == SFP_DEADLINE && chosen->key > until))
			return SFP_EMPTY;
		if (SFP_LIKELY(sfp_mux_start_(server, chosen, policy))) {
			*request = chosen;
			return SFP_OK;
		}
		share--;
	}
}

/**
 * Settle a request, with a result or for a reason; one that is pending, too.
 * @context the server's   @progress wait-free but for one swap against clients
 * @order   release: the server's effects are seen by whoever sees the outcome
 * @owner   the request is its client's to reclaim; do not touch it again   @retains nothing
 * @cost    about ten stores; one compare-and-swap if it is the newest submitted
 * @return  SFP_OK; SFP_INVALID: not in this mux, or settled, or a reason that is the mux's own;
 *          SFP_AGAIN, SFP_GONE, SFP_STALE, SFP_POISONED: as next
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_mux_complete(struct sfp_mux_server *server,
								 struct sfp_mux_request *request,
								 enum sfp_dfq_state outcome, uint32_t result,
								 const enum sfp_mux_policy policy)
{
	struct sfp_mux_client *client;

	if (SFP_UNLIKELY(!sfp_mux_knows_(server, request)))
		return SFP_INVALID;
	client = request->client;
	if (SFP_UNLIKELY(request->stage == SFP_MUX_IN_)) {
		sfp_mux_give_back_(server, request, outcome, result, policy);
		return SFP_OK;
	}
	client->in_flight--;
	sfp_mux_outcome_(server, request, outcome, result);
	if (SFP_UNLIKELY(client->left && !client->in_flight))
		sfp_mux_last_access_(server, client);
	return SFP_OK;
}

/* It is in flight: pending again, or its client has cancelled it or left meanwhile, and it is not. */
enum sfp_status sfp_mux_stop_(struct sfp_mux_server *server, struct sfp_mux_request *request) SFP_NODISCARD;

/**
 * Have a request handed out (again) later: one in flight becomes pending, without a word to its client; one
 * that is pending goes behind its equals. DEADLINE: with this deadline. Its attempts begin anew.
 * @context the server's   @progress wait-free   @order the mark is a full barrier
 * @owner   nothing changes hands   @retains links, as before   @cost see Policies, and a compare-and-swap
 * @return  SFP_OK; SFP_GONE: its client has cancelled it, or left: it went back; SFP_INVALID and others: as
 *          complete
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_mux_requeue(struct sfp_mux_server *server,
								struct sfp_mux_request *request, uint64_t key,
								const enum sfp_mux_policy policy)
{
	if (SFP_UNLIKELY(!sfp_mux_knows_(server, request)))
		return SFP_INVALID;
	if (request->stage == SFP_MUX_IN_)
		sfp_mux_take_(server, request, policy);
	else
		SFP_TRY(sfp_mux_stop_(server, request));
	if (policy == SFP_DEADLINE)
		request->key = key;
	sfp_mux_put_(server, request, policy);
	return SFP_OK;
}

/**
 * Take out a pending request at once, as CANCELLED: cancel for whoever has the right to be the server.
 * @context the server's   @progress wait-free   @order as complete
 * @owner   the request is its client's to reclaim   @retains nothing   @cost see Policies
 * @return  SFP_OK; SFP_RUNNING: it is in flight; SFP_INVALID and others: as complete
 */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_mux_withdraw(struct sfp_mux_server *server,
								 struct sfp_mux_request *request,
								 const enum sfp_mux_policy policy)
{
	if (SFP_UNLIKELY(!sfp_mux_knows_(server, request)))
		return SFP_INVALID;
	if (request->stage != SFP_MUX_IN_)
		return SFP_RUNNING;
	sfp_mux_give_back_(server, request, SFP_DFQ_FAILED, SFP_MUX_REASON_CANCELLED, policy);
	return SFP_OK;
}

/* DEADLINE: of what is pending. */
SFP_ALWAYS_INLINE SFP_NODISCARD enum sfp_status sfp_mux_earliest_(const struct sfp_mux *mux,
								  uint64_t *deadline)
{
	if (!mux->root)
		return SFP_EMPTY;
	*deadline = mux->root->key;
	return SFP_OK;
}

/**
 * WEIGHTED: a request in flight, or just handed out, was dearer than it said.
 * @context the server's   @progress wait-free   @order none   @owner nothing changes hands   @retains nothing
 * @cost    a few stores   @return SFP_OK; SFP_INVALID: not in flight; SFP_STALE; SFP_POISONED
 */
enum sfp_status sfp_mux_charge(struct sfp_mux_server *server, struct sfp_mux_request *request,
			       uint32_t cost) SFP_NODISCARD;

/**
 * Look at the requests in the mux, in the order of submission, pending and in flight; for a successor, and
 * for people. NULL: at the first.
 * @context the server's   @progress wait-free, bounded   @order as next   @owner nothing changes hands
 * @retains nothing   @cost O(notes between)
 * @return  as sfp_dfq_look(): `after` must not be settled; SFP_POISONED
 */
enum sfp_status sfp_mux_look(struct sfp_mux_server *server, struct sfp_mux_request *after,
			     struct sfp_mux_request **request) SFP_NODISCARD;

/**
 * Before sleeping: have the hook called when something is submitted, cancelled, or a client leaves.
 * Requests may be pending; those that are not due, for example.
 * @context the server's   @progress wait-free   @order none   @owner nothing changes hands
 * @retains a bit of the inbox, until next takes in what comes   @cost one compare-and-swap
 * @return  SFP_OK: sleep on a latched event; SFP_AGAIN: something has come, call next; SFP_GONE; SFP_STALE;
 *          SFP_POISONED
 */
enum sfp_status sfp_mux_wait(struct sfp_mux_server *server) SFP_NODISCARD;

/**
 * Close the mux: submit says GONE from now on, and all that is in it becomes LOST, also what is in flight.
 * @context the server's   @progress wait-free, bounded   @order as complete
 * @owner   the requests are their clients' to reclaim; the server must not touch any of them again
 * @retains nothing when it says OK   @cost up to SFP_DFQ_BUDGET requests a call
 * @return  SFP_OK: closed and empty; SFP_AGAIN: call again; SFP_STALE; SFP_POISONED
 */
enum sfp_status sfp_mux_close(struct sfp_mux_server *server) SFP_NODISCARD;

#endif /* SFP_MUX_CORE_H */
