/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers: with 10 to 100,000 pending, the earliest expires and is armed again
 * at a random later time; or a random one is cancelled and armed again. The
 * mux settles the timer and its client submits it again (`mux`), or the server
 * requeues it (`mux_requeue`). The peers keep nothing but the order: a binary
 * heap in an array that knows each timer's place, and the red-black tree of
 * sys/tree.h; neither takes a lock, nor anything from another processor.
 */
#include "mux.h"

#include <sfp/mux.h>

#include <bsd/sys/tree.h>

#define MOST 100000u
#define TIMES 2000u
#define SPREAD 1000000u

struct timer {
	struct sfp_mux_request link;
	RB_ENTRY(timer) node;
	uint64_t deadline;
	size_t place; /* in the binary heap */
};

SFP_MUX(timers, struct timer, link, SFP_DEADLINE);

static struct timer all[MOST];
static size_t count;
static uint64_t chance;

static uint64_t later(uint64_t than)
{
	return than + 1 + mux_random(&chance) % SPREAD;
}

/* ---- the mux ------------------------------------------------------------------------ */

static struct timers mux;
static struct timers_server server;
static struct timers_client client;

static void mux_arm(struct timer *timer, uint64_t deadline)
{
	timer->deadline = deadline;
	if (timers_submit(&client, timer, deadline) != SFP_OK)
		bench_fail("mux/timers: a timer cannot be armed");
}

static void mux_begin(void)
{
	__builtin_memset(&client, 0, sizeof(client));
	if (timers_init(&mux, 0) != SFP_OK ||
	    timers_attach(&server, &mux, SFP_PROOF("the mux is new")) != SFP_OK ||
	    timers_bind(&mux, &client) != SFP_OK)
		bench_fail("mux/timers: the mux cannot be made");
}

static void mux_ready(void)
{
	uint64_t deadline;

	while (timers_earliest(&server, &deadline) == SFP_AGAIN)
		;
}

static struct timer *mux_due(void)
{
	struct timer *timer = NULL;

	if (timers_next(&server, &timer) != SFP_OK)
		bench_fail("mux/timers: nothing is due");
	return timer;
}

static void mux_expire(void)
{
	struct timer *timer = mux_due();

	if (timers_complete(&server, timer, 0) != SFP_OK || timers_reclaim(&client, timer) != SFP_OK)
		bench_fail("mux/timers: a timer does not come back");
	mux_arm(timer, later(timer->deadline));
}

static void requeue_expire(void)
{
	struct timer *timer = mux_due();

	timer->deadline = later(timer->deadline);
	if (timers_requeue(&server, timer, timer->deadline) != SFP_OK)
		bench_fail("mux/timers: a timer is not requeued");
}

/* What was armed a moment ago may not have been taken in yet. */
static void mux_cancel(struct timer *timer)
{
	enum sfp_status status;

	while ((status = timers_withdraw(&server, timer)) == SFP_AGAIN)
		mux_ready();
	if (status != SFP_OK || timers_reclaim(&client, timer) != SFP_OK)
		bench_fail("mux/timers: a timer is not cancelled");
	mux_arm(timer, later(timer->deadline));
}

static void requeue_cancel(struct timer *timer)
{
	timer->deadline = later(timer->deadline);
	if (timers_requeue(&server, timer, timer->deadline) != SFP_OK)
		bench_fail("mux/timers: a timer is not moved");
}

/* ---- a binary heap -------------------------------------------------------------------- */

static struct slot {
	uint64_t deadline;
	struct timer *timer;
} heap[MOST];
static size_t in_heap;

static void heap_set(size_t at, struct slot slot)
{
	heap[at] = slot;
	slot.timer->place = at;
}

