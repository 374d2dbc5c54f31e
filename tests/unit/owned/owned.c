/* SPDX-License-Identifier: BSD-2-Clause */
/* Values with one owner: every operation, every refusal, and faults in the receiver. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sfp/owned.h>

#define EXPECT(status, call) assert_string_equal(sfp_status_name(call), #status)
#define TEST(sentence) static void sentence(void **state_ __attribute__((unused)))

struct page {
	char bytes[24];
	struct sfp_owned owner;
	unsigned frees;
};

static bool free_faults;

static void page_free(struct page *page)
{
	page->frees++;
	if (free_faults) {
		free_faults = false;
		sfp_fault_raise(9);
	}
}

SFP_OWNED(buf, struct page, owner, SFP_OWNED_FREES(page_free));
SFP_OWNED(lent, struct page, owner, SFP_OWNED_RETURNS);

/* What a receiver does with what it was given. */
enum way { KEEP, LEAVE, DROP, FAULT_FIRST, FAULT_AFTER_KEEPING };

struct order {
	enum way way;
	struct buf_cell *cell;
	struct lent_cell *lent_cell;
};

static enum sfp_status receive(struct buf *given, struct order order)
{
	assert_non_null(buf_borrow(given));
	switch (order.way) {
	case KEEP:
		return buf_put(given, order.cell);
	case DROP:
		return buf_drop(given);
	case FAULT_FIRST:
		sfp_fault_raise(1);
	case FAULT_AFTER_KEEPING:
		SFP_TRY(buf_put(given, order.cell));
		sfp_fault_raise(2);
	default:
		return SFP_AGAIN;
	}
}
SFP_OWNED_GATE(receive, buf, receive, struct order);

static enum sfp_status borrow(struct lent *given, struct order order)
{
	lent_borrow(given)->bytes[0]++;
	if (order.way == KEEP)
		return lent_put(given, order.lent_cell);
	if (order.way == FAULT_FIRST)
		sfp_fault_raise(1);
	return SFP_OK;
}
SFP_OWNED_GATE(borrow, lent, borrow, struct order);

TEST(an_empty_place_has_nothing_and_says_so)
{
	struct buf place = SFP_OWNED_EMPTY;
	struct buf other = SFP_OWNED_EMPTY;
	struct buf_cell cell = SFP_OWNED_EMPTY;
	struct order order = { .way = KEEP };

	assert_null(buf_borrow(&place));
	EXPECT(INVALID, buf_move(&place, &other));
	EXPECT(INVALID, buf_put(&place, &cell));
	EXPECT(INVALID, buf_take(&cell, &place));
	EXPECT(INVALID, buf_drop(&place));
	EXPECT(INVALID, buf_adopt(&place, NULL));
	EXPECT(INVALID, receive_give(&place, order, NULL));
	EXPECT(EMPTY, buf_regain(&place));
}

TEST(a_value_has_one_owner)
{
	struct page page = { .frees = 0 };
	struct page second = { .frees = 0 };
	struct buf one = SFP_OWNED_EMPTY;
	struct buf other = SFP_OWNED_EMPTY;

	EXPECT(OK, buf_adopt(&one, &page));
	assert_ptr_equal(buf_borrow(&one), &page);
	EXPECT(BUSY, buf_adopt(&other, &page));
	EXPECT(INVALID, buf_adopt(&one, &second));
	assert_null(buf_borrow(&other));
	EXPECT(OK, buf_move(&one, &other));
	assert_null(buf_borrow(&one));
	assert_ptr_equal(buf_borrow(&other), &page);
	EXPECT(INVALID, buf_move(&one, &other));
	EXPECT(OK, buf_adopt(&one, &second));
	EXPECT(INVALID, buf_move(&one, &other));
	assert_ptr_equal(buf_borrow(&one), &second);
	EXPECT(OK, buf_drop(&one));
	EXPECT(OK, buf_drop(&other));
	EXPECT(INVALID, buf_drop(&other));
	assert_int_equal(page.frees, 1);
	assert_int_equal(second.frees, 1);
}

TEST(a_cell_keeps_a_value_between_calls)
{
	static struct buf_cell cell;
	struct page page = { .frees = 0 };
	struct buf place = SFP_OWNED_EMPTY;

	EXPECT(OK, buf_adopt(&place, &page));
	EXPECT(OK, buf_put(&place, &cell));
	assert_null(buf_borrow(&place));
	EXPECT(BUSY, buf_adopt(&place, &page));
	EXPECT(OK, buf_take(&cell, &place));
	EXPECT(INVALID, buf_take(&cell, &place));
	assert_ptr_equal(buf_borrow(&place), &page);
	EXPECT(OK, buf_drop(&place));
}

TEST(a_freed_value_may_be_adopted_again)
{
	struct page page = { .frees = 0 };
	struct buf place = SFP_OWNED_EMPTY;
	struct lent other = SFP_OWNED_EMPTY;

	EXPECT(OK, buf_adopt(&place, &page));
	EXPECT(OK, buf_drop(&place));
	EXPECT(OK, lent_adopt(&other, &page));
	EXPECT(OK, lent_drop(&other));
	assert_int_equal(page.owner.owner, 0);
	assert_int_equal(page.frees, 1);
}

