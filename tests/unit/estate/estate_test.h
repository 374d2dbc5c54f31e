/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of estates share: records that say what a test told them to. */
#ifndef ESTATE_TEST_H
#define ESTATE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sfp/estate.h>
#include <sfp/guard.h>

#define EXPECT(status, call) assert_string_equal(sfp_status_name(call), #status)
#define TEST(sentence) static void sentence(void **state_ __attribute__((unused)))
#define DEAD SFP_PROOF("the test has stopped being the client")

/* Says `answers[0]`, then answers[1] ..., the last for ever; SFP_FAULT by faulting. */
struct thing {
	struct sfp_estate_entry retained;
	enum sfp_status answers[4];
	unsigned last;
	unsigned asked;
};

enum sfp_status thing_detach(struct sfp_estate_entry *entry);

/* One that answers OK at once. */
struct thing thing_plain(void);

/* Is the list of the estate exactly these, newest first, ended by NULL? */
void expect_list(const struct sfp_estate *estate, const struct thing *const *things);

int group_list(void);
int group_burial(void);
int group_usage(void);
int group_pool(void);

#endif /* ESTATE_TEST_H */
