/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Layout versions. The same kind, as servers of three releases see it: "log" has been at version 1 and 2,
 * and is at 3. Each release is made here in a scope of its own kind, and stamped with the name "log".
 */
#include "handle_test.h"

struct log_1 {
	uint32_t length;
};
struct log_2 {
	uint32_t length;
	uint32_t lost;
};
struct log_3 {
	uint64_t length;
	uint64_t lost;
	uint64_t since;
};

SFP_HANDLE_ROOMY(log_of_1, struct log_1, 1, 24);
SFP_HANDLE_ROOMY(log_of_2, struct log_2, 2, 24);
SFP_HANDLE(log_cramped, struct log_1, 1);
SFP_HANDLE(log_of_3, struct log_3, 3);

static unsigned migrations;
static enum sfp_status refusal;

static enum sfp_status log_from_1(const struct log_1 *old, struct log_3 *today)
{
	migrations++;
	assert_int_equal(today->length | today->lost | today->since, 0);
	today->length = old->length;
	if (refusal == SFP_FAULT)
		sfp_fault_raise(1);
	return refusal;
}
SFP_HANDLE_MIGRATE(log_of_3, struct log_1, 1, log_from_1);

static void all_are_one_kind(struct sfp_handle *handle)
{
	handle->kind = log_of_3_kind_.kind;
	handle->self = sfp_handle_self_(handle, handle->kind, handle->room);
}

static struct log_of_3 *made_by_1(const struct sfp_realm *realm, uint32_t length)
{
	static union {
		struct log_of_1 old;
		struct log_of_3 today;
	} storage;
	const struct log_1 state = { .length = length };

	memset(&storage, 0, sizeof(storage));
	migrations = 0;
	refusal = SFP_OK;
	EXPECT(OK, log_of_1_export(realm, &state, &storage.old));
	all_are_one_kind(&storage.old.head);
	return &storage.today;
}

static enum sfp_status add(const struct sfp_realm *realm, struct log_of_3 *h, struct log_3 *seen)
{
	SFP_IMPORT(log_of_3, s, realm, h);
	s->length++;
	*seen = *s;
	return SFP_OK;
}

static enum sfp_status add_and_abandon(const struct sfp_realm *realm, struct log_of_3 *h)
{
	SFP_IMPORT(log_of_3, s, realm, h);
	s->length++;
	SFP_ABANDON(s);
	return SFP_OK;
}

TEST(an_older_handle_is_migrated_once_when_it_is_imported)
{
	const struct sfp_realm realm = realm_of(1);
	struct log_of_3 *h = made_by_1(&realm, 40);
	struct log_3 seen;

	EXPECT(OK, add(&realm, h, &seen));
	assert_int_equal(seen.length, 41);
	EXPECT(OK, add(&realm, h, &seen));
	assert_int_equal(seen.length, 42);
	assert_int_equal(migrations, 1);
}

TEST(an_abandoned_import_leaves_the_older_layout)
{
	const struct sfp_realm realm = realm_of(1);
	struct log_of_3 *h = made_by_1(&realm, 40);
	struct log_3 seen;

	EXPECT(OK, add_and_abandon(&realm, h));
	EXPECT(OK, add(&realm, h, &seen));
	assert_int_equal(seen.length, 41);
	assert_int_equal(migrations, 2);
}

TEST(what_the_migration_says_is_what_the_import_says)
{
	const struct sfp_realm realm = realm_of(1);
	struct log_of_3 *h = made_by_1(&realm, 40);
	struct log_3 seen;

	refusal = SFP_NO_MEMORY;
	EXPECT(NO_MEMORY, add(&realm, h, &seen));
	refusal = SFP_OK;
	EXPECT(OK, add(&realm, h, &seen));
	assert_int_equal(seen.length, 41);
}

struct question {
	const struct sfp_realm *realm;
	struct log_of_3 *h;
	struct log_3 seen;
};

static enum sfp_status ask(struct question *question)
{
	return add(question->realm, question->h, &question->seen);
}
SFP_GATE(ask, ask, struct question *);

TEST(a_fault_in_the_migration_leaves_the_older_handle)
{
	const struct sfp_realm realm = realm_of(1);
	struct question question = { .realm = &realm, .h = made_by_1(&realm, 40) };

	refusal = SFP_FAULT;
	EXPECT(FAULT, ask_contained(&question, NULL));
	refusal = SFP_OK;
	EXPECT(OK, ask_contained(&question, NULL));
	assert_int_equal(question.seen.length, 41);
}

TEST(an_older_layout_that_nobody_migrates_is_stale)
{
	const struct sfp_realm realm = realm_of(1);
	static union {
		struct log_of_2 old;
		struct log_of_3 today;
	} storage;
	const struct log_2 state = { .length = 1 };
	struct log_3 seen;
	struct log_of_3_wire wire;

	EXPECT(OK, log_of_2_export(&realm, &state, &storage.old));
	all_are_one_kind(&storage.old.head);
	EXPECT(STALE, add(&realm, &storage.today, &seen));
	EXPECT(STALE, log_of_3_seal(&realm, &storage.today, &wire));
}

