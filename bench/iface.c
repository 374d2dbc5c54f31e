/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iface: what a late-bound call costs beside its parts, in ticks of the time
 * stamp counter, when nothing happens in it and nobody else is there: a bare
 * indirect call, the same through a gate, and the whole of it: look, pin, look
 * again, gate, call, unpin. And what it costs a swap to find that nobody is inside.
 */
#include "bench.h"

#include <sfp/iface.h>

#define CALLS 1000u
#define SWAPS 100u

#define TALLY_OPS(OP) \
	OP(count, SFP_IN(uint64_t, amount), SFP_OUT(uint64_t, total)) \
	OP(relay, SFP_IN(struct tally_ref *, inner), SFP_IN(uint64_t, amount), SFP_OUT(uint64_t, total))
struct tally_ref;
SFP_INTERFACE(tally, 1, TALLY_OPS);

struct tally {
	uint64_t total;
};

static enum sfp_status adder_count(struct tally *tally, uint64_t amount, uint64_t *total)
{
	tally->total += amount;
	*total = tally->total;
	return SFP_OK;
}

static enum sfp_status adder_relay(struct tally *tally, struct tally_ref *inner, uint64_t amount, uint64_t *total)
{
	(void)tally;
	return tally_count(inner, amount, total);
}
SFP_PROVIDER(adder, struct tally, tally, TALLY_OPS);

static struct {
	struct sfp_iface_slot slots[8];
	struct sfp_iface_realm realm;
	struct tally_offer offer;
	struct tally_record record[2];
	struct tally_ref ref;
	struct tally tally;
	uint64_t total;
} all;

struct gated_call {
	uint64_t amount;
	uint64_t *total;
};

static enum sfp_status (*volatile count_pointer)(void *, uint64_t, uint64_t *);

static enum sfp_status run_gated(struct gated_call *call)
{
	return count_pointer(&all.tally, call->amount, call->total);
}
SFP_GATE(run_gated, run_gated, struct gated_call *);

#define MEASURE(name, times, call) \
	static __attribute__((noinline)) uint64_t name(void) \
	{ \
		const uint64_t began = bench_ticks(); \
		unsigned i; \
		\
		for (i = 0; i < (times); i++) \
			if ((call) != SFP_OK) \
				bench_fail("iface/call: a call failed"); \
		return bench_ticks() - began; \
	}

static enum sfp_status contain(void)
{
	struct gated_call call = { .amount = 1, .total = &all.total };

	return run_gated_contained(&call, NULL);
}

static enum sfp_status swap_and_drain(unsigned turn)
{
	struct tally_record *old;

	SFP_TRY(tally_publish(&all.offer, &all.record[turn % 2], &old));
	return old ? tally_drain(old) : SFP_OK;
}

MEASURE(indirect, CALLS, count_pointer(&all.tally, 1, &all.total))
MEASURE(contained, CALLS, contain())
MEASURE(whole, CALLS, tally_count(&all.ref, 1, &all.total))
MEASURE(nested, CALLS, tally_relay(&all.ref, &all.ref, 1, &all.total))
MEASURE(swap, SWAPS, swap_and_drain(i))

static const struct {
	const char *name;
	uint64_t (*measure)(void);
	unsigned times;
} variants[] = {
	{ "indirect_call", indirect, CALLS },
	{ "contained_call", contained, CALLS },
	{ "iface_call", whole, CALLS },
	{ "iface_call_in_a_call", nested, CALLS },
	{ "swap_and_drain", swap, SWAPS },
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* With so many bytes of the stack in use. */
static uint64_t measure_below(size_t variant, size_t bytes)
{
	char *used = __builtin_alloca(bytes);

	__asm__ __volatile__("" : : "r"(used) : "memory");
	return variants[variant].measure();
}

/* What a frame costs depends on where in a cache line it begins: take all four places. */
static double measure(void *context, size_t variant)
{
	uint64_t ticks = 0;
	size_t place;

	(void)context;
	for (place = 0; place < 4; place++)
		ticks += measure_below(variant, 16 + 16 * place);
	return (double)ticks / (4.0 * variants[variant].times);
}

static enum sfp_status set_up(void)
{
	unsigned i;

	all.realm = (struct sfp_iface_realm){ .slots = all.slots, .count = 8 };
	all.ref = (struct tally_ref)SFP_REF(&all.realm, NULL);
	all.offer.provider = "bench";
	for (i = 0; i < 2; i++)
		adder_tally_record(&all.record[i], &all.tally, 1);
	count_pointer = adder_tally_ops.count;
	SFP_TRY(tally_offer(&all.realm, &all.offer));
	return tally_publish(&all.offer, &all.record[0], NULL);
}

static void iface_call(const struct bench_options *options)
{
	static struct bench_series series[VARIANTS];
	const struct bench_options many = { .rounds = BENCH_MAX_SAMPLES, .quick = options->quick };
	size_t n;

	bench_pin(bench_cpus() - 1);
	if (sfp_posix_thread_enter() != 0 || set_up() != SFP_OK)
		bench_fail("iface/call: there is nothing to call");
	for (n = 0; n < VARIANTS; n++)
		series[n] = (struct bench_series){ .bench = "iface/call", .variant = variants[n].name, .unit = "ticks" };
	bench_rounds(series, VARIANTS, &many, measure, NULL);
}

static const struct bench_question questions[] = {
	{ "iface/call", "a late-bound call beside a bare and a contained one", iface_call },
};

int main(int count, char **words)
{
	return bench_main(count, words, questions, sizeof(questions) / sizeof(questions[0]));
}
