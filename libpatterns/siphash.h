/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * siphash: SipHash-2-4, a keyed hash of 64 bits, for sealed handles.
 *
 * Two ways in. The words: begin, absorb whole words, end with what is left
 * and the length; for messages that are made of words anyway, and inline, as
 * it is half of the cost of a seal. The bytes: the function of the paper.
 * On the same message both say the same.
 *
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (INDOCRYPT
 * 2012), https://www.aumasson.jp/siphash/siphash.pdf.
 */
#ifndef SFP_SIPHASH_H
#define SFP_SIPHASH_H

#include <sfp/port.h>

struct sfp_sip {
	uint64_t v0;
	uint64_t v1;
	uint64_t v2;
	uint64_t v3;
};

SFP_ALWAYS_INLINE uint64_t sfp_sip_turn_(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

SFP_ALWAYS_INLINE struct sfp_sip sfp_sip_round_(struct sfp_sip s)
{
	s.v0 += s.v1;
	s.v1 = sfp_sip_turn_(s.v1, 13) ^ s.v0;
	s.v0 = sfp_sip_turn_(s.v0, 32);
	s.v2 += s.v3;
	s.v3 = sfp_sip_turn_(s.v3, 16) ^ s.v2;
	s.v0 += s.v3;
	s.v3 = sfp_sip_turn_(s.v3, 21) ^ s.v0;
	s.v2 += s.v1;
	s.v1 = sfp_sip_turn_(s.v1, 17) ^ s.v2;
	s.v2 = sfp_sip_turn_(s.v2, 32);
	return s;
}

/* "somepseudorandomlygeneratedbytes", as the paper has it. */
SFP_ALWAYS_INLINE struct sfp_sip sfp_sip_begin(const uint64_t key[2])
{
	struct sfp_sip s;

	s.v0 = key[0] ^ 0x736f6d6570736575ull;
	s.v1 = key[1] ^ 0x646f72616e646f6dull;
	s.v2 = key[0] ^ 0x6c7967656e657261ull;
	s.v3 = key[1] ^ 0x7465646279746573ull;
	return s;
}

SFP_ALWAYS_INLINE struct sfp_sip sfp_sip_absorb(struct sfp_sip s, uint64_t word)
{
	s.v3 ^= word;
	s = sfp_sip_round_(sfp_sip_round_(s));
	s.v0 ^= word;
	return s;
}

/* `rest`: the last 0 to 7 bytes, the first one lowest; `length`: of the whole message. */
SFP_ALWAYS_INLINE uint64_t sfp_sip_end(struct sfp_sip s, uint64_t rest, size_t length)
{
	s = sfp_sip_absorb(s, rest | (uint64_t)length << 56);
	s.v2 ^= 0xff;
	s = sfp_sip_round_(sfp_sip_round_(sfp_sip_round_(sfp_sip_round_(s))));
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* Up to 8 bytes as a number, the first one lowest, whatever the machine's order. */
SFP_ALWAYS_INLINE uint64_t sfp_sip_gather(const unsigned char *bytes, size_t count)
{
	uint64_t word = 0;

	while (count-- > 0)
		word = word << 8 | bytes[count];
	return word;
}

/* SipHash-2-4 of `length` bytes. */
uint64_t sfp_siphash_2_4(const uint64_t key[2], const void *bytes, size_t length);

#endif /* SFP_SIPHASH_H */
