/* SPDX-License-Identifier: BSD-2-Clause */
/* Realms: keys, and revocation. */
#include "handle_test.h"

TEST(a_key_of_zeros_makes_no_realm)
{
	static const unsigned char zeros[16];
	struct sfp_realm realm;

	EXPECT(INVALID, sfp_realm_init(&realm, zeros));
}

TEST(two_keys_are_two_realms)
{
	const struct sfp_realm one = realm_of(1);
	const struct sfp_realm two = realm_of(2);
	const struct sfp_realm again = realm_of(1);

	assert_true(one.id != two.id);
	assert_true(one.id == again.id);
}

TEST(revoking_makes_every_handle_stale_and_new_ones_are_good)
{
	struct sfp_realm realm = realm_of(1);
	static struct file many[50];
	struct file_state state = { .inode = 1 };
	struct file_wire wire;
	struct file from_wire = { .head.word = 0 };
	size_t i;

	memset(many, 0, sizeof(many));
	for (i = 0; i < 50; i++)
		EXPECT(OK, file_export(&realm, &state, &many[i]));
	EXPECT(OK, file_seal(&realm, &many[0], &wire));
	EXPECT(OK, sfp_realm_revoke(&realm));
	for (i = 0; i < 50; i++) {
		EXPECT(STALE, file_read_state(&realm, &many[i], &state));
		EXPECT(STALE, file_take(&realm, &many[i], &state));
	}
	EXPECT(STALE, file_open(&realm, &wire, &from_wire));
	EXPECT(INVALID, file_drop(&from_wire)); /* empty */
	EXPECT(OK, file_drop(&many[0]));        /* of any generation */
	EXPECT(OK, file_export(&realm, &state, &many[0]));
	EXPECT_FILE(&realm, &many[0], 1, 0);
}

static enum sfp_status revoke_within(struct sfp_realm *realm, struct file *h)
{
	SFP_IMPORT(file, s, realm, h);
	EXPECT(OK, sfp_realm_revoke(realm));
	s->pos = 77;
	return SFP_OK;
}

TEST(an_import_that_has_begun_ends_well_in_a_stale_handle)
{
	struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 1, 2);
	struct file_state state;

	EXPECT(OK, revoke_within(&realm, h));
	EXPECT(STALE, file_read_state(&realm, h, &state));
	realm.generation--;
	EXPECT_FILE(&realm, h, 1, 77);
}

TEST(generations_do_not_begin_again)
{
	struct sfp_realm realm = realm_of(1);
	const uintptr_t first = realm.generation;
	struct file *h;

	realm.generation = (first - 2) & SFP_REALM_GENERATIONS;
	EXPECT(OK, sfp_realm_revoke(&realm));
	h = file_made(&realm, 1, 2);
	EXPECT(LIMIT, sfp_realm_revoke(&realm));
	realm.generation = SFP_REALM_GENERATIONS;
	EXPECT(OK, sfp_realm_revoke(&realm));
	assert_int_equal(realm.generation, 0);
	realm.generation = (first - 1) & SFP_REALM_GENERATIONS;
	EXPECT_FILE(&realm, h, 1, 2);
}

int group_realm(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_of_zeros_makes_no_realm),
		cmocka_unit_test(two_keys_are_two_realms),
		cmocka_unit_test(revoking_makes_every_handle_stale_and_new_ones_are_good),
		cmocka_unit_test(an_import_that_has_begun_ends_well_in_a_stale_handle),
		cmocka_unit_test(generations_do_not_begin_again),
	};

	return cmocka_run_group_tests_name("handle: realm", tests, NULL, NULL);
}
