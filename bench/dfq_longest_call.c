/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long is the longest single call of the consumer, while it takes 1 to
 * 1,000,000 queued items? An item was last touched when it was enqueued, so its
 * memory is cold when many are queued.
 *
 * The same calls are made several times over; what counts of each is its
 * shortest time, and of those the longest. An interrupt of the machine, which
 * meets another call each time, is not taken for a call of the queue.
 */
#include "dfq.h"
#include "pool.h"

#include <sfp/dfq.h>

#include <stdlib.h>

struct message {
	struct sfp_dfq_item link;
	uint64_t payload;
};
SFP_DFQ(messages, struct message, link);

static const char *const variants[] = { "sfp_dfq", "sfp_dfq_scattered" };
#define VARIANTS 2u

static void fill(struct messages *queue, struct message *items, struct bench_order *order, uint64_t count)
{
	uint64_t i;

	for (i = 0; i < count; i++) {
		items[order->at].payload = i;
		if (messages_enqueue(queue, &items[order->at]) != SFP_OK)
			bench_fail("dfq/longest-call: enqueue refused an idle item");
		bench_order_advance(order);
	}
}

/* The shortest time of each call, in the order of the calls. */
struct calls {
	uint32_t *ticks;
	size_t at;
	size_t room;
};

static void note(struct calls *calls, uint64_t began)
{
	const uint64_t took = bench_ticks() - began;

	if (calls->at == calls->room)
		bench_fail("dfq/longest-call: more calls than there can be");
	if (took < calls->ticks[calls->at])
		calls->ticks[calls->at] = (uint32_t)took;
	calls->at++;
}

static void drain(struct messages_consumer *consumer, uint64_t count, struct calls *calls)
{
	struct message *message = NULL;
	uint64_t sum = 0;
	uint64_t i = 0;

	calls->at = 0;
	while (i < count) {
		uint64_t began = bench_ticks();
		enum sfp_status status = messages_peek(consumer, &message);

		note(calls, began);
		if (status == SFP_AGAIN)
			continue;
		if (status != SFP_OK)
			bench_fail("dfq/longest-call: an item is missing");
		sum += message->payload;
		began = bench_ticks();
		status = messages_complete(consumer, message);
		note(calls, began);
		if (status != SFP_OK)
			bench_fail("dfq/longest-call: complete refused an item that was handed out");
		i++;
	}
	if (sum != count * (count - 1) / 2)
		bench_fail("dfq/longest-call: items were doubled or changed");
}

static void pass(struct message *items, size_t room, bool scattered, uint64_t queued, struct calls *calls)
{
	static struct messages queue;
	struct messages_consumer consumer;
	struct bench_order order = bench_order_make(room, scattered);
	uint64_t i;

	if (messages_init(&queue, 0) != SFP_OK ||
	    messages_attach(&consumer, &queue, SFP_PROOF("the queue is new")) != SFP_OK)
		bench_fail("dfq/longest-call: cannot make a queue");
	fill(&queue, items, &order, queued);
	drain(&consumer, queued, calls);
	for (i = 0; i < room; i++)
		if (messages_reclaim(&queue, &items[i]) != SFP_OK)
			bench_fail("dfq/longest-call: an item did not come back");
}

#define PASSES 5u

static double measure(void *context, size_t variant)
{
	const uint64_t queued = *(const uint64_t *)context;
	struct calls calls = { .room = 4 * (size_t)queued + 16 };
	struct message *items;
	uint32_t longest = 0;
	size_t room = 2;
	size_t i;

	while (room <= queued)
		room *= 2;
	bench_pin(bench_cpus() - 1);
	items = bench_allocate(room * sizeof(items[0]));
	calls.ticks = bench_allocate(calls.room * sizeof(calls.ticks[0]));
	for (i = 0; i < calls.room; i++)
		calls.ticks[i] = UINT32_MAX;
	for (i = 0; i < PASSES; i++)
		pass(items, room, variant == 1, queued, &calls);
	for (i = 0; i < calls.at; i++)
		if (calls.ticks[i] > longest)
			longest = calls.ticks[i];
	free(calls.ticks);
	free(items);
	return (double)longest / bench_ticks_per_ns();
}

void dfq_longest_call(const struct bench_options *options)
{
	static struct bench_series series[VARIANTS];
	uint64_t queued;
	size_t n;

	for (queued = 1; queued <= 1000000; queued *= 10) {
		for (n = 0; n < VARIANTS; n++)
			series[n] = (struct bench_series){ .bench = "dfq/longest-call", .variant = variants[n],
							   .unit = "ns/call", .x_name = "queued", .x = queued };
		bench_rounds(series, VARIANTS, options, measure, &queued);
	}
}
