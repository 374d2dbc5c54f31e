/* SPDX-License-Identifier: BSD-2-Clause */
/* Helpers of the queue's tests: see dfq_test.h. */
#include "dfq_test.h"

/* No call may need so many: far more than any test has of items. */
#define MANY_CALLS 1000000

void desk_set_up(struct desk *desk, uint32_t attempt_limit)
{
	int i;

	memset(desk, 0, sizeof(*desk));
	for (i = 0; i < JOBS; i++)
		desk->job[i].number = i;
	EXPECT(OK, jobs_init(&desk->queue, attempt_limit));
	EXPECT(OK, jobs_attach(&desk->consumer, &desk->queue, SFP_PROOF("the queue is new")));
}

void desk_enqueue(struct desk *desk, int first, int last)
{
	int i;

	for (i = first; i <= last; i++)
		EXPECT(OK, jobs_enqueue(&desk->queue, &desk->job[i]));
}

#define THROUGH(call) \
	do { \
		unsigned long calls_ = 0; \
		enum sfp_status status_; \
		while ((status_ = (call)) == SFP_AGAIN) \
			assert_true(++calls_ < MANY_CALLS); \
		return status_; \
	} while (0)

enum sfp_status peek_through(struct jobs_consumer *consumer, struct job **job)
{
	THROUGH(jobs_peek(consumer, job));
}

enum sfp_status next_through(struct jobs_consumer *consumer, struct job **job)
{
	THROUGH(jobs_next(consumer, job));
}

enum sfp_status look_through(struct jobs_consumer *consumer, struct job *after, struct job **job)
{
	THROUGH(jobs_look(consumer, after, job));
}

enum sfp_status close_through(struct jobs_consumer *consumer)
{
	THROUGH(jobs_close(consumer));
}

struct job *expect_peek(struct jobs_consumer *consumer, int number)
{
	struct job *job = NULL;

	EXPECT(OK, peek_through(consumer, &job));
	assert_int_equal(job->number, number);
	return job;
}

struct job *expect_next(struct jobs_consumer *consumer, int number)
{
	struct job *job = NULL;

	EXPECT(OK, next_through(consumer, &job));
	assert_int_equal(job->number, number);
	return job;
}

void expect_all(struct jobs_consumer *consumer, const int *order)
{
	struct job *job = NULL;

	if (*order < 0) {
		EXPECT(EMPTY, peek_through(consumer, &job));
		return;
	}
	expect_peek(consumer, *order++);
	while (*order >= 0)
		expect_next(consumer, *order++);
	EXPECT(EMPTY, next_through(consumer, &job));
}

bool is_in_list(const struct jobs *queue, const struct job *job)
{
	const struct sfp_dfq_item *item;

	for (item = sfp_dfq_pointer_(queue->core.head); item; item = item->next)
		if (item == &job->link)
			return true;
	return false;
}

void stop_after_a(struct desk *desk, struct job *job, enum sfp_dfq_state outcome)
{
	job->link.word = (job->link.word & SFP_DFQ_ATTEMPTS_) | (uint32_t)outcome |
			 desk->consumer.core.incarnation << SFP_DFQ_INCARNATION_SHIFT_;
}

void stop_after_b(struct desk *desk, struct job *job, enum sfp_dfq_state outcome)
{
	struct sfp_dfq_item *at = sfp_dfq_pointer_(desk->queue.core.head);

	stop_after_a(desk, job, outcome);
	if (at == &job->link) {
		desk->queue.core.head = (uintptr_t)at->next | (desk->queue.core.head & SFP_DFQ_TAGS_);
		return;
	}
	while (at->next != &job->link)
		at = at->next;
	at->next = job->link.next;
}
