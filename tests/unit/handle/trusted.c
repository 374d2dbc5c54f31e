/* SPDX-License-Identifier: BSD-2-Clause */
/* Trusted handles: what goes in comes out, and who has it has it alone. */
#include "handle_test.h"

TEST(what_was_exported_is_imported)
{
	const struct sfp_realm realm = realm_of(1);

	EXPECT_FILE(&realm, file_made(&realm, 7, 11), 7, 11);
}

TEST(each_import_sees_what_the_one_before_committed)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 7, 0);
	unsigned i;

	for (i = 1; i <= 5; i++) {
		EXPECT(OK, file_skip(&realm, h, 3));
		EXPECT_FILE(&realm, h, 7, 3 * i);
	}
}

static enum sfp_status change_and_fail(const struct sfp_realm *realm, struct file *h)
{
	SFP_IMPORT(file, s, realm, h);
	s->pos = 99;
	return SFP_LIMIT;
}

TEST(an_early_return_commits)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 7, 0);

	EXPECT(LIMIT, change_and_fail(&realm, h));
	EXPECT_FILE(&realm, h, 7, 99);
}

static enum sfp_status change_and_break(const struct sfp_realm *realm, struct file *h)
{
	while (h) {
		SFP_IMPORT(file, s, realm, h);
		s->pos = 98;
		break;
	}
	EXPECT_FILE(realm, h, 7, 98);
	return SFP_OK;
}

TEST(a_break_commits)
{
	const struct sfp_realm realm = realm_of(1);

	EXPECT(OK, change_and_break(&realm, file_made(&realm, 7, 0)));
}

static enum sfp_status change_and_abandon(const struct sfp_realm *realm, struct file *h)
{
	SFP_IMPORT(file, s, realm, h);
	s->pos = 99;
	SFP_ABANDON(s);
	s->inode = 99;
	return SFP_OK;
}

TEST(an_abandoned_import_leaves_the_handle_as_it_was)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 7, 1);

	EXPECT(OK, change_and_abandon(&realm, h));
	EXPECT_FILE(&realm, h, 7, 1);
	EXPECT(OK, file_skip(&realm, h, 1));
	EXPECT(OK, change_and_abandon(&realm, h));
	EXPECT_FILE(&realm, h, 7, 2);
}

static enum sfp_status twice(const struct sfp_realm *realm, struct file *h)
{
	struct file_state state;
	struct file_wire wire;

	SFP_IMPORT(file, s, realm, h);
	s->pos = 5;
	assert_true(sfp_handle_is_imported(&h->head));
	EXPECT(DEADLOCK, file_skip(realm, h, 1));
	EXPECT(DEADLOCK, file_seal(realm, h, &wire));
	EXPECT(DEADLOCK, file_take(realm, h, &state));
	EXPECT(BUSY, file_drop(h));
	EXPECT(EXISTS, file_export(realm, s, h));
	return SFP_OK;
}

TEST(an_importer_that_asks_again_is_told)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 7, 0);

	EXPECT(OK, twice(&realm, h));
	assert_false(sfp_handle_is_imported(&h->head));
	EXPECT_FILE(&realm, h, 7, 5);
}

/* As another context sees it: the word holds an address that is not in this one's chain. */
TEST(a_handle_that_another_imports_is_busy)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 7, 0);
	struct sfp_guard elsewhere;
	struct file_state state;
	struct file_wire wire;

	h->head.word |= (uintptr_t)&elsewhere;
	EXPECT(BUSY, file_skip(&realm, h, 1));
	EXPECT(BUSY, file_seal(&realm, h, &wire));
	EXPECT(BUSY, file_take(&realm, h, &state));
	EXPECT(BUSY, file_drop(h));
	EXPECT(OK, file_recover(h, SFP_PROOF("it never was")));
	EXPECT_FILE(&realm, h, 7, 0);
}

