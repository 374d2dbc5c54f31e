/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What does each operation cost when nobody else is there? In ticks of the time
 * stamp counter, over a batch of items that is in the first cache. Beside it
 * what bounds it: one bare compare-and-swap, and the peers' enqueue.
 */
#define _LGPL_SOURCE
#include "dfq.h"

#include <ck_ring.h>
#include <sfp/dfq.h>
#include <urcu/wfcqueue.h>

#define BATCH 256u

struct message {
	struct sfp_dfq_item link;
	uint64_t payload;
};
SFP_DFQ(messages, struct message, link);

static struct messages queue;
static struct messages_consumer consumer;
static struct message messages[BATCH] SFP_CACHE_ALIGNED;

static void must(enum sfp_status status)
{
	if (SFP_UNLIKELY(status != SFP_OK))
		bench_fail("dfq/cycles: an operation was refused");
}

static double per_item(uint64_t began)
{
	return (double)(bench_ticks() - began) / BATCH;
}

static double enqueue_all(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < BATCH; i++) {
		messages[i].payload = i;
		must(messages_enqueue(&queue, &messages[i]));
	}
	return per_item(began);
}

/* Hand out the oldest; on the way all are linked, in shares. */
static double link_all(struct message **oldest)
{
	const uint64_t began = bench_ticks();
	enum sfp_status status;

	do
		status = messages_peek(&consumer, oldest);
	while (status == SFP_AGAIN);
	must(status);
	return per_item(began);
}

static double complete_all(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < BATCH; i++)
		must(messages_complete(&consumer, &messages[i]));
	return per_item(began);
}

static double peek_and_complete_all(struct message *oldest)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	must(messages_complete(&consumer, oldest));
	for (i = 1; i < BATCH; i++) {
		must(messages_peek(&consumer, &oldest));
		must(messages_complete(&consumer, oldest));
	}
	return per_item(began);
}

static double reclaim_all(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < BATCH; i++)
		must(messages_reclaim(&queue, &messages[i]));
	return per_item(began);
}

/* Peek at the one item over and over; attempts are counted up to 254. */
static double peek_again(void)
{
	struct message *message;
	uint64_t began;
	unsigned i;

	must(messages_enqueue(&queue, &messages[0]));
	must(messages_peek(&consumer, &message));
	began = bench_ticks();
	for (i = 0; i < 250; i++)
		must(messages_peek(&consumer, &message));
	began = bench_ticks() - began;
	must(messages_complete(&consumer, message));
	must(messages_reclaim(&queue, message));
	return (double)began / 250;
}

/* The whole of an item's life, one item at a time: the queue becomes empty each time. */
static double one_at_a_time(void)
{
	const uint64_t began = bench_ticks();
	struct message *message;
	unsigned i;

	for (i = 0; i < BATCH; i++) {
		messages[i].payload = i;
		must(messages_enqueue(&queue, &messages[i]));
		must(messages_peek(&consumer, &message));
		must(messages_complete(&consumer, message));
		must(messages_reclaim(&queue, message));
	}
	return per_item(began);
}

static double bare_cas(void)
{
	static uintptr_t word SFP_CACHE_ALIGNED;
	uintptr_t expected = word;
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < BATCH; i++)
		if (sfp_cas_release_word(&word, &expected, expected + 1))
			expected++;
	return per_item(began);
}

static double ck_ring_enqueue_all(void)
{
	static struct ck_ring ring SFP_CACHE_ALIGNED;
	static struct ck_ring_buffer slots[2 * BATCH];
	uint64_t began;
	unsigned i;

	ck_ring_init(&ring, 2 * BATCH);
	began = bench_ticks();
	for (i = 0; i < BATCH; i++)
		if (!ck_ring_enqueue_mpsc(&ring, slots, &messages[i]))
			bench_fail("dfq/cycles: the ring is full");
	return per_item(began);
}

static double wfcqueue_enqueue_all(void)
{
	static struct {
		struct cds_wfcq_node link;
		uint64_t payload;
	} nodes[BATCH];
	static struct __cds_wfcq_head head SFP_CACHE_ALIGNED;
	static struct cds_wfcq_tail tail SFP_CACHE_ALIGNED;
	uint64_t began;
	unsigned i;

	__cds_wfcq_init(&head, &tail);
	began = bench_ticks();
	for (i = 0; i < BATCH; i++) {
		nodes[i].payload = i;
		cds_wfcq_node_init(&nodes[i].link);
		cds_wfcq_enqueue(&head, &tail, &nodes[i].link);
	}
	return per_item(began);
}

enum operation {
	ENQUEUE, LINK, PEEK, COMPLETE, PEEK_AND_COMPLETE, RECLAIM, ONE_AT_A_TIME,
	BARE_CAS, CK_RING_ENQUEUE, WFCQUEUE_ENQUEUE,
	OPERATIONS
};

static const char *const names[OPERATIONS] = {
	"enqueue", "link", "peek", "complete", "peek_and_complete", "reclaim", "one_at_a_time",
	"bare_cas", "ck_ring_mpsc_enqueue", "wfcqueue_enqueue",
};

static void hand_all_out(void)
{
	struct message *message;
	unsigned i;

	for (i = 1; i < BATCH; i++)
		must(messages_next(&consumer, &message));
}

/* The lives of a batch; what each part of them took. */
static void live(double *took)
{
	struct message *oldest;

	took[ENQUEUE] = enqueue_all();
	took[LINK] = link_all(&oldest);
	took[PEEK_AND_COMPLETE] = peek_and_complete_all(oldest);
	took[RECLAIM] = reclaim_all();
	(void)enqueue_all();
	(void)link_all(&oldest);
	hand_all_out();
	took[COMPLETE] = complete_all();
	(void)reclaim_all();
	took[PEEK] = peek_again();
	took[ONE_AT_A_TIME] = one_at_a_time();
	took[BARE_CAS] = bare_cas();
	took[CK_RING_ENQUEUE] = ck_ring_enqueue_all();
	took[WFCQUEUE_ENQUEUE] = wfcqueue_enqueue_all();
}

#define LIVES 101u

void dfq_cycles(const struct bench_options *options)
{
	static struct bench_series series[OPERATIONS];
	double took[OPERATIONS];
	unsigned life;
	size_t n;

	(void)options; /* it is quick in any case */
	bench_pin(bench_cpus() - 1);
	must(messages_init(&queue, 0));
	must(messages_attach(&consumer, &queue, SFP_PROOF("the queue is new")));
	for (n = 0; n < OPERATIONS; n++)
		series[n] = (struct bench_series){ .bench = "dfq/cycles", .variant = names[n], .unit = "ticks" };
	for (life = 0; life < 20 + LIVES; life++) {
		live(took);
		for (n = 0; life >= 20 && n < OPERATIONS; n++)
			bench_add(&series[n], took[n]);
	}
	for (n = 0; n < OPERATIONS; n++)
		bench_emit(&series[n]);
}
