/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dfq: the halves of the decoupled queue that need not be inline: linking
 * backwards, taking over, retiring the newest item, closing. The argument for
 * all of it is in <sfp/dfq.h>.
 *
 * Where the list and its tail meet: items from `oldest` to `linked` are linked
 * both ways; what producers pushed since then, from `head` down to the item
 * whose next is `linked`, only over `next`. The item `linked` itself may be
 * terminal for a while: it was retired when its newer neighbour was not known
 * yet, and is taken out when linking reaches it.
 */
#include <sfp/dfq.h>

static uint32_t word_of(const struct sfp_dfq_item *item)
{
	return sfp_load_u32(&item->word);
}

static bool is_terminal(const struct sfp_dfq_item *item)
{
	return sfp_dfq_terminal_(word_of(item));
}

enum sfp_status sfp_dfq_init(struct sfp_dfq *queue, uint32_t attempt_limit)
{
	if (attempt_limit > SFP_DFQ_MAX_ATTEMPTS)
		return SFP_LIMIT;
	*queue = (struct sfp_dfq){ .limit = attempt_limit ? attempt_limit * SFP_DFQ_ATTEMPT_ : SFP_DFQ_UNLIMITED_ };
	return SFP_OK;
}

/* ---- the producer's side --------------------------------------------------- */

typedef void *__attribute__((may_alias)) any_pointer;

static struct sfp_dfq_item *chain_item(const void *items, size_t index, size_t offset)
{
	return (struct sfp_dfq_item *)(void *)((char *)((const any_pointer *)items)[index] + offset);
}

/* Mark and link items[0..count); how many before one was not idle. */
static size_t chain_build(const void *items, size_t count, size_t offset)
{
	struct sfp_dfq_item *older = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		struct sfp_dfq_item *item = chain_item(items, i, offset);

		if ((word_of(item) & SFP_DFQ_STATE_) != SFP_DFQ_IDLE)
			break;
		sfp_store_u32(&item->word, SFP_DFQ_QUEUED);
		item->next = older;
		older = item;
	}
	return i;
}

static void chain_undo(const void *items, size_t count, size_t offset)
{
	while (count-- > 0)
		sfp_store_u32(&chain_item(items, count, offset)->word, SFP_DFQ_IDLE);
}

enum sfp_status sfp_dfq_enqueue_chain(struct sfp_dfq *queue, const void *items, size_t count, size_t offset,
				      bool *waiting)
{
	enum sfp_status status;
	size_t built;

	*waiting = false;
	if (count == 0)
		return SFP_INVALID;
	built = chain_build(items, count, offset);
	if (built == count)
		status = sfp_dfq_push_(queue, chain_item(items, count - 1, offset), chain_item(items, 0, offset),
				       waiting);
	else
		status = SFP_BUSY;
	if (status != SFP_OK)
		chain_undo(items, built, offset);
	return status;
}

/* The item is QUEUED: is it known that its push never happened? `seen` is its word, loaded after the proof. */
static enum sfp_status settle_queued(struct sfp_dfq_item *item, uint32_t seen, bool proved)
{
	if (seen & SFP_DFQ_LINKED_)
		return SFP_BUSY;
	if (!proved)
		return SFP_AGAIN;
	sfp_store_u32(&item->word, SFP_DFQ_IDLE);
	return SFP_OK;
}

enum sfp_status sfp_dfq_settle(const struct sfp_dfq *queue, const struct sfp_dfq_item *marker,
			       struct sfp_dfq_item *item)
{
	/*
	 * Both proofs are loaded with acquire before the item's word: a marker that
	 * was passed pairs with A of its retiring, before which everything older had
	 * been linked; an empty head pairs with the swap that emptied it, before
	 * which everything had its outcome.
	 */
	const bool passed = marker && sfp_dfq_terminal_(sfp_load_acquire_u32(&marker->word));
	const bool empty = sfp_dfq_pointer_(sfp_load_acquire_word(&queue->head)) == NULL;
	const uint32_t seen = word_of(item);

	if ((seen & SFP_DFQ_STATE_) != SFP_DFQ_QUEUED)
		return sfp_dfq_reclaim(queue, item);
	return settle_queued(item, seen, passed || empty);
}

/* ---- linking backwards --------------------------------------------------------- */

/* Take out the terminal `linked`, now that its newer neighbour is known. B and C of its retiring. */
static void unlink_pending(struct sfp_dfq *queue, struct sfp_dfq_item *newer)
{
	struct sfp_dfq_item *item = queue->linked;
	struct sfp_dfq_item *older = item->next;

	newer->next = older; /* B */
	sfp_compiler_barrier();
	if (older)
		older->newer = newer;
	else
		queue->oldest = newer;
	/* C: pairs with reclaim(). Ours to say: it was retired by this incarnation. */
	sfp_store_release_u32(&item->word, word_of(item) | SFP_DFQ_RELEASED_);
}

