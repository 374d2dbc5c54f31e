/* SPDX-License-Identifier: BSD-2-Clause */
/* By priority, whatever the order in which they came, and against a reference. */
#include "dispatch_test.h"

#define CLIENTS 5

/* All orders of 0..CLIENTS-1, by number. */
static void permutation(unsigned number, unsigned *places)
{
	unsigned i;
	unsigned n;

	for (i = 0; i < CLIENTS; i++)
		places[i] = i;
	for (n = CLIENTS; n > 1; n--) {
		const unsigned other = number % n;
		const unsigned kept = places[n - 1];

		number /= n;
		places[n - 1] = places[other];
		places[other] = kept;
	}
}

TEST(the_higher_priority_comes_first_in_whatever_order_they_come_and_go)
{
	static const int32_t priorities[CLIENTS] = { INT32_MAX, 7, 0, -7, INT32_MIN };
	struct client clients[CLIENTS];
	unsigned places[CLIENTS];
	unsigned number;
	unsigned i;

	for (number = 0; number < 120; number++) {
		struct irqs irqs = { .heads = { 0 } };

		permutation(number, places);
		for (i = 0; i < CLIENTS; i++)
			client_join(&clients[places[i]], &irqs, (char)('a' + places[i]),
				    priorities[places[i]]);
		EXPECT_RAN(&irqs, 0, "abcde", OK);
		for (i = 0; i < CLIENTS; i++)
			EXPECT(OK, irqs_unsubscribe(&irqs, &clients[places[CLIENTS - 1 - i]].sub));
		assert_int_equal(irqs.heads[0], 0);
	}
}

TEST(equals_run_once_each)
{
	static struct irqs irqs;
	struct client clients[CLIENTS];
	unsigned letters = 0;
	const char *letter;
	unsigned i;

	for (i = 0; i < CLIENTS; i++)
		client_join(&clients[i * 3 % CLIENTS], &irqs, (char)('a' + i), 1);
	for (letter = ran(&irqs, 0); *letter; letter++) {
		assert_int_equal(letters & (1u << (*letter - 'a')), 0);
		letters |= 1u << (*letter - 'a');
	}
	assert_int_equal(letters, 31);
}

/* ---- against a reference -------------------------------------------------------- */

#define MANY 12
#define KEYS 3
#define OPERATIONS 20000

struct reference {
	struct client client[MANY];
	int key[MANY]; /* -1: not subscribed */
};

/* Distinct priorities: the order is then fully promised. */
static void expect_like(struct reference *reference, struct irqs *irqs, unsigned key)
{
	char expected[MANY + 1];
	unsigned length = 0;
	int i;

	for (i = MANY - 1; i >= 0; i--)
		if (reference->key[i] == (int)key)
			expected[length++] = reference->client[i].letter;
	expected[length] = '\0';
	assert_string_equal(ran(irqs, key), expected);
	assert_string_equal(sfp_status_name(dispatched), length ? "OK" : "NOT_FOUND");
}

static void change(struct reference *reference, struct irqs *irqs, unsigned i, unsigned key)
{
	struct irqs_sub *sub = &reference->client[i].sub;

	if (reference->key[i] >= 0) {
		EXPECT(BUSY, irqs_subscribe(irqs, key, sub));
		EXPECT(OK, irqs_unsubscribe(irqs, sub));
		reference->key[i] = -1;
	} else {
		EXPECT(OK, irqs_subscribe(irqs, key, sub));
		reference->key[i] = (int)key;
	}
}

TEST(twenty_thousand_random_operations_agree_with_a_reference)
{
	static struct irqs irqs;
	static struct reference reference;
	unsigned seed = 4711;
	unsigned i;

	for (i = 0; i < MANY; i++) {
		client_init(&reference.client[i], &irqs, (char)('a' + i), (int32_t)i - 4);
		reference.key[i] = -1;
	}
	for (i = 0; i < OPERATIONS; i++) {
		const unsigned drawn = (unsigned)rand_r(&seed);

		if (drawn % 3 == 0)
			expect_like(&reference, &irqs, drawn / 3 % KEYS);
		else
			change(&reference, &irqs, drawn / 3 % MANY, drawn / 64 % KEYS);
	}
}

int group_order(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_higher_priority_comes_first_in_whatever_order_they_come_and_go),
		cmocka_unit_test(equals_run_once_each),
		cmocka_unit_test(twenty_thousand_random_operations_agree_with_a_reference),
	};

	return cmocka_run_group_tests_name("dispatch: order", tests, NULL, NULL);
}
