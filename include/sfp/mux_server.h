/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mux_server: the server's side of <sfp/mux.h>, untyped: take over, take in, hand
 * out, settle. What it is for, and why it is correct, is said there; who is next,
 * in <sfp/mux_policy.h>.
 *
 * A mux is used through what SFP_MUX generates. The policy is the last argument
 * of the inline functions, and a constant wherever they are used.
 */
#ifndef SFP_MUX_SERVER_H
#define SFP_MUX_SERVER_H

#include <sfp/mux_policy.h>

/**
 * Make a mux: open, without clients or a server.
 * @context any   @progress wait-free   @order none: publish it by your own means
 * @owner   the mux is the server side's   @retains nothing   @cost a few stores
 * @return  SFP_OK; SFP_LIMIT: more attempts than SFP_DFQ_MAX_ATTEMPTS (0 is no limit), or a quantum of 0
 *          or above SFP_MUX_MAX_QUANTUM
 */
enum sfp_status sfp_mux_init(struct sfp_mux *mux, uint32_t attempt_limit, uint32_t quantum) SFP_NODISCARD;

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
	client->in_flight++; /* before: its turn goes on, if only this was pending */
	sfp_mux_take_(server, request, policy);
	request->stage = SFP_MUX_STARTED_STAGE_;
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
	if (policy == SFP_WEIGHTED)
		sfp_mux_end_turn_(client);
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

#endif /* SFP_MUX_SERVER_H */
