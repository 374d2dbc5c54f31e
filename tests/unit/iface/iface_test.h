/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of interfaces share: a realm, an interface of counters, and a provider of it. */
#ifndef IFACE_TEST_H
#define IFACE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sfp/iface.h>
#include <sfp/lock.h>

#define EXPECT(status, call) assert_string_equal(sfp_status_name(call), #status)
#define TEST(sentence) static void sentence(void **state_ __attribute__((unused)))
#define DEAD SFP_PROOF("the test has stopped being it")

/* An operation of each kind of argument, and two that misbehave. */
#define COUNTER_OPS(OP) \
	OP(add, SFP_IN(uint32_t, amount), SFP_OUT(uint64_t, total)) \
	OP(twice, SFP_INOUT(uint64_t, number)) \
	OP(reset) \
	OP(crash, SFP_IN(int, how)) \
	OP(relay, SFP_IN(struct counter_relay *, relay))

/* What `relay` is to do while its call is under way. */
struct counter_relay {
	enum sfp_status (*act)(struct counter_relay *relay);
	void *subject;
};

SFP_INTERFACE(counter, 3, COUNTER_OPS);

struct tally {
	uint64_t total;
	unsigned resets;
};

enum sfp_status tally_add(struct tally *tally, uint32_t amount, uint64_t *total);
enum sfp_status tally_twice(struct tally *tally, uint64_t *number);
enum sfp_status tally_reset(struct tally *tally);
enum sfp_status tally_crash(struct tally *tally, int how);
enum sfp_status tally_relay(struct tally *tally, struct counter_relay *relay);
SFP_PROVIDER(tally, struct tally, counter, COUNTER_OPS);

#define SLOTS 4

/* A realm in which "tally" offers a counter. */
struct scene {
	struct sfp_iface_slot slots[SLOTS];
	struct sfp_iface_realm realm;
	struct counter_offer offer;
	struct counter_record record;
	struct tally tally;
	struct counter_ref ref;
};

/* Zeroed, with the realm, the record and the reference made; offered and published as asked. */
enum how_far { SCENE_BARE, SCENE_OFFERED, SCENE_PUBLISHED };
void scene_set_up(struct scene *scene, enum how_far far);

/* Traps come to gates from here to the end of the test; CMocka has taken them before it. */
void catch_traps(void);

/* Nothing of the running context is left over. */
void expect_nothing_left(void);

int group_usage(void);
int group_call(void);
int group_start(void);
int group_change(void);
int group_browse(void);
int group_death(void);
int group_remote(void);

#endif /* IFACE_TEST_H */
