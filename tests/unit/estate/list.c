/* SPDX-License-Identifier: BSD-2-Clause */
/* The list: adding, removing, asking who is there; and what a fault leaves of it. */
#include "estate_test.h"

struct house {
	struct sfp_estate estate;
	struct thing a, b, c;
};

static void add(struct sfp_estate *estate, struct thing *thing, const char *what)
{
	EXPECT(OK, sfp_estate_add(estate, &thing->retained, thing_detach, what));
}

/* c is the newest. */
static struct house *three(void)
{
	static struct house house;

	memset(&house, 0, sizeof(house));
	add(&house.estate, &house.a, "a");
	add(&house.estate, &house.b, "b");
	add(&house.estate, &house.c, "c");
	return &house;
}

#define EXPECT_LIST(house, ...) expect_list(&(house)->estate, (const struct thing *const[]){ __VA_ARGS__, NULL })
#define EXPECT_EMPTY(house) expect_list(&(house)->estate, (const struct thing *const[]){ NULL })

TEST(a_zeroed_estate_is_empty)
{
	const struct sfp_estate estate = { 0 };

	assert_null(sfp_estate_next(&estate, NULL));
}

TEST(the_query_tells_who_is_there_newest_first)
{
	struct house *house = three();
	const struct sfp_estate_entry *first = sfp_estate_next(&house->estate, NULL);

	EXPECT_LIST(house, &house->c, &house->b, &house->a);
	assert_string_equal(first->what, "c");
	assert_ptr_equal(first->detach, thing_detach);
	assert_null(sfp_estate_next(&house->estate, &house->a.retained));
}

TEST(each_can_be_removed_from_any_place_and_added_again)
{
	struct house *house = three();

	EXPECT(OK, sfp_estate_remove(&house->estate, &house->b.retained));
	EXPECT_LIST(house, &house->c, &house->a);
	EXPECT(OK, sfp_estate_remove(&house->estate, &house->c.retained));
	EXPECT_LIST(house, &house->a);
	add(&house->estate, &house->c, "c");
	EXPECT_LIST(house, &house->c, &house->a);
	EXPECT(OK, sfp_estate_remove(&house->estate, &house->a.retained));
	EXPECT_LIST(house, &house->c);
	EXPECT(OK, sfp_estate_remove(&house->estate, &house->c.retained));
	EXPECT_EMPTY(house);
}

TEST(what_is_in_an_estate_is_not_added_to_another_nor_removed_from_it)
{
	struct house *house = three();
	struct sfp_estate other = { 0 };

	EXPECT(BUSY, sfp_estate_add(&house->estate, &house->a.retained, thing_detach, "again"));
	EXPECT(BUSY, sfp_estate_add(&other, &house->a.retained, thing_detach, "elsewhere"));
	EXPECT(INVALID, sfp_estate_remove(&other, &house->a.retained));
	EXPECT_LIST(house, &house->c, &house->b, &house->a);
}

TEST(what_was_never_added_is_not_removed)
{
	struct house *house = three();
	struct thing stranger = thing_plain();

	EXPECT(INVALID, sfp_estate_remove(&house->estate, &stranger.retained));
	EXPECT(OK, sfp_estate_remove(&house->estate, &house->a.retained));
	EXPECT(INVALID, sfp_estate_remove(&house->estate, &house->a.retained));
}

TEST(without_a_way_to_detach_or_a_text_nothing_is_added)
{
	struct house house = { .a = { .last = 0 } };

	EXPECT(INVALID, sfp_estate_add(&house.estate, &house.a.retained, NULL, "a"));
	EXPECT(INVALID, sfp_estate_add(&house.estate, &house.a.retained, thing_detach, NULL));
	EXPECT_EMPTY(&house);
}

TEST(a_sealed_estate_takes_nothing_and_gives_back)
{
	struct house *house = three();
	struct thing late = thing_plain();

	sfp_estate_seal(&house->estate);
	EXPECT(GONE, sfp_estate_add(&house->estate, &late.retained, thing_detach, "late"));
	EXPECT(OK, sfp_estate_remove(&house->estate, &house->b.retained));
	EXPECT_LIST(house, &house->c, &house->a);
}

/* What the stores of add leave when a fault comes before the last: `c` is the newest, unhinted. */
TEST(an_entry_whose_neighbour_does_not_know_it_is_no_obstacle)
{
	struct house *house = three();

	house->b.retained.newer = NULL;
	EXPECT(OK, sfp_estate_remove(&house->estate, &house->b.retained));
	EXPECT_LIST(house, &house->c, &house->a);
	EXPECT(OK, sfp_estate_remove(&house->estate, &house->a.retained));
	EXPECT_LIST(house, &house->c);
}

/* ... and before newest is stored: it says that it is in the estate, and is not. */
TEST(an_entry_whose_adding_was_cut_short_can_be_removed_and_added)
{
	struct house *house = three();
	struct thing half = thing_plain();

	half.retained.estate = &house->estate;
	half.retained.older = &house->c.retained;
	EXPECT(BUSY, sfp_estate_add(&house->estate, &half.retained, thing_detach, "half"));
	EXPECT(OK, sfp_estate_remove(&house->estate, &half.retained));
	EXPECT_LIST(house, &house->c, &house->b, &house->a);
	add(&house->estate, &half, "whole");
	EXPECT_LIST(house, &half, &house->c, &house->b, &house->a);
}

int group_list(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zeroed_estate_is_empty),
		cmocka_unit_test(the_query_tells_who_is_there_newest_first),
		cmocka_unit_test(each_can_be_removed_from_any_place_and_added_again),
		cmocka_unit_test(what_is_in_an_estate_is_not_added_to_another_nor_removed_from_it),
		cmocka_unit_test(what_was_never_added_is_not_removed),
		cmocka_unit_test(without_a_way_to_detach_or_a_text_nothing_is_added),
		cmocka_unit_test(a_sealed_estate_takes_nothing_and_gives_back),
		cmocka_unit_test(an_entry_whose_neighbour_does_not_know_it_is_no_obstacle),
		cmocka_unit_test(an_entry_whose_adding_was_cut_short_can_be_removed_and_added),
	};

	return cmocka_run_group_tests_name("estate: list", tests, NULL, NULL);
}
