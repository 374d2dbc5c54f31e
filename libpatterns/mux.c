/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mux: the halves that need not be inline: the client's side but for submit
 * and reclaim, taking over, and the heap of the deadline policy. The argument
 * for all of it is in <sfp/mux.h>.
 */
#include <sfp/mux.h>

enum sfp_status sfp_mux_init(struct sfp_mux *mux, uint32_t attempt_limit, uint32_t quantum)
{
	if (quantum == 0 || quantum > SFP_MUX_MAX_QUANTUM)
		return SFP_LIMIT;
	*mux = (struct sfp_mux){ .quantum = quantum };
	return sfp_dfq_init(&mux->inbox, attempt_limit);
}

/* ---- the client's side --------------------------------------------------------- */

static bool is_closed(const struct sfp_mux *mux)
{
	return (sfp_load_word(&mux->inbox.head) & SFP_DFQ_CLOSED_) != 0;
}

static bool is_fair_share(uint32_t share, enum sfp_mux_policy policy)
{
	if (policy == SFP_PRIORITY)
		return share < SFP_MUX_LEVELS;
	return share > 0 && share <= SFP_MUX_MAX_WEIGHT;
}

enum sfp_status sfp_mux_bind(struct sfp_mux *mux, struct sfp_mux_client *client, uint32_t share,
			     enum sfp_mux_policy policy)
{
	if (client->bond != SFP_MUX_UNBOUND_)
		return SFP_BUSY;
	if (!is_fair_share(share, policy))
		return SFP_INVALID;
	if (is_closed(mux))
		return SFP_GONE;
	client->mux = mux;
	client->share = share;
	client->incarnation = 0; /* of no server: what is of an incarnation will be written anew */
	client->used = 0;
	sfp_compiler_barrier(); /* complete before it may submit */
	client->bond = SFP_MUX_BOUND_;
	return SFP_OK;
}

enum sfp_status sfp_mux_cancel(struct sfp_mux_client *client, struct sfp_mux_request *request, bool *waiting)
{
	uint32_t mark = sfp_load_u32(&request->mark);

	*waiting = false;
	if (sfp_mux_state_of_(&request->item) != SFP_DFQ_QUEUED)
		return SFP_EMPTY;
	if (request->client != client)
		return SFP_INVALID;
	/* Full barrier, pairs with the server's in sfp_mux_start_(). */
	while (!(mark & SFP_MUX_CANCELLED_) && !sfp_cas_u32(&request->mark, &mark, mark | SFP_MUX_CANCELLED_))
		;
	if (mark & SFP_MUX_STARTED_)
		return SFP_RUNNING;
	SFP_IGNORE(sfp_mux_push_(client->mux, &request->note, SFP_MUX_CANCEL_, waiting),
		   "BUSY: it is on its way; GONE: all go back in any case");
	return SFP_OK;
}

struct sfp_mux_view sfp_mux_state(const struct sfp_mux_request *request)
{
	const struct sfp_dfq_view item = sfp_dfq_state(&request->item);
	struct sfp_mux_view view = { SFP_MUX_IDLE, item.attempts, 0 };

	switch (item.state) {
	case SFP_DFQ_IDLE:
		view.attempts = 0;
		break;
	case SFP_DFQ_QUEUED:
		view.state =
			sfp_load_u32(&request->mark) & SFP_MUX_STARTED_ ? SFP_MUX_RUNNING : SFP_MUX_PENDING;
		break;
	case SFP_DFQ_DONE:
		view.state = SFP_MUX_DONE;
		view.result = sfp_load_u32(&request->item.reason);
		break;
	case SFP_DFQ_FAILED:
		view.state = item.reason == SFP_MUX_REASON_CANCELLED ? SFP_MUX_CANCELLED : SFP_MUX_FAILED;
		view.result = item.reason;
		break;
	case SFP_DFQ_LOST:
		view.state = SFP_MUX_LOST;
		break;
	}
	return view;
}

enum sfp_status sfp_mux_unbind(struct sfp_mux_client *client, bool *waiting)
{
	enum sfp_status status;

