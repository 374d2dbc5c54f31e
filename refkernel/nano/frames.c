/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * frames: page frames for what the nano-core itself keeps: page tables, the
 * arena, modules' states. It takes them by moving a mark upwards past what is
 * in use already, and what comes back is taken again first. The module that
 * manages memory claims what lies above a reserve; then the mark ends there.
 */
#include "lib/mem.h"
#include "memory.h"
#include "symbols.h"

#include <sfp/monitor.h>

extern char nano_image_physical_start[];
extern char nano_image_end[];

/* A run that came back; it lies in the run itself. */
struct returned {
	struct returned *next;
	size_t count;
};

struct store {
	uint64_t mark;  /* below: taken, or passed over */
	uint64_t limit; /* at and above: claimed */
	size_t taken[FRAMES_USES];
	struct returned *returned;
	size_t returned_count; /* frames of them */
};

/* A fault in here is the nano-core's, and ends the system whatever this says. */
SFP_MONITOR(frames_store, struct store, SFP_SPIN_IRQ, SFP_POISON);

static const struct boot_information *boot;
static struct frames_store frames;

static bool region_of_boot(size_t index, struct boot_region *region)
{
	if (index == 0)
		*region = (struct boot_region){ (uintptr_t)nano_image_physical_start,
						(uintptr_t)nano_image_end - KERNEL_BASE };
	else if (index == 1)
		*region = boot->self;
	else if (index - 2 < boot->file_count)
		*region = (struct boot_region){ boot->files[index - 2].start, boot->files[index - 2].end };
	else
		return symbols_region(boot, index - 2 - boot->file_count, region);
	return true;
}

bool frames_used_by_boot(uint64_t from, struct boot_region *used)
{
	struct boot_region region;
	bool found = false;

	for (size_t i = 0; region_of_boot(i, &region); i++) {
		region = (struct boot_region){ page_down(region.start), page_up(region.end) };
		if (region.end > from && region.start < region.end &&
		    (!found || region.start < used->start)) {
			*used = region;
			found = true;
		}
	}
	return found;
}

bool frames_ram(size_t index, struct boot_region *region)
{
	if (index >= boot->ram_count)
		return false;
	*region = (struct boot_region){ page_up(boot->ram[index].start), page_down(boot->ram[index].end) };
	if (region->end < region->start)
		region->end = region->start;
	return true;
}

/* The first run of at least `bytes` in [from, to) that is RAM and not in use since the boot. */
static bool free_run(uint64_t from, uint64_t to, uint64_t bytes, struct boot_region *run)
{
	struct boot_region ram, used;

	for (size_t i = 0; frames_ram(i, &ram); i++) {
		uint64_t at = ram.start > from ? ram.start : from;
		const uint64_t end = ram.end < to ? ram.end : to;

		while (at < end) {
			const bool any = frames_used_by_boot(at, &used) && used.start < end;
			const uint64_t stop = any ? used.start : end;

			if (stop > at && stop - at >= bytes) {
				*run = (struct boot_region){ at, stop };
				return true;
			}
			at = any ? used.end : end;
		}
	}
	return false;
}

void frames_init(const struct boot_information *information)
{
	boot = information;
	frames_store_init(&frames, &(struct store){ .mark = FRAMES_LOWEST, .limit = FRAMES_HIGHEST });
}

/* From the end of a run that came back, so that what is left of it stays where it is. */
static uint64_t take_returned(struct store *store, size_t count)
{
	for (struct returned **at = &store->returned; *at; at = &(*at)->next) {
		struct returned *run = *at;

		if (run->count < count)
			continue;
		run->count -= count;
		store->returned_count -= count;
		if (run->count == 0)
			*at = run->next;
		return (uintptr_t)run + run->count * PAGE_SIZE - DIRECT_MAP;
	}
	return 0;
}

/* Does any of it lie where something came back already? */
static bool is_returned(const struct store *store, uint64_t start, uint64_t end)
{
	for (const struct returned *at = store->returned; at; at = at->next) {
		const uint64_t first = (uintptr_t)at - DIRECT_MAP;

		if (first < end && start < first + at->count * PAGE_SIZE)
			return true;
	}
	return false;
}

/* With whatever lies beside it and came back before, as one run. */
static void put_back(struct store *store, uint64_t first, size_t count)
{
	struct returned *run;

	for (struct returned **at = &store->returned; (run = *at) != NULL;) {
		const uint64_t other = (uintptr_t)run - DIRECT_MAP;

		if (other + run->count * PAGE_SIZE != first && first + count * PAGE_SIZE != other) {
			at = &run->next;
			continue;
		}
		*at = run->next;
		first = other < first ? other : first;
		count += run->count;
	}
	run = direct(first);
	*run = (struct returned){ .next = store->returned, .count = count };
	store->returned = run;
}

