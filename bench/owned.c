/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owned: what it costs to hand a value over, in ticks of the time stamp
 * counter; beside a copy of it, and a bare pointer with a promise.
 */
#include "bench.h"

#include <sfp/owned.h>

#define TURNS 256u
#define PAGE 4096u

struct page {
	struct sfp_owned owner;
	char bytes[PAGE];
};
static void page_free(struct page *page)
{
	__asm__ __volatile__("" : : "r"(page) : "memory");
}
SFP_OWNED(buf, struct page, owner, SFP_OWNED_FREES(page_free));

static struct {
	struct page page;
	char copy[PAGE];
	struct page *pointer[2];
	struct buf_cell cell;
} all;

static enum sfp_status keep(struct buf *given, struct buf_cell *cell) SFP_RELEASES(*given);
static enum sfp_status keep(struct buf *given, struct buf_cell *cell)
{
	return buf_put(given, cell);
}
SFP_OWNED_GATE(keep, buf, keep, struct buf_cell *);

static void expect(enum sfp_status status)
{
	if (status != SFP_OK)
		bench_fail("owned/hand-over: an operation failed");
}

static double each_since(uint64_t began)
{
	return (double)(bench_ticks() - began) / TURNS;
}

static void seen(void)
{
	__asm__ __volatile__("" : : : "memory");
}

static double copy(size_t size)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TURNS; i++) {
		__builtin_memcpy(all.copy, all.page.bytes, size);
		seen();
	}
	return each_since(began);
}

static double copy_256(void)
{
	return copy(256);
}

static double copy_4096(void)
{
	return copy(PAGE);
}

static double pointer(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TURNS; i++) {
		all.pointer[~i & 1] = all.pointer[i & 1];
		seen();
		all.pointer[i & 1] = NULL;
		seen();
	}
	return each_since(began);
}

/* Into a cell and back: two moves a turn. */
static SFP_UNCHECKED double move(void)
{
	struct buf mine = SFP_OWNED_EMPTY;
	uint64_t began;
	unsigned i;
	double each;

	expect(buf_adopt(&mine, &all.page));
	began = bench_ticks();
	for (i = 0; i < TURNS / 2; i++) {
		expect(buf_put(&mine, &all.cell));
		expect(buf_take(&all.cell, &mine));
	}
	each = each_since(began);
	expect(buf_drop(&mine));
	return each;
}

static SFP_UNCHECKED double adopt_and_drop(void)
{
	const uint64_t began = bench_ticks();
	struct buf mine = SFP_OWNED_EMPTY;
	unsigned i;

	for (i = 0; i < TURNS; i++) {
		expect(buf_adopt(&mine, &all.page));
		expect(buf_drop(&mine));
	}
	return each_since(began);
}

/* Through a gate to a receiver that keeps it in a cell; and one move back. */
static SFP_UNCHECKED double give(void)
{
	struct buf mine = SFP_OWNED_EMPTY;
	uint64_t began;
	unsigned i;
	double each;

	expect(buf_adopt(&mine, &all.page));
	began = bench_ticks();
	for (i = 0; i < TURNS; i++) {
		expect(keep_give(&mine, &all.cell, NULL));
		expect(buf_take(&all.cell, &mine));
	}
	each = each_since(began);
	expect(buf_drop(&mine));
	return each;
}

static const struct {
	const char *name;
	double (*measure)(void);
} variants[] = {
	{ "bare_pointer", pointer },
	{ "move", move },
	{ "give_through_a_gate_and_back", give },
	{ "adopt_and_drop", adopt_and_drop },
	{ "copy_256_bytes", copy_256 },
	{ "copy_4096_bytes", copy_4096 },
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

static double measure(void *context, size_t variant)
{
	(void)context;
	return variants[variant].measure();
}

static void owned_hand_over(const struct bench_options *options)
{
	static struct bench_series series[VARIANTS];
	const struct bench_options many = { .rounds = BENCH_MAX_SAMPLES, .quick = options->quick };
	size_t n;

	bench_pin(bench_cpus() - 1);
	all.pointer[0] = &all.page;
	for (n = 0; n < VARIANTS; n++)
		series[n] = (struct bench_series){ .bench = "owned/hand-over", .variant = variants[n].name,
						   .unit = "ticks" };
	bench_rounds(series, VARIANTS, &many, measure, NULL);
}

static const struct bench_question questions[] = {
	{ "owned/hand-over", "a value from one owner to the next, beside a copy of it", owned_hand_over },
};

int main(int count, char **words)
{
	return bench_main(count, words, questions, sizeof(questions) / sizeof(questions[0]));
}
