/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of the mux share: one mux a policy, clients and requests.
 * Each file of tests is one group.
 */
#ifndef MUX_TEST_H
#define MUX_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sfp/mux.h>

/* The link stands neither first nor alone. */
struct task {
	char before[5];
	struct sfp_mux_request link;
	int number;
};

SFP_MUX(fifo, struct task, link, SFP_FIFO);
SFP_MUX(fair, struct task, link, SFP_WEIGHTED);
SFP_MUX(ranks, struct task, link, SFP_PRIORITY);

struct timers;
void timers_rang(struct timers *timers);
SFP_MUX_HOOKED(timers, struct task, link, SFP_DEADLINE, timers_rang);

#define TASKS 8

/* A mux of first come, first served, with a server and two clients; idle tasks 0 .. TASKS-1. */
struct desk {
	struct fifo mux;
	struct fifo_server server;
	struct fifo_client client;
	struct fifo_client other;
	struct task task[TASKS];
};

/* A status that is wrong is reported by name. */
#define EXPECT(status, call) assert_string_equal(sfp_status_name(call), #status)

#define EXPECT_STATE(task, expected) assert_int_equal(sfp_mux_state(&(task)->link).state, SFP_MUX_##expected)

/* A test is a sentence that can be false. */
#define TEST(sentence) static void sentence(void **state_ __attribute__((unused)))

#define NEW SFP_PROOF("the mux is new")
#define DEAD SFP_PROOF("the test does not use the older server any more")

void desk_set_up(struct desk *desk, uint32_t attempt_limit);

/* Submit tasks first .. last of the first client. */
void desk_submit(struct desk *desk, int first, int last);

/* The next task is this one. */
struct task *expect_next(struct fifo_server *server, int number);
void expect_empty(struct fifo_server *server);

/* until it is not AGAIN; that takes a few calls at most */
enum sfp_status next_through(struct fifo_server *server, struct task **task);

/* Let the server come by: it takes in what there is, and hands nothing out that is not given back before. */
void leave_through(struct fifo_server *server, struct fifo_client *client);

void tasks_number(struct task *tasks, int count);

int group_operations(void);
int group_misuse(void);
int group_order(void);
int group_weighted(void);
int group_deadline(void);
int group_cancel(void);
int group_leave(void);
int group_requeue(void);
int group_takeover(void);
int group_lost(void);
int group_wait(void);
int group_estate(void);

#endif /* MUX_TEST_H */
