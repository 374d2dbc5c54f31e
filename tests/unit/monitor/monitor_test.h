/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of the monitor share: an account behind each lock and policy. */
#ifndef MONITOR_TEST_H
#define MONITOR_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sfp/monitor.h>

struct account {
	long balance;
	long entries;
};

/* What the account's repair does, and how often it did. */
extern unsigned repairs;
extern bool repair_faults;
void account_repair(struct account *account);

SFP_MONITOR(undone, struct account, SFP_SPIN, SFP_ROLLBACK);
SFP_MONITOR(poisoned, struct account, SFP_SPIN, SFP_POISON);
SFP_MONITOR(mended, struct account, SFP_SPIN, SFP_REPAIR(account_repair));
SFP_MONITOR(masked, struct account, SFP_SPIN_IRQ, SFP_ROLLBACK);
SFP_MONITOR(masked_poisoned, struct account, SFP_SPIN_IRQ, SFP_POISON);
SFP_MONITOR(sleeping, struct account, SFP_MUTEX, SFP_ROLLBACK);
SFP_MONITOR(sleeping_poisoned, struct account, SFP_MUTEX, SFP_POISON);
SFP_MONITOR(sleeping_mended, struct account, SFP_MUTEX, SFP_REPAIR(account_repair));

#define EXPECT(status, call) assert_string_equal(sfp_status_name(call), #status)

/* A test is a sentence that can be false. */
#define TEST(sentence) static void sentence(void **state_ __attribute__((unused)))

/* The balance and the entries of a monitor of this kind, read in a section of its own. */
#define EXPECT_ACCOUNT(name, monitor, expected_balance, expected_entries) \
	do { \
		SFP_WITH(name, seen_, monitor) { \
			assert_int_equal(seen_->balance, expected_balance); \
			assert_int_equal(seen_->entries, expected_entries); \
		} else { \
			fail_msg("refused: %s", sfp_status_name(SFP_REFUSAL(seen_))); \
		} \
	} while (0)

int group_section(void);
int group_fault(void);
int group_interrupt(void);
int group_sleep(void);

#endif /* MONITOR_TEST_H */
