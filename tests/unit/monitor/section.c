/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections: entering, every way of leaving, refusals. */
#include "monitor_test.h"

struct page {
	unsigned char bytes[4096];
};
struct odd {
	char text[7];
};
struct wide {
	char first;
	long double number __attribute__((aligned(64)));
};

SFP_MONITOR(pages, struct page, SFP_SPIN, SFP_ROLLBACK);
SFP_MONITOR(odds, struct odd, SFP_SPIN, SFP_ROLLBACK);
SFP_MONITOR(wides, struct wide, SFP_SPIN, SFP_ROLLBACK);
SFP_MONITOR(words, long, SFP_SPIN, SFP_POISON);

static enum sfp_status deposit(struct undone *bank, long amount)
{
	SFP_HOLD(undone, account, bank);
	account->balance += amount;
	account->entries++;
	return SFP_OK;
}

static bool has_money(struct undone *bank)
{
	SFP_WITH(undone, account, bank) {
		return account->balance > 0;
	} else {
		return false;
	}
}

TEST(a_zeroed_monitor_is_ready_and_holds_zeroes)
{
	static struct undone bank;

	EXPECT_ACCOUNT(undone, &bank, 0, 0);
}

TEST(the_usage_in_the_header_works)
{
	struct undone bank;
	const struct account initial = { .balance = 0, .entries = 4 };

	undone_init(&bank, &initial);
	assert_false(has_money(&bank));
	EXPECT(OK, deposit(&bank, 5));
	EXPECT(OK, deposit(&bank, 2));
	assert_true(has_money(&bank));
	EXPECT_ACCOUNT(undone, &bank, 7, 6);
}

static enum sfp_status leave_by(struct undone *bank, int way)
{
	int turns;

	for (turns = 0; turns < 3; turns++) {
		SFP_HOLD(undone, account, bank);
		account->balance++;
		if (way == 0)
			return SFP_EMPTY;
		if (way == 1)
			break;
		if (way == 2)
			continue;
		if (way == 3)
			goto out;
	}
	return turns == 1 ? SFP_BUSY : turns == 3 ? SFP_AGAIN : SFP_OK;
out:
	return SFP_GONE;
}

TEST(return_break_continue_goto_and_the_end_leave_the_section_and_commit)
{
	struct undone bank = { .core = { .owner = 0 } };

	EXPECT(EMPTY, leave_by(&bank, 0));
	EXPECT_ACCOUNT(undone, &bank, 1, 0);
	EXPECT(GONE, leave_by(&bank, 3));
	EXPECT_ACCOUNT(undone, &bank, 2, 0);
	EXPECT(AGAIN, leave_by(&bank, 2));
	EXPECT_ACCOUNT(undone, &bank, 5, 0);
	EXPECT(AGAIN, leave_by(&bank, 4));
	EXPECT_ACCOUNT(undone, &bank, 8, 0);
	assert_int_equal(bank.core.owner, 0);
}

TEST(a_break_inside_of_with_reaches_the_users_loop)
{
	struct undone bank = { .core = { .owner = 0 } };
	int turns = 0;

	for (;;) {
		SFP_WITH(undone, account, &bank) {
			account->entries++;
			if (++turns == 3)
				break;
			continue;
		} else {
			fail();
		}
		fail_msg("continue did not reach the loop");
	}
	assert_int_equal(turns, 3);
	EXPECT_ACCOUNT(undone, &bank, 0, 3);
}

TEST(the_section_of_with_lasts_to_the_end_of_the_block_around_it)
{
	struct undone bank = { .core = { .owner = 0 } };

	{
		SFP_WITH(undone, account, &bank)
			account->balance = 1;
		assert_int_not_equal(bank.core.owner, 0);
	}
	assert_int_equal(bank.core.owner, 0);
}

TEST(entering_twice_is_a_deadlock_that_changes_nothing)
{
	struct undone bank = { .core = { .owner = 0 } };
	struct undone_held held;

	EXPECT(OK, undone_enter(&bank, &held));
	undone_data(&held)->balance = 3;
	EXPECT(DEADLOCK, deposit(&bank, 1));
	assert_false(has_money(&bank));
	assert_int_equal(undone_data(&held)->balance, 3);
	undone_leave(&held);
	EXPECT_ACCOUNT(undone, &bank, 3, 0);
}