TEST(two_handles_are_imported_at_once)
{
	const struct sfp_realm realm = realm_of(1);
	struct small one = { .head.word = 0 };
	struct small two = { .head.word = 0 };
	const struct small_state red = { { 1, 2, 3, 4, 5 } };

	EXPECT(OK, small_export(&realm, &red, &one));
	EXPECT(OK, small_export(&realm, &red, &two));
	{
		struct small_import a;
		struct small_import b;

		EXPECT(OK, small_import_enter_(&a, &realm, &one));
		EXPECT(OK, small_import_enter_(&b, &realm, &two));
		((struct small_state *)a.core.value)->colour[4] = 50;
		((struct small_state *)b.core.value)->colour[0] = 10;
		small_import_leave_(&b);
		small_import_leave_(&a);
	}
	{
		struct small_state out;

		EXPECT(OK, small_take(&realm, &one, &out));
		assert_memory_equal(out.colour, "\1\2\3\4\62", 5);
		EXPECT(OK, small_take(&realm, &two, &out));
		assert_memory_equal(out.colour, "\12\2\3\4\5", 5);
	}
}

static bool is_zero(const void *at, size_t size)
{
	const unsigned char *byte = at;

	while (size > 0 && byte[size - 1] == 0)
		size--;
	return size == 0;
}

TEST(a_dropped_handle_leaves_nothing_behind_and_its_storage_can_be_used_again)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 0x1234, 0x5678);
	const struct file_state other = { .inode = 9 };

	EXPECT(OK, file_skip(&realm, h, 1));
	EXPECT(OK, file_drop(h));
	assert_true(is_zero(h, sizeof(*h)));
	EXPECT(INVALID, file_drop(h));
	EXPECT(INVALID, file_skip(&realm, h, 1));
	EXPECT(OK, file_export(&realm, &other, h));
	EXPECT_FILE(&realm, h, 9, 0);
}

TEST(taking_gives_the_state_back_and_ends_the_handle)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 3, 4);
	struct file_state state = { 0 };

	EXPECT(OK, file_skip(&realm, h, 1));
	EXPECT(OK, file_take(&realm, h, &state));
	assert_int_equal(state.inode, 3);
	assert_int_equal(state.pos, 5);
	assert_true(is_zero(h, sizeof(*h)));
	EXPECT(INVALID, file_take(&realm, h, &state));
}

TEST(an_export_over_a_handle_is_refused)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 3, 4);
	const struct file_state other = { .inode = 9 };

	EXPECT(EXISTS, file_export(&realm, &other, h));
	EXPECT_FILE(&realm, h, 3, 4);
}

static enum sfp_status solo_skip(const struct sfp_realm *realm, struct solo *h)
{
	SFP_IMPORT(solo, s, realm, h);
	s->pos++;
	EXPECT(DEADLOCK, solo_take(realm, h, s));
	return SFP_OK;
}

TEST(an_unshared_handle_does_the_same)
{
	const struct sfp_realm realm = realm_of(1);
	const struct file_state start = { .inode = 1, .pos = 1 };
	struct file_state end = { 0 };
	struct solo h = { .head.word = 0 };

	EXPECT(OK, solo_export(&realm, &start, &h));
	EXPECT(OK, solo_skip(&realm, &h));
	EXPECT(OK, solo_skip(&realm, &h));
	EXPECT(OK, solo_take(&realm, &h, &end));
	assert_int_equal(end.pos, 3);
}

int group_trusted(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_exported_is_imported),
		cmocka_unit_test(each_import_sees_what_the_one_before_committed),
		cmocka_unit_test(an_early_return_commits),
		cmocka_unit_test(a_break_commits),
		cmocka_unit_test(an_abandoned_import_leaves_the_handle_as_it_was),
		cmocka_unit_test(an_importer_that_asks_again_is_told),
		cmocka_unit_test(a_handle_that_another_imports_is_busy),
		cmocka_unit_test(two_handles_are_imported_at_once),
		cmocka_unit_test(a_dropped_handle_leaves_nothing_behind_and_its_storage_can_be_used_again),
		cmocka_unit_test(taking_gives_the_state_back_and_ends_the_handle),
		cmocka_unit_test(an_export_over_a_handle_is_refused),
		cmocka_unit_test(an_unshared_handle_does_the_same),
	};

	return cmocka_run_group_tests_name("handle: trusted", tests, NULL, NULL);
}
