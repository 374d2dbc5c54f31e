/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frames: page frames for what the nano-core itself keeps: page tables, the
 * arena, modules' states. All of it is taken at boot and stays, so taking is
 * moving a mark upwards past what is in use already. A module that manages
 * memory gets what lies above the mark.
 */
#include "lib/mem.h"
#include "memory.h"
#include "symbols.h"

/* Below: the BIOS's and ours to leave alone. Above: not in the boot's page tables. */
#define LOWEST 0x100000ul
#define HIGHEST 0x100000000ul

extern char nano_image_physical_start[];
extern char nano_image_end[];

static const struct boot_information *boot;
static uint64_t mark = LOWEST;
static size_t taken;

static bool overlap(uint64_t start, uint64_t end, uint64_t other_start, uint64_t other_end)
{
	return start < other_end && other_start < end;
}

/* If [start, end) overlaps [used_start, used_end): *past is where to look again. */
static bool hits(uint64_t start, uint64_t end, uint64_t used_start, uint64_t used_end, uint64_t *past)
{
	if (!overlap(start, end, used_start, used_end))
		return false;
	*past = page_up(used_end);
	return true;
}

/* Does [start, end) overlap what must stay? Then *past is behind that. */
static bool in_use(uint64_t start, uint64_t end, uint64_t *past)
{
	struct boot_region region;

	if (hits(start, end, (uintptr_t)nano_image_physical_start, (uintptr_t)nano_image_end - KERNEL_BASE,
		 past))
		return true;
	if (hits(start, end, boot->self.start, boot->self.end, past))
		return true;
	for (size_t i = 0; i < boot->file_count; i++) {
		if (hits(start, end, boot->files[i].start, boot->files[i].end, past))
			return true;
	}
	for (size_t i = 0; symbols_region(boot, i, &region); i++) {
		if (hits(start, end, region.start, region.end, past))
			return true;
	}
	return false;
}

/* The first place for `bytes` in this region at or above the mark; 0: none. */
static uint64_t fit(const struct boot_region *region, uint64_t bytes)
{
	const uint64_t end = page_down(region->end < HIGHEST ? region->end : HIGHEST);
	uint64_t at = page_up(region->start > mark ? region->start : mark);

	while (at < end && bytes <= end - at) {
		if (!in_use(at, at + bytes, &at))
			return at;
	}
	return 0;
}

void frames_init(const struct boot_information *information)
{
	boot = information;
}

uint64_t frames_take(size_t count)
{
	const uint64_t bytes = count * PAGE_SIZE;

	for (size_t i = 0; i < boot->ram_count; i++) {
		const uint64_t at = fit(&boot->ram[i], bytes);

		if (at == 0)
			continue;
		mark = at + bytes;
		taken += count;
		memset(direct(at), 0, bytes);
		return at;
	}
	return 0;
}

size_t frames_taken(void)
{
	return taken;
}

uint64_t frames_total(void)
{
	uint64_t total = 0;

	for (size_t i = 0; i < boot->ram_count; i++)
		total += boot->ram[i].end - boot->ram[i].start;
	return total;
}
