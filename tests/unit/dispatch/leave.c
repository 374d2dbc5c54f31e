/* SPDX-License-Identifier: BSD-2-Clause */
/* Leaving, coming and dying while handlers run. */
#include "dispatch_test.h"

static enum sfp_status leave(struct client *client, struct event *event)
{
	(void)event;
	client->said = irqs_unsubscribe(client->irqs, &client->sub);
	return SFP_OK;
}

static enum sfp_status leave_and_wait(struct client *client, struct event *event)
{
	(void)event;
	client->said = irqs_unsubscribe_wait(client->irqs, &client->sub);
	return SFP_OK;
}

TEST(a_handler_that_removes_itself_is_silent_when_it_has_returned)
{
	static struct irqs irqs;
	struct client a;
	struct client b;

	client_join(&a, &irqs, 'a', 2);
	client_join(&b, &irqs, 'b', 1);
	a.act = leave;
	EXPECT_RAN(&irqs, 0, "ab", OK);
	EXPECT(RUNNING, a.said);
	EXPECT_RAN(&irqs, 0, "b", OK);
	EXPECT(BUSY, irqs_subscribe(&irqs, 0, &a.sub)); /* nobody was told yet that it is silent */
	EXPECT(OK, irqs_unsubscribe(&irqs, &a.sub));
	EXPECT(OK, irqs_subscribe(&irqs, 0, &a.sub));
	EXPECT_RAN(&irqs, 0, "ab", OK);
	EXPECT(OK, irqs_unsubscribe_wait(&irqs, &a.sub));
}

TEST(a_handler_cannot_wait_for_itself)
{
	static struct irqs irqs;
	struct client a;

	client_join(&a, &irqs, 'a', 2);
	a.act = leave_and_wait;
	EXPECT_RAN(&irqs, 0, "a", OK);
	EXPECT(DEADLOCK, a.said);
	EXPECT_RAN(&irqs, 0, "", NOT_FOUND);
	EXPECT(OK, irqs_unsubscribe_wait(&irqs, &a.sub));
}

/* ---- handlers that remove others, which are freed at once ------------------------- */

static void drop(struct client *client)
{
	EXPECT(OK, irqs_unsubscribe(client->irqs, &client->sub));
	memset(client, 0xdd, sizeof(*client));
	free(client);
}

static enum sfp_status drop_other(struct client *client, struct event *event)
{
	(void)event;
	if (client->other)
		drop(client->other);
	client->other = NULL;
	return SFP_OK;
}

static enum sfp_status drop_other_and_leave(struct client *client, struct event *event)
{
	(void)leave(client, event);
	return drop_other(client, event);
}

static enum sfp_status leave_and_drop_other(struct client *client, struct event *event)
{
	(void)drop_other(client, event);
	return leave(client, event);
}

static struct client *allocated(struct irqs *irqs, char letter, int32_t priority)
{
	struct client *client = malloc(sizeof(*client));

	assert_non_null(client);
	client_join(client, irqs, letter, priority);
	return client;
}

TEST(the_next_one_may_be_removed_and_freed)
{
	static struct irqs irqs;
	struct client a;
	struct client c;

	client_join(&a, &irqs, 'a', 3);
	a.other = allocated(&irqs, 'b', 2);
	a.act = drop_other;
	client_join(&c, &irqs, 'c', 1);
	EXPECT_RAN(&irqs, 0, "ac", OK);
	EXPECT_RAN(&irqs, 0, "ac", OK);
}

TEST(the_one_before_may_be_removed_and_freed)
{
	static struct irqs irqs;
	struct client b;
	struct client c;

	client_join(&b, &irqs, 'b', 2);
	b.other = allocated(&irqs, 'a', 3);
	b.act = drop_other;
	client_join(&c, &irqs, 'c', 1);
	EXPECT_RAN(&irqs, 0, "abc", OK);
	EXPECT_RAN(&irqs, 0, "bc", OK);
}

/* Its own link leads to freed memory then: the walk has to begin anew, and no one may run twice. */
TEST(a_handler_may_remove_itself_and_the_next_one)
{
	static struct irqs irqs;
	struct client a;
	struct client b;
	struct client d;
	unsigned turn;

	for (turn = 0; turn < 2; turn++) {
		client_join(&a, &irqs, 'a', 4);
		client_join(&b, &irqs, 'b', 3);
		b.other = allocated(&irqs, 'c', 2);
		b.act = turn ? drop_other_and_leave : leave_and_drop_other;
		client_join(&d, &irqs, 'd', 1);
		EXPECT_RAN(&irqs, 0, "abd", OK);
		EXPECT(RUNNING, b.said);
		EXPECT_RAN(&irqs, 0, "ad", OK);
		EXPECT(OK, irqs_unsubscribe(&irqs, &a.sub));
		EXPECT(OK, irqs_unsubscribe(&irqs, &b.sub));
		EXPECT(OK, irqs_unsubscribe(&irqs, &d.sub));
	}
}

TEST(all_may_leave_in_one_dispatch)
{
	static struct irqs irqs;
	struct client clients[8];
	unsigned i;

	for (i = 0; i < 8; i++) {
		client_join(&clients[i], &irqs, (char)('a' + i), 3 - (int32_t)i);
		clients[i].act = leave;
	}
	EXPECT_RAN(&irqs, 0, "abcdefgh", OK);
	EXPECT_RAN(&irqs, 0, "", NOT_FOUND);
	for (i = 0; i < 8; i++)
		EXPECT(OK, irqs_unsubscribe(&irqs, &clients[i].sub));
}