static void heap_up(size_t at, struct slot slot)
{
	while (at > 0 && slot.deadline < heap[(at - 1) / 2].deadline) {
		heap_set(at, heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	heap_set(at, slot);
}

static void heap_down(size_t at, struct slot slot)
{
	size_t child;

	while ((child = 2 * at + 1) < in_heap) {
		if (child + 1 < in_heap && heap[child + 1].deadline < heap[child].deadline)
			child++;
		if (slot.deadline <= heap[child].deadline)
			break;
		heap_set(at, heap[child]);
		at = child;
	}
	heap_set(at, slot);
}

static void heap_arm(struct timer *timer, uint64_t deadline)
{
	timer->deadline = deadline;
	heap_up(in_heap++, (struct slot){ deadline, timer });
}

static void heap_remove(struct timer *timer)
{
	const size_t at = timer->place;
	const struct slot last = heap[--in_heap];

	if (at == in_heap)
		return;
	if (at > 0 && last.deadline < heap[(at - 1) / 2].deadline)
		heap_up(at, last);
	else
		heap_down(at, last);
}

static void heap_begin(void)
{
	in_heap = 0;
}

static void heap_cancel(struct timer *timer)
{
	heap_remove(timer);
	heap_arm(timer, later(timer->deadline));
}

static void heap_expire(void)
{
	heap_cancel(heap[0].timer);
}

/* ---- a red-black tree ------------------------------------------------------------------- */

static int order(const struct timer *a, const struct timer *b)
{
	if (a->deadline != b->deadline)
		return a->deadline < b->deadline ? -1 : 1;
	return a < b ? -1 : a > b;
}

RB_HEAD(tree, timer);
RB_PROTOTYPE_INTERNAL(tree, timer, node, order, static __attribute__((unused)))
RB_GENERATE_INTERNAL(tree, timer, node, order, static __attribute__((unused)))

static struct tree tree;

static void tree_begin(void)
{
	RB_INIT(&tree);
}

static void tree_arm(struct timer *timer, uint64_t deadline)
{
	timer->deadline = deadline;
	RB_INSERT(tree, &tree, timer);
}

static void tree_cancel(struct timer *timer)
{
	RB_REMOVE(tree, &tree, timer);
	tree_arm(timer, later(timer->deadline));
}

static void tree_expire(void)
{
	tree_cancel(RB_MIN(tree, &tree));
}

static void nothing(void)
{
}

/* ---- all of them ------------------------------------------------------------------------- */

static const struct kind {
	const char *name;
	void (*begin)(void);
	void (*arm)(struct timer *timer, uint64_t deadline);
	void (*ready)(void);
	void (*expire)(void);
	void (*cancel)(struct timer *timer);
} kinds[] = {
	{ "mux", mux_begin, mux_arm, mux_ready, mux_expire, mux_cancel },
	{ "mux_requeue", mux_begin, mux_arm, mux_ready, requeue_expire, requeue_cancel },
	{ "binary_heap", heap_begin, heap_arm, nothing, heap_expire, heap_cancel },
	{ "rb_tree", tree_begin, tree_arm, nothing, tree_expire, tree_cancel },
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static double measure(const struct kind *kind, bool expire)
{
	uint64_t began;
	size_t i;

	chance = 20240229;
	__builtin_memset(all, 0, sizeof(all));
	kind->begin();
	for (i = 0; i < count; i++)
		kind->arm(&all[i], later(0));
	kind->ready();
	for (i = 0; i < count; i++) /* the steady state */
		kind->expire();
	began = bench_ticks();
	for (i = 0; i < TIMES; i++)
		if (expire)
			kind->expire();
		else
			kind->cancel(&all[mux_random(&chance) % count]);
	return (double)(bench_ticks() - began) / TIMES / bench_ticks_per_ns();
}

static double measure_expire(void *context, size_t variant)
{
	(void)context;
	return measure(&kinds[variant], true);
}

static double measure_cancel(void *context, size_t variant)
{
	(void)context;
	return measure(&kinds[variant], false);
}

static void run(const char *bench, const struct bench_options *options,
		double (*measure_it)(void *context, size_t variant))
{
	static const size_t counts[] = { 10, 100, 1000, 10000, 100000 };
	static struct bench_series series[KINDS];
	size_t p;
	size_t v;

	for (p = 0; p < sizeof(counts) / sizeof(counts[0]); p++) {
		count = counts[p];
		for (v = 0; v < KINDS; v++)
			series[v] = (struct bench_series){ .bench = bench,
							   .variant = kinds[v].name,
							   .unit = "ns",
							   .x_name = "timers",
							   .x = count };
		bench_rounds(series, KINDS, options, measure_it, NULL);
	}
}

void mux_timers(const struct bench_options *options)
{
	bench_pin(bench_cpus() - 1);
	run("mux/timers", options, measure_expire);
	run("mux/timers-cancel", options, measure_cancel);
}
