/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mux_policy: the orders in which a server of <sfp/mux.h> hands out: queues, a
 * ring, a heap. They are derived, from what is in the inbox, and are the
 * server's alone.
 *
 * What a policy does differently is in put, take, choose and pay, at the end; its
 * name is a constant wherever they are used.
 */
#ifndef SFP_MUX_POLICY_H
#define SFP_MUX_POLICY_H

#include <sfp/mux_types.h>

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

/* Whose turn is not over goes on with it, before the others. */
SFP_ALWAYS_INLINE void sfp_mux_ring_resume_(struct sfp_mux *mux, struct sfp_mux_client *client)
{
	client->before = NULL;
	client->after = mux->turn;
	if (mux->turn)
		mux->turn->before = client;
	else
		mux->last = client;
	mux->turn = client;
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

	if (policy == SFP_WEIGHTED && !client->oldest) {
		if (client->credit > 0)
			sfp_mux_ring_resume_(server->mux, client);
		else
			sfp_mux_ring_add_(server->mux, client);
	}
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

/* WEIGHTED: over when nothing of it is pending or in flight. A debt stays, or leaving would pay it. */
SFP_ALWAYS_INLINE void sfp_mux_end_turn_(struct sfp_mux_client *client)
{
	if (!client->oldest && !client->in_flight && client->credit > 0)
		client->credit = 0;
}

/* Out of the order. */
SFP_ALWAYS_INLINE void sfp_mux_take_(struct sfp_mux_server *server, struct sfp_mux_request *request,
				     const enum sfp_mux_policy policy)
{
	struct sfp_mux_client *client = request->client;

	sfp_mux_own_remove_(client, request);
	if (policy == SFP_WEIGHTED && !client->oldest) {
		sfp_mux_ring_remove_(server->mux, client);
		sfp_mux_end_turn_(client);
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

#endif /* SFP_MUX_POLICY_H */
