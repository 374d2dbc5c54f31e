/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dispatch: what it costs to run 1, 8 and 64 handlers, in ticks of the time
 * stamp counter, beside a bare loop over an array of function pointers, which
 * nobody could leave while it runs and no handler could fault in. `limit` is
 * the target: one and a half bare loops, and what a gate costs more than a call.
 * And what it costs to come and to leave.
 */
#include "bench.h"

#include <sfp/dispatch.h>

#define MOST 64u
#define CALLS 4096u /* of handlers, in a sample */
#define CHANGES 256u

struct event {
	uint64_t amount;
};
SFP_DISPATCH(hooks, struct event, SFP_LISTED);

struct client {
	struct hooks_sub sub;
	uint64_t total;
} SFP_CACHE_ALIGNED;

static enum sfp_status on_event(struct client *client, struct event *event)
{
	client->total += event->amount;
	return SFP_OK;
}
SFP_HANDLER(hooks, on_event, struct client);

/* The bare loop's record of the same. */
struct bare {
	sfp_dispatch_handler *handler;
	void *context;
};

static struct {
	struct hooks hooks[3];
	struct client client[3][MOST];
	struct bare bare[3][MOST];
	struct event event;
} all;

static const unsigned fans[3] = { 1, 8, MOST };

static __attribute__((noinline)) enum sfp_status run_bare(const struct bare *bare, unsigned count,
							  void *argument)
{
	enum sfp_status whole = SFP_EMPTY;
	unsigned i;

	for (i = 0; i < count; i++)
		if (bare[i].handler(bare[i].context, argument) == SFP_OK)
			whole = SFP_OK;
	return whole;
}

static void expect_ok(enum sfp_status status)
{
	if (status != SFP_OK)
		bench_fail("dispatch: an operation failed");
}

/* ---- fan-out ------------------------------------------------------------------ */

static __attribute__((noinline)) double bare(unsigned fan)
{
	const unsigned times = CALLS / fans[fan];
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < times; i++)
		expect_ok(run_bare(all.bare[fan], fans[fan], &all.event));
	return (double)(bench_ticks() - began) / times;
}

static __attribute__((noinline)) double dispatched(unsigned fan)
{
	const unsigned times = CALLS / fans[fan];
	const uint64_t began = bench_ticks();
	unsigned i;

	for (i = 0; i < times; i++)
		expect_ok(hooks_dispatch(&all.hooks[fan], &all.event));
	return (double)(bench_ticks() - began) / times;
}

/* One handler, called and contained. */
static enum sfp_status run_one(const struct bare *one)
{
	return one->handler(one->context, &all.event);
}
static enum sfp_status (*volatile run_one_pointer)(const struct bare *) = run_one;
static enum sfp_status run_one_by_pointer(const struct bare *one)
{
	return run_one_pointer(one);
}
SFP_GATE(one, run_one_by_pointer, const struct bare *);

static __attribute__((noinline)) double gate(void)
{
	uint64_t began = bench_ticks();
	uint64_t contained;
	unsigned i;

	for (i = 0; i < CALLS; i++)
		expect_ok(one_contained(&all.bare[0][0], NULL));
	contained = bench_ticks() - began;
	began = bench_ticks();
	for (i = 0; i < CALLS; i++)
		expect_ok(run_one_by_pointer(&all.bare[0][0]));
	return ((double)contained - (double)(bench_ticks() - began)) / CALLS;
}

static double limit(unsigned fan)
{
	return 1.5 * bare(fan) + gate();
}

static const struct {
	const char *name;
	double (*measure)(unsigned fan);
} variants[] = {
	{ "bare_loop", bare },
	{ "sfp_dispatch", dispatched },
	{ "limit", limit },
};
#define VARIANTS (sizeof(variants) / sizeof(variants[0]))

/* With so many bytes of the stack in use. */
static __attribute__((noinline)) double measure_below(size_t variant, unsigned fan, size_t bytes)
{
	char *used = __builtin_alloca(bytes);

	__asm__ __volatile__("" : : "r"(used) : "memory");
	return variants[variant].measure(fan);
}

