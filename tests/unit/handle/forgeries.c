/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random forgeries of a sealed handle: bytes at random, a good one with some words at random, and a good
 * one whose contents another realm has sealed. None may open.
 *
 * usage: unit_handle_forgeries COUNT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sfp/handle.h>

struct file_state {
	uint64_t inode;
	uint64_t pos;
};
SFP_HANDLE(file, struct file_state, 2);

#define WORDS (sizeof(struct file_wire) / sizeof(uint64_t))

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dull;
}

static struct file_wire sealed_by(unsigned char seed, struct sfp_realm *realm)
{
	unsigned char key[16];
	struct file h = { .head.word = 0 };
	const struct file_state state = { .inode = 1, .pos = 2 };
	struct file_wire wire;

	memset(key, seed, sizeof(key));
	if (sfp_realm_init(realm, key) != SFP_OK || file_export(realm, &state, &h) != SFP_OK ||
	    file_seal(realm, &h, &wire) != SFP_OK)
		exit(2);
	return wire;
}

/* Which words are random is random too; all, tag included, a quarter of the time. */
static void forge(uint64_t words[WORDS], const struct file_wire *good, uint64_t *random)
{
	const uint64_t choice = next_random(random) >> 40;
	uint64_t which = choice % 4 ? choice / 4 % ((1u << WORDS) - 1) + 1 : (1u << WORDS) - 1;
	size_t i;

	memcpy(words, good, sizeof(*good));
	for (i = 0; i < WORDS; i++)
		if (which >> i & 1)
			words[i] ^= next_random(random);
}

int main(int argc, char **argv)
{
	const unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	struct sfp_realm realm;
	struct sfp_realm other;
	const struct file_wire foreign = sealed_by(2, &other);
	const struct file_wire good = sealed_by(1, &realm);
	struct file h = { .head.word = 0 };
	uint64_t random = 0x9e3779b97f4a7c15ull;
	unsigned long tried;
	uint64_t words[WORDS];

	if (file_open(&realm, &foreign, &h) != SFP_FORGED || file_open(&realm, &good, &h) != SFP_OK ||
	    file_drop(&h) != SFP_OK) {
		printf("the good one does not open, or the foreign one does\n");
		return 1;
	}
	for (tried = 0; tried < count; tried++) {
		forge(words, &good, &random);
		if (file_open_bytes(&realm, words, sizeof(words), &h) != SFP_FORGED) {
			printf("forgery number %lu was not refused as one\n", tried);
			return 1;
		}
	}
	printf("%lu random forgeries, none opened\n", tried);
	return 0;
}