/* Linking has come down to `at`, whose next is `linked`: make it one list. */
static void link_join(struct sfp_dfq *queue, struct sfp_dfq_item *at)
{
	if (!queue->linked)
		queue->oldest = at;
	else if (is_terminal(queue->linked))
		unlink_pending(queue, at);
	else
		queue->linked->newer = at;
	queue->linked = queue->top;
	queue->top = NULL;
}

/* Note that the item's push has happened: this is what settle() relies on. */
static void mark_linked(struct sfp_dfq_item *item)
{
	sfp_store_u32(&item->word, word_of(item) | SFP_DFQ_LINKED_);
}

/* Set top and at to the newest item; false if nothing is newer than `linked`. */
static bool link_begin(struct sfp_dfq *queue)
{
	/* Acquire: pairs with the release of every swap in push; what lies below is complete. */
	const uintptr_t head = sfp_load_acquire_word(&queue->head);
	struct sfp_dfq_item *newest = sfp_dfq_pointer_(head);

	if (newest == queue->linked)
		return false;
	if (head & SFP_DFQ_WAITING_)
		sfp_and_release_word(&queue->head, ~SFP_DFQ_WAITING_);
	mark_linked(newest);
	queue->at = newest;
	queue->top = newest;
	return true;
}

/* How many items ahead linking fetches, and how far from each other neighbours lie at most. */
#define FETCH_AHEAD 24
#define NEIGHBOURS 256

/*
 * Linking follows one pointer after the other through lines that are in the
 * producers' caches. Items of one pool are often used in the order of their
 * addresses: then those to come can be guessed. Not past `linked`, where
 * producers write again. A wrong guess costs a line fetched in vain.
 */
static void fetch_ahead(const struct sfp_dfq *queue, const struct sfp_dfq_item *at,
			const struct sfp_dfq_item *older)
{
	const intptr_t step = (intptr_t)older - (intptr_t)at;
	const uintptr_t ahead = (uintptr_t)older + (uintptr_t)step * FETCH_AHEAD;
	const uintptr_t end = (uintptr_t)queue->linked;

	if (step < -NEIGHBOURS || step > NEIGHBOURS)
		return;
	if (step < 0 ? ahead > end : ahead < end)
		sfp_prefetch_to_write((const void *)ahead);
}

/*
 * Go on linking with what is left of the call's share; true when nothing is
 * left to link. Only a takeover meets terminal items here: it takes them out,
 * and leaves RELEASED alone, since their producers judge by the incarnation.
 */
static bool link_more(struct sfp_dfq *queue, unsigned *share)
{
	struct sfp_dfq_item *at;
	struct sfp_dfq_item *older;

	if (!queue->top && !link_begin(queue))
		return true;
	at = queue->at;
	while ((older = at->next) != queue->linked) {
		if (*share == 0) {
			queue->at = at;
			return false;
		}
		--*share;
		if (SFP_UNLIKELY(is_terminal(older))) {
			at->next = older->next;
			continue;
		}
		fetch_ahead(queue, at, older);
		older->newer = at;
		mark_linked(older);
		at = older;
	}
	link_join(queue, at);
	return true;
}

/* ---- taking over ------------------------------------------------------------------ */

/* Take terminal items off the head; afterwards the newest, if any, is unsettled. */
static void trim_head(struct sfp_dfq *queue)
{
	for (;;) {
		uintptr_t head = sfp_load_acquire_word(&queue->head);
		const struct sfp_dfq_item *newest = sfp_dfq_pointer_(head);

		if (!newest || !is_terminal(newest))
			return;
		/* Where it fails somebody has pushed: that one is unsettled, and the walk meets the rest. */
		(void)sfp_cas_release_word(&queue->head, &head,
					   (uintptr_t)newest->next | (head & SFP_DFQ_TAGS_));
	}
}

/* From now on peek takes the long way, which looks at CLOSED. */
static void end_short_way(struct sfp_dfq *queue)
{
	queue->limit = 0;
}

/* A step of the takeover; true when it is done. Its last store is the incarnation. */
static bool recover_more(struct sfp_dfq *queue, unsigned *share)
{
	if (!queue->top) {
		trim_head(queue);
		queue->oldest = NULL;
		queue->linked = NULL;
	}
	if (!link_more(queue, share))
		return false;
	/* Release: pairs with the second acquire of reclaim(): no older incarnation's item is in the list. */
	sfp_store_release_u32(&queue->incarnation, queue->attached);
	if (sfp_load_word(&queue->head) & SFP_DFQ_CLOSED_)
		end_short_way(queue);
	queue->recovering = 0;
	return true;
}

