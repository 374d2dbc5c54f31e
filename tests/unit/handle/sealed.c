/* SPDX-License-Identifier: BSD-2-Clause */
/* Sealed handles: to user space and back, and nothing else comes back. */
#include "handle_test.h"

#include "siphash.h"

static struct file_wire wire_of(const struct sfp_realm *realm, uint64_t inode, uint64_t pos)
{
	struct file_wire wire;

	EXPECT(OK, file_seal(realm, file_made(realm, inode, pos), &wire));
	return wire;
}

static enum sfp_status open_once(const struct sfp_realm *realm, const struct file_wire *wire)
{
	static struct file h;
	enum sfp_status status;

	memset(&h, 0, sizeof(h));
	status = file_open(realm, wire, &h);
	if (status == SFP_OK)
		return status;
	/* Nothing of what was refused is left. */
	EXPECT(INVALID, file_drop(&h));
	assert_int_equal(h.opaque[0][0] | h.opaque[0][8] | h.opaque[1][0] | h.opaque[1][8], 0);
	return status;
}

TEST(what_was_sealed_is_opened)
{
	const struct sfp_realm realm = realm_of(1);
	const struct file_wire wire = wire_of(&realm, 21, 22);
	struct file h = { .head.word = 0 };

	EXPECT(OK, file_open(&realm, &wire, &h));
	EXPECT_FILE(&realm, &h, 21, 22);
	EXPECT(OK, file_skip(&realm, &h, 1));
	EXPECT_FILE(&realm, &h, 21, 23);
}

TEST(sealing_leaves_the_handle_as_it_is)
{
	const struct sfp_realm realm = realm_of(1);
	struct file *h = file_made(&realm, 21, 22);
	struct file_wire one;
	struct file_wire two;

	EXPECT(OK, file_skip(&realm, h, 1));
	EXPECT(OK, file_seal(&realm, h, &one));
	EXPECT(OK, file_seal(&realm, h, &two));
	assert_memory_equal(&one, &two, sizeof(one));
	EXPECT_FILE(&realm, h, 21, 23);
}

