/* SPDX-License-Identifier: BSD-2-Clause */
/* The blocks of a heap: against a reference that knows what was handed out, by random operations. */
#include "cmocka_test.h"

#include "blocks.h"

#define CHUNK_BYTES 16384u
#define CHUNKS 4u
#define HEAD 72u
#define PIECES 200u
#define ROUNDS 60000u

static struct chunk_memory {
	uint8_t bytes[CHUNK_BYTES];
} chunks[CHUNKS] __attribute__((aligned(4096)));

struct piece {
	uint8_t *at;
	uint32_t size;
	uint8_t fill;
};

static struct blocks blocks;
static struct piece pieces[PIECES];
static uint32_t seed = 1;

static uint32_t roll(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (uint32_t)(((uint64_t)seed * below) >> 32);
}

static void set_up(unsigned count)
{
	memset(&blocks, 0, sizeof(blocks));
	memset(chunks, 0xcc, sizeof(chunks));
	memset(pieces, 0, sizeof(pieces));
	for (unsigned i = 0; i < count; i++)
		blocks_add(&blocks, (struct blocks_chunk *)(void *)&chunks[i], i == 0 ? HEAD : 0,
			   CHUNK_BYTES);
}

static void expect_sound(void)
{
	const void *where = NULL;
	const char *wrong = blocks_wrong(&blocks, &where);

	if (wrong)
		fail_msg("%s, at %p", wrong, where);
}

static const char *wrong_now(void)
{
	const void *where = NULL;

	return blocks_wrong(&blocks, &where);
}

static bool is_filled(const struct piece *piece)
{
	for (uint32_t i = 0; i < piece->size; i++) {
		if (piece->at[i] != piece->fill)
			return false;
	}
	return true;
}

static void expect_apart(const struct piece *piece)
{
	for (unsigned i = 0; i < PIECES; i++) {
		const struct piece *other = &pieces[i];

		assert_false(other != piece && other->at && piece->at < other->at + other->size &&
			     other->at < piece->at + piece->size);
	}
}

static bool in_a_chunk(const struct piece *piece)
{
	for (unsigned i = 0; i < CHUNKS; i++) {
		if (piece->at >= chunks[i].bytes + sizeof(struct blocks_chunk) + (i == 0 ? HEAD : 0) &&
		    piece->at + piece->size <= chunks[i].bytes + CHUNK_BYTES)
			return true;
	}
	return false;
}

static enum sfp_status take(struct piece *piece, uint32_t size)
{
	void *at = NULL;
	const enum sfp_status status = blocks_alloc(&blocks, size, &at);

	if (status != SFP_OK) {
		assert_null(at);
		return status;
	}
	*piece = (struct piece){ .at = at, .size = size, .fill = (uint8_t)(1 + roll(250)) };
	assert_int_equal((uintptr_t)at % BLOCKS_UNIT, 0);
	assert_true(in_a_chunk(piece));
	expect_apart(piece);
	memset(piece->at, piece->fill, size);
	return SFP_OK;
}

static void give(struct piece *piece)
{
	assert_true(is_filled(piece));
	assert_int_equal(blocks_free(&blocks, piece->at), SFP_OK);
	piece->at = NULL;
}

static void give_all(void)
{
	for (unsigned i = 0; i < PIECES; i++) {
		if (pieces[i].at)
			give(&pieces[i]);
	}
}

/* What there was at the beginning is there again, in as few pieces. */
static void expect_whole(unsigned count)
{
	struct piece whole;

	memset(pieces, 0, sizeof(pieces)); /* all of them were given back */
	expect_sound();
	assert_int_equal(blocks.used, 0);
	assert_int_equal(blocks.count, 0);
	for (unsigned i = 0; i < count; i++) {
		const size_t head = i == 0 ? HEAD : 0;
		size_t size = CHUNK_BYTES;

		while (blocks_chunk_bytes(head, size) > CHUNK_BYTES)
			size--;
		assert_int_equal(take(&whole, (uint32_t)size), SFP_OK);
		give(&whole);
	}
}

static void random_operations_hand_out_each_byte_once(void **state)
{
	unsigned refused = 0;

	(void)state;
	set_up(CHUNKS);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct piece *piece = &pieces[roll(PIECES)];

		if (piece->at)
			give(piece);
		else
			refused += take(piece, 1 + (roll(3) ? roll(200) : roll(3000))) == SFP_NO_MEMORY;
		if (i % 32 == 0)
			expect_sound();
	}
	assert_true(refused > 0 && refused < ROUNDS / 4);
	give_all();
	expect_whole(CHUNKS);
}

static void a_size_that_no_block_has_is_refused(void **state)
{
	void *at = NULL;

	(void)state;
	set_up(1);
	assert_int_equal(blocks_alloc(&blocks, 0, &at), SFP_INVALID);
	assert_int_equal(blocks_alloc(&blocks, CHUNK_BYTES, &at), SFP_NO_MEMORY);
	assert_int_equal(blocks_alloc(&blocks, SIZE_MAX, &at), SFP_NO_MEMORY);
	assert_int_equal(blocks_alloc(&blocks, SIZE_MAX - 30, &at), SFP_NO_MEMORY);
	assert_int_equal(blocks_chunk_bytes(0, SIZE_MAX), 0);
	assert_null(at);
	expect_whole(1);
}

