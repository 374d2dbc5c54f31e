/* SPDX-License-Identifier: BSD-2-Clause */
/* host: "seed faults", two numbers that QEMU hands in as the file opt/campaign of its configuration device. */
#include "chaos.h"

#include "lib/text.h"

#define SELECTOR 0x510
#define DATA 0x511
#define DIRECTORY 0x19
#define NAME_BYTES 56u

static void select(uint16_t key)
{
	__asm__ __volatile__("outw %0, %1" : : "a"(key), "Nd"((uint16_t)SELECTOR));
}

static uint32_t number(unsigned bytes)
{
	uint32_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | nano_in8(DATA);
	return value;
}

static void text(char *to, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		to[i] = (char)nano_in8(DATA);
}

static void read(uint16_t key, uint32_t bytes, struct chaos_orders *orders)
{
	char words[64] = "";
	char *rest = words;
	uint64_t faults = 0;

	select(key);
	text(words, bytes < sizeof(words) ? bytes : sizeof(words) - 1);
	if (text_to_number(text_word(&rest), &orders->seed) == SFP_OK &&
	    text_to_number(text_word(&rest), &faults) == SFP_OK)
		orders->faults = (uint32_t)faults;
}

void host_orders(struct chaos_orders *orders)
{
	char name[NAME_BYTES];
	uint32_t count;

	select(DIRECTORY);
	count = number(4);
	for (uint32_t i = 0; i < count && i < 1000; i++) {
		const uint32_t bytes = number(4);
		const uint16_t key = (uint16_t)number(2);

		(void)number(2);
		text(name, sizeof(name));
		if (text_begins(name, "opt/campaign")) {
			read(key, bytes, orders);
			return;
		}
	}
}
