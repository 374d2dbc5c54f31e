/* SPDX-License-Identifier: BSD-2-Clause */
/* lib/mem against the host's own functions, at every small size, offset and overlap. */
#include "cmocka_test.h"

void *lib_memcpy(void *restrict to, const void *restrict from, size_t size);
void *lib_memmove(void *to, const void *from, size_t size);
void *lib_memset(void *to, int value, size_t size);
int lib_memcmp(const void *left, const void *right, size_t size);

#define ROOM 48u

static void fill(unsigned char *bytes)
{
	for (unsigned i = 0; i < ROOM; i++)
		bytes[i] = (unsigned char)(i * 37 + 11);
}

static void a_copy_is_what_the_host_copies(void **state)
{
	unsigned char from[ROOM], ours[ROOM], theirs[ROOM];

	(void)state;
	for (size_t at = 0; at < 16; at++) {
		for (size_t size = 0; size <= ROOM - at; size++) {
			fill(from);
			memset(ours, 0, ROOM);
			memset(theirs, 0, ROOM);
			assert_ptr_equal(lib_memcpy(ours + at, from, size), ours + at);
			memcpy(theirs + at, from, size);
			assert_memory_equal(ours, theirs, ROOM);
		}
	}
}

static void a_move_is_right_for_every_overlap(void **state)
{
	unsigned char ours[ROOM], theirs[ROOM];

	(void)state;
	for (size_t from = 0; from < ROOM; from++) {
		for (size_t to = 0; to < ROOM; to++) {
			const size_t size = ROOM - (from > to ? from : to);

			fill(ours);
			fill(theirs);
			assert_ptr_equal(lib_memmove(ours + to, ours + from, size), ours + to);
			memmove(theirs + to, theirs + from, size);
			assert_memory_equal(ours, theirs, ROOM);
		}
	}
}

static void set_writes_its_bytes_and_no_other(void **state)
{
	unsigned char ours[ROOM], theirs[ROOM];

	(void)state;
	for (size_t size = 0; size <= ROOM - 4; size++) {
		fill(ours);
		fill(theirs);
		assert_ptr_equal(lib_memset(ours + 2, 0x1a5, size), ours + 2);
		memset(theirs + 2, 0xa5, size);
		assert_memory_equal(ours, theirs, ROOM);
	}
}

static void comparing_has_the_sign_of_the_first_difference(void **state)
{
	unsigned char left[ROOM], right[ROOM];

	(void)state;
	fill(left);
	fill(right);
	assert_int_equal(lib_memcmp(left, right, ROOM), 0);
	for (unsigned i = 0; i < ROOM; i++) {
		fill(right);
		right[i] = (unsigned char)(left[i] + 128);
		assert_int_equal(lib_memcmp(left, right, i), 0);
		assert_true((lib_memcmp(left, right, ROOM) < 0) == (left[i] < right[i]));
		assert_true((lib_memcmp(right, left, ROOM) < 0) == (right[i] < left[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_what_the_host_copies),
		cmocka_unit_test(a_move_is_right_for_every_overlap),
		cmocka_unit_test(set_writes_its_bytes_and_no_other),
		cmocka_unit_test(comparing_has_the_sign_of_the_first_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
