/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/text: the formatter against the host's snprintf, its bounds, and reading numbers and words. */
#include "cmocka_test.h"

#include "lib/text.h"

/* The same call to both; the compiler checks the format. */
#define SAME(...) \
	do { \
		char ours_[200], theirs_[200]; \
		const size_t length_ = text_format(ours_, sizeof(ours_), __VA_ARGS__); \
		assert_int_equal((int)length_, snprintf(theirs_, sizeof(theirs_), __VA_ARGS__)); \
		assert_string_equal(ours_, theirs_); \
	} while (0)

static void integers_are_written_as_the_host_writes_them(void **state)
{
	static const long long values[] = { 0, 1, -1, 9, 10, 255, 256, 4095, -4096, 2147483647, -2147483648LL,
					    4294967295LL, 9223372036854775807LL, -9223372036854775807LL - 1 };

	(void)state;
	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const long long v = values[i];

		SAME("%d|%i|%u|%x|%X", (int)v, (int)v, (unsigned)v, (unsigned)v, (unsigned)v);
		SAME("%ld|%lu|%lx|%lld|%llu|%llX", (long)v, (unsigned long)v, (unsigned long)v, v,
		     (unsigned long long)v, (unsigned long long)v);
		SAME("%hd|%hu|%hhd|%hhx", (short)v, (unsigned short)v, (signed char)v, (unsigned char)v);
		SAME("%zu|%zx|%jd|%td", (size_t)v, (size_t)v, (intmax_t)v, (ptrdiff_t)v);
		SAME("[%12d][%-12d][%012d][%3d][%016lx][%-20lu]", (int)v, (int)v, (int)v, (int)v,
		     (unsigned long)v, (unsigned long)v);
	}
}

static void text_is_padded_and_cut_as_the_host_does(void **state)
{
	(void)state;
	SAME("%s|%10s|%-10s|%.2s|%10.3s|%-10.3s|%.0s|", "words", "words", "words", "words", "words", "words",
	     "words");
	SAME("[%*s][%-*s][%.*s][%*.*s]", 7, "ab", 7, "ab", 1, "ab", 5, 1, "ab");
	SAME("[%*d][%*d]", 6, 42, -6, 42);
	SAME("%c%c[%3c][%-3c]%%", 'a', 'b', 'c', 'd');
	SAME("nothing to convert");
	SAME("[%.*s]", -1, "a negative precision is none");
	SAME("%p", (void *)(uintptr_t)0xffff800012345678u);
}

static void a_precision_bounds_what_is_read(void **state)
{
	char text[8];
	const char unended[3] = { 'a', 'b', 'c' };

	(void)state;
	assert_int_equal(text_format(text, sizeof(text), "%.3s", unended), 3);
	assert_string_equal(text, "abc");
}

static void nothing_is_written_past_the_size(void **state)
{
	char whole[32], part[32];
	const size_t length = text_format(whole, sizeof(whole), "%s-%05d-%x", "abc", 42, 0xbeefu);

	(void)state;
	assert_string_equal(whole, "abc-00042-beef");
	for (size_t size = 0; size <= length + 1; size++) {
		memset(part, '#', sizeof(part));
		assert_int_equal(text_format(part, size, "%s-%05d-%x", "abc", 42, 0xbeefu), length);
		if (size > 0) {
			assert_memory_equal(part, whole, size - 1);
			assert_int_equal(part[size - 1], '\0');
		}
		for (size_t i = size; i < sizeof(part); i++)
			assert_int_equal(part[i], '#');
	}
}

static size_t unchecked(char *to, size_t size, const char *format, ...)
{
	va_list arguments;
	size_t length;

	va_start(arguments, format);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	length = text_vformat(to, size, format, arguments);
#pragma GCC diagnostic pop
	va_end(arguments);
	return length;
}

static void what_it_does_not_know_ends_the_text_visibly(void **state)
{
	static const char *const formats[] = {
		"a%", "a%f", "a%#x", "a%+d", "a%.3d", "a%n", "a%q", "a%l", "a%-"
	};
	char text[32];

	(void)state;
	for (unsigned i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		assert_int_equal(unchecked(text, sizeof(text), formats[i], 1, 2), 3);
		assert_string_equal(text, "a%?");
	}
	unchecked(text, sizeof(text), "%s", NULL);
	assert_string_equal(text, "(null)");
}

static void whole_numbers_are_read_and_nothing_else(void **state)
{
	static const struct {
		const char *text;
		enum sfp_status status;
		uint64_t value;
	} cases[] = {
		{ "0", SFP_OK, 0 },
		{ "42", SFP_OK, 42 },
		{ "0042", SFP_OK, 42 },
		{ "0x2a", SFP_OK, 42 },
		{ "0x2A", SFP_OK, 42 },
		{ "18446744073709551615", SFP_OK, UINT64_MAX },
		{ "0xffffffffffffffff", SFP_OK, UINT64_MAX },
		{ "18446744073709551616", SFP_LIMIT, 0 },
		{ "99999999999999999999", SFP_LIMIT, 0 },
		{ "0x10000000000000000", SFP_LIMIT, 0 },
		{ "99999999999999999999x", SFP_MALFORMED, 0 },
		{ "", SFP_MALFORMED, 0 },
		{ "0x", SFP_MALFORMED, 0 },
		{ "-1", SFP_MALFORMED, 0 },
		{ "+1", SFP_MALFORMED, 0 },
		{ " 1", SFP_MALFORMED, 0 },
		{ "1 ", SFP_MALFORMED, 0 },
		{ "12a", SFP_MALFORMED, 0 },
		{ "0xg", SFP_MALFORMED, 0 },
		{ "1\x1a", SFP_MALFORMED, 0 },
		{ "\x10", SFP_MALFORMED, 0 },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t value = 7;

		assert_int_equal(text_to_number(cases[i].text, &value), cases[i].status);
		assert_int_equal(value, cases[i].status == SFP_OK ? cases[i].value : 7);
	}
}

static void words_are_cut_off_one_by_one(void **state)
{
	char text[] = "  one\ttwo   three ";
	char *rest = text;

	(void)state;
	assert_string_equal(text_word(&rest), "one");
	assert_string_equal(text_word(&rest), "two");
	assert_string_equal(text_word(&rest), "three");
	assert_null(text_word(&rest));
	assert_null(text_word(&rest));
}

static void texts_are_compared(void **state)
{
	(void)state;
	assert_true(text_equal("", ""));
	assert_true(text_equal("abc", "abc"));
	assert_false(text_equal("abc", "abd"));
	assert_false(text_equal("abc", "ab"));
	assert_false(text_equal("ab", "abc"));
	assert_true(text_begins("abc", ""));
	assert_true(text_begins("abc", "ab"));
	assert_true(text_begins("abc", "abc"));
	assert_false(text_begins("abc", "abcd"));
	assert_false(text_begins("abc", "b"));
	assert_int_equal(text_length("abc"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_written_as_the_host_writes_them),
		cmocka_unit_test(text_is_padded_and_cut_as_the_host_does),
		cmocka_unit_test(a_precision_bounds_what_is_read),
		cmocka_unit_test(nothing_is_written_past_the_size),
		cmocka_unit_test(what_it_does_not_know_ends_the_text_visibly),
		cmocka_unit_test(whole_numbers_are_read_and_nothing_else),
		cmocka_unit_test(words_are_cut_off_one_by_one),
		cmocka_unit_test(texts_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
