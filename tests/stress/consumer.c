/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The consumer: one incarnation after the other. It stops by itself at random
 * points between operations and inside of handlers, and, where the round has
 * signals, at any instruction. What it knows of the past is in the jobs and in
 * `highest`, which are written so that a stop between any two stores is fine.
 */
#include "stress.h"

#define MAX_HELD 12

/* Jobs handed out and not settled yet. */
struct hand {
	struct job *job[MAX_HELD];
	unsigned held;
	bool left; /* some were left unsettled on purpose */
};

static void stop_point(struct consumer *c)
{
	if (this_round.fuse && c->fuse-- == 0)
		siglongjmp(c->stop, 1);
}

/* Acknowledge a job and stop right then, in half of the cases: it is still in the list and not released. */
static void stop_while_settling(struct consumer *c, struct job *job, enum sfp_dfq_state outcome)
{
	if (!this_round.fuse || c->fuse > 0)
		return;
	if (random_below(&c->random, 2)) {
		const uint32_t attempts = sfp_load_u32(&job->link.word) & SFP_DFQ_ATTEMPTS_;
		const uint32_t incarnation = c->jobs.core.incarnation << SFP_DFQ_INCARNATION_SHIFT_;

		sfp_store_u32(&job->link.reason, reason_of(job->sequence));
		sfp_store_release_u32(&job->link.word, attempts | (uint32_t)outcome | incarnation);
	}
	stop_point(c);
}

/* A job is in the hand of this incarnation: is it one that may come now? */
static void deliver(struct consumer *c, struct job *job)
{
	const uint32_t owner = job->owner;

	CHECK(owner < this_round.producers);
	CHECK(job->check == check_of(job));
	CHECK(job->sequence > c->highest[owner] || job->delivered == job->sequence);
	job->delivered = job->sequence;
	sfp_compiler_barrier();
	if (job->sequence > c->highest[owner])
		c->highest[owner] = job->sequence;
	job->deliveries++;
	count(&c->deliveries);
}

static void settle(struct consumer *c, struct hand *hand, struct job *job)
{
	const uint32_t plan = job->plan;
	enum sfp_status status;

	stop_point(c); /* inside of the handler */
	if (plan == PLAN_NEVER || (plan == PLAN_SLOW && job->deliveries < 2)) {
		hand->left = true;
		return;
	}
	job->handled = job->sequence;
	stop_while_settling(c, job, plan == PLAN_FAIL ? SFP_DFQ_FAILED : SFP_DFQ_DONE);
	if (plan == PLAN_FAIL)
		status = jobs_fail(&c->jobs, job, reason_of(job->sequence));
	else
		status = jobs_complete(&c->jobs, job);
	CHECK(status == SFP_OK);
}

/* In a random order. */
static void settle_all(struct consumer *c, struct hand *hand)
{
	while (hand->held > 0) {
		const unsigned i = random_below(&c->random, hand->held);
		struct job *job = hand->job[i];

		hand->job[i] = hand->job[--hand->held];
		settle(c, hand, job);
	}
}

/* The next job of a pass, by peek and next, or by look and begin. */
static enum sfp_status hand_out(struct consumer *c, struct hand *hand, bool by_look, struct job **job)
{
	enum sfp_status status;

	if (!by_look)
		return *job ? jobs_next(&c->jobs, job) : jobs_peek(&c->jobs, job);
	status = jobs_look(&c->jobs, hand->held ? hand->job[hand->held - 1] : NULL, job);
	if (status != SFP_OK)
		return status;
	status = jobs_begin(&c->jobs, *job);
	return status == SFP_LIMIT ? SFP_AGAIN : status;
}

/* Hand out from the oldest on, until there is no more or enough; false: the queue is closed. */
static bool pass(struct consumer *c, struct hand *hand, bool by_look)
{
	const unsigned most = 1 + random_below(&c->random, MAX_HELD);
	unsigned steps = 1 + random_below(&c->random, 200);
	struct job *job = NULL;

	while (steps-- > 0) {
		enum sfp_status status;

		stop_point(c);
		status = hand_out(c, hand, by_look, &job);
		if (status == SFP_AGAIN)
			continue;
		if (status != SFP_OK) {
			settle_all(c, hand);
			CHECK(status == SFP_EMPTY || status == SFP_GONE);
			return status == SFP_EMPTY;
		}
		deliver(c, job);
		hand->job[hand->held++] = job;
		if (hand->held == most) {
			settle_all(c, hand);
			if (by_look)
				break; /* look goes on from an unsettled one */
		}
	}
	settle_all(c, hand);
	return true;
}

/* Nothing was there: sleep until the hook rings, or try again. */
static void idle(struct consumer *c)
{
	const uint32_t seen = event_now();
	enum sfp_status status;

	if (!this_round.sleeps || get(&phase) != PHASE_RUN) {
		sched_yield();
		return;
	}
	status = jobs_wait(&c->jobs);
	CHECK(status == SFP_OK || status == SFP_AGAIN);
	if (status != SFP_OK)
		return;
	count(&c->sleeps);
	event_sleep(seen);
}

/* One step of closing; true when the queue is closed and empty. */
static bool close_step(struct consumer *c)
{
	const enum sfp_status status = jobs_close(&c->jobs);

	CHECK(status == SFP_OK || status == SFP_AGAIN);
	return status == SFP_OK;
}

/* Until the end of the round; a stop leaves it in the middle. */
static void serve(struct consumer *c)
{
	for (;;) {
		struct hand hand = { .held = 0 };
		const unsigned long before = c->deliveries;
		const bool last = get(&running_producers) == 0;

		stop_point(c);
		if (get(&phase) == PHASE_CLOSE) {
			if (close_step(c))
				return;
			continue;
		}
		CHECK(pass(c, &hand, random_below(&c->random, 4) == 0) || get(&phase) == PHASE_CLOSE);
		if (c->deliveries != before || hand.left)
			continue;
		if (last)
			return; /* all producers have all their jobs back */
		idle(c);
	}
}

void *consume(void *consumer)
{
	struct consumer *c = consumer;
	volatile unsigned lives = 1 + random_below(&c->random, 64);

	sigsetjmp(c->stop, 1); /* each stop leads here: the incarnation is dead, the thread begins another */
	if (lives-- > 0) {
		c->fuse = this_round.fuse ? random_below(&c->random, 2 * this_round.fuse) : 0;
		count(&c->incarnations);
		c->stoppable = 1;
		CHECK(jobs_attach(&c->jobs, &the_queue, SFP_PROOF("it ran on this thread or was joined")) ==
		      SFP_OK);
		serve(c);
		c->stoppable = 0;
		set(&consumer_over, 1);
	}
	c->stoppable = 0;
	return NULL;
}
