/* SPDX-License-Identifier: BSD-2-Clause */
/* estate_dfq: having a dead producer's items back from a queue. */
#include <sfp/estate_dfq.h>

static struct sfp_dfq_item *item_of(const struct sfp_estate_dfq *pool, size_t index)
{
	return (struct sfp_dfq_item *)(void *)((char *)pool->first + index * pool->stride);
}

/* OK: all are idle. AGAIN: of some it is not known whether they are in the queue. BUSY: some are. */
static enum sfp_status settle_all(struct sfp_estate_dfq *pool)
{
	enum sfp_status whole = SFP_OK;
	size_t i;

	for (i = 0; i < pool->count; i++) {
		const enum sfp_status one = sfp_dfq_settle(pool->queue, &pool->marker, item_of(pool, i));

		if (one == SFP_AGAIN || whole == SFP_OK)
			whole = one;
	}
	return whole;
}

static bool is_queued(const struct sfp_dfq_item *item)
{
	return sfp_dfq_state(item).state == SFP_DFQ_QUEUED;
}

static void enqueue_marker(struct sfp_estate_dfq *pool)
{
	bool waiting;

	SFP_IGNORE(sfp_dfq_mark(pool->queue, &pool->marker, &waiting),
		   "BUSY: it is on its way; GONE: the queue is being emptied, which settles as well");
}

/*
 * While the marker is in the queue and the consumer's wait stands, nobody has
 * woken it: this burier's mark, or one that stopped right after its own.
 */
static void wake_consumer(struct sfp_estate_dfq *pool)
{
	if (pool->hook && is_queued(&pool->marker) &&
	    (sfp_load_word(&pool->queue->head) & SFP_DFQ_WAITING_))
		pool->hook(pool->queue);
}

enum sfp_status sfp_estate_dfq_detach(struct sfp_estate_entry *entry)
{
	struct sfp_estate_dfq *pool = SFP_CONTAINER(entry, struct sfp_estate_dfq, entry);
	const enum sfp_status status = settle_all(pool);

	if (status == SFP_AGAIN)
		enqueue_marker(pool);
	wake_consumer(pool);
	if (status != SFP_OK)
		return SFP_BUSY;
	/* The marker's turn. NULL: for itself it proves nothing, but an empty queue does. */
	return sfp_dfq_settle(pool->queue, NULL, &pool->marker) == SFP_OK ? SFP_OK : SFP_BUSY;
}
