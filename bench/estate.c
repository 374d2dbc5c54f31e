/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * estate: what a retained record costs its owner, and its burier, in ticks of
 * the time stamp counter; beside a bare intrusive list, which could not be
 * taken apart by a stranger.
 */
#include "bench.h"

#include <sfp/estate.h>

#define RECORDS 256u

struct node {
	struct node *next;
	struct node *previous;
};

static struct {
	struct sfp_estate estate;
	struct sfp_estate_entry entry[RECORDS];
	struct node head;
	struct node node[RECORDS];
} all;

static enum sfp_status forget(struct sfp_estate_entry *entry)
{
	__asm__ __volatile__("" : : "r"(entry) : "memory");
	return SFP_OK;
}

static void expect(enum sfp_status status)
{
	if (status != SFP_OK)
		bench_fail("estate/record: an operation failed");
}

static double each_since(uint64_t began)
{
	return (double)(bench_ticks() - began) / RECORDS;
}

static double list(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	all.head = (struct node){ &all.head, &all.head };
	for (i = 0; i < RECORDS; i++) {
		struct node *node = &all.node[i];

		node->next = all.head.next;
		node->previous = &all.head;
		all.head.next->previous = node;
		all.head.next = node;
	}
	for (i = 0; i < RECORDS; i++) {
		struct node *node = &all.node[i];

		node->next->previous = node->previous;
		node->previous->next = node->next;
	}
	return each_since(began);
}

static double add_and_remove(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < RECORDS; i++)
		expect(sfp_estate_add(&all.estate, &all.entry[i], forget, "a record"));
	for (i = 0; i < RECORDS; i++)
		expect(sfp_estate_remove(&all.estate, &all.entry[i]));
	return each_since(began);
}

static double bury(void)
{
	uint64_t began;
	unsigned i;

	for (i = 0; i < RECORDS; i++)
		expect(sfp_estate_add(&all.estate, &all.entry[i], forget, "a record"));
	began = bench_ticks();
	expect(sfp_estate_bury(&all.estate, SFP_PROOF("the bench has stopped being the client"), RECORDS));
	all.estate.sealed = 0;
	return each_since(began);
}

static const struct {
	const char *name;
	double (*measure)(void);
} variants[] = {
	{ "bare_list", list },
	{ "add_and_remove", add_and_remove },
	{ "bury", bury },
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static double measure(void *context, size_t variant)
{
	(void)context;
	return variants[variant].measure();
}

static void estate_record(const struct bench_options *options)
{
	static struct bench_series series[VARIANTS];
	const struct bench_options many = { .rounds = BENCH_MAX_SAMPLES, .quick = options->quick };
	size_t n;

	bench_pin(bench_cpus() - 1);
	for (n = 0; n < VARIANTS; n++)
		series[n] = (struct bench_series){ .bench = "estate/record", .variant = variants[n].name,
						   .unit = "ticks" };
	bench_rounds(series, VARIANTS, &many, measure, NULL);
}

static const struct bench_question questions[] = {
	{ "estate/record", "a retained record on the list, off it, and buried", estate_record },
};

int main(int count, char **words)
{
	return bench_main(count, words, questions, sizeof(questions) / sizeof(questions[0]));
}
