/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A producer: fills idle jobs, enqueues them alone or in chains, and judges the
 * outcome of each. When it is stopped at some instruction, it begins anew over
 * what it left: a marker tells it which of its jobs were linked.
 */
#include "stress.h"

#define MAX_CHAIN 40

static void fill(struct producer *p, struct job *job)
{
	const uint32_t dice = random_below(&p->random, 100);

	p->sequence++;
	job->owner = p->number;
	job->plan = dice < 80 ? PLAN_DONE : dice < 92 ? PLAN_FAIL : dice < 98 ? PLAN_SLOW : PLAN_NEVER;
	if (job->plan == PLAN_NEVER && this_round.limit == 0)
		job->plan = PLAN_DONE;
	job->sequence = p->sequence;
	job->delivered = 0;
	job->handled = 0;
	job->deliveries = 0;
	job->check = check_of(job);
}

/* Is what the item says true? Every outcome has something that only the handler can have done. */
static enum outcome judge(const struct job *job, struct sfp_dfq_view view)
{
	const uint32_t most = this_round.limit ? this_round.limit : 255;

	CHECK(view.attempts <= most);
	CHECK(job->deliveries <= view.attempts || view.attempts == 255);
	CHECK(this_round.signals || job->deliveries == view.attempts || view.attempts == 255);
	if (view.state == SFP_DFQ_LOST) {
		CHECK(get(&phase) == PHASE_CLOSE);
		return OUTCOME_LOST;
	}
	CHECK(view.attempts > 0);
	if (view.state == SFP_DFQ_FAILED && view.reason == SFP_DFQ_POISON) {
		CHECK(this_round.limit && view.attempts == this_round.limit);
		return OUTCOME_POISON;
	}
	CHECK(job->handled == job->sequence);
	CHECK(job->plan != PLAN_NEVER);
	if (view.state == SFP_DFQ_FAILED) {
		CHECK(job->plan == PLAN_FAIL);
		CHECK(view.reason == reason_of(job->sequence));
		return OUTCOME_FAILED;
	}
	CHECK(view.state == SFP_DFQ_DONE);
	CHECK(job->plan == PLAN_DONE || job->plan == PLAN_SLOW);
	return OUTCOME_DONE;
}

/* Is it idle, perhaps after judging its outcome? */
static bool take_back(struct producer *p, struct job *job)
{
	const struct sfp_dfq_view view = jobs_state(job);
	enum outcome outcome;

	if (view.state == SFP_DFQ_IDLE)
		return true;
	if (view.state == SFP_DFQ_QUEUED)
		return false;
	outcome = judge(job, view);
	if (jobs_reclaim(&the_queue, job) != SFP_OK)
		return false;
	CHECK(jobs_state(job).state == SFP_DFQ_IDLE);
	count(&p->outcomes[outcome]);
	return true;
}

/* Anybody may look at anybody's item at any time. */
static void look_at_a_neighbour(struct producer *p)
{
	const struct producer *other = &producers[random_below(&p->random, this_round.producers)];
	const struct sfp_dfq_view view = jobs_state(&other->job[random_below(&p->random, this_round.jobs)]);

	CHECK(view.state <= SFP_DFQ_LOST);
}

/* Up to `wanted` idle jobs from *at on; how many. */
static unsigned collect(struct producer *p, struct job **found, unsigned wanted, unsigned *at)
{
	unsigned tried;
	unsigned n = 0;

	for (tried = 0; tried < this_round.jobs && n < wanted; tried++) {
		struct job *job = &p->job[*at];

		*at = (*at + 1) % this_round.jobs;
		if (take_back(p, job))
			found[n++] = job;
	}
	return n;
}

/* Enqueue one or a chain; false: closed. */
static bool enqueue_some(struct producer *p, unsigned *at)
{
	struct job *chain[MAX_CHAIN];
	const bool chained = random_below(&p->random, 100) < this_round.chains;
	const unsigned n = collect(p, chain, chained ? 1 + random_below(&p->random, MAX_CHAIN) : 1, at);
	enum sfp_status status;
	unsigned i;

	if (n == 0) {
		sched_yield();
		return true;
	}
	for (i = 0; i < n; i++)
		fill(p, chain[i]);
	status = chained ? jobs_enqueue_chain(&the_queue, chain, n) : jobs_enqueue(&the_queue, chain[0]);
	if (status == SFP_OK) {
		__atomic_store_n(&p->enqueued, p->enqueued + n, __ATOMIC_RELAXED);
		return true;
	}
	CHECK(status == SFP_GONE && this_round.closes);
	for (i = 0; i < n; i++)
		CHECK(jobs_state(chain[i]).state == SFP_DFQ_IDLE);
	return false;
}

static void take_all_back(struct producer *p)
{
	unsigned i;

	for (i = 0; i < this_round.jobs; i++)
		while (!take_back(p, &p->job[i]))
			sched_yield();
}

/* A fresh marker for each restart: this one may be stopped while it enqueues it. NULL: closed. */
static struct jobs_marker *new_marker(struct producer *p)
{
	struct jobs_marker *marker = &p->marker[p->restarts % MAX_MARKERS];
	enum sfp_status status;

	p->restarts++;
	sfp_compiler_barrier(); /* spent before it is used */
	status = jobs_mark(&the_queue, marker);
	CHECK(status == SFP_OK || status == SFP_GONE);
	return status == SFP_OK ? marker : NULL;
}

/* Learn what became of a job that says QUEUED. */
static void settle(struct producer *p, const struct jobs_marker *marker, struct job *job)
{
	enum sfp_status status;

	for (;;) {
		if (jobs_state(job).state != SFP_DFQ_QUEUED)
			return; /* judged when it is taken back */
		status = jobs_settle(&the_queue, marker, job);
		if (status != SFP_AGAIN)
			break;
		sched_yield();
	}
	if (status == SFP_BUSY)
		return;
	/* Never linked, or settled by the consumer between the two calls: then the handler left a trace. */
	CHECK(status == SFP_OK);
	if (job->delivered != job->sequence)
		count(&p->never_linked);
}

static void restart(struct producer *p)
{
	const struct jobs_marker *marker;
	unsigned i;

	ring(&the_queue); /* it may have been stopped between its swap and the hook */
	marker = new_marker(p);
	for (i = 0; i < this_round.jobs; i++)
		settle(p, marker, &p->job[i]);
}

static void work(struct producer *p)
{
	unsigned at = 0;

	while (get(&phase) == PHASE_RUN && enqueue_some(p, &at))
		if (random_below(&p->random, 64) == 0)
			look_at_a_neighbour(p);
	take_all_back(p);
}

void *produce(void *producer)
{
	struct producer *p = producer;

	sigsetjmp(p->stop, 1); /* each stop leads here: the producer is dead, and begins anew over its jobs */
	p->stoppable = 1;
	if (p->begun)
		restart(p);
	p->begun = true;
	work(p);
	p->stoppable = 0;
	__atomic_fetch_sub(&running_producers, 1, __ATOMIC_ACQ_REL);
	ring(&the_queue);
	return NULL;
}
