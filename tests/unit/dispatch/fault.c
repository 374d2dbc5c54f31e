/* SPDX-License-Identifier: BSD-2-Clause */
/* Handlers that fault: counted, passed over in the end, and the rest still run. */
#include "dispatch_test.h"

#include <sys/mman.h>

static enum sfp_status raise_fault(struct client *client, struct event *event)
{
	(void)client;
	(void)event;
	sfp_fault_raise(1);
}

static int *nowhere; /* nothing may be stored there */

static enum sfp_status trap(struct client *client, struct event *event)
{
	(void)client;
	(void)event;
	*(volatile int *)nowhere = 1;
	return SFP_OK;
}

static unsigned released;

static void count_release(int *thing)
{
	released += *thing != 0;
	*thing = 0;
}
SFP_GUARD(thing, int, count_release);

static enum sfp_status hold_and_fault(struct client *client, struct event *event)
{
	SFP_SCOPED(thing, held, 1);
	return raise_fault(client, event);
}

static enum sfp_status leave_and_fault(struct client *client, struct event *event)
{
	client->said = irqs_unsubscribe(client->irqs, &client->sub);
	return raise_fault(client, event);
}

/* a, b, c in this order; b does `act`. */
static void three(struct irqs *irqs, struct client *clients,
		  enum sfp_status (*act)(struct client *, struct event *))
{
	unsigned i;

	for (i = 0; i < 3; i++)
		client_join(&clients[i], irqs, (char)('a' + i), -(int32_t)i);
	clients[1].act = act;
}

TEST(the_rest_still_run_and_the_fault_is_counted)
{
	static struct irqs irqs;
	struct client clients[3];

	three(&irqs, clients, raise_fault);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	assert_int_equal(irqs_faults(&clients[1].sub), 2);
	assert_int_equal(irqs_faults(&clients[0].sub) + irqs_faults(&clients[2].sub), 0);
	assert_false(irqs_is_quarantined(&clients[1].sub)); /* the limit of a zeroed dispatcher is none */
}

TEST(a_trap_is_such_a_fault)
{
	static struct irqs irqs;
	struct client clients[3];

	assert_int_equal(sfp_posix_faults_catch(), 0); /* cmocka has taken the signals */
	nowhere = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(nowhere, MAP_FAILED);
	three(&irqs, clients, trap);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	assert_int_equal(irqs_faults(&clients[1].sub), 1);
}

TEST(where_none_took_it_the_fault_is_told)
{
	static struct irqs irqs;
	struct client clients[3];

	three(&irqs, clients, raise_fault);
	clients[0].answer = SFP_EMPTY;
	clients[2].answer = SFP_EMPTY;
	EXPECT_RAN(&irqs, 0, "abc", FAULT);
	assert_string_equal(ran_first(&irqs, 0), "abc");
	EXPECT(FAULT, dispatched);
	clients[2].answer = SFP_OK;
	assert_string_equal(ran_first(&irqs, 0), "abc");
	EXPECT(OK, dispatched);
	clients[2].answer = SFP_FAULT; /* is an answer like any other */
	clients[1].act = NULL;
	clients[1].answer = SFP_FAULT;
	EXPECT_RAN(&irqs, 0, "abc", EMPTY);
	assert_int_equal(irqs_faults(&clients[1].sub), 3);
}

TEST(the_limit_quarantines_and_reinstating_ends_it)
{
	struct irqs irqs;
	struct client clients[3];

	irqs_init(&irqs, 2);
	three(&irqs, clients, raise_fault);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	assert_false(irqs_is_quarantined(&clients[1].sub));
	EXPECT_RAN(&irqs, 0, "abc", OK);
	assert_true(irqs_is_quarantined(&clients[1].sub));
	EXPECT_RAN(&irqs, 0, "ac", OK);
	irqs_reinstate(&clients[1].sub);
	assert_int_equal(irqs_faults(&clients[1].sub), 0);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	EXPECT_RAN(&irqs, 0, "ac", OK);
}

TEST(where_all_are_in_quarantine_none_is_there_to_run)
{
	struct irqs irqs;
	struct client a;

	irqs_init(&irqs, 1);
	client_join(&a, &irqs, 'a', 0);
	a.act = raise_fault;
	EXPECT_RAN(&irqs, 0, "a", FAULT);
	EXPECT_RAN(&irqs, 0, "", NOT_FOUND);
}

