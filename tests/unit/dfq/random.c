/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The queue against a model: random operations, each one's result and all that
 * can be seen of every item compared with what a plain array says.
 *
 *   random [operations [seed]]
 *
 * The queue's core is compiled with a budget of a few items, so that linking,
 * takeovers and closing are nearly always under way.
 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>

struct job {
	int pad;
	struct sfp_dfq_item link;
	int number;
};

struct jobs;
static void ring(struct jobs *rung);
SFP_DFQ_HOOKED(jobs, struct job, link, ring);

static struct jobs queue;
static struct jobs_consumer consumer;
static struct job job[JOBS];
static struct jobs_marker marker[MARKERS];

static bool armed;       /* wait said OK and the consumer has done nothing since */
static unsigned long rings;
static unsigned long done;
static uint64_t seed;
static const char *doing;

static unsigned long count_of[16]; /* how often each operation ran */

static void ring(struct jobs *rung)
{
	(void)rung;
	rings++;
}

void wrong(const char *what, int line)
{
	printf("random: operation %lu (%s, line %d), seed %llu: not true: %s\n", done, doing, line,
	       (unsigned long long)seed, what);
	exit(1);
}

static uint32_t random_below(uint32_t bound)
{
	static uint64_t state;

	if (!state)
		state = seed * 2 + 1;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 16) % bound);
}

static struct sfp_dfq_item *link_of(int thing)
{
	return thing < JOBS ? &job[thing].link : &marker[thing - JOBS].core;
}

static int thing_of(const struct job *of)
{
	return (int)(of - job);
}

static bool is_in_list(int thing)
{
	const struct sfp_dfq_item *item;

	for (item = sfp_dfq_pointer_(queue.core.head); item; item = item->next)
		if (item == link_of(thing))
			return true;
	return false;
}

/* Everything that a producer can see, and the list itself, is as the model says. */
static void compare(void)
{
	const struct sfp_dfq_item *item = sfp_dfq_pointer_(queue.core.head);
	int at = queued;
	int thing;

	for (; item; item = item->next)
		if ((item->word & SFP_DFQ_STATE_) == SFP_DFQ_QUEUED) {
			CHECK(at > 0);
			CHECK(item == link_of(order[--at]));
		}
	CHECK(at == 0);
	for (thing = 0; thing < ALL; thing++) {
		const struct sfp_dfq_view view = sfp_dfq_state(link_of(thing));

		CHECK(view.state == fate[thing].state);
		CHECK(view.state == SFP_DFQ_IDLE || view.attempts == fate[thing].attempts);
		CHECK(view.state != SFP_DFQ_FAILED || view.reason == fate[thing].reason);
	}
}

/* ---- the operations ---------------------------------------------------------------- */

#define THROUGH(status, call) \
	do { \
		int calls_ = 0; \
		while (((status) = (call)) == SFP_AGAIN) \
			CHECK(++calls_ < 2 * ALL + 8); \
	} while (0)

static enum sfp_status expected_of_enqueue(const int *things, int count)
{
	int i;
	int j;

	for (i = 0; i < count; i++)
		for (j = 0; j < i; j++)
			if (things[i] == things[j])
				return SFP_BUSY;
	for (i = 0; i < count; i++)
		if (fate[things[i]].state != SFP_DFQ_IDLE)
			return SFP_BUSY;
	return closed ? SFP_GONE : SFP_OK;
}

static void check_enqueued(enum sfp_status status, const int *things, int count, bool bit, unsigned long rung)
{
	int i;

	CHECK(status == expected_of_enqueue(things, count));
	CHECK(!armed || bit);
	CHECK(rings - rung == (status == SFP_OK && bit));
	if (status == SFP_OK)
		for (i = 0; i < count; i++)
			model_enqueue(things[i]);
}

static void do_enqueue(void)
{
	const int thing = (int)random_below(JOBS);
	const bool bit = queue.core.head & SFP_DFQ_WAITING_;
	const unsigned long rung = rings;

	check_enqueued(jobs_enqueue(&queue, &job[thing]), &thing, 1, bit, rung);
}

