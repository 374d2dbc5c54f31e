/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * handle: what it costs to keep a client's state in the client's memory, for 16 bytes of it, beside what any
 * way of having it alone costs on this machine: a compare-and-swap and a store. In nanoseconds; nobody else
 * is there.
 */
#include "bench.h"

#include <string.h>

#include <sfp/handle.h>

#define TIMES 256u

struct file_state {
	uint64_t inode;
	uint64_t pos;
};
SFP_HANDLE(file, struct file_state, 1);
SFP_HANDLE_UNSHARED(lone, struct file_state, 1);

static struct {
	struct sfp_realm realm;
	uintptr_t word;
	struct file_state state;
	struct file file;
	struct lone lone;
	struct file_wire wire[TIMES];
	struct file opened[TIMES];
} all SFP_CACHE_ALIGNED;

static double each_since(uint64_t began)
{
	return (double)(bench_ticks() - began) / bench_ticks_per_ns() / TIMES;
}

static void expect(enum sfp_status status, const char *what)
{
	if (status != SFP_OK)
		bench_fail(what);
}

/* What every import does with the state that it has. */
static inline void work(struct file_state *state)
{
	__asm__ __volatile__("incq %0" : "+m"(state->pos));
}

static double in_place(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TIMES; i++)
		work(&all.state);
	return each_since(began);
}

static double swap_and_store(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TIMES; i++) {
		uintptr_t nobody = 0;

		if (!sfp_cas_acquire_word(&all.word, &nobody, (uintptr_t)&nobody))
			bench_fail("handle/import: the word is taken");
		work(&all.state);
		sfp_store_release_word(&all.word, 0);
	}
	return each_since(began);
}

static inline enum sfp_status import_one(void)
{
	SFP_IMPORT(file, s, &all.realm, &all.file);
	work(s);
	return SFP_OK;
}

static double import_shared(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TIMES; i++)
		expect(import_one(), "handle/import: refused");
	return each_since(began);
}

static inline enum sfp_status import_lone(void)
{
	SFP_IMPORT(lone, s, &all.realm, &all.lone);
	work(s);
	return SFP_OK;
}

static double import_unshared(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TIMES; i++)
		expect(import_lone(), "handle/import: refused");
	return each_since(began);
}

static double seal(void)
{
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < TIMES; i++)
		expect(file_seal(&all.realm, &all.file, &all.wire[i]), "handle/seal: refused");
	return each_since(began);
}

static double open_sealed(void)
{
	uint64_t began;
	unsigned i;

	(void)seal();
	memset(all.opened, 0, sizeof(all.opened));
	began = bench_ticks();
	for (i = 0; i < TIMES; i++)
		expect(file_open(&all.realm, &all.wire[i], &all.opened[i]), "handle/open: refused");
	return each_since(began);
}

struct variant {
	const char *name;
	double (*measure)(void);
};

static const struct variant import_variants[] = {
	{ "in_place", in_place },
	{ "swap_and_store", swap_and_store },
	{ "sfp_handle", import_shared },
	{ "sfp_handle_unshared", import_unshared },
};
static const struct variant seal_variants[] = { { "seal", seal }, { "open", open_sealed } };

static double measure(void *context, size_t variant)
{
	const struct variant *variants = context;

	return variants[variant].measure();
}

static void run(const struct bench_options *options, const char *bench, const struct variant *variants, size_t count)
{
	static struct bench_series series[4];
	static const unsigned char key[16] = { 1, 2, 3 };
	const struct bench_options many = { .rounds = BENCH_MAX_SAMPLES, .quick = options->quick };
	size_t n;

	bench_pin(bench_cpus() - 1);
	memset(&all, 0, sizeof(all));
	expect(sfp_realm_init(&all.realm, key), "handle: no realm");
	expect(file_export(&all.realm, &all.state, &all.file), "handle: not exported");
	expect(lone_export(&all.realm, &all.state, &all.lone), "handle: not exported");
	for (n = 0; n < count; n++)
		series[n] = (struct bench_series){ .bench = bench, .variant = variants[n].name, .unit = "ns" };
	bench_rounds(series, count, &many, measure, (void *)(uintptr_t)variants);
}

static void handle_import(const struct bench_options *options)
{
	run(options, "handle/import", import_variants, sizeof(import_variants) / sizeof(import_variants[0]));
}

static void handle_seal(const struct bench_options *options)
{
	run(options, "handle/seal", seal_variants, sizeof(seal_variants) / sizeof(seal_variants[0]));
}

static const struct bench_question questions[] = {
	{ "handle/import", "import, change and commit 16 bytes beside a bare compare-and-swap", handle_import },
	{ "handle/seal", "seal and open 16 bytes", handle_seal },
};

int main(int count, char **words)
{
	return bench_main(count, words, questions, sizeof(questions) / sizeof(questions[0]));
}
