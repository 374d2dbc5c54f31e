/* SPDX-License-Identifier: BSD-2-Clause */
/* SFP_MUTEX: sleeping for one's turn, and for a change. */
#include "monitor_test.h"

#include <pthread.h>

/* Deliver by the balance; entries count who waits. */
static enum sfp_status take_one(struct sleeping *bank)
{
	SFP_HOLD(sleeping, account, bank);
	const struct account *const before = account;

	account->entries++;
	while (account->balance == 0)
		SFP_TRY(SFP_WAIT(sleeping, account));
	assert_ptr_equal(account, before);
	account->balance--;
	account->entries--;
	SFP_WAKE_ALL(sleeping, account);
	return SFP_OK;
}

static void *taker(void *bank)
{
	return (void *)(intptr_t)take_one(bank);
}

static enum sfp_status wait_for_takers(struct sleeping *bank, long takers, long give)
{
	for (;;) {
		SFP_HOLD(sleeping, account, bank);
		if (account->entries == takers) {
			account->balance += give;
			if (give == 1)
				SFP_WAKE_ONE(sleeping, account);
			else
				SFP_WAKE_ALL(sleeping, account);
			return SFP_OK;
		}
	}
}

TEST(waiters_wake_when_told_and_what_they_did_before_is_seen_meanwhile)
{
	struct sleeping bank = { .core = { .owner = 0 } };
	pthread_t threads[3];
	int i;

	for (i = 0; i < 3; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, taker, &bank), 0);
	EXPECT(OK, wait_for_takers(&bank, 3, 1));
	EXPECT(OK, wait_for_takers(&bank, 2, 2));
	for (i = 0; i < 3; i++) {
		void *status;

		pthread_join(threads[i], &status);
		assert_null(status);
	}
	EXPECT_ACCOUNT(sleeping, &bank, 0, 0);
}

static enum sfp_status wait_for_poison(struct sleeping_poisoned *bank)
{
	SFP_HOLD(sleeping_poisoned, account, bank);
	account->entries = 1;
	for (;;)
		SFP_TRY(SFP_WAIT(sleeping_poisoned, account));
}

static void *victim(void *bank)
{
	return (void *)(intptr_t)wait_for_poison(bank);
}

static enum sfp_status poison(struct sleeping_poisoned *bank)
{
	SFP_HOLD(sleeping_poisoned, account, bank);
	if (account->entries == 0)
		return SFP_AGAIN;
	sfp_fault_raise(1);
}
SFP_GATE(poison, poison, struct sleeping_poisoned *);

TEST(a_fault_tells_those_who_wait)
{
	struct sleeping_poisoned bank = { .core = { .owner = 0 } };
	enum sfp_status status;
	pthread_t thread;
	void *got;

	assert_int_equal(pthread_create(&thread, NULL, victim, &bank), 0);
	do
		status = poison_contained(&bank, NULL);
	while (status == SFP_AGAIN);
	EXPECT(FAULT, status);
	pthread_join(thread, &got);
	EXPECT(POISONED, (enum sfp_status)(intptr_t)got);
	assert_int_equal(bank.core.owner, 0);
}

#define ROUNDS 20000

static void *count(void *opaque)
{
	struct sleeping_mended *bank = opaque;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		SFP_WITH(sleeping_mended, account, bank) {
			account->balance++;
			account->entries++;
		} else {
			return bank;
		}
	}
	return NULL;
}

TEST(two_threads_lose_no_update_and_no_wake_up)
{
	struct sleeping_mended bank = { .core = { .owner = 0 } };
	pthread_t other;
	void *status;

	assert_int_equal(pthread_create(&other, NULL, count, &bank), 0);
	assert_null(count(&bank));
	pthread_join(other, &status);
	assert_null(status);
	EXPECT_ACCOUNT(sleeping_mended, &bank, 2 * ROUNDS, 2 * ROUNDS);
}

TEST(entering_twice_is_a_deadlock)
{
	struct sleeping bank = { .core = { .owner = 0 } };
	struct sleeping_held held;
	struct sleeping_held second;

	EXPECT(OK, sleeping_enter(&bank, &held));
	EXPECT(DEADLOCK, sleeping_enter(&bank, &second));
	EXPECT(INVALID, sleeping_wait(&second));
	sleeping_wake_all(&second);
	sleeping_leave(&second);
	sleeping_leave(&held);
	assert_int_equal(bank.core.owner, 0);
	assert_int_equal(bank.core.changes, 0);
}

static enum sfp_status half(struct sleeping_mended *bank)
{
	SFP_HOLD(sleeping_mended, account, bank);
	account->balance = 5;
	sfp_fault_raise(1);
}
SFP_GATE(half, half, struct sleeping_mended *);

TEST(a_fault_mends_and_lets_go)
{
	struct sleeping_mended bank = { .core = { .owner = 0 } };

	EXPECT(FAULT, half_contained(&bank, NULL));
	assert_int_equal(bank.core.owner, 0);
	EXPECT_ACCOUNT(sleeping_mended, &bank, 5, 5);
}

int group_sleep(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waiters_wake_when_told_and_what_they_did_before_is_seen_meanwhile),
		cmocka_unit_test(a_fault_tells_those_who_wait),
		cmocka_unit_test(two_threads_lose_no_update_and_no_wake_up),
		cmocka_unit_test(entering_twice_is_a_deadlock),
		cmocka_unit_test(a_fault_mends_and_lets_go),
	};

	return cmocka_run_group_tests_name("sleep", tests, NULL, NULL);
}
