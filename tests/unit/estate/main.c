/* SPDX-License-Identifier: BSD-2-Clause */
/* Estates: all groups of their unit tests. */
#include "estate_test.h"

enum sfp_status thing_detach(struct sfp_estate_entry *entry)
{
	struct thing *thing = SFP_CONTAINER(entry, struct thing, retained);
	const unsigned turn = thing->asked < thing->last ? thing->asked : thing->last;

	thing->asked++;
	if (thing->answers[turn] == SFP_FAULT)
		sfp_fault_raise(turn);
	return thing->answers[turn];
}

struct thing thing_plain(void)
{
	return (struct thing){ .last = 0 };
}

void expect_list(const struct sfp_estate *estate, const struct thing *const *things)
{
	const struct sfp_estate_entry *entry;

	SFP_ESTATE_EACH(estate, entry) {
		assert_non_null(*things);
		assert_ptr_equal(entry, &(*things)->retained);
		things++;
	}
	assert_null(*things);
}

static int (*const groups[])(void) = { group_list, group_burial, group_usage, group_pool };

int main(void)
{
	int failed = 0;
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		failed += groups[i]();
	printf("estate: %zu groups of tests, %d tests failed\n", sizeof(groups) / sizeof(groups[0]), failed);
	return failed ? 1 : 0;
}
