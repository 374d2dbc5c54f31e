/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of the queue share: a queue of jobs, a consumer, and helpers
 * that look behind the interface. Each file of tests is one group.
 */
#ifndef DFQ_TEST_H
#define DFQ_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sfp/dfq.h>

/* The link stands neither first nor alone. */
struct job {
	char before[5];
	struct sfp_dfq_item link;
	struct sfp_dfq_item second_link;
	int number;
};

SFP_DFQ(jobs, struct job, link);

/* Enough for every test but those of bounded work. */
#define JOBS 8

struct desk {
	struct jobs queue;
	struct jobs_consumer consumer;
	struct job job[JOBS];
};

/* A status that is wrong is reported by name. */
#define EXPECT(status, call) assert_string_equal(sfp_status_name(call), #status)

#define EXPECT_VIEW(item, expected_state, expected_attempts) \
	do { \
		const struct sfp_dfq_view view_ = jobs_state(item); \
		assert_int_equal(view_.state, SFP_DFQ_##expected_state); \
		assert_int_equal(view_.attempts, expected_attempts); \
	} while (0)

/* A test is a sentence that can be false. */
#define TEST(sentence) static void sentence(void **state_ __attribute__((unused)))

/* The proof of a test: it stopped using the older consumer. */
#define DEAD SFP_PROOF("the test does not use the older consumer any more")

/* An open queue with an attached consumer, idle jobs 0 .. JOBS-1. */
void desk_set_up(struct desk *desk, uint32_t attempt_limit);

/* Enqueue jobs first .. last. */
void desk_enqueue(struct desk *desk, int first, int last);

/* peek or next until it is not AGAIN; that takes a few calls at most. */
enum sfp_status peek_through(struct jobs_consumer *consumer, struct job **job);
enum sfp_status next_through(struct jobs_consumer *consumer, struct job **job);
enum sfp_status look_through(struct jobs_consumer *consumer, struct job *after, struct job **job);
enum sfp_status close_through(struct jobs_consumer *consumer);

/* Peek, and expect job `number`. */
struct job *expect_peek(struct jobs_consumer *consumer, int number);
struct job *expect_next(struct jobs_consumer *consumer, int number);

/* Hand out the numbers in `order` (ended by -1) by peek and next, and expect EMPTY behind the last. */
void expect_all(struct jobs_consumer *consumer, const int *order);

/* Is the item reachable from head? The list over `next` is the only truth. */
bool is_in_list(const struct jobs *queue, const struct job *job);

/* What a consumer that stops leaves: after A of retiring, and after B. */
void stop_after_a(struct desk *desk, struct job *job, enum sfp_dfq_state outcome);
void stop_after_b(struct desk *desk, struct job *job, enum sfp_dfq_state outcome);

int group_operations(void);
int group_misuse(void);
int group_order(void);
int group_chain(void);
int group_attempts(void);
int group_close(void);
int group_takeover(void);
int group_bounds(void);
int group_wait(void);
int group_marker(void);
int group_types(void);

#endif /* DFQ_TEST_H */
