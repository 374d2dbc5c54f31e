/* SPDX-License-Identifier: BSD-2-Clause */
/* The keyboard's decoder: scancode set 1, with what holds, switches and prefixes other keys. */
#include "cmocka_test.h"

#include "scancode.h"

#define UP(code) ((code) | 0x80)
#define SHIFT 0x2a
#define RIGHT_SHIFT 0x36
#define CTRL 0x1d
#define CAPS 0x3a
#define A 0x1e
#define ONE 0x02

void nano_wake(void)
{
}

/* Decode all bytes; what was typed, characters as they are, keys as '<' and their number. */
static void typed(struct scancode_keys *keys, const uint8_t *bytes, size_t count, char *into)
{
	for (size_t i = 0; i < count; i++) {
		const struct scancode_press press = scancode_decode(keys, bytes[i]);

		assert_true(scancode_sound(keys));
		if (press.kind == INPUT_CHARACTER)
			*into++ = (char)press.value;
		if (press.kind == INPUT_KEY || press.kind == INPUT_LOST) {
			*into++ = press.kind == INPUT_KEY ? '<' : '!';
			*into++ = (char)('0' + press.value);
		}
	}
	*into = '\0';
}

#define TYPES(expected, ...) \
	do { \
		const uint8_t bytes_[] = { __VA_ARGS__ }; \
		struct scancode_keys keys_ = { 0 }; \
		char got_[64]; \
		typed(&keys_, bytes_, sizeof(bytes_), got_); \
		assert_string_equal(got_, expected); \
	} while (0)

static void rows_of_keys_type_their_characters(void **state)
{
	static const struct {
		uint8_t first;
		const char *plain;
		const char *shifted;
	} rows[] = {
		{ 0x02, "1234567890-=\b\t", "!@#$%^&*()_+\b\t" },
		{ 0x10, "qwertyuiop[]\r", "QWERTYUIOP{}\r" },
		{ 0x1e, "asdfghjkl;'`", "ASDFGHJKL:\"~" },
		{ 0x2b, "\\zxcvbnm,./", "|ZXCVBNM<>?" },
		{ 0x39, " ", " " },
		{ 0x47, "789-456+1230.", "789-456+1230." },
		{ 0x56, "\\", "|" },
	};
	unsigned checked = 0;

	(void)state;
	for (unsigned r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		for (unsigned i = 0; rows[r].plain[i] != '\0'; i++) {
			const uint8_t code = (uint8_t)(rows[r].first + i);
			const char plain[2] = { rows[r].plain[i], '\0' };
			const char shifted[2] = { rows[r].shifted[i], '\0' };

			TYPES(plain, code, UP(code));
			TYPES(shifted, SHIFT, code, UP(code), UP(SHIFT));
			TYPES(shifted, RIGHT_SHIFT, code, UP(code), UP(RIGHT_SHIFT));
			checked++;
		}
	}
	print_message("%u keys, plain and with both shifts\n", checked);
}

static void shift_lasts_until_both_are_up(void **state)
{
	(void)state;
	TYPES("aAAAa", A, SHIFT, A, RIGHT_SHIFT, A, UP(SHIFT), A, UP(RIGHT_SHIFT), A);
}

static void caps_lock_switches_letters_only_and_shift_reverses_it(void **state)
{
	(void)state;
	TYPES("a1A1a!a", A, ONE, CAPS, UP(CAPS), A, ONE, SHIFT, A, ONE, UP(SHIFT), CAPS, UP(CAPS), A);
}

static void a_held_caps_lock_switches_once(void **state)
{
	(void)state;
	TYPES("AA", CAPS, CAPS, CAPS, A, CAPS, A, UP(CAPS));
}

static void control_makes_control_characters(void **state)
{
	(void)state;
	TYPES("\x01\x1a\x1b\x1c\x1d" "1a", CTRL, A, 0x2c, 0x1a, 0x2b, 0x1b, ONE, UP(CTRL), A);
	TYPES("\x01" "a", 0xe0, CTRL, A, 0xe0, UP(CTRL), A);
	TYPES("\x01\x01" "a", CTRL, 0xe0, CTRL, A, UP(CTRL), A, 0xe0, UP(CTRL), A);
}

static void extended_keys_are_keys_of_their_own(void **state)
{
	(void)state;
	TYPES("<1<2<3<4<5<6<7", 0xe0, 0x4b, 0xe0, UP(0x4b), 0xe0, 0x4d, 0xe0, UP(0x4d), 0xe0, 0x48, 0xe0,
	      0x50, 0xe0, 0x47, 0xe0, 0x4f, 0xe0, 0x53);
	TYPES("\r/", 0xe0, 0x1c, 0xe0, UP(0x1c), 0xe0, 0x35, 0xe0, UP(0x35));
	TYPES("4", 0x4b); /* the keypad's, without the prefix */
}

static void the_make_believe_shift_of_grey_keys_shifts_nothing(void **state)
{
	(void)state;
	TYPES("<1a", 0xe0, SHIFT, 0xe0, 0x4b, 0xe0, UP(0x4b), 0xe0, UP(SHIFT), A);
	TYPES("<1A", SHIFT, 0xe0, UP(SHIFT), 0xe0, 0x4b, 0xe0, UP(0x4b), 0xe0, SHIFT, A);
	/* A letter while the arrow is still held. */
	TYPES("<1a", 0xe0, SHIFT, 0xe0, 0x4b, A);
	TYPES("<1A", SHIFT, 0xe0, UP(SHIFT), 0xe0, 0x4b, A);
}

static void the_pause_key_types_nothing_and_holds_nothing(void **state)
{
	(void)state;
	TYPES("aa", A, 0xe1, 0x1d, 0x45, 0xe1, UP(0x1d), UP(0x45), A);
}

static void releases_and_unknown_keys_type_nothing(void **state)
{
	struct scancode_keys keys = { 0 };

	(void)state;
	for (unsigned code = 0x81; code < 0xe0; code++)
		assert_int_equal(scancode_decode(&keys, (uint8_t)code).kind, 0);
	for (unsigned code = 0x57; code < 0x80; code++)
		assert_int_equal(scancode_decode(&keys, (uint8_t)code).kind, 0);
	for (unsigned code = 0x3b; code <= 0x46; code++)
		assert_int_equal(scancode_decode(&keys, (uint8_t)code).kind, 0);
}

static void an_overrun_of_the_keyboard_is_a_loss(void **state)
{
	(void)state;
	TYPES("a!1!1a", A, 0x00, 0xff, A);
}

static void any_bytes_leave_a_sound_state(void **state)
{
	struct scancode_keys keys = { 0 };
	uint32_t random = 12345;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		random = random * 1664525 + 1013904223;
		(void)scancode_decode(&keys, (uint8_t)(random >> 24));
		assert_true(scancode_sound(&keys));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_keys_type_their_characters),
		cmocka_unit_test(shift_lasts_until_both_are_up),
		cmocka_unit_test(caps_lock_switches_letters_only_and_shift_reverses_it),
		cmocka_unit_test(a_held_caps_lock_switches_once),
		cmocka_unit_test(control_makes_control_characters),
		cmocka_unit_test(extended_keys_are_keys_of_their_own),
		cmocka_unit_test(the_make_believe_shift_of_grey_keys_shifts_nothing),
		cmocka_unit_test(the_pause_key_types_nothing_and_holds_nothing),
		cmocka_unit_test(releases_and_unknown_keys_type_nothing),
		cmocka_unit_test(an_overrun_of_the_keyboard_is_a_loss),
		cmocka_unit_test(any_bytes_leave_a_sound_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
