/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long is the longest single call of the consumer, while it takes 1 to
 * 1,000,000 queued items? The items' memory is cold: an item was last touched
 * when it was enqueued. What an interrupt of the machine adds is in the
 * figure too, so the lowest samples say more than the highest.
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

static void keep_longest(uint64_t *longest, uint64_t began)
{
	const uint64_t took = bench_ticks() - began;

	if (took > *longest)
		*longest = took;
}

static uint64_t drain(struct messages_consumer *consumer, uint64_t count)
{
	uint64_t longest = 0;
	struct message *message = NULL;
	uint64_t sum = 0;
	uint64_t i = 0;

	while (i < count) {
		uint64_t began = bench_ticks();
		enum sfp_status status = messages_peek(consumer, &message);

		keep_longest(&longest, began);
		if (status == SFP_AGAIN)
			continue;
		if (status != SFP_OK)
			bench_fail("dfq/longest-call: an item is missing");
		sum += message->payload;
		began = bench_ticks();
		status = messages_complete(consumer, message);
		keep_longest(&longest, began);
		if (status != SFP_OK)
			bench_fail("dfq/longest-call: complete refused an item that was handed out");
		i++;
	}
	if (sum != count * (count - 1) / 2)
		bench_fail("dfq/longest-call: items were doubled or changed");
	return longest;
}

static double measure(void *context, size_t variant)
{
	const uint64_t queued = *(const uint64_t *)context;
	static struct messages queue;
	struct messages_consumer consumer;
	struct message *items;
	struct bench_order order;
	uint64_t longest;
	size_t room = 2;

	while (room <= queued)
		room *= 2;
	bench_pin(bench_cpus() - 1);
	items = bench_allocate(room * sizeof(items[0]));
	order = bench_order_make(room, variant == 1);
	if (messages_init(&queue, 0) != SFP_OK ||
	    messages_attach(&consumer, &queue, SFP_PROOF("the queue is new")) != SFP_OK)
		bench_fail("dfq/longest-call: cannot make a queue");
	fill(&queue, items, &order, queued);
	longest = drain(&consumer, queued);
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
