/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the dispatcher share: two of them, and a client whose handler writes down that it ran. */
#ifndef DISPATCH_TEST_H
#define DISPATCH_TEST_H

#include "level_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sfp/dispatch.h>

/* What ran, in its order: the names of the clients, one letter each. */
struct event {
	char ran[64];
};

struct client;

SFP_DISPATCH(irqs, struct event, SFP_KEYED(8));
SFP_DISPATCH(hooks, struct event, SFP_LISTED);

/* `act` is what its handler does after it has written its letter. */
struct client {
	char letter;
	enum sfp_status (*act)(struct client *client, struct event *event);
	enum sfp_status answer; /* where there is no `act` */
	struct client *other;   /* for `act` */
	enum sfp_status said;   /* what `act` was told */
	struct irqs *irqs;
	struct irqs_sub sub;
	struct hooks_sub hook;
};

void client_init(struct client *client, struct irqs *irqs, char letter, int32_t priority);

/* Subscribed to key 0. */
void client_join(struct client *client, struct irqs *irqs, char letter, int32_t priority);

/* What a dispatch of this key ran, in order; its status is left in `dispatched`. */
extern enum sfp_status dispatched;
const char *ran(struct irqs *irqs, unsigned key);
const char *ran_first(struct irqs *irqs, unsigned key);

#define EXPECT(status, call) assert_string_equal(sfp_status_name(call), #status)

#define EXPECT_RAN(irqs, key, letters, status) \
	do { \
		assert_string_equal(ran(irqs, key), letters); \
		EXPECT(status, dispatched); \
	} while (0)

/* A test is a sentence that can be false. */
#define TEST(sentence) static void sentence(void **state_ __attribute__((unused)))

/* Nothing of this context is pinned, held or open. */
void expect_clean(void);

int group_list(void);
int group_order(void);
int group_leave(void);
int group_fault(void);
int group_interrupt(void);
int group_usage(void);

#endif /* DISPATCH_TEST_H */