static void do_chain(void)
{
	struct job *chain[5];
	int things[5];
	const int count = 1 + (int)random_below(5);
	const bool bit = queue.core.head & SFP_DFQ_WAITING_;
	const unsigned long rung = rings;
	int i;

	for (i = 0; i < count; i++) {
		int tries = 0;

		do
			things[i] = (int)random_below(JOBS);
		while (fate[things[i]].state != SFP_DFQ_IDLE && ++tries < 20);
		chain[i] = &job[things[i]];
	}
	check_enqueued(jobs_enqueue_chain(&queue, chain, (size_t)count), things, count, bit, rung);
}

static void do_mark(void)
{
	const int which = (int)random_below(MARKERS);
	const int thing = JOBS + which;
	const bool bit = queue.core.head & SFP_DFQ_WAITING_;
	const unsigned long rung = rings;
	const enum sfp_status status = jobs_mark(&queue, &marker[which]);
	int i;

	check_enqueued(status, &thing, 1, bit, rung);
	for (i = 0; status == SFP_OK && i < JOBS; i++)
		if (fate[i].orphan && fate[i].proof == NONE)
			fate[i].proof = thing;
}

/* Idle; or settled and out of the list, and a takeover has ended since if the one who settled it stopped. */
static bool is_free(int thing)
{
	const uint32_t word = link_of(thing)->word;
	const bool by_older = word >> SFP_DFQ_INCARNATION_SHIFT_ != (queue.core.incarnation & 0xffff);

	if (fate[thing].state <= SFP_DFQ_QUEUED)
		return fate[thing].state == SFP_DFQ_IDLE;
	return !is_in_list(thing) && ((word & SFP_DFQ_RELEASED_) || by_older);
}

static void check_reclaimed(enum sfp_status status, int thing, bool was_free)
{
	CHECK(status == (was_free ? SFP_OK : SFP_BUSY));
	if (was_free)
		model_reclaim(thing);
}

static void do_reclaim(void)
{
	const int thing = (int)random_below(ALL);
	const bool was_free = is_free(thing);

	check_reclaimed(sfp_dfq_reclaim(&queue.core, link_of(thing)), thing, was_free);
}

static void do_orphan(void)
{
	const int thing = (int)random_below(JOBS);

	if (fate[thing].state != SFP_DFQ_IDLE)
		return;
	job[thing].link.word = SFP_DFQ_QUEUED;
	fate[thing] = (struct fate){ .state = SFP_DFQ_QUEUED, .orphan = true, .proof = NONE };
}

static void do_settle(void)
{
	const int thing = (int)random_below(JOBS);
	const bool with_marker = fate[thing].proof != NONE;
	const bool passed = with_marker && fate[fate[thing].proof].state > SFP_DFQ_QUEUED;
	const bool empty = !sfp_dfq_pointer_(queue.core.head);
	const bool was_free = is_free(thing);
	const enum sfp_status status =
		jobs_settle(&queue, with_marker ? &marker[fate[thing].proof - JOBS] : NULL, &job[thing]);

	if (fate[thing].state != SFP_DFQ_QUEUED) {
		check_reclaimed(status, thing, was_free);
	} else if (!fate[thing].orphan) {
		CHECK(status == SFP_BUSY || (status == SFP_AGAIN && !fate[thing].handed));
	} else {
		CHECK(status == (passed || empty ? SFP_OK : SFP_AGAIN));
		if (status == SFP_OK)
			model_reclaim(thing);
	}
}

static void check_handed_out(enum sfp_status status, int expected, const struct job *got)
{
	if (closed) {
		CHECK(status == SFP_GONE);
	} else if (expected == NONE) {
		CHECK(status == SFP_EMPTY);
	} else {
		CHECK(status == SFP_OK);
		CHECK(thing_of(got) == expected);
	}
}