TEST(an_older_layout_is_not_sealed_before_it_is_migrated)
{
	const struct sfp_realm realm = realm_of(1);
	struct log_of_3 *h = made_by_1(&realm, 40);
	struct log_of_3_wire wire;
	struct log_3 seen;

	EXPECT(STALE, log_of_3_seal(&realm, h, &wire));
	EXPECT(OK, add(&realm, h, &seen));
	EXPECT(OK, log_of_3_seal(&realm, h, &wire));
}

TEST(a_newer_layout_is_not_for_an_older_server)
{
	const struct sfp_realm realm = realm_of(1);
	struct log_of_3 h = { .head.word = 0 };
	const struct log_3 state = { .length = 1 };
	struct log_1 seen;

	EXPECT(OK, log_of_3_export(&realm, &state, &h));
	h.head.kind = log_of_1_kind_.kind;
	h.head.self = sfp_handle_self_(&h.head, h.head.kind, h.head.room);
	EXPECT(UNSUPPORTED, log_of_1_take(&realm, (struct log_of_1 *)(void *)&h, &seen));
}

TEST(storage_that_is_too_small_for_the_new_layout_is_told)
{
	const struct sfp_realm realm = realm_of(1);
	static union {
		struct log_cramped old;
		struct log_of_3 today;
	} storage;
	const struct log_1 state = { .length = 1 };
	struct log_3 seen;

	EXPECT(OK, log_cramped_export(&realm, &state, &storage.old));
	all_are_one_kind(&storage.old.head);
	EXPECT(LIMIT, add(&realm, &storage.today, &seen));
}

/* A wire that a server of release 1 has sealed: the same key, the kind's name, version 1. */
static size_t sealed_by_1(const struct sfp_realm *realm, uint32_t length, void *bytes)
{
	struct sfp_handle_kind kind = log_of_1_kind_;
	struct log_of_1 h = { .head.word = 0 };
	const struct log_1 state = { .length = length };
	struct log_of_1_wire wire;

	kind.kind = log_of_3_kind_.kind;
	EXPECT(OK, sfp_handle_export_(realm, &state, &h.head, &kind));
	EXPECT(OK, sfp_handle_seal_(realm, &h.head, &wire.head, &kind));
	memcpy(bytes, &wire, sizeof(wire));
	return sizeof(wire);
}

TEST(an_older_sealed_handle_is_migrated_when_it_is_opened)
{
	const struct sfp_realm realm = realm_of(1);
	unsigned char bytes[64];
	const size_t length = sealed_by_1(&realm, 40, bytes);
	struct log_of_3 h = { .head.word = 0 };
	struct log_3 seen;

	migrations = 0;
	refusal = SFP_OK;
	EXPECT(OK, log_of_3_open_bytes(&realm, bytes, length, &h));
	assert_int_equal(migrations, 1);
	EXPECT(OK, add(&realm, &h, &seen));
	assert_int_equal(seen.length, 41);
	assert_int_equal(seen.since, 0);
}

TEST(an_older_sealed_handle_is_checked_before_it_is_migrated)
{
	const struct sfp_realm realm = realm_of(1);
	unsigned char bytes[64];
	const size_t length = sealed_by_1(&realm, 40, bytes);
	struct log_of_3 h = { .head.word = 0 };
	size_t bit;

	migrations = 0;
	for (bit = 0; bit < 8 * length; bit++) {
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
		EXPECT(FORGED, log_of_3_open_bytes(&realm, bytes, length, &h));
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	assert_int_equal(migrations, 0);
	refusal = SFP_NO_MEMORY;
	EXPECT(NO_MEMORY, log_of_3_open_bytes(&realm, bytes, length, &h));
	EXPECT(INVALID, log_of_3_drop(&h));
}

int group_migrate(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_older_handle_is_migrated_once_when_it_is_imported),
		cmocka_unit_test(an_abandoned_import_leaves_the_older_layout),
		cmocka_unit_test(what_the_migration_says_is_what_the_import_says),
		cmocka_unit_test(a_fault_in_the_migration_leaves_the_older_handle),
		cmocka_unit_test(an_older_layout_that_nobody_migrates_is_stale),
		cmocka_unit_test(an_older_layout_is_not_sealed_before_it_is_migrated),
		cmocka_unit_test(a_newer_layout_is_not_for_an_older_server),
		cmocka_unit_test(storage_that_is_too_small_for_the_new_layout_is_told),
		cmocka_unit_test(an_older_sealed_handle_is_migrated_when_it_is_opened),
		cmocka_unit_test(an_older_sealed_handle_is_checked_before_it_is_migrated),
	};

	return cmocka_run_group_tests_name("handle: migrate", tests, NULL, NULL);
}
