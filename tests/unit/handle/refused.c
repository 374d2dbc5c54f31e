/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles that are not what they seem: empty, of another kind or realm, copied, torn, cast. */
#include "handle_test.h"

/* Every operation that asks for a good handle says the same, and changes nothing. */
static void expect_refused(enum sfp_status status, const struct sfp_realm *realm, struct file *h)
{
	struct file before;
	struct file_state state = { 0 };
	struct file_wire wire;

	memcpy(&before, h, sizeof(before));
	assert_int_equal(file_read_state(realm, h, &state), status);
	assert_int_equal(file_seal(realm, h, &wire), status);
	assert_int_equal(file_take(realm, h, &state), status);
	assert_memory_equal(&before, h, sizeof(before));
	assert_null(sfp_port_context()->guards);
}

TEST(an_empty_handle_is_refused)
{
	const struct sfp_realm realm = realm_of(1);
	struct file h = { .head.word = 0 };

	expect_refused(SFP_INVALID, &realm, &h);
	EXPECT(INVALID, file_drop(&h));
}

TEST(a_byte_copy_is_refused_and_the_original_lives)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 1, 2);
	struct file copy;

	memcpy(&copy, h, sizeof(copy));
	expect_refused(SFP_FORGED, &realm, &copy);
	EXPECT(FORGED, file_drop(&copy));
	EXPECT_FILE(&realm, h, 1, 2);
}

static enum sfp_status copy_it(const struct sfp_realm *realm, struct file *h, struct file *copy)
{
	SFP_IMPORT(file, s, realm, h);
	s->pos = 1000;
	memcpy(copy, h, sizeof(*copy));
	return SFP_OK;
}

TEST(a_byte_copy_made_during_an_import_is_refused)
{
	const struct sfp_realm realm = realm_of(1);
	struct file copy;

	EXPECT(OK, copy_it(&realm, file_made(&realm, 1, 2), &copy));
	expect_refused(SFP_FORGED, &realm, &copy);
}

TEST(a_copy_laid_back_over_the_original_is_what_the_client_had)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 1, 2);
	struct file copy;

	memcpy(&copy, h, sizeof(copy));
	EXPECT(OK, file_skip(&realm, h, 5));
	memcpy(h, &copy, sizeof(copy));
	EXPECT_FILE(&realm, h, 1, 2); /* a replay by a trusted client, who has only its own to lose */
}

TEST(another_kind_with_the_same_contents_is_refused)
{
	const struct sfp_realm realm = realm_of(1);
	const struct file_state state = { .inode = 1 };
	struct door door = { .head.word = 0 };

	EXPECT(OK, door_export(&realm, &state, &door));
	expect_refused(SFP_INVALID, &realm, (struct file *)(void *)&door);
}

TEST(a_handle_of_another_realm_is_refused)
{
	const struct sfp_realm realm = realm_of(1);
	const struct sfp_realm other = realm_of(2);

	expect_refused(SFP_INVALID, &other, file_made(&realm, 1, 2));
}

TEST(a_torn_handle_is_told_until_it_is_dropped)
{
	const struct sfp_realm realm = realm_of(1);
	const struct file_state state = { .inode = 1 };
	struct file *h = file_made(&realm, 1, 2);

	h->head.word = SFP_HANDLE_TORN_;
	expect_refused(SFP_POISONED, &realm, h);
	EXPECT(POISONED, file_export(&realm, &state, h));
	EXPECT(OK, file_drop(h));
	EXPECT(OK, file_export(&realm, &state, h));

	h->head.word = SFP_HANDLE_TORN_;
	EXPECT(OK, file_recover(h, SFP_PROOF("who made it was stopped by this test")));
	EXPECT(OK, file_export(&realm, &state, h));
}

TEST(memory_that_never_was_a_handle_is_refused)
{
	const struct sfp_realm realm = realm_of(1);
	struct file h;
	unsigned byte;

	for (byte = 1; byte < 256; byte++) {
		memset(&h, (int)byte, sizeof(h));
		expect_refused(SFP_FORGED, &realm, &h);
	}
}

TEST(a_handle_of_a_newer_layout_is_refused_and_so_is_one_without_room)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 1, 2);

	h->head.version[h->head.word & 1] = 3;
	expect_refused(SFP_UNSUPPORTED, &realm, h);
	h->head.version[h->head.word & 1] = 2;
	h->head.room = 8;
	h->head.self = sfp_handle_self_(&h->head, h->head.kind, 8);
	expect_refused(SFP_LIMIT, &realm, h);
}

TEST(nothing_is_recovered_without_proof)
{
	const struct sfp_realm realm = realm_of(1);

	EXPECT(INVALID, file_recover(file_made(&realm, 1, 2), (struct sfp_proof){ .reason = NULL }));
}

TEST(recovering_leaves_good_and_empty_handles_alone)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 1, 2);
	struct file empty = { .head.word = 0 };

	EXPECT(OK, file_recover(h, SFP_PROOF("there is none")));
	EXPECT_FILE(&realm, h, 1, 2);
	EXPECT(OK, file_recover(&empty, SFP_PROOF("there is none")));
	EXPECT(INVALID, file_drop(&empty));
}

int group_refused(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_handle_is_refused),
		cmocka_unit_test(a_byte_copy_is_refused_and_the_original_lives),
		cmocka_unit_test(a_byte_copy_made_during_an_import_is_refused),
		cmocka_unit_test(a_copy_laid_back_over_the_original_is_what_the_client_had),
		cmocka_unit_test(another_kind_with_the_same_contents_is_refused),
		cmocka_unit_test(a_handle_of_another_realm_is_refused),
		cmocka_unit_test(a_torn_handle_is_told_until_it_is_dropped),
		cmocka_unit_test(memory_that_never_was_a_handle_is_refused),
		cmocka_unit_test(a_handle_of_a_newer_layout_is_refused_and_so_is_one_without_room),
		cmocka_unit_test(nothing_is_recovered_without_proof),
		cmocka_unit_test(recovering_leaves_good_and_empty_handles_alone),
	};

	return cmocka_run_group_tests_name("handle: refused", tests, NULL, NULL);
}