	*waiting = false;
	if (client->bond == SFP_MUX_UNBOUND_)
		return SFP_INVALID;
	client->bond = SFP_MUX_LEAVING_;
	sfp_compiler_barrier(); /* who stops after this has begun to leave */
	status = sfp_mux_push_(client->mux, &client->note, SFP_MUX_LEAVE_, waiting);
	if (status == SFP_OK)
		return SFP_BUSY; /* on its way */
	if (status == SFP_BUSY)
		SFP_TRY(sfp_dfq_reclaim(&client->mux->inbox, &client->note));
	client->bond = SFP_MUX_UNBOUND_; /* the last store: whoever stops before it asks once more */
	return SFP_OK;
}

enum sfp_status sfp_mux_settle(struct sfp_mux_client *client, const struct sfp_dfq_item *marker,
			       struct sfp_mux_request *request)
{
	struct sfp_dfq *inbox;

	if (!client->mux || (request && request->client && request->client != client))
		return SFP_INVALID;
	inbox = &client->mux->inbox;
	if (!request)
		return sfp_dfq_settle(inbox, marker, &client->note);
	SFP_TRY(sfp_dfq_settle(inbox, marker, &request->note)); /* first, as in reclaim */
	return sfp_dfq_settle(inbox, marker, &request->item);
}

enum sfp_status sfp_mux_abandon(struct sfp_mux_client *client, struct sfp_mux_request *request,
				struct sfp_proof proof)
{
	if (!proof.reason || (request && request->client && request->client != client))
		return SFP_INVALID;
	if (request)
		*request = (struct sfp_mux_request){ .mark = 0 };
	else
		*client = (struct sfp_mux_client){ .mux = NULL };
	return SFP_OK;
}

/* ---- the server's side ------------------------------------------------------------ */

enum sfp_status sfp_mux_attach(struct sfp_mux_server *server, struct sfp_mux *mux,
			       struct sfp_mux_level *levels, size_t level_count, struct sfp_proof proof)
{
	size_t i;

	SFP_TRY(sfp_dfq_attach(&server->consumer, &mux->inbox, proof));
	server->mux = mux;
	server->levels = levels;
	for (i = 0; i < level_count; i++)
		levels[i] = (struct sfp_mux_level){ NULL, NULL };
	mux->arrivals = 0;
	mux->occupied = 0;
	mux->root = NULL;
	mux->turn = NULL;
	mux->last = NULL;
	mux->busy = 0;
	return SFP_OK;
}

enum sfp_status sfp_mux_detach(struct sfp_mux_server *server)
{
	return sfp_dfq_detach(&server->consumer);
}

/* Nothing of this client is pending or in flight under this incarnation. */
void sfp_mux_client_anew_(struct sfp_mux_client *client, uint32_t incarnation)
{
	client->left = 0;
	client->in_flight = 0;
	client->credit = 0;
	client->oldest = NULL;
	client->newest = NULL;
	client->incarnation = incarnation;
}

/* The last that was in flight of a client that leaves is settled: so is its note. */
void sfp_mux_last_access_(struct sfp_mux_server *server, struct sfp_mux_client *client)
{
	SFP_IGNORE(sfp_dfq_complete(&server->consumer, &client->note),
		   "taken in by this incarnation, and unsettled");
}

enum sfp_status sfp_mux_stop_(struct sfp_mux_server *server, struct sfp_mux_request *request)
{
	struct sfp_mux_client *client = request->client;
	uint32_t mark = SFP_MUX_STARTED_;

	client->in_flight--;
	if (client->left) {
		sfp_mux_outcome_(server, request, SFP_DFQ_LOST, 0);
		if (!client->in_flight)
			sfp_mux_last_access_(server, client);
		return SFP_GONE;
	}
	/* Full barrier, pairs with cancel's. */
	if (!sfp_cas_u32(&request->mark, &mark, 0)) {
		sfp_mux_outcome_(server, request, SFP_DFQ_FAILED, SFP_MUX_REASON_CANCELLED);
		return SFP_GONE;
	}
	sfp_store_u32(&request->item.word, sfp_load_u32(&request->item.word) & ~SFP_DFQ_ATTEMPTS_);
	return SFP_OK;
}

enum sfp_status sfp_mux_charge(struct sfp_mux_server *server, struct sfp_mux_request *request, uint32_t cost)
{
	struct sfp_mux_client *client;

