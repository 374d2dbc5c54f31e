/* SPDX-License-Identifier: BSD-2-Clause */
/* The header's example, whole. */
#include "iface_test.h"

struct page {
	unsigned char bytes[64];
};

#define BLOCK_OPS(OP) \
	OP(read, SFP_IN(uint64_t, lba), SFP_OUT(struct page, page)) \
	OP(flush)
SFP_INTERFACE(block, 1, BLOCK_OPS);                     // shared by both sides

struct ramdisk {
	struct page pages[4];
};

static enum sfp_status ramdisk_read(struct ramdisk *disk, uint64_t lba, struct page *page)
{
	if (lba >= 4)
		return SFP_INVALID;
	*page = disk->pages[lba];
	return SFP_OK;
}

static enum sfp_status ramdisk_flush(struct ramdisk *disk)
{
	(void)disk;
	return SFP_OK;
}
SFP_PROVIDER(ramdisk, struct ramdisk, block, BLOCK_OPS);   // a provider

static struct ramdisk disk = { .pages = { { { 1 } }, { { 2 } }, { { 3 } } } };
static struct sfp_iface_slot slots[4];
static struct sfp_iface_realm realm = { .slots = slots, .count = 4 };

static enum sfp_status use_and_replace(uint64_t lba, unsigned char *first)
{
	static struct block_offer offer = { .provider = "disk0" };
	static struct block_record record;
	static struct block_record newer;
	struct block_record *old;
	struct page page;
	enum sfp_status st;

	ramdisk_block_record(&record, &disk, 1);                // its state has layout 1
	SFP_TRY(block_offer(&realm, &offer));
	SFP_TRY(block_publish(&offer, &record, NULL));

	struct block_ref disk0 = SFP_REF(&realm, "disk0");      // a caller; NULL: whoever offers block
	SFP_TRY(block_read(&disk0, lba, &page));
	*first = page.bytes[0];

	// another version of the code over the same state, while others call
	ramdisk_block_record(&newer, &disk, 1);
	SFP_TRY(block_publish(&offer, &newer, &old));
	while ((st = block_drain(old)) == SFP_AGAIN)            // then the old code can go
		;
	SFP_TRY(st);
	assert_ptr_equal(old, &record);
	SFP_TRY(block_flush(&disk0));
	return block_read(&disk0, lba + 1, &page);
}

TEST(the_headers_example_does_what_it_says)
{
	unsigned char first = 0;

	EXPECT(OK, use_and_replace(2, &first));
	assert_int_equal(first, 3);
	expect_nothing_left();
}

int group_usage(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(the_headers_example_does_what_it_says) };

	return cmocka_run_group_tests_name("iface: usage", tests, NULL, NULL);
}
