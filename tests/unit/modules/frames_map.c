/* SPDX-License-Identifier: BSD-2-Clause */
/* The map of frames: against a reference that is an array of numbers, by random operations. */
#include "cmocka_test.h"

#include "map.h"

#define FIRST 1000u /* ours are two regions, with a gap */
#define REGION 5000u
#define GAP 300u
#define LAST (FIRST + REGION + GAP + REGION)
#define ROUNDS 6000u
#define HOLDERS 5u

static struct map map;
static uint8_t reference[LAST + 10];

static uint32_t seed = 1;

static uint32_t roll(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)seed * below) >> 32);
}

static void set_up(void)
{
	memset(&map, 0, sizeof(map));
	memset(reference, MAP_ABSENT, sizeof(reference));
	memset(reference + FIRST, MAP_FREE, REGION);
	memset(reference + FIRST + REGION + GAP, MAP_FREE, REGION);
	assert_int_equal(map_add(&map, FIRST + REGION + GAP, REGION), SFP_OK);
	assert_int_equal(map_add(&map, FIRST, REGION), SFP_OK);
}

static void expect_same(void)
{
	assert_null(map_wrong(&map));
	assert_memory_equal(map.holder, reference, sizeof(reference));
}

static uint32_t run_length(uint32_t at, uint8_t value)
{
	uint32_t length = 0;

	while (at + length < LAST && reference[at + length] == value)
		length++;
	return length;
}

/* Where the reference has the lowest run of that length at or after `at`; LAST: nowhere. */
static uint32_t lowest_run(uint32_t at, uint32_t count)
{
	while (at < LAST && run_length(at, MAP_FREE) < count)
		at++;
	return at;
}

static enum sfp_status take(uint32_t at, uint32_t count, unsigned holder, uint64_t *found)
{
	enum sfp_status status;

	do {
		const uint32_t before = at;

		status = map_take(&map, &at, count, holder, found);
		assert_true(status != SFP_AGAIN || at > before);
	} while (status == SFP_AGAIN);
	if (status == SFP_OK) {
		assert_int_equal(*found % MAP_FRAME_BYTES, 0);
		*found /= MAP_FRAME_BYTES;
	}
	return status;
}

static void take_one(void)
{
	const uint32_t from = roll(3) ? 0 : roll(LAST), count = 1 + (roll(4) ? roll(4) : roll(600));
	const uint32_t expected = lowest_run(from, count);
	const unsigned holder = 1 + roll(HOLDERS);
	uint64_t found = 77;

	if (expected == LAST) {
		assert_int_equal(take(from, count, holder, &found), SFP_NO_MEMORY);
		assert_int_equal(found, 77);
		return;
	}
	assert_int_equal(take(from, count, holder, &found), SFP_OK);
	assert_int_equal(found, expected);
	memset(reference + expected, (int)holder, count);
}

static enum sfp_status expected_give(uint32_t first, uint32_t count, unsigned holder)
{
	enum sfp_status status = SFP_OK;

	for (uint32_t i = first; i < first + count; i++) {
		if (reference[i] == MAP_ABSENT)
			return SFP_INVALID;
		if (reference[i] != holder)
			status = SFP_STALE;
	}
	return status;
}

/* A run that somebody has, or a part of it, or something else. */
static void give_one(void)
{
	const uint32_t first = FIRST + roll(LAST - FIRST - 1);
	const unsigned holder = roll(10) ? reference[first] : 1 + roll(HOLDERS);
	const uint32_t whole = run_length(first, reference[first]);
	const uint32_t limit = LAST - first;
	uint32_t count = 1 + roll(whole > 0 ? whole : 1) + (roll(10) ? 0 : roll(20));
	enum sfp_status expected;

	if (count > limit)
		count = limit;
	expected = expected_give(first, count, holder);
	if (holder == MAP_ABSENT || holder == MAP_FREE)
		expected = SFP_INVALID;
	assert_int_equal(map_give(&map, first, count, holder), expected);
	if (expected == SFP_OK)
		memset(reference + first, MAP_FREE, count);
}

static void random_operations_do_what_the_reference_does(void **state)
{
	(void)state;
	set_up();
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (roll(2))
			take_one();
		else
			give_one();
		if (i % 64 == 0)
			expect_same();
	}
	expect_same();
}