static void do_hand_out(bool peek)
{
	enum sfp_status status;
	struct job *got = NULL;
	int expected = NONE;

	if (!closed) {
		expected = model_find(peek ? NONE : cursor, true);
		if (expected != NONE)
			model_hand_out(expected);
	}
	if (peek)
		THROUGH(status, jobs_peek(&consumer, &got));
	else
		THROUGH(status, jobs_next(&consumer, &got));
	check_handed_out(status, expected, got);
	armed = false;
}

static void do_look(void)
{
	const int after = queued ? order[random_below((uint32_t)queued)] : NONE;
	const int from = after != NONE && after < JOBS && fate[after].handed ? after : NONE;
	enum sfp_status status;
	struct job *got = NULL;
	const int expected = closed ? NONE : model_find(from, false);

	THROUGH(status, jobs_look(&consumer, from == NONE ? NULL : &job[from], &got));
	check_handed_out(status, expected, got);
	if (status == SFP_OK && random_below(2)) {
		const bool spent = limit && fate[expected].attempts >= limit;

		CHECK(jobs_begin(&consumer, got) == (spent ? SFP_LIMIT : SFP_OK));
		if (spent)
			model_retire(expected, SFP_DFQ_FAILED, SFP_DFQ_POISON);
		else
			model_hand_out(expected);
	}
	armed = false;
}

static void do_settle_one(void)
{
	const int thing = (int)random_below(JOBS);
	const uint32_t reason = random_below(3);
	const bool linked = (job[thing].link.word & SFP_DFQ_LINKED_) && !queue.core.recovering;
	enum sfp_status status;

	if (fate[thing].state == SFP_DFQ_QUEUED && !fate[thing].handed)
		return; /* the consumer has not been shown it */
	if (&job[thing].link == queue.core.linked)
		armed = false; /* it may link what is newer, and come by what rang */
	if (reason)
		status = jobs_fail(&consumer, &job[thing], reason);
	else
		status = jobs_complete(&consumer, &job[thing]);
	CHECK(status == (fate[thing].state == SFP_DFQ_QUEUED && linked ? SFP_OK : SFP_INVALID));
	if (status == SFP_OK)
		model_retire(thing, reason ? SFP_DFQ_FAILED : SFP_DFQ_DONE, reason);
}

/* AGAIN may mean that a share was used up, or that there is something: the model knows which. */
static void do_wait(void)
{
	const int behind = closed ? NONE : model_find(cursor, false);
	enum sfp_status status = SFP_AGAIN;
	int i;

	if (behind == NONE)
		THROUGH(status, jobs_wait(&consumer));
	for (i = 0; behind != NONE && i < ALL; i++)
		CHECK(jobs_wait(&consumer) == SFP_AGAIN);
	if (closed)
		CHECK(status == SFP_GONE);
	else
		CHECK(status == (behind == NONE ? SFP_OK : SFP_AGAIN));
	armed = status == SFP_OK;
	CHECK(!armed || (queue.core.head & SFP_DFQ_WAITING_));
}

static void do_depth(void)
{
	size_t depth = 0;
	size_t expected = 0;
	int i;

	for (i = 0; i < queued; i++)
		expected += order[i] < JOBS;
	CHECK(jobs_depth(&consumer, &depth) == SFP_OK);
	CHECK(depth == expected);
}

/* The consumer stops: between operations, or inside of settling, after A or after B. */
static void do_stop(void)
{
	static const char reason[] = "the test does not use the older consumer any more";
	struct jobs_consumer old = consumer;
	const int thing = queued ? order[random_below((uint32_t)queued)] : NONE;
	const uint32_t how = random_below(4);
	int i;

	if (how >= 2 && thing != NONE && !queue.core.recovering && (fate[thing].handed || thing >= JOBS) &&
	    (link_of(thing)->word & SFP_DFQ_LINKED_)) {
		struct sfp_dfq_item *at = sfp_dfq_pointer_(queue.core.head);

		link_of(thing)->word = (link_of(thing)->word & SFP_DFQ_ATTEMPTS_) | SFP_DFQ_DONE |
				       consumer.core.incarnation << SFP_DFQ_INCARNATION_SHIFT_;
		if (how == 3 && at == link_of(thing))
			queue.core.head = (uintptr_t)at->next | (queue.core.head & SFP_DFQ_TAGS_);
		else if (how == 3) {
			while (at->next != link_of(thing))
				at = at->next;
			at->next = link_of(thing)->next;
		}
		model_retire(thing, SFP_DFQ_DONE, 0);
		CHECK(sfp_dfq_reclaim(&queue.core, link_of(thing)) == SFP_BUSY);
	}
	CHECK(jobs_attach(&consumer, &queue, (struct sfp_proof){ .reason = reason }) == SFP_OK);
	cursor = NONE;
	armed = false;
	for (i = 0; i < JOBS; i++)
		CHECK(jobs_complete(&old, &job[i]) == SFP_STALE);
}

