/* SPDX-License-Identifier: BSD-2-Clause */
/* dfq: what the decoupled queue costs, beside its peers. */
#include "dfq.h"

static const struct bench_question questions[] = {
	{ "dfq/throughput", "time an item takes through the queue, with 1 to 64 producers", dfq_throughput },
	{ "dfq/contention", "an enqueue while every processor does nothing else", dfq_contention },
	{ "dfq/round-trip", "a request to another processor and its answer", dfq_round_trip },
	{ "dfq/queued", "cost of an item with 1 to 1,000,000 queued", dfq_queued },
	{ "dfq/longest-call", "the longest single call of the consumer meanwhile", dfq_longest_call },
	{ "dfq/cycles", "each operation, uncontended", dfq_cycles },
};

int main(int count, char **words)
{
	return bench_main(count, words, questions, sizeof(questions) / sizeof(questions[0]));
}