static void what_was_not_handed_out_is_not_taken_back(void **state)
{
	static uint8_t foreign[64] __attribute__((aligned(16)));

	(void)state;
	set_up(2);
	assert_int_equal(take(&pieces[0], 100), SFP_OK);
	assert_int_equal(blocks_free(&blocks, foreign + 16), SFP_INVALID);
	assert_int_equal(blocks_free(&blocks, NULL), SFP_INVALID);
	assert_int_equal(blocks_free(&blocks, chunks[0].bytes), SFP_INVALID);
	assert_int_equal(blocks_free(&blocks, pieces[0].at + 8), SFP_INVALID);
	assert_int_equal(blocks_free(&blocks, pieces[0].at + 16), SFP_INVALID);
	assert_int_equal(blocks_free(&blocks, pieces[0].at), SFP_OK);
	assert_int_equal(blocks_free(&blocks, pieces[0].at), SFP_STALE);
	expect_whole(2);
}

/* Also where the block has become part of a longer one. */
static void giving_back_twice_is_told(void **state)
{
	(void)state;
	set_up(1);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(take(&pieces[i], 50), SFP_OK);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(blocks_free(&blocks, pieces[i].at), SFP_OK);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(blocks_free(&blocks, pieces[i].at), SFP_STALE);
	expect_whole(1);
}

static void a_write_past_the_end_is_found_at_every_byte(void **state)
{
	(void)state;
	for (unsigned past = 0; past < 8; past++) {
		set_up(1);
		assert_int_equal(take(&pieces[0], 40), SFP_OK);
		assert_int_equal(take(&pieces[1], 40), SFP_OK);
		pieces[0].at[40 + past] ^= 1;
		assert_string_equal(wrong_now(), "a block was written past its end");
		assert_int_equal(blocks_free(&blocks, pieces[0].at), SFP_FORGED);
		pieces[0].at[40 + past] ^= 1;
		give(&pieces[0]);
		give(&pieces[1]);
		expect_whole(1);
	}
}

static void an_overwritten_word_is_found_at_every_bit(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		set_up(1);
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(take(&pieces[i], 40), SFP_OK);
		pieces[1].at[(int)(bit / 8) - 16] ^= (uint8_t)(1u << bit % 8);
		assert_string_equal(wrong_now(), "the word of a block was overwritten");
		assert_int_equal(blocks_free(&blocks, pieces[0].at), SFP_FORGED);
		assert_int_equal(blocks_free(&blocks, pieces[1].at), SFP_INVALID);
		blocks_mend(&blocks);
		assert_int_equal(blocks_alloc(&blocks, 8, &(void *){ NULL }), SFP_FORGED);
		assert_int_equal(blocks_free(&blocks, pieces[2].at), SFP_FORGED);
	}
}

/* All that follows from the words, destroyed in every way, is made anew from them. */
static void mending_needs_the_words_alone(void **state)
{
	(void)state;
	set_up(CHUNKS);
	for (unsigned i = 0; i < 2000; i++) {
		struct piece *piece = &pieces[roll(PIECES)];

		if (piece->at)
			give(piece);
		else
			SFP_IGNORE(take(piece, 1 + roll(300)), "it may be full");
		if (i % 16 != 0)
			continue;
		memset(blocks.bins, 0x5a, sizeof(blocks.bins));
		blocks.used = roll(1000);
		blocks.count = roll(1000);
		blocks_mend(&blocks);
		expect_sound();
	}
	give_all();
	expect_whole(CHUNKS);
}

static void wrong_counts_and_lists_are_seen(void **state)
{
	(void)state;
	set_up(1);
	assert_int_equal(take(&pieces[0], 10), SFP_OK);
	blocks.used += 16;
	assert_non_null(wrong_now());
	blocks_mend(&blocks);
	blocks.count++;
	assert_non_null(wrong_now());
	blocks_mend(&blocks);
	memset(blocks.bins, 0, sizeof(blocks.bins));
	assert_non_null(wrong_now());
	blocks_mend(&blocks);
	blocks.chunks->bytes += 16;
	assert_non_null(wrong_now());
	blocks.chunks->bytes -= 16;
	expect_sound();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_hand_out_each_byte_once),
		cmocka_unit_test(a_size_that_no_block_has_is_refused),
		cmocka_unit_test(what_was_not_handed_out_is_not_taken_back),
		cmocka_unit_test(giving_back_twice_is_told),
		cmocka_unit_test(a_write_past_the_end_is_found_at_every_byte),
		cmocka_unit_test(an_overwritten_word_is_found_at_every_bit),
		cmocka_unit_test(mending_needs_the_words_alone),
		cmocka_unit_test(wrong_counts_and_lists_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