/* Begun anew twice: what was run before the second time does not run again. */
TEST(beginning_anew_does_not_run_anybody_twice)
{
	static struct irqs irqs;
	struct client clients[6];
	unsigned i;

	for (i = 0; i < 6; i++) {
		client_join(&clients[i], &irqs, (char)('a' + i), 0); /* equals: by address */
		clients[i].act = i == 1 || i == 3 ? leave : NULL;
	}
	EXPECT_RAN(&irqs, 0, "abcdef", OK);
	EXPECT_RAN(&irqs, 0, "acef", OK);
}

/* ---- coming ------------------------------------------------------------------------ */

static enum sfp_status bring_other(struct client *client, struct event *event)
{
	(void)event;
	if (client->other)
		client->said = irqs_subscribe(client->irqs, 0, &client->other->sub);
	client->other = NULL;
	return SFP_OK;
}

TEST(a_handler_may_subscribe_another_one)
{
	static struct irqs irqs;
	struct client a;
	struct client b;
	struct client c;

	client_join(&b, &irqs, 'b', 2);
	b.act = bring_other;
	b.other = &c;
	client_init(&c, &irqs, 'c', 1);
	EXPECT_RAN(&irqs, 0, "bc", OK);
	EXPECT(OK, b.said);
	b.other = &a;
	client_init(&a, &irqs, 'a', 3);
	EXPECT_RAN(&irqs, 0, "bc", OK); /* it comes before: next time */
	EXPECT_RAN(&irqs, 0, "abc", OK);
}

static enum sfp_status dispatch_again(struct client *client, struct event *event)
{
	const enum sfp_status status = irqs_dispatch(client->irqs, 0, event);

	if (status != SFP_OK)
		client->said = status;
	return SFP_OK;
}

TEST(a_handler_may_dispatch_as_deep_as_there_are_pins)
{
	static struct irqs irqs;
	struct client a;

	client_join(&a, &irqs, 'a', 2);
	a.act = dispatch_again;
	EXPECT_RAN(&irqs, 0, "aaaa", OK);
	EXPECT(LIMIT, a.said);
}

/* ---- death ---------------------------------------------------------------------------- */

#define DEAD SFP_PROOF("the test says so")

struct mortal {
	struct sfp_estate estate;
	struct client a;
	struct client b;
};

static struct mortal *mortal(struct irqs *irqs)
{
	struct mortal *mortal = calloc(1, sizeof(*mortal));

	assert_non_null(mortal);
	client_init(&mortal->a, irqs, 'a', 1);
	client_init(&mortal->b, irqs, 'b', 2);
	EXPECT(OK, irqs_retained(&mortal->estate, &mortal->a.sub));
	EXPECT(OK, irqs_retained(&mortal->estate, &mortal->b.sub));
	EXPECT(OK, irqs_subscribe(irqs, 1, &mortal->a.sub));
	return mortal;
}

TEST(a_client_that_dies_is_buried_with_its_subscriptions)
{
	static struct irqs irqs;
	struct mortal *dead = mortal(&irqs);
	struct client c;

	EXPECT(BUSY, irqs_retained(&dead->estate, &dead->a.sub));
	client_init(&c, &irqs, 'c', 0);
	EXPECT(OK, irqs_subscribe(&irqs, 1, &c.sub));
	EXPECT_RAN(&irqs, 1, "ac", OK);
	assert_string_equal(sfp_estate_next(&dead->estate, NULL)->what, "subscription to irqs");
	EXPECT(OK, sfp_estate_bury(&dead->estate, DEAD, 8)); /* `b` was never subscribed */
	free(dead);
	EXPECT_RAN(&irqs, 1, "c", OK);
}

static struct mortal *dying;

static enum sfp_status bury_me(struct client *client, struct event *event)
{
	(void)event;
	client->said = sfp_estate_bury(&dying->estate, DEAD, 8);
	return SFP_OK;
}

TEST(a_burial_waits_for_the_handler_that_runs)
{
	static struct irqs irqs;

	dying = mortal(&irqs);
	dying->a.act = bury_me;
	EXPECT_RAN(&irqs, 1, "a", OK);
	EXPECT(AGAIN, dying->a.said);
	EXPECT_RAN(&irqs, 1, "", NOT_FOUND);
	EXPECT(OK, sfp_estate_bury(&dying->estate, DEAD, 8));
	free(dying);
}

int group_leave(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_handler_that_removes_itself_is_silent_when_it_has_returned),
		cmocka_unit_test(a_handler_cannot_wait_for_itself),
		cmocka_unit_test(the_next_one_may_be_removed_and_freed),
		cmocka_unit_test(the_one_before_may_be_removed_and_freed),
		cmocka_unit_test(a_handler_may_remove_itself_and_the_next_one),
		cmocka_unit_test(all_may_leave_in_one_dispatch),
		cmocka_unit_test(beginning_anew_does_not_run_anybody_twice),
		cmocka_unit_test(a_handler_may_subscribe_another_one),
		cmocka_unit_test(a_handler_may_dispatch_as_deep_as_there_are_pins),
		cmocka_unit_test(a_client_that_dies_is_buried_with_its_subscriptions),
		cmocka_unit_test(a_burial_waits_for_the_handler_that_runs),
	};

	return cmocka_run_group_tests_name("dispatch: leave", tests, NULL, NULL);
}