enum sfp_status sfp_dfq_attach(struct sfp_dfq_consumer *consumer, struct sfp_dfq *queue,
			       struct sfp_proof proof)
{
	unsigned share = SFP_DFQ_BUDGET;

	if (!proof.reason)
		return SFP_INVALID;
	queue->recovering = 1;
	sfp_compiler_barrier(); /* a successor of this one begins anew in any case */
	queue->latest = queue->latest + 1 ? queue->latest + 1 : 1;
	queue->attached = queue->latest;
	queue->top = NULL;
	queue->at = NULL;
	queue->oldest = NULL;
	queue->linked = NULL;
	queue->cursor = NULL;
	consumer->queue = queue;
	consumer->incarnation = queue->attached;
	(void)recover_more(queue, &share);
	return SFP_OK;
}

enum sfp_status sfp_dfq_detach(struct sfp_dfq_consumer *consumer)
{
	struct sfp_dfq *queue = consumer->queue;

	if (consumer->incarnation != queue->attached)
		return SFP_STALE;
	queue->attached = 0;
	return SFP_OK;
}

/* ---- handing out --------------------------------------------------------------------- */

/* The neighbour of `after` on the newer side, as far as linked; NULL: none known. */
static struct sfp_dfq_item *newer_of(const struct sfp_dfq *queue, const struct sfp_dfq_item *after)
{
	struct sfp_dfq_item *item;

	if (after && after == queue->linked)
		return NULL;
	item = after ? after->newer : queue->oldest;
	return item && !is_terminal(item) ? item : NULL;
}

/* Find what comes after `after`, linking if need be. */
static enum sfp_status find(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *after,
			    struct sfp_dfq_item **item, unsigned *share)
{
	struct sfp_dfq *queue = consumer->queue;

	if (consumer->incarnation != queue->attached)
		return SFP_STALE;
	if (queue->recovering && !recover_more(queue, share))
		return SFP_AGAIN;
	if (SFP_UNLIKELY(sfp_load_word(&queue->head) & SFP_DFQ_CLOSED_))
		return SFP_GONE;
	*item = newer_of(queue, after);
	if (*item)
		return SFP_OK;
	if (!link_more(queue, share))
		return SFP_AGAIN;
	*item = newer_of(queue, after);
	return *item ? SFP_OK : SFP_EMPTY;
}

/* The same, with markers that stand in the way taken out: they have been passed. */
static enum sfp_status find_item(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *after,
				 struct sfp_dfq_item **item, unsigned *share)
{
	while (*share > 0) {
		SFP_TRY(find(consumer, after, item, share));
		if (SFP_LIKELY(!(word_of(*item) & SFP_DFQ_MARKER_)))
			return SFP_OK;
		if (*share > 0)
			--*share;
		SFP_TRY(sfp_dfq_retire_(consumer, *item, SFP_DFQ_DONE, share));
	}
	return SFP_AGAIN;
}

enum sfp_status sfp_dfq_look(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *after,
			     struct sfp_dfq_item **item)
{
	unsigned share = SFP_DFQ_BUDGET;

	if (after && !sfp_dfq_unsettled_(word_of(after)))
		return SFP_INVALID;
	return find_item(consumer, after, item, &share);
}

static void give_up(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *item, unsigned *share)
{
	if (*share > 0)
		--*share;
	sfp_store_u32(&item->reason, SFP_DFQ_POISON);
	SFP_IGNORE(sfp_dfq_retire_(consumer, item, SFP_DFQ_FAILED, share),
		   "the caller has checked all that it checks");
}

static enum sfp_status begin(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *item, unsigned *share)
{
	struct sfp_dfq *queue = consumer->queue;
	const uint32_t word = word_of(item);
	const uint32_t attempts = word & SFP_DFQ_ATTEMPTS_;

	if (consumer->incarnation != queue->attached)
		return SFP_STALE;
	if (!sfp_dfq_unsettled_(word) || queue->recovering)
		return SFP_INVALID;
	if (attempts >= queue->limit && queue->limit != 0 && queue->limit != SFP_DFQ_UNLIMITED_) {
		give_up(consumer, item, share);
		return SFP_LIMIT;
	}
	queue->cursor = item;
	if (attempts != SFP_DFQ_ATTEMPTS_) /* the count stops at its end */
		sfp_store_u32(&item->word, word + SFP_DFQ_ATTEMPT_);
	return SFP_OK;
}

enum sfp_status sfp_dfq_begin(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *item)
{
	unsigned share = SFP_DFQ_BUDGET;

	return begin(consumer, item, &share);
}