TEST(what_a_place_that_a_fault_left_points_at_is_not_its_own)
{
	struct page page = { .frees = 0 };
	struct buf one = SFP_OWNED_EMPTY;
	struct buf other = SFP_OWNED_EMPTY;

	EXPECT(OK, buf_adopt(&one, &page));
	EXPECT(OK, buf_move(&one, &other));
	one.core.value = &page.owner; /* as a fault before the last store of move leaves it */
	assert_null(buf_borrow(&one));
	EXPECT(INVALID, buf_drop(&one));
	EXPECT(OK, buf_move(&other, &one));
	assert_ptr_equal(buf_borrow(&one), &page);
	EXPECT(OK, buf_drop(&one));
}

TEST(a_receiver_keeps_drops_or_leaves_what_it_is_given)
{
	struct page page = { .frees = 0 };
	struct buf_cell cell = SFP_OWNED_EMPTY;
	struct buf place = SFP_OWNED_EMPTY;
	struct order order = { .way = KEEP, .cell = &cell };

	EXPECT(OK, buf_adopt(&place, &page));
	EXPECT(OK, receive_give(&place, order, NULL));
	assert_null(buf_borrow(&place));
	assert_int_equal(page.frees, 0);
	EXPECT(OK, buf_take(&cell, &place));
	order.way = DROP;
	EXPECT(OK, receive_give(&place, order, NULL));
	assert_int_equal(page.frees, 1);
	EXPECT(OK, buf_adopt(&place, &page));
	order.way = LEAVE;
	EXPECT(AGAIN, receive_give(&place, order, NULL));
	assert_int_equal(page.frees, 2);
	assert_null(sfp_port_context()->guards);
}

TEST(a_fault_in_the_receiver_frees_what_it_had_not_passed_on)
{
	struct page page = { .frees = 0 };
	struct buf_cell cell = SFP_OWNED_EMPTY;
	struct buf place = SFP_OWNED_EMPTY;
	struct order order = { .way = FAULT_FIRST, .cell = &cell };
	struct sfp_fault why;

	EXPECT(OK, buf_adopt(&place, &page));
	EXPECT(FAULT, receive_give(&place, order, &why));
	assert_int_equal(why.code, 1);
	assert_int_equal(page.frees, 1);
	assert_null(buf_borrow(&place));
	EXPECT(OK, buf_adopt(&place, &page));
	order.way = FAULT_AFTER_KEEPING;
	EXPECT(FAULT, receive_give(&place, order, &why));
	assert_int_equal(why.code, 2);
	assert_int_equal(page.frees, 1);
	EXPECT(OK, buf_take(&cell, &place));
	EXPECT(OK, buf_drop(&place));
	assert_null(sfp_port_context()->guards);
}

static enum sfp_status drop_it(struct buf *place)
{
	return buf_drop(place);
}
SFP_GATE(drop, drop_it, struct buf *);

TEST(a_fault_in_the_function_that_frees_calls_it_again_and_the_place_is_empty)
{
	struct page page = { .frees = 0 };
	struct buf place = SFP_OWNED_EMPTY;

	EXPECT(OK, buf_adopt(&place, &page));
	free_faults = true;
	EXPECT(FAULT, drop_contained(&place, NULL));
	assert_int_equal(page.frees, 2);
	assert_null(buf_borrow(&place));
	EXPECT(OK, buf_adopt(&place, &page));
	EXPECT(OK, buf_drop(&place));
}

TEST(what_a_type_lends_comes_back_but_for_what_was_kept)
{
	struct page page = { .frees = 0 };
	struct lent_cell cell = SFP_OWNED_EMPTY;
	struct lent place = SFP_OWNED_EMPTY;
	struct order order = { .way = LEAVE, .lent_cell = &cell };

	EXPECT(OK, lent_adopt(&place, &page));
	EXPECT(OK, borrow_give(&place, order, NULL));
	EXPECT(OK, lent_regain(&place));
	order.way = FAULT_FIRST;
	EXPECT(FAULT, borrow_give(&place, order, NULL));
	EXPECT(OK, lent_regain(&place));
	assert_int_equal(lent_borrow(&place)->bytes[0], 2);
	order.way = KEEP;
	EXPECT(OK, borrow_give(&place, order, NULL));
	EXPECT(EMPTY, lent_regain(&place));
	assert_int_equal(page.frees, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_place_has_nothing_and_says_so),
		cmocka_unit_test(a_value_has_one_owner),
		cmocka_unit_test(a_cell_keeps_a_value_between_calls),
		cmocka_unit_test(a_freed_value_may_be_adopted_again),
		cmocka_unit_test(what_a_place_that_a_fault_left_points_at_is_not_its_own),
		cmocka_unit_test(a_receiver_keeps_drops_or_leaves_what_it_is_given),
		cmocka_unit_test(a_fault_in_the_receiver_frees_what_it_had_not_passed_on),
		cmocka_unit_test(a_fault_in_the_function_that_frees_calls_it_again_and_the_place_is_empty),
		cmocka_unit_test(what_a_type_lends_comes_back_but_for_what_was_kept),
	};

	return cmocka_run_group_tests_name("owned", tests, NULL, NULL);
}
