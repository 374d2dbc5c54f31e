/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mux_client: the client's side of <sfp/mux.h>, untyped: bind, submit, cancel,
 * reclaim, leave. What it is for, and why it is correct, is said there.
 *
 * A mux is used through what SFP_MUX generates. The policy is the last argument
 * of the inline functions, and a constant wherever they are used.
 */
#ifndef SFP_MUX_CLIENT_H
#define SFP_MUX_CLIENT_H

#include <sfp/mux_types.h>

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

#endif /* SFP_MUX_CLIENT_H */