enum sfp_status sfp_dfq_hand_out_(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *after,
				  struct sfp_dfq_item **item)
{
	unsigned share = SFP_DFQ_BUDGET;
	enum sfp_status status;

	do {
		SFP_TRY(find_item(consumer, after, item, &share));
		status = begin(consumer, *item, &share);
	} while (status == SFP_LIMIT);
	return status;
}

/* ---- settling --------------------------------------------------------------------------- */

enum sfp_status sfp_dfq_fail(struct sfp_dfq_consumer *consumer, struct sfp_dfq_item *item, uint32_t reason)
{
	if (reason == SFP_DFQ_POISON)
		return SFP_INVALID;
	if (consumer->incarnation != consumer->queue->attached)
		return SFP_STALE;
	if (!sfp_dfq_unsettled_(word_of(item)))
		return SFP_INVALID;
	sfp_store_u32(&item->reason, reason); /* before A, which publishes it */
	return sfp_dfq_retire_(consumer, item, SFP_DFQ_FAILED, NULL);
}

/* Let the producers push a while, so that there is more to link than one or two. */
static void be_patient(void)
{
	unsigned turn;

	for (turn = SFP_DFQ_PATIENCE; turn > 0; turn--)
		sfp_port_relax();
}

/*
 * B and C for the item `linked`, whose newer neighbour is not known. If it is
 * the head, a swap takes it out; else the newer ones are linked first. If that
 * takes more than one share, it stays, terminal, until link_join() comes by.
 */
void sfp_dfq_retire_newest_(struct sfp_dfq *queue, struct sfp_dfq_item *item, uint32_t word, unsigned *share)
{
	unsigned whole = SFP_DFQ_BUDGET;
	struct sfp_dfq_item *older = item->next;
	uintptr_t head = sfp_load_word(&queue->head);

	if (sfp_dfq_pointer_(head) == item &&
	    sfp_cas_release_word(&queue->head, &head, (uintptr_t)older | (head & SFP_DFQ_TAGS_))) {
		queue->linked = older;
		if (!older)
			queue->oldest = NULL;
		sfp_store_release_u32(&item->word, word | SFP_DFQ_RELEASED_); /* C: pairs with reclaim() */
		return;
	}
	be_patient();
	(void)link_more(queue, share ? share : &whole);
}

enum sfp_status sfp_dfq_wait(struct sfp_dfq_consumer *consumer)
{
	struct sfp_dfq *queue = consumer->queue;
	struct sfp_dfq_item *item;
	unsigned share = SFP_DFQ_BUDGET;
	enum sfp_status status;
	uintptr_t head;

	status = find_item(consumer, queue->cursor, &item, &share);
	if (status != SFP_EMPTY)
		return status == SFP_OK ? SFP_AGAIN : status;
	head = (uintptr_t)queue->linked;
	if (sfp_cas_release_word(&queue->head, &head, (uintptr_t)queue->linked | SFP_DFQ_WAITING_))
		return SFP_OK;
	return head == ((uintptr_t)queue->linked | SFP_DFQ_WAITING_) ? SFP_OK : SFP_AGAIN;
}

enum sfp_status sfp_dfq_close(struct sfp_dfq_consumer *consumer)
{
	struct sfp_dfq *queue = consumer->queue;
	unsigned share = SFP_DFQ_BUDGET;

	if (consumer->incarnation != queue->attached)
		return SFP_STALE;
	if (!(sfp_load_word(&queue->head) & SFP_DFQ_CLOSED_))
		sfp_or_release_word(&queue->head, SFP_DFQ_CLOSED_);
	end_short_way(queue);
	if (queue->recovering && !recover_more(queue, &share))
		return SFP_AGAIN;
	for (;;) {
		struct sfp_dfq_item *oldest = newer_of(queue, NULL);

		if (!oldest) {
			if (!link_more(queue, &share))
				return SFP_AGAIN;
			if (!queue->oldest)
				return SFP_OK;
			continue;
		}
		if (share == 0)
			return SFP_AGAIN;
		share--;
		SFP_TRY(sfp_dfq_retire_(consumer, oldest, SFP_DFQ_LOST, &share));
	}
}

enum sfp_status sfp_dfq_depth(struct sfp_dfq_consumer *consumer, size_t *depth)
{
	const struct sfp_dfq *queue = consumer->queue;
	const struct sfp_dfq_item *item;
	size_t count = 0;

	if (consumer->incarnation != queue->attached)
		return SFP_STALE;
	for (item = sfp_dfq_pointer_(sfp_load_acquire_word(&queue->head)); item; item = item->next)
		if ((word_of(item) & (SFP_DFQ_STATE_ | SFP_DFQ_MARKER_)) == SFP_DFQ_QUEUED)
			count++;
	*depth = count;
	return SFP_OK;
}