/* The mark lies in the link: who links and unlinks around it must leave it. */
TEST(others_come_and_go_around_one_in_quarantine)
{
	struct irqs irqs;
	struct client clients[3];
	struct client others[2];

	irqs_init(&irqs, 1);
	three(&irqs, clients, raise_fault);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	client_join(&others[0], &irqs, 'x', -1);
	client_join(&others[1], &irqs, 'y', -2);
	assert_true(irqs_is_quarantined(&clients[1].sub));
	EXPECT(OK, irqs_unsubscribe(&irqs, &others[0].sub));
	EXPECT(OK, irqs_unsubscribe(&irqs, &clients[2].sub));
	EXPECT_RAN(&irqs, 0, "ay", OK);
	EXPECT(OK, irqs_unsubscribe(&irqs, &others[1].sub));
	EXPECT(OK, irqs_unsubscribe(&irqs, &clients[0].sub));
	assert_true(irqs_is_quarantined(&clients[1].sub));
	EXPECT(OK, irqs_unsubscribe(&irqs, &clients[1].sub));
	EXPECT(OK, irqs_subscribe(&irqs, 0, &clients[1].sub)); /* a new beginning */
	assert_false(irqs_is_quarantined(&clients[1].sub));
	assert_int_equal(irqs_faults(&clients[1].sub), 0);
}

TEST(what_the_handler_held_is_let_go_of)
{
	static struct irqs irqs;
	struct client clients[3];

	released = 0;
	three(&irqs, clients, hold_and_fault);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	assert_int_equal(released, 1);
}

TEST(a_handler_that_left_and_faulted_is_silent)
{
	static struct irqs irqs;
	struct client clients[3];

	three(&irqs, clients, leave_and_fault);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	EXPECT(RUNNING, clients[1].said);
	EXPECT(OK, irqs_unsubscribe(&irqs, &clients[1].sub));
	EXPECT_RAN(&irqs, 0, "ac", OK);
}

static enum sfp_status contain(struct client *client)
{
	(void)client;
	sfp_fault_raise(2);
}
SFP_GATE(contain, contain, struct client *);

static enum sfp_status call_contained(struct client *client, struct event *event)
{
	(void)event;
	client->said = contain_contained(client, NULL);
	return SFP_OK;
}

TEST(a_fault_that_a_handler_contains_is_its_own_business)
{
	static struct irqs irqs;
	struct client clients[3];

	three(&irqs, clients, call_contained);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	EXPECT(FAULT, clients[1].said);
	assert_int_equal(irqs_faults(&clients[1].sub), 0);
}

static enum sfp_status dispatch_key_1(struct client *client, struct event *event)
{
	return irqs_dispatch(client->irqs, 1, event);
}

TEST(a_fault_in_a_nested_dispatch_is_the_inner_handlers)
{
	static struct irqs irqs;
	struct client clients[3];
	struct client inner;

	three(&irqs, clients, dispatch_key_1);
	client_init(&inner, &irqs, 'i', 0);
	inner.act = raise_fault;
	EXPECT(OK, irqs_subscribe(&irqs, 1, &inner.sub));
	EXPECT_RAN(&irqs, 0, "abic", OK);
	assert_int_equal(irqs_faults(&clients[1].sub), 0);
	assert_int_equal(irqs_faults(&inner.sub), 1);
}

TEST(a_list_that_was_overwritten_ends_the_dispatch_and_nothing_else)
{
	static struct irqs irqs;
	struct client clients[3];

	assert_int_equal(sfp_posix_faults_catch(), 0);
	three(&irqs, clients, NULL);
	clients[1].sub.core.next = 16;
	EXPECT_RAN(&irqs, 0, "ab", FAULT);
	irqs.heads[0] = 16;
	EXPECT_RAN(&irqs, 0, "", FAULT);
}

TEST(the_count_of_faults_does_not_wrap)
{
	static struct irqs irqs;
	struct client clients[3];

	three(&irqs, clients, raise_fault);
	clients[1].sub.core.faults = UINT32_MAX;
	EXPECT_RAN(&irqs, 0, "abc", OK);
	assert_int_equal(irqs_faults(&clients[1].sub), UINT32_MAX);
}

int group_fault(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rest_still_run_and_the_fault_is_counted),
		cmocka_unit_test(a_trap_is_such_a_fault),
		cmocka_unit_test(where_none_took_it_the_fault_is_told),
		cmocka_unit_test(the_limit_quarantines_and_reinstating_ends_it),
		cmocka_unit_test(where_all_are_in_quarantine_none_is_there_to_run),
		cmocka_unit_test(others_come_and_go_around_one_in_quarantine),
		cmocka_unit_test(what_the_handler_held_is_let_go_of),
		cmocka_unit_test(a_handler_that_left_and_faulted_is_silent),
		cmocka_unit_test(a_fault_that_a_handler_contains_is_its_own_business),
		cmocka_unit_test(a_fault_in_a_nested_dispatch_is_the_inner_handlers),
		cmocka_unit_test(a_list_that_was_overwritten_ends_the_dispatch_and_nothing_else),
		cmocka_unit_test(the_count_of_faults_does_not_wrap),
	};

	return cmocka_run_group_tests_name("dispatch: fault", tests, NULL, NULL);
}
