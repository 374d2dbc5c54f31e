/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * account: what all of the machine's memory is used for. Each byte that the
 * firmware calls usable is in one part, so the sum of the parts is known
 * without them, and nano_check() compares the two.
 */
#include "cpu.h"
#include "memory.h"
#include "modules.h"

extern char nano_image_physical_start[], nano_boot_data_start[], nano_boot_data_end[], nano_text_start[],
	nano_rodata_end[], nano_data_end[], nano_bss_end[], nano_image_end[];

/* Memory of a span of addresses. */
struct tally {
	uint64_t unused; /* when the boot began */
	uint64_t image;
	uint64_t boot; /* the boot loader's leavings */
};

struct account {
	struct frames_count counts;
	struct tally below, taken, reserve, above, beyond;
};

static void add_used(struct tally *tally, const struct boot_region *used, uint64_t bytes)
{
	if (used->start == page_down((uintptr_t)nano_image_physical_start))
		tally->image += bytes;
	else
		tally->boot += bytes;
}

static void count_span(struct tally *tally, uint64_t at, uint64_t end)
{
	struct boot_region used;

	while (at < end) {
		const bool any = frames_used_by_boot(at, &used) && used.start < end;
		const uint64_t stop = any && used.start > at ? used.start : at;
		const uint64_t past = any && used.end < end ? used.end : end;

		if (!any) {
			tally->unused += end - at;
			return;
		}
		tally->unused += stop - at;
		add_used(tally, &used, past - stop);
		at = past;
	}
}

/* All RAM in [from, to). */
static void count(struct tally *tally, uint64_t from, uint64_t to)
{
	struct boot_region ram;

	*tally = (struct tally){ 0 };
	for (size_t i = 0; frames_ram(i, &ram); i++)
		count_span(tally, ram.start > from ? ram.start : from, ram.end < to ? ram.end : to);
}

static void count_all(struct account *account)
{
	SFP_IGNORE(frames_count(&account->counts), "then it is all zero, and the sum is wrong");
	count(&account->below, 0, FRAMES_LOWEST);
	count(&account->taken, FRAMES_LOWEST, account->counts.mark);
	count(&account->reserve, account->counts.mark, account->counts.limit);
	count(&account->above, account->counts.limit, FRAMES_HIGHEST);
	count(&account->beyond, FRAMES_HIGHEST, UINT64_MAX);
}

/* Regions of the firmware's may begin and end within a page. */
static uint64_t ends_of_regions(void)
{
	struct boot_region ram;
	uint64_t whole = 0;

	for (size_t i = 0; frames_ram(i, &ram); i++)
		whole += ram.end - ram.start;
	return nano_memory_bytes() - whole;
}

static uint64_t span(const char *from, const char *to)
{
	return (uint64_t)(to - from);
}

enum part {
	PART_CODE,
	PART_BOOT_TABLES,
	PART_DATA,
	PART_MODULES,
	PART_PROCESSORS,
	PART_ZEROED,
	PART_STACKS,
	PART_TABLES,
	PART_STATES,
	PART_ARENA,
	PART_RESERVE,
	PART_PASSED_OVER,
	PART_LEFT,
	PART_LOW,
	PART_HIGH,
	PART_ENDS,
	PART_FREE,
	PARTS
};

static const struct nano_memory_info parts[PARTS] = {
	[PART_CODE] = { "nano-core", "code and constants", 0, false },
	[PART_BOOT_TABLES] = { "nano-core", "the boot's own page tables and stack", 0, true },
	[PART_DATA] = { "nano-core", "data", 0, true },
	[PART_MODULES] = { "nano-core", "the table of modules", 0, true },
	[PART_PROCESSORS] = { "nano-core", "the blocks of the processors", 0, true },
	[PART_ZEROED] = { "nano-core", "other zeroed data", 0, true },
	[PART_STACKS] = { "nano-core", "stacks, and the pages that guard them", 0, true },
	[PART_TABLES] = { "nano-core", "page tables", 0, true },
	[PART_STATES] = { "nano-core", "modules' states, in whole pages", 0, true },
	[PART_ARENA] = { "nano-core", "modules' code and constants", 0, false },
	[PART_RESERVE] = { "nano-core", "reserve, not used", 0, true },
	[PART_PASSED_OVER] = { "nano-core", "passed over while it took frames", 0, true },
	[PART_LEFT] = { "boot loader", "files, symbols, information", 0, true },
	[PART_LOW] = { "firmware", "below the first mebibyte", 0, true },
	[PART_HIGH] = { "nobody", "above what is managed", 0, true },
	[PART_ENDS] = { "nobody", "in pages that are not wholly memory", 0, true },
	[PART_FREE] = { "frames", "to be handed out", 0, true },
};

static void count_frames(const struct account *account, uint64_t *bytes)
{
	const struct frames_count *counts = &account->counts;
	uint64_t known;

	bytes[PART_TABLES] = counts->taken[FRAMES_TABLES] * PAGE_SIZE;
	bytes[PART_STATES] = counts->taken[FRAMES_STATES] * PAGE_SIZE;
	bytes[PART_ARENA] = counts->taken[FRAMES_ARENA] * PAGE_SIZE;
	known = bytes[PART_TABLES] + bytes[PART_STATES] + bytes[PART_ARENA] + counts->returned * PAGE_SIZE;
	bytes[PART_RESERVE] = account->reserve.unused + counts->returned * PAGE_SIZE;
	bytes[PART_PASSED_OVER] = account->taken.unused - known;
	bytes[PART_FREE] = account->above.unused;
	bytes[PART_LEFT] = account->below.boot + account->taken.boot + account->reserve.boot +
			   account->above.boot + account->beyond.boot;
	bytes[PART_LOW] = account->below.unused;
	bytes[PART_HIGH] = account->beyond.unused;
	bytes[PART_ENDS] = ends_of_regions();
}

static void count_image(uint64_t *bytes)
{
	bytes[PART_CODE] = span(nano_image_physical_start, nano_boot_data_start) +
			   span(nano_text_start, nano_rodata_end);
	bytes[PART_BOOT_TABLES] = span(nano_boot_data_start, nano_boot_data_end);
	bytes[PART_DATA] = span(nano_rodata_end, nano_data_end);
	bytes[PART_MODULES] = modules_table_bytes();
	bytes[PART_PROCESSORS] = sizeof(nano_cpus);
	bytes[PART_ZEROED] = span(nano_data_end, nano_bss_end) - bytes[PART_MODULES] - bytes[PART_PROCESSORS];
	bytes[PART_STACKS] = span(nano_bss_end, nano_image_end);
}

static void count_parts(uint64_t *bytes)
{
	struct account account = { .counts = { .mark = 0 } };

	count_all(&account);
	count_image(bytes);
	count_frames(&account, bytes);
}

enum sfp_status nano_memory_info(unsigned index, struct nano_memory_info *info)
{
	uint64_t bytes[PARTS];

	if (index >= PARTS)
		return SFP_NOT_FOUND;
	count_parts(bytes);
	*info = parts[index];
	info->bytes = bytes[index];
	return SFP_OK;
}