static void every_run_of_a_holder_is_found_and_can_be_given_back(void **state)
{
	uint32_t at = 0, first, count, given = 0, held = 0;
	enum sfp_status status;

	(void)state;
	set_up();
	for (unsigned i = 0; i < 3000; i++)
		take_one();
	for (uint32_t i = 0; i < LAST; i++)
		held += reference[i] == 3;
	while ((status = map_next(&map, &at, 3, &first, &count)) != SFP_NOT_FOUND) {
		if (status == SFP_AGAIN)
			continue;
		assert_int_equal(map_give(&map, first, count, 3), SFP_OK);
		memset(reference + first, MAP_FREE, count);
		given += count;
	}
	assert_int_equal(given, held);
	assert_true(held > 0);
	expect_same();
}

static void all_runs_of_all_holders_are_all_that_is_held(void **state)
{
	uint32_t at = 0, first, count, seen = 0;
	enum sfp_status status;

	(void)state;
	set_up();
	for (unsigned i = 0; i < 3000; i++)
		take_one();
	while ((status = map_next(&map, &at, 0, &first, &count)) != SFP_NOT_FOUND) {
		if (status == SFP_AGAIN)
			continue;
		for (uint32_t i = 0; i < count; i++)
			assert_int_equal(reference[first + i], reference[first]);
		seen += count;
	}
	assert_int_equal(seen, map.total - map.free);
}

static void what_is_no_frame_of_ours_is_refused(void **state)
{
	uint32_t at = 0;
	uint64_t found;
	unsigned holder;

	(void)state;
	set_up();
	assert_int_equal(map_add(&map, FIRST, 1), SFP_INVALID);
	assert_int_equal(map_add(&map, 0, 0), SFP_INVALID);
	assert_int_equal(map_add(&map, MAP_FRAMES - 1, 2), SFP_INVALID);
	assert_int_equal(map_add(&map, UINT64_MAX, 2), SFP_INVALID);
	assert_int_equal(map_give(&map, MAP_FRAMES, 1, 1), SFP_INVALID);
	assert_int_equal(map_give(&map, FIRST, UINT64_MAX, 1), SFP_INVALID);
	assert_int_equal(map_give(&map, FIRST, 0, 1), SFP_INVALID);
	assert_int_equal(map_give(&map, FIRST, 1, MAP_FREE), SFP_INVALID);
	assert_int_equal(map_take(&map, &at, 0, 1, &found), SFP_INVALID);
	assert_int_equal(map_take(&map, &at, 1, 0, &found), SFP_INVALID);
	assert_int_equal(map_take(&map, &at, 1, MAP_FREE, &found), SFP_INVALID);
	assert_int_equal(map_who(&map, FIRST - 1, &holder), SFP_NOT_FOUND);
	assert_int_equal(map_who(&map, UINT64_MAX, &holder), SFP_NOT_FOUND);
	assert_int_equal(map_who(&map, FIRST, &holder), SFP_EMPTY);
	at = UINT32_MAX;
	assert_int_equal(map_take(&map, &at, 1, 1, &found), SFP_NO_MEMORY);
	expect_same();
}

static void giving_back_twice_is_told(void **state)
{
	uint64_t found = 0;
	unsigned holder = 0;

	(void)state;
	set_up();
	assert_int_equal(take(0, 3, 9, &found), SFP_OK);
	assert_int_equal(map_who(&map, found + 2, &holder), SFP_OK);
	assert_int_equal(holder, 9);
	assert_int_equal(map_give(&map, found, 3, 8), SFP_STALE);
	assert_int_equal(map_give(&map, found, 4, 9), SFP_STALE);
	assert_int_equal(map_give(&map, found, 3, 9), SFP_OK);
	assert_int_equal(map_give(&map, found, 3, 9), SFP_STALE);
	expect_same();
}

static void what_is_wrong_is_seen(void **state)
{
	uint64_t found = 0;

	(void)state;
	set_up();
	map.free--;
	assert_non_null(map_wrong(&map));
	set_up();
	map.holder[FIRST - 1] = MAP_FREE;
	assert_non_null(map_wrong(&map));
	set_up();
	map.holder[LAST] = 4;
	assert_non_null(map_wrong(&map));
	set_up();
	map.holder[FIRST + REGION] = 4;
	assert_non_null(map_wrong(&map));
	set_up();
	assert_int_equal(take(0, 1, 1, &found), SFP_OK);
	map.holder[found] = MAP_FREE;
	assert_non_null(map_wrong(&map));
	set_up();
	map.change.was = 1;
	assert_non_null(map_wrong(&map));
	map_undo(&map);
	expect_same();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_do_what_the_reference_does),
		cmocka_unit_test(every_run_of_a_holder_is_found_and_can_be_given_back),
		cmocka_unit_test(all_runs_of_all_holders_are_all_that_is_held),
		cmocka_unit_test(what_is_no_frame_of_ours_is_refused),
		cmocka_unit_test(giving_back_twice_is_told),
		cmocka_unit_test(what_is_wrong_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