TEST(a_section_in_a_section_of_another_monitor_is_left_first)
{
	struct undone outer = { .core = { .owner = 0 } };
	struct poisoned inner = { .core = { .owner = 0 } };

	{
		SFP_WITH(undone, a, &outer) {
			SFP_WITH(poisoned, b, &inner) {
				a->balance = 2;
				b->balance = 3;
			}
		}
	}
	EXPECT_ACCOUNT(undone, &outer, 2, 0);
	EXPECT_ACCOUNT(poisoned, &inner, 3, 0);
	assert_null(sfp_port_context()->guards);
}

TEST(a_refused_enter_has_no_data_and_is_left_without_harm)
{
	struct undone bank = { .core = { .owner = 0 } };
	struct undone_held held;
	struct undone_held second;

	EXPECT(OK, undone_enter(&bank, &held));
	EXPECT(DEADLOCK, undone_enter(&bank, &second));
	assert_null(undone_data(&second));
	EXPECT(INVALID, undone_undo(&second));
	undone_leave(&second);
	assert_int_not_equal(bank.core.owner, 0);
	undone_leave(&held);
	assert_int_equal(bank.core.owner, 0);
}

TEST(leaving_twice_does_no_harm_at_run_time)
{
	struct undone bank = { .core = { .owner = 0 } };
	struct undone_held held;

	EXPECT(OK, undone_enter(&bank, &held));
	undone_data(&held)->entries = 1;
	undone_leave(&held);
	undone_leave(&held);
	EXPECT_ACCOUNT(undone, &bank, 0, 1);
}

static enum sfp_status withdraw(struct undone *bank, long amount)
{
	SFP_HOLD(undone, account, bank);
	account->entries++;
	account->balance -= amount;
	if (account->balance < 0) {
		SFP_TRY(SFP_UNDO(undone, account));
		return SFP_LIMIT;
	}
	return SFP_OK;
}

TEST(undo_takes_back_what_a_section_did)
{
	struct undone bank = { .core = { .owner = 0 } };

	EXPECT(OK, deposit(&bank, 5));
	EXPECT(LIMIT, withdraw(&bank, 6));
	EXPECT_ACCOUNT(undone, &bank, 5, 1);
	EXPECT(OK, withdraw(&bank, 5));
	EXPECT_ACCOUNT(undone, &bank, 0, 2);
}

TEST(what_works_in_place_cannot_undo)
{
	struct poisoned bank = { .core = { .owner = 0 } };
	struct poisoned_held held;

	EXPECT(OK, poisoned_enter(&bank, &held));
	EXPECT(UNSUPPORTED, poisoned_undo(&held));
	poisoned_leave(&held);
}

TEST(data_of_any_size_and_alignment_is_kept_whole)
{
	static struct pages page;
	struct odds odd = { .core = { .owner = 0 } };
	struct wides wide = { .core = { .owner = 0 } };
	struct words word = { .core = { .owner = 0 } };
	int turn;

	for (turn = 1; turn < 5; turn++) {
		SFP_WITH(pages, p, &page) {
			assert_int_equal(p->bytes[0], turn - 1);
			assert_int_equal(p->bytes[4095], turn - 1);
			memset(p->bytes, turn, sizeof(p->bytes));
		}
		SFP_WITH(odds, o, &odd) {
			assert_int_equal(o->text[6], turn - 1);
			memset(o->text, turn, sizeof(o->text));
		}
		SFP_WITH(wides, w, &wide) {
			assert_int_equal((uintptr_t)w % 64, 0);
			assert_int_equal((int)w->number, turn - 1);
			w->number = turn;
		}
		SFP_WITH(words, n, &word)
			assert_int_equal((*n)++, turn - 1);
	}
	assert_int_equal(odd.core.owner, 0);
}

int group_section(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_monitor_is_ready_and_holds_zeroes),
		cmocka_unit_test(the_usage_in_the_header_works),
		cmocka_unit_test(return_break_continue_goto_and_the_end_leave_the_section_and_commit),
		cmocka_unit_test(a_break_inside_of_with_reaches_the_users_loop),
		cmocka_unit_test(the_section_of_with_lasts_to_the_end_of_the_block_around_it),
		cmocka_unit_test(entering_twice_is_a_deadlock_that_changes_nothing),
		cmocka_unit_test(a_section_in_a_section_of_another_monitor_is_left_first),
		cmocka_unit_test(a_refused_enter_has_no_data_and_is_left_without_harm),
		cmocka_unit_test(leaving_twice_does_no_harm_at_run_time),
		cmocka_unit_test(undo_takes_back_what_a_section_did),
		cmocka_unit_test(what_works_in_place_cannot_undo),
		cmocka_unit_test(data_of_any_size_and_alignment_is_kept_whole),
	};

	return cmocka_run_group_tests_name("section", tests, NULL, NULL);
}