/* What a frame costs depends on where in a cache line it begins: take all four places. */
static double measure(void *context, size_t variant)
{
	const unsigned fan = *(const unsigned *)context;
	double ticks = 0;
	size_t place;

	for (place = 0; place < 4; place++)
		ticks += measure_below(variant, fan, 16 + 16 * place);
	return ticks / 4;
}

static void set_up(void)
{
	unsigned fan;
	unsigned i;

	if (sfp_posix_thread_enter() != 0)
		bench_fail("dispatch: the thread cannot enter");
	all.event.amount = 1;
	for (fan = 0; fan < 3; fan++) {
		hooks_init(&all.hooks[fan], 3);
		for (i = 0; i < fans[fan]; i++) {
			struct client *client = &all.client[fan][i];

			client->sub = on_event_hooks_closure(client, -(int32_t)i);
			all.bare[fan][i] = (struct bare){ client->sub.core.handler, client };
			expect_ok(hooks_subscribe(&all.hooks[fan], &client->sub));
		}
	}
}

static void tear_down(void)
{
	unsigned fan;
	unsigned i;

	for (fan = 0; fan < 3; fan++)
		for (i = 0; i < fans[fan]; i++)
			expect_ok(hooks_unsubscribe(&all.hooks[fan], &all.client[fan][i].sub));
}

static void dispatch_fan_out(const struct bench_options *options)
{
	static struct bench_series series[VARIANTS];
	const struct bench_options many = { .rounds = BENCH_MAX_SAMPLES, .quick = options->quick };
	unsigned fan;
	size_t n;

	bench_pin(bench_cpus() - 1);
	set_up();
	for (fan = 0; fan < 3; fan++) {
		for (n = 0; n < VARIANTS; n++)
			series[n] = (struct bench_series){ .bench = "dispatch/fan-out",
							   .variant = variants[n].name,
							   .unit = "ticks",
							   .x_name = "handlers",
							   .x = fans[fan] };
		bench_rounds(series, VARIANTS, &many, measure, &fan);
	}
	tear_down();
}

/* ---- coming and leaving ------------------------------------------------------------ */

static double subscribe(void)
{
	struct client *client = &all.client[1][3]; /* behind three others */
	uint64_t ticks = 0;
	unsigned i;

	for (i = 0; i < CHANGES; i++) {
		uint64_t began;

		expect_ok(hooks_unsubscribe(&all.hooks[1], &client->sub));
		began = bench_ticks();
		expect_ok(hooks_subscribe(&all.hooks[1], &client->sub));
		ticks += bench_ticks() - began;
	}
	return (double)ticks / CHANGES;
}

static double unsubscribe(void)
{
	struct client *client = &all.client[1][3];
	uint64_t ticks = 0;
	unsigned i;

	for (i = 0; i < CHANGES; i++) {
		const uint64_t began = bench_ticks();

		expect_ok(hooks_unsubscribe(&all.hooks[1], &client->sub));
		ticks += bench_ticks() - began;
		expect_ok(hooks_subscribe(&all.hooks[1], &client->sub));
	}
	return (double)ticks / CHANGES;
}

static double measure_change(void *context, size_t variant)
{
	(void)context;
	return variant ? unsubscribe() : subscribe();
}

static void dispatch_change(const struct bench_options *options)
{
	static struct bench_series series[2];
	size_t n;

	bench_pin(bench_cpus() - 1);
	set_up();
	for (n = 0; n < 2; n++)
		series[n] = (struct bench_series){ .bench = "dispatch/change",
						   .unit = "ticks",
						   .variant = n ? "unsubscribe" : "subscribe" };
	bench_rounds(series, 2, options, measure_change, NULL);
	tear_down();
}

static const struct bench_question questions[] = {
	{ "dispatch/fan-out", "1, 8 and 64 handlers, beside a bare loop", dispatch_fan_out },
	{ "dispatch/change", "a subscription among eight others, and its end", dispatch_change },
};

int main(int count, char **words)
{
	return bench_main(count, words, questions, sizeof(questions) / sizeof(questions[0]));
}
