/* SPDX-License-Identifier: BSD-2-Clause */
/* Burial: who is asked, how often, and what the whole of it says. */
#include "estate_test.h"

#define MANY 5

struct grave {
	struct sfp_estate estate;
	struct thing thing[MANY];
};

/* thing[0] is the newest: it is asked first. */
static struct grave *fill(void)
{
	static struct grave grave;
	int i;

	memset(&grave, 0, sizeof(grave));
	for (i = MANY; i-- > 0;)
		EXPECT(OK, sfp_estate_add(&grave.estate, &grave.thing[i].retained, thing_detach, "a thing"));
	return &grave;
}

static void answers(struct thing *thing, enum sfp_status first, enum sfp_status later)
{
	thing->answers[0] = first;
	thing->answers[1] = later;
	thing->last = 1;
}

TEST(an_empty_estate_is_buried_at_once_and_sealed)
{
	struct sfp_estate estate = { 0 };
	struct thing late = thing_plain();

	EXPECT(OK, sfp_estate_bury(&estate, DEAD, 1));
	EXPECT(GONE, sfp_estate_add(&estate, &late.retained, thing_detach, "late"));
	EXPECT(OK, sfp_estate_bury(&estate, DEAD, 1));
}

TEST(each_is_detached_once_and_is_in_no_estate_then)
{
	struct grave *grave = fill();
	int i;

	EXPECT(OK, sfp_estate_bury(&grave->estate, DEAD, MANY));
	for (i = 0; i < MANY; i++) {
		assert_int_equal(grave->thing[i].asked, 1);
		assert_null(grave->thing[i].retained.estate);
	}
	assert_null(sfp_estate_next(&grave->estate, NULL));
}

TEST(a_call_asks_no_more_than_its_budget)
{
	struct grave *grave = fill();

	EXPECT(AGAIN, sfp_estate_bury(&grave->estate, DEAD, 2));
	assert_int_equal(grave->thing[1].asked, 1);
	assert_int_equal(grave->thing[2].asked, 0);
	EXPECT(AGAIN, sfp_estate_bury(&grave->estate, DEAD, 2));
	EXPECT(OK, sfp_estate_bury(&grave->estate, DEAD, 2));
}

TEST(one_that_is_busy_holds_up_no_other)
{
	struct grave *grave = fill();

	answers(&grave->thing[0], SFP_BUSY, SFP_OK);
	answers(&grave->thing[3], SFP_AGAIN, SFP_OK);
	EXPECT(AGAIN, sfp_estate_bury(&grave->estate, DEAD, 100));
	expect_list(&grave->estate, (const struct thing *const[]){ &grave->thing[0], &grave->thing[3], NULL });
	EXPECT(OK, sfp_estate_bury(&grave->estate, DEAD, 100));
	assert_int_equal(grave->thing[0].asked, 2);
	assert_int_equal(grave->thing[4].asked, 1);
}

TEST(a_small_budget_gets_past_those_that_are_busy)
{
	struct grave *grave = fill();
	int i;

	for (i = 0; i < MANY - 1; i++)
		answers(&grave->thing[i], SFP_BUSY, SFP_OK);
	for (i = 0; i < MANY; i++)
		EXPECT(AGAIN, sfp_estate_bury(&grave->estate, DEAD, 1));
	assert_int_equal(grave->thing[MANY - 1].asked, 1);
	for (i = 0; i < MANY - 2; i++)
		EXPECT(AGAIN, sfp_estate_bury(&grave->estate, DEAD, 1));
	EXPECT(OK, sfp_estate_bury(&grave->estate, DEAD, 1));
}

TEST(one_that_faults_stays_and_is_told_when_the_others_are_gone)
{
	struct grave *grave = fill();

	answers(&grave->thing[1], SFP_FAULT, SFP_OK);
	answers(&grave->thing[2], SFP_BUSY, SFP_OK);
	grave->thing[1].answers[1] = SFP_FAULT;
	EXPECT(AGAIN, sfp_estate_bury(&grave->estate, DEAD, 100));
	EXPECT(FAULT, sfp_estate_bury(&grave->estate, DEAD, 100));
	expect_list(&grave->estate, (const struct thing *const[]){ &grave->thing[1], NULL });
	answers(&grave->thing[1], SFP_OK, SFP_OK);
	EXPECT(OK, sfp_estate_bury(&grave->estate, DEAD, 100));
}

TEST(one_that_refuses_is_told_by_its_own_status)
{
	struct grave *grave = fill();

	answers(&grave->thing[4], SFP_STALE, SFP_STALE);
	EXPECT(STALE, sfp_estate_bury(&grave->estate, DEAD, 100));
	EXPECT(STALE, sfp_estate_bury(&grave->estate, DEAD, 100));
}

TEST(a_burier_that_stops_leaves_all_to_its_successor)
{
	struct grave *grave = fill();

	answers(&grave->thing[0], SFP_BUSY, SFP_OK);
	answers(&grave->thing[1], SFP_BUSY, SFP_OK);
	EXPECT(AGAIN, sfp_estate_bury(&grave->estate, DEAD, 2));
	/* It stops after it noted what thing[1] said, before its place moved on. */
	grave->estate.at = &grave->thing[0].retained;
	EXPECT(AGAIN, sfp_estate_bury(&grave->estate, SFP_PROOF("the older burier has stopped too"), 100));
	EXPECT(OK, sfp_estate_bury(&grave->estate, DEAD, 100));
}

TEST(without_proof_or_budget_nothing_is_asked)
{
	struct grave *grave = fill();

	EXPECT(INVALID, sfp_estate_bury(&grave->estate, (struct sfp_proof){ .reason = NULL }, 1));
	EXPECT(INVALID, sfp_estate_bury(&grave->estate, DEAD, 0));
	assert_int_equal(grave->thing[0].asked, 0);
	assert_int_equal(grave->estate.sealed, 0);
}

int group_burial(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_estate_is_buried_at_once_and_sealed),
		cmocka_unit_test(each_is_detached_once_and_is_in_no_estate_then),
		cmocka_unit_test(a_call_asks_no_more_than_its_budget),
		cmocka_unit_test(one_that_is_busy_holds_up_no_other),
		cmocka_unit_test(a_small_budget_gets_past_those_that_are_busy),
		cmocka_unit_test(one_that_faults_stays_and_is_told_when_the_others_are_gone),
		cmocka_unit_test(one_that_refuses_is_told_by_its_own_status),
		cmocka_unit_test(a_burier_that_stops_leaves_all_to_its_successor),
		cmocka_unit_test(without_proof_or_budget_nothing_is_asked),
	};

	return cmocka_run_group_tests_name("estate: burial", tests, NULL, NULL);
}