/* What is free but too short for this one is there for others: else taking and giving back would lose it. */
static void keep_passed_over(struct store *store, uint64_t to)
{
	struct boot_region run = { 0, store->mark };

	while (free_run(run.end, to, PAGE_SIZE, &run)) {
		put_back(store, run.start, (run.end - run.start) / PAGE_SIZE);
		store->returned_count += (run.end - run.start) / PAGE_SIZE;
	}
}

static uint64_t take(struct store *store, size_t count, enum frames_use use)
{
	struct boot_region run = { 0, 0 };
	uint64_t first = take_returned(store, count);

	if (first == 0 && free_run(store->mark, store->limit, count * PAGE_SIZE, &run)) {
		keep_passed_over(store, run.start);
		first = run.start;
		store->mark = run.start + count * PAGE_SIZE;
	}
	if (first != 0)
		store->taken[use] += count;
	return first;
}

static uint64_t take_held(size_t count, enum frames_use use)
{
	SFP_WITH(frames_store, store, &frames) {
		return take(store, count, use);
	} else {
		return 0;
	}
}

uint64_t frames_take(size_t count, enum frames_use use)
{
	uint64_t first;

	if (count == 0 || nano_allocation_fails())
		return 0;
	first = take_held(count, use);
	if (first != 0)
		memset(direct(first), 0, count * PAGE_SIZE);
	return first;
}

enum sfp_status frames_give(uint64_t first, size_t count, enum frames_use use)
{
	const uint64_t end = first + count * PAGE_SIZE;

	SFP_HOLD(frames_store, store, &frames);
	if (count == 0 || first % PAGE_SIZE != 0 || first < FRAMES_LOWEST || end > store->mark ||
	    count > store->taken[use])
		return SFP_INVALID;
	if (is_returned(store, first, end))
		return SFP_STALE;
	put_back(store, first, count);
	store->returned_count += count;
	store->taken[use] -= count;
	return SFP_OK;
}

/* The end of what holds `count` free frames from the mark on. */
static uint64_t end_of_reserve(const struct store *store, size_t count)
{
	struct boot_region run = { 0, store->mark };

	while (free_run(run.end, FRAMES_HIGHEST, PAGE_SIZE, &run)) {
		const size_t frames_here = (run.end - run.start) / PAGE_SIZE;

		if (frames_here >= count)
			return run.start + count * PAGE_SIZE;
		count -= frames_here;
	}
	return FRAMES_HIGHEST;
}

static enum sfp_status claim(void)
{
	SFP_HOLD(frames_store, store, &frames);
	if (store->limit != FRAMES_HIGHEST)
		return SFP_EXISTS;
	store->limit = end_of_reserve(store, FRAMES_RESERVE);
	return SFP_OK;
}

enum sfp_status nano_frames_claim(unsigned index, uint64_t *first, size_t *count)
{
	struct boot_region run;
	struct frames_count counts;

	if (index == 0)
		SFP_TRY(claim());
	SFP_TRY(frames_count(&counts));
	run.end = counts.limit;
	for (unsigned i = 0; i <= index; i++) {
		if (!free_run(run.end, FRAMES_HIGHEST, PAGE_SIZE, &run))
			return SFP_NOT_FOUND;
	}
	*first = run.start;
	*count = (run.end - run.start) / PAGE_SIZE;
	return SFP_OK;
}

enum sfp_status frames_count(struct frames_count *counts)
{
	SFP_HOLD(frames_store, store, &frames);
	*counts = (struct frames_count){ .mark = store->mark,
					 .limit = store->limit,
					 .returned = store->returned_count };
	memcpy(counts->taken, store->taken, sizeof(counts->taken));
	return SFP_OK;
}

size_t frames_taken(void)
{
	struct frames_count counts = { .mark = 0 };
	size_t taken = 0;

	SFP_IGNORE(frames_count(&counts), "then nothing was counted");
	for (unsigned use = 0; use < FRAMES_USES; use++)
		taken += counts.taken[use];
	return taken;
}

uint64_t nano_memory_bytes(void)
{
	uint64_t total = 0;

	for (size_t i = 0; i < boot->ram_count; i++)
		total += boot->ram[i].end - boot->ram[i].start;
	return total;
}
