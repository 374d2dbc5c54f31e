/* SPDX-License-Identifier: BSD-2-Clause */
/* SFP_SPIN_IRQ: interrupts are off in the section, and as they were after it. */
#include "monitor_test.h"

static enum sfp_status half(struct masked_poisoned *bank)
{
	SFP_HOLD(masked_poisoned, account, bank);
	account->balance = 1;
	sfp_fault_raise(1);
}
SFP_GATE(half, half, struct masked_poisoned *);

static enum sfp_status add(struct masked_poisoned *bank)
{
	SFP_HOLD(masked_poisoned, account, bank);
	account->balance++;
	return irq_masked ? SFP_OK : SFP_INVALID;
}

TEST(interrupts_are_off_in_the_section_and_on_after_it)
{
	struct masked_poisoned bank = { .core = { .owner = 0 } };

	irq_masked = 0;
	EXPECT(OK, add(&bank));
	assert_int_equal(irq_masked, 0);
}

TEST(where_they_were_off_they_stay_off)
{
	struct masked_poisoned bank = { .core = { .owner = 0 } };

	irq_masked = 1;
	EXPECT(OK, add(&bank));
	assert_int_equal(irq_masked, 1);
	irq_masked = 0;
}

TEST(sections_nest)
{
	struct masked_poisoned bank = { .core = { .owner = 0 } };
	struct masked outer = { .core = { .owner = 0 } };

	{
		SFP_WITH(masked, account, &outer) {
			EXPECT(OK, add(&bank));
			assert_int_equal(irq_masked, 1);
			account->balance = 1;
		}
	}
	assert_int_equal(irq_masked, 0);
}

TEST(a_fault_and_a_refusal_put_them_back)
{
	struct masked_poisoned bank = { .core = { .owner = 0 } };

	EXPECT(FAULT, half_contained(&bank, NULL));
	assert_int_equal(irq_masked, 0);
	EXPECT(POISONED, add(&bank));
	assert_int_equal(irq_masked, 0);
	assert_int_equal(bank.core.owner, 0);
}

TEST(a_deadlock_puts_them_back)
{
	struct masked bank = { .core = { .owner = 0 } };
	struct masked_held held;
	struct masked_held second;

	EXPECT(OK, masked_enter(&bank, &held));
	irq_masked = 0; /* as if the section had turned them on */
	EXPECT(DEADLOCK, masked_enter(&bank, &second));
	assert_int_equal(irq_masked, 0);
	masked_leave(&second);
	masked_leave(&held);
	assert_int_equal(bank.core.owner, 0);
}

int group_interrupt(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interrupts_are_off_in_the_section_and_on_after_it),
		cmocka_unit_test(where_they_were_off_they_stay_off),
		cmocka_unit_test(sections_nest),
		cmocka_unit_test(a_fault_and_a_refusal_put_them_back),
		cmocka_unit_test(a_deadlock_puts_them_back),
	};

	return cmocka_run_group_tests_name("interrupt", tests, NULL, NULL);
}