TEST(every_bit_that_is_flipped_is_a_forgery)
{
	const struct sfp_realm realm = realm_of(1);
	struct file_wire wire = wire_of(&realm, 21, 22);
	unsigned char *bytes = (unsigned char *)&wire;
	size_t bit;

	for (bit = 0; bit < 8 * sizeof(wire); bit++) {
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
		EXPECT(FORGED, open_once(&realm, &wire));
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	EXPECT(OK, open_once(&realm, &wire));
	printf("handle: %zu bits flipped, one at a time\n", bit);
}

TEST(every_bit_of_one_whose_size_is_no_whole_number_of_words_too)
{
	const struct sfp_realm realm = realm_of(1);
	const struct small_state colour = { { 255, 254, 253, 252, 251 } };
	struct small from = { .head.word = 0 };
	struct small to = { .head.word = 0 };
	struct small_wire wire;
	struct small_state seen;
	unsigned char *bytes = (unsigned char *)&wire;
	size_t bit;

	EXPECT(OK, small_export(&realm, &colour, &from));
	EXPECT(OK, small_seal(&realm, &from, &wire));
	for (bit = 0; bit < 8 * sizeof(wire); bit++) {
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
		EXPECT(FORGED, small_open(&realm, &wire, &to));
		bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	EXPECT(OK, small_open(&realm, &wire, &to));
	EXPECT(OK, small_take(&realm, &to, &seen));
	assert_memory_equal(&seen, &colour, sizeof(seen));
}

TEST(another_realm_does_not_open_it)
{
	const struct sfp_realm realm = realm_of(1);
	const struct sfp_realm other = realm_of(2);
	const struct file_wire wire = wire_of(&realm, 21, 22);

	EXPECT(FORGED, open_once(&other, &wire));
}

TEST(another_kind_does_not_open_it)
{
	const struct sfp_realm realm = realm_of(1);
	const struct file_wire wire = wire_of(&realm, 21, 22);
	struct door door = { .head.word = 0 };

	EXPECT(INVALID, door_open_bytes(&realm, &wire, sizeof(wire), &door));
	EXPECT(INVALID, door_drop(&door));
}

TEST(no_other_length_opens)
{
	const struct sfp_realm realm = realm_of(1);
	unsigned char bytes[80] = { 0 };
	const struct file_wire wire = wire_of(&realm, 21, 22);
	struct file h = { .head.word = 0 };
	size_t length;

	memcpy(bytes, &wire, sizeof(wire));
	for (length = 0; length < sizeof(bytes); length++) {
		const enum sfp_status status = file_open_bytes(&realm, bytes, length, &h);

		if (length == sizeof(wire))
			assert_int_equal(status, SFP_OK);
		else if (length < 24 || length % 8)
			assert_int_equal(status, SFP_MALFORMED);
		else
			assert_int_equal(status, length > sizeof(wire) ? SFP_LIMIT : SFP_FORGED);
		if (status == SFP_OK)
			EXPECT(OK, file_drop(&h));
	}
}

TEST(it_opens_from_any_alignment)
{
	const struct sfp_realm realm = realm_of(1);
	const struct file_wire wire = wire_of(&realm, 21, 22);
	unsigned char bytes[sizeof(wire) + 8];
	struct file h = { .head.word = 0 };
	size_t at;

	for (at = 0; at < 8; at++) {
		memcpy(bytes + at, &wire, sizeof(wire));
		EXPECT(OK, file_open_bytes(&realm, bytes + at, sizeof(wire), &h));
		EXPECT_FILE(&realm, &h, 21, 22);
		EXPECT(OK, file_drop(&h));
	}
}

TEST(no_address_of_the_server_is_inside)
{
	const struct sfp_realm realm = realm_of(1);
	struct file one = { .head.word = 0 };
	struct file two = { .head.word = 0 };
	const struct file_state state = { .inode = 5, .pos = 6 };
	struct file_wire wires[2];

	/* Two handles at two addresses: the same bytes. */
	EXPECT(OK, file_export(&realm, &state, &one));
	EXPECT(OK, file_export(&realm, &state, &two));
	EXPECT(OK, file_seal(&realm, &one, &wires[0]));
	EXPECT(OK, file_seal(&realm, &two, &wires[1]));
	assert_memory_equal(&wires[0], &wires[1], sizeof(wires[0]));
}

TEST(nothing_is_opened_into_a_handle_that_lives_or_is_torn)
{
	const struct sfp_realm realm = realm_of(1);
	const struct file_wire wire = wire_of(&realm, 21, 22);
	struct file *h = file_made(&realm, 1, 2);

	EXPECT(EXISTS, file_open(&realm, &wire, h));
	EXPECT_FILE(&realm, h, 1, 2);
	h->head.word = SFP_HANDLE_TORN_;
	EXPECT(POISONED, file_open(&realm, &wire, h));
}

/* The message as the header describes it, put together byte by byte. */
TEST(the_tag_is_siphash_of_kind_version_size_contents_and_generation)
{
	const struct sfp_realm realm = realm_of(1);
	const struct file_wire wire = wire_of(&realm, 21, 22);
	unsigned char message[8 + sizeof(wire.contents) + 7];

	memcpy(message, &wire.head.what, 8);
	memcpy(message + 8, wire.contents, sizeof(wire.contents));
	memcpy(message + 8 + sizeof(wire.contents), &wire.head.generation, 7);
	assert_true(sfp_siphash_2_4(realm.key, message, sizeof(message)) == wire.head.tag);
	assert_int_equal(wire.head.what >> 32, 2 | 16 << 16);
	assert_int_equal(wire.head.generation, realm.generation);
}

TEST(a_generation_that_was_never_sealed_is_a_forgery)
{
	struct sfp_realm realm = realm_of(1);
	struct file_wire wire = wire_of(&realm, 21, 22);

	realm.generation = 5;
	EXPECT(STALE, open_once(&realm, &wire)); /* good, but of another one */
	wire.head.generation = 5;
	EXPECT(FORGED, open_once(&realm, &wire));
}

int group_sealed(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_is_opened),
		cmocka_unit_test(sealing_leaves_the_handle_as_it_is),
		cmocka_unit_test(every_bit_that_is_flipped_is_a_forgery),
		cmocka_unit_test(every_bit_of_one_whose_size_is_no_whole_number_of_words_too),
		cmocka_unit_test(another_realm_does_not_open_it),
		cmocka_unit_test(another_kind_does_not_open_it),
		cmocka_unit_test(no_other_length_opens),
		cmocka_unit_test(it_opens_from_any_alignment),
		cmocka_unit_test(no_address_of_the_server_is_inside),
		cmocka_unit_test(nothing_is_opened_into_a_handle_that_lives_or_is_torn),
		cmocka_unit_test(the_tag_is_siphash_of_kind_version_size_contents_and_generation),
		cmocka_unit_test(a_generation_that_was_never_sealed_is_a_forgery),
	};

	return cmocka_run_group_tests_name("handle: sealed", tests, NULL, NULL);
}