static void start_anew(void)
{
	static const uint32_t limits[] = { 0, 1, 3, 254 };
	const uint32_t incarnation = random_below(2) ? 0xffffffffu - random_below(20) : random_below(70000);
	int thing;

	for (thing = 0; thing < ALL; thing++) {
		const enum sfp_status status = sfp_dfq_settle(&queue.core, NULL, link_of(thing));

		CHECK(status == SFP_OK); /* all of a closed queue can be settled without more */
		model_reclaim(thing);
	}
	limit = limits[random_below(4)];
	closed = false;
	armed = false;
	cursor = NONE;
	CHECK(jobs_init(&queue, limit) == SFP_OK);
	queue.core.incarnation = incarnation;
	queue.core.latest = incarnation;
	CHECK(jobs_attach(&consumer, &queue, SFP_PROOF("the queue is new")) == SFP_OK);
}

/* One call; what it has lost is the oldest part of the queue. */
static void do_close(void)
{
	enum sfp_status status;

	if (!closed && random_below(64) != 0)
		return; /* rarely: most of the test is about open queues */
	status = jobs_close(&consumer);
	closed = true;
	armed = false;
	CHECK(status == SFP_OK || status == SFP_AGAIN);
	while (queued && (link_of(order[0])->word & SFP_DFQ_STATE_) == SFP_DFQ_LOST)
		model_retire(order[0], SFP_DFQ_LOST, 0);
	if (status == SFP_OK) {
		CHECK(queued == 0);
		CHECK(!sfp_dfq_pointer_(queue.core.head));
		compare();
		start_anew();
	}
}

static void do_peek(void)
{
	do_hand_out(true);
}

static void do_next(void)
{
	do_hand_out(false);
}

static const struct operation {
	const char *name;
	unsigned weight;
	void (*run)(void);
} operations[] = {
	{ "enqueue", 30, do_enqueue }, { "chain", 8, do_chain },     { "mark", 4, do_mark },
	{ "reclaim", 40, do_reclaim }, { "orphan", 2, do_orphan },   { "settle", 8, do_settle },
	{ "peek", 14, do_peek },       { "next", 14, do_next },      { "look", 6, do_look },
	{ "complete", 40, do_settle_one }, { "wait", 4, do_wait },   { "depth", 2, do_depth },
	{ "stop", 3, do_stop },        { "close", 4, do_close },
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static void step(uint32_t total)
{
	uint32_t pick = random_below(total);
	size_t i = 0;

	while (pick >= operations[i].weight)
		pick -= operations[i++].weight;
	doing = operations[i].name;
	count_of[i]++;
	operations[i].run();
	compare();
}

int main(int argc, char **argv)
{
	const unsigned long wanted = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000000;
	uint32_t total = 0;
	int i;

	seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 20240229;
	for (i = 0; i < (int)OPERATIONS; i++)
		total += operations[i].weight;
	for (i = 0; i < JOBS; i++)
		job[i].number = i;
	doing = "set up";
	start_anew();
	for (done = 0; done < wanted; done++)
		step(total);
	printf("random: seed %llu, budget %u: %lu operations as the model says (", (unsigned long long)seed,
	       SFP_DFQ_BUDGET, done);
	for (i = 0; i < (int)OPERATIONS; i++)
		printf("%s%lu %s", i ? ", " : "", count_of[i], operations[i].name);
	printf("), %lu rings\n", rings);
	return 0;
}
