/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of handles share: two kinds, and a realm. */
#ifndef HANDLE_TEST_H
#define HANDLE_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sfp/guard.h>
#include <sfp/handle.h>

#define EXPECT(status, call) assert_string_equal(sfp_status_name(call), #status)
#define TEST(sentence) static void sentence(void **state_ __attribute__((unused)))

struct file_state {
	uint64_t inode;
	uint64_t pos;
};
SFP_HANDLE(file, struct file_state, 2);

/* The same contents, another kind. */
SFP_HANDLE(door, struct file_state, 2);

struct small_state {
	unsigned char colour[5];
};
SFP_HANDLE(small, struct small_state, 1);

SFP_HANDLE_UNSHARED(solo, struct file_state, 2);

/* A realm of its own for each seed, made without randomness: tests repeat. */
struct sfp_realm realm_of(unsigned seed);

/* An exported handle of a file, in static storage. */
struct file *file_made(const struct sfp_realm *realm, uint64_t inode, uint64_t pos);

enum sfp_status file_read_state(const struct sfp_realm *realm, struct file *h, struct file_state *state);
enum sfp_status file_skip(const struct sfp_realm *realm, struct file *h, uint64_t n);

#define EXPECT_FILE(realm, h, inode_, pos_) \
	do { \
		struct file_state seen_ = { 0 }; \
		EXPECT(OK, file_read_state((realm), (h), &seen_)); \
		assert_int_equal(seen_.inode, (inode_)); \
		assert_int_equal(seen_.pos, (pos_)); \
	} while (0)

int group_trusted(void);
int group_refused(void);
int group_sealed(void);
int group_realm(void);
int group_migrate(void);
int group_fault(void);
int group_usage(void);
int group_siphash(void);

#endif /* HANDLE_TEST_H */
