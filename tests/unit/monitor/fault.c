/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fault in a section does to the data, to the lock and to whoever comes next. */
#include "monitor_test.h"

/* Half of a deposit, then a fault. */
#define HALF_OF(name) \
	static enum sfp_status name##_half(struct name *bank) \
	{ \
		SFP_HOLD(name, account, bank); \
		account->balance += 10; \
		sfp_fault_raise(1); \
	} \
	SFP_GATE(name##_half, name##_half, struct name *)

HALF_OF(undone);
HALF_OF(poisoned);
HALF_OF(mended);

static enum sfp_status poisoned_read(struct poisoned *bank, long *balance)
{
	SFP_HOLD(poisoned, account, bank);
	*balance = account->balance;
	return SFP_OK;
}

static unsigned mends;

static enum sfp_status mend(struct account *account)
{
	mends++;
	account->balance = account->entries;
	return SFP_OK;
}

static enum sfp_status mend_in_vain(struct account *account)
{
	(void)account;
	mends++;
	return SFP_NO_MEMORY;
}

static enum sfp_status mend_and_fault(struct account *account)
{
	account->balance = 77;
	sfp_fault_raise(3);
}

static enum sfp_status poisoned_mend_and_fault(struct poisoned *bank)
{
	return poisoned_repair(bank, mend_and_fault);
}
SFP_GATE(bad_mend, poisoned_mend_and_fault, struct poisoned *);

TEST(rollback_leaves_what_was_there)
{
	struct undone bank;
	const struct account initial = { .balance = 3, .entries = 1 };
	struct sfp_fault why;

	undone_init(&bank, &initial);
	EXPECT(FAULT, undone_half_contained(&bank, &why));
	assert_int_equal(why.code, 1);
	assert_int_equal(bank.core.owner, 0);
	EXPECT_ACCOUNT(undone, &bank, 3, 1);
	EXPECT(OK, undone_repair(&bank, mend)); /* never poisoned: nothing to do */
	EXPECT_ACCOUNT(undone, &bank, 3, 1);
}

TEST(rollback_undoes_after_any_number_of_commits)
{
	struct undone bank = { .core = { .owner = 0 } };
	int turn;

	for (turn = 0; turn < 5; turn++) {
		SFP_WITH(undone, account, &bank)
			account->entries++;
	}
	for (turn = 0; turn < 3; turn++)
		EXPECT(FAULT, undone_half_contained(&bank, NULL));
	EXPECT_ACCOUNT(undone, &bank, 0, 5);
}

TEST(poison_keeps_everybody_out_until_it_is_repaired)
{
	struct poisoned bank;
	const struct account initial = { .balance = 4, .entries = 4 };
	long balance = -1;

	mends = 0;
	poisoned_init(&bank, &initial);
	EXPECT(OK, poisoned_repair(&bank, mend));
	assert_int_equal(mends, 0);
	EXPECT(FAULT, poisoned_half_contained(&bank, NULL));
	assert_int_equal(bank.core.owner, 0);
	EXPECT(POISONED, poisoned_read(&bank, &balance));
	assert_int_equal(balance, -1);
	SFP_WITH(poisoned, account, &bank) {
		fail();
	} else {
		EXPECT(POISONED, SFP_REFUSAL(account));
	}
	assert_int_equal(bank.core.owner, 0);
	EXPECT(NO_MEMORY, poisoned_repair(&bank, mend_in_vain));
	EXPECT(POISONED, poisoned_read(&bank, &balance));
	EXPECT(OK, poisoned_repair(&bank, mend));
	assert_int_equal(mends, 2);
	EXPECT_ACCOUNT(poisoned, &bank, 4, 4);
}

TEST(a_repair_that_faults_leaves_the_data_poisoned_and_the_lock_free)
{
	struct poisoned bank = { .core = { .owner = 0 } };

	EXPECT(FAULT, poisoned_half_contained(&bank, NULL));
	EXPECT(FAULT, bad_mend_contained(&bank, NULL));
	assert_int_equal(bank.core.owner, 0);
	EXPECT(POISONED, poisoned_read(&bank, &(long){ 0 }));
	EXPECT(OK, poisoned_repair(&bank, mend));
	EXPECT_ACCOUNT(poisoned, &bank, 0, 0);
}

TEST(a_repair_inside_of_a_section_is_a_deadlock)
{
	struct poisoned bank = { .core = { .owner = 0 } };

	SFP_WITH(poisoned, account, &bank)
		EXPECT(DEADLOCK, poisoned_repair(&bank, mend));
}

TEST(the_repair_of_the_type_runs_once_and_the_next_one_gets_in)
{
	struct mended bank = { .core = { .owner = 0 } };
	struct sfp_fault why;

	repairs = 0;
	EXPECT(FAULT, mended_half_contained(&bank, &why));
	assert_int_equal(repairs, 1);
	assert_int_equal(why.cleanup_faults, 0);
	assert_int_equal(bank.core.owner, 0);
	EXPECT_ACCOUNT(mended, &bank, 10, 10);
}

TEST(where_the_repair_of_the_type_faults_too_the_data_is_poisoned)
{
	struct mended bank = { .core = { .owner = 0 } };
	struct sfp_fault why;

	repairs = 0;
	repair_faults = true;
	EXPECT(FAULT, mended_half_contained(&bank, &why));
	repair_faults = false;
	assert_int_equal(repairs, 1);
	assert_int_equal(why.code, 1);
	assert_int_equal(why.cleanup_faults, 1);
	assert_int_equal(bank.core.owner, 0);
	assert_null(sfp_port_context()->guards);
	SFP_WITH(mended, account, &bank) {
		fail();
	} else {
		EXPECT(POISONED, SFP_REFUSAL(account));
	}
	EXPECT(OK, mended_repair(&bank, mend));
	EXPECT_ACCOUNT(mended, &bank, 0, 0);
}

static enum sfp_status write_and_fault(struct account *account)
{
	account->balance = 9;
	sfp_fault_raise(4);
}
SFP_GATE(inner, write_and_fault, struct account *);

TEST(a_gate_inside_of_a_section_leaves_the_decision_to_the_section)
{
	struct undone bank = { .core = { .owner = 0 } };

	SFP_WITH(undone, account, &bank) {
		EXPECT(FAULT, inner_contained(account, NULL));
		assert_int_equal(account->balance, 9);
		EXPECT(OK, SFP_UNDO(undone, account));
		assert_int_equal(account->balance, 0);
	}
	assert_int_not_equal(bank.core.owner, 0);
}

static enum sfp_status two_sections(struct undone *const *banks)
{
	SFP_HOLD(undone, first, banks[0]);
	first->balance = 1;
	SFP_HOLD(undone, second, banks[1]);
	second->balance = 1;
	sfp_fault_raise(5);
}
SFP_GATE(two, two_sections, struct undone *const *);

TEST(a_fault_ends_all_sections_of_its_gate)
{
	struct undone one = { .core = { .owner = 0 } };
	struct undone other = { .core = { .owner = 0 } };

	EXPECT(FAULT, two_contained((struct undone *const[]){ &one, &other }, NULL));
	EXPECT_ACCOUNT(undone, &one, 0, 0);
	EXPECT_ACCOUNT(undone, &other, 0, 0);
}

int group_fault(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rollback_leaves_what_was_there),
		cmocka_unit_test(rollback_undoes_after_any_number_of_commits),
		cmocka_unit_test(poison_keeps_everybody_out_until_it_is_repaired),
		cmocka_unit_test(a_repair_that_faults_leaves_the_data_poisoned_and_the_lock_free),
		cmocka_unit_test(a_repair_inside_of_a_section_is_a_deadlock),
		cmocka_unit_test(the_repair_of_the_type_runs_once_and_the_next_one_gets_in),
		cmocka_unit_test(where_the_repair_of_the_type_faults_too_the_data_is_poisoned),
		cmocka_unit_test(a_gate_inside_of_a_section_leaves_the_decision_to_the_section),
		cmocka_unit_test(a_fault_ends_all_sections_of_its_gate),
	};

	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