	if (!sfp_mux_knows_(server, request) || request->stage != SFP_MUX_STARTED_STAGE_)
		return SFP_INVALID;
	client = request->client;
	sfp_mux_pay_(server->mux, client, cost);
	sfp_store_release_word(&client->used, client->used + cost);
	return SFP_OK;
}

static enum sfp_status look(struct sfp_mux_server *server, struct sfp_dfq_item *after,
			    struct sfp_mux_request **request)
{
	struct sfp_dfq_item *item = after;

	do
		SFP_TRY(sfp_dfq_look(&server->consumer, item, &item));
	while (sfp_load_u32(&item->word) & SFP_MUX_NOTES_);
	*request = SFP_CONTAINER(item, struct sfp_mux_request, item);
	return SFP_OK;
}

enum sfp_status sfp_mux_look(struct sfp_mux_server *server, struct sfp_mux_request *after,
			     struct sfp_mux_request **request)
{
	enum sfp_status status;

	SFP_TRY(sfp_mux_enter_(server));
	status = look(server, after ? &after->item : NULL, request);
	sfp_mux_leave_(server);
	return status;
}

enum sfp_status sfp_mux_wait(struct sfp_mux_server *server)
{
	enum sfp_status status;

	SFP_TRY(sfp_mux_enter_(server));
	status = sfp_dfq_wait(&server->consumer);
	sfp_mux_leave_(server);
	return status;
}

enum sfp_status sfp_mux_close(struct sfp_mux_server *server)
{
	enum sfp_status status;

	SFP_TRY(sfp_mux_enter_(server));
	status = sfp_dfq_close(&server->consumer);
	sfp_mux_leave_(server);
	return status;
}

/* ---- the heap: a leftist tree ----------------------------------------------------------
 *
 * A node is before its children, and the way down to the right is never longer
 * than the one to the left: a rank of r needs 2^r - 1 nodes. Merging walks down
 * right edges only, so every operation is bounded by the logarithm, always.
 */

static bool is_before(const struct sfp_mux_request *a, const struct sfp_mux_request *b)
{
	return a->key < b->key || (a->key == b->key && (int32_t)(a->arrival - b->arrival) < 0);
}

static uint32_t rank_of(const struct sfp_mux_request *node)
{
	return node ? node->rank : 0;
}

/* Make the longer way the left one, and say how long the right one is. False: nothing has changed. */
static bool lean_left(struct sfp_mux_request *node)
{
	uint32_t rank;

	if (rank_of(node->left) < rank_of(node->right)) {
		struct sfp_mux_request *left = node->left;

		node->left = node->right;
		node->right = left;
	}
	rank = rank_of(node->right) + 1;
	if (node->rank == rank)
		return false;
	node->rank = rank;
	return true;
}

/* One tree of two, under nobody. */
static struct sfp_mux_request *merge(struct sfp_mux_request *a, struct sfp_mux_request *b)
{
	struct sfp_mux_request *root = NULL;
	struct sfp_mux_request **place = &root;
	struct sfp_mux_request *up = NULL;
	struct sfp_mux_request *rest;

	while (a && b) {
		if (is_before(b, a)) {
			struct sfp_mux_request *other = a;

			a = b;
			b = other;
		}
		*place = a;
		a->up = up;
		up = a;
		place = &a->right;
		a = a->right;
	}
	rest = a ? a : b;
	*place = rest;
	if (rest)
		rest->up = up;
	for (; up; up = up->up)
		(void)lean_left(up);
	return root;
}

void sfp_mux_heap_add_(struct sfp_mux *mux, struct sfp_mux_request *request)
{
	request->left = NULL;
	request->right = NULL;
	request->up = NULL;
	request->rank = 1;
	mux->root = merge(mux->root, request);
}

void sfp_mux_heap_remove_(struct sfp_mux *mux, struct sfp_mux_request *request)
{
	struct sfp_mux_request *up = request->up;
	struct sfp_mux_request *below = merge(request->left, request->right);

	if (!up)
		mux->root = below;
	else if (up->left == request)
		up->left = below;
	else
		up->right = below;
	if (below)
		below->up = up;
	while (up && lean_left(up))
		up = up->up;
}
