/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * paging: the final page tables. No page is writable and executable, and no
 * frame that is executable can be written under another address.
 */
#include "cpu.h"
#include "memory.h"
#include "smp.h"
#include "symbols.h"

#define PRESENT (1ul << 0)
#define WRITABLE (1ul << 1)
#define UNCACHED (3ul << 3)      /* both bits: so the attribute table has it from reset on */
#define LARGE (1ul << 7)
#define GLOBAL (1ul << 8)
#define NO_EXECUTE (1ul << 63)
#define ADDRESS 0x000ffffffffff000ul

#define ENTRIES 512
#define TOP_LEVEL 4              /* tables of level 1 hold small pages, of level 2 large ones or tables */

extern char nano_image_physical_start[], nano_text_start[], nano_text_end[], nano_rodata_end[],
	nano_image_end[];

static uint64_t root;            /* physical */
static struct boot_region arena; /* its frames */

static uint64_t flags_of(enum page_kind kind)
{
	switch (kind) {
	case PAGE_READ:
		return PRESENT | GLOBAL | NO_EXECUTE;
	case PAGE_WRITE:
		return PRESENT | GLOBAL | NO_EXECUTE | WRITABLE;
	case PAGE_EXECUTE:
		return PRESENT | GLOBAL;
	case PAGE_DEVICE:
		return PRESENT | GLOBAL | NO_EXECUTE | WRITABLE | UNCACHED;
	default:
		return 0;
	}
}

static uint64_t span_of(unsigned level)
{
	return PAGE_SIZE << (9 * (level - 1));
}

static unsigned index_of(uintptr_t address, unsigned level)
{
	return (address / span_of(level)) % ENTRIES;
}

/*
 * The entry for `address` in its table of `level`, or the large page's above; tables are made
 * if need be; NULL: no frames.
 */
static uint64_t *entry_make(uintptr_t address, unsigned level)
{
	uint64_t *table = direct(root);

	for (unsigned at = TOP_LEVEL; at > level; at--) {
		uint64_t *entry = &table[index_of(address, at)];

		if (!(*entry & PRESENT)) {
			const uint64_t frame = frames_take(1, FRAMES_TABLES);

			if (frame == 0)
				return NULL;
			/* What leaves say decides; the levels above allow all. */
			*entry = frame | PRESENT | WRITABLE;
		}
		if (*entry & LARGE)
			return entry;
		table = direct(*entry & ADDRESS);
	}
	return &table[index_of(address, level)];
}

/* The small page's entry of an address that is mapped with small pages, else NULL. */
static uint64_t *entry_find(uintptr_t address)
{
	uint64_t *table = direct(root);

	for (unsigned at = TOP_LEVEL; at > 1; at--) {
		const uint64_t entry = table[index_of(address, at)];

		if (!(entry & PRESENT) || (entry & LARGE))
			return NULL;
		table = direct(entry & ADDRESS);
	}
	return &table[index_of(address, 1)];
}

/* Map [physical, + bytes) at `address`; both page-aligned. Large pages where they fit, if wanted. */
static enum sfp_status map(uintptr_t address, uint64_t physical, uint64_t bytes, enum page_kind kind,
			   bool large)
{
	while (bytes > 0) {
		const bool fits =
			large && (address | physical) % LARGE_PAGE_SIZE == 0 && bytes >= LARGE_PAGE_SIZE;
		const uint64_t step = fits ? LARGE_PAGE_SIZE : PAGE_SIZE;
		uint64_t *entry = entry_make(address, fits ? 2 : 1);

		if (!entry)
			return SFP_NO_MEMORY;
		if ((*entry & (PRESENT | LARGE)) != (PRESENT | LARGE)) /* else the firmware named it twice */
			*entry = physical | flags_of(kind) | (fits ? LARGE : 0);
		address += step;
		physical += step;
		bytes -= step;
	}
	return SFP_OK;
}

/* Part of the kernel's image, by its linker symbols. */
static enum sfp_status map_image(const char *from, const char *to, enum page_kind kind)
{
	return map((uintptr_t)from, (uintptr_t)from - KERNEL_BASE, (uint64_t)(to - from), kind, false);
}

/* What must not be writable at the direct map: it is executable, or may become so, at its own address. */
static const struct boot_region *hole_next(uint64_t start, const struct boot_region *holes, size_t count)
{
	const struct boot_region *next = NULL;

	for (size_t i = 0; i < count; i++) {
		if (holes[i].end > start && (!next || holes[i].start < next->start))
			next = &holes[i];
	}
	return next;
}

/* [start, end) at the direct map, but for the holes. */
static enum sfp_status map_direct(uint64_t start, uint64_t end)
{
	const struct boot_region holes[] = {
		{ (uintptr_t)nano_image_physical_start, (uintptr_t)nano_image_end - KERNEL_BASE },
		arena,
	};

	while (start < end) {
		const struct boot_region *hole = hole_next(start, holes, sizeof(holes) / sizeof(holes[0]));
		const uint64_t stop = hole && hole->start < end ? hole->start : end;

		if (start < stop)
			SFP_TRY(map(DIRECT_MAP + start, start, stop - start, PAGE_WRITE, true));
		start = hole && stop == hole->start ? hole->end : end;
	}
	return SFP_OK;
}

static bool is_ram(const struct boot_information *boot, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < boot->ram_count; i++) {
		if (start >= page_up(boot->ram[i].start) && end <= page_down(boot->ram[i].end))
			return true;
	}
	return false;
}

/* The boot loader's leavings, should they lie in memory that it does not call usable. */
static enum sfp_status map_leaving(const struct boot_information *boot, uint64_t start, uint64_t end)
{
	if (start == end || is_ram(boot, page_down(start), page_up(end)))
		return SFP_OK;
	return map(DIRECT_MAP + page_down(start), page_down(start), page_up(end) - page_down(start),
		   PAGE_WRITE, false);
}

static enum sfp_status map_leavings(const struct boot_information *boot)
{
	struct boot_region region;

	SFP_TRY(map_leaving(boot, boot->self.start, boot->self.end));
	for (size_t i = 0; i < boot->file_count; i++)
		SFP_TRY(map_leaving(boot, boot->files[i].start, boot->files[i].end));
	for (size_t i = 0; symbols_region(boot, i, &region); i++)
		SFP_TRY(map_leaving(boot, region.start, region.end));
	return SFP_OK;
}

static enum sfp_status map_ram(const struct boot_information *boot)
{
	for (size_t i = 0; i < boot->ram_count; i++)
		SFP_TRY(map_direct(page_up(boot->ram[i].start), page_down(boot->ram[i].end)));
	return map_leavings(boot);
}

/* The arena's frames and page tables now; its pages when a module gets them. */
static enum sfp_status map_arena(size_t bytes)
{
	if (bytes > ARENA_LIMIT - ARENA_BASE)
		return SFP_LIMIT;
	arena.start = frames_take(bytes / PAGE_SIZE, FRAMES_ARENA);
	if (arena.start == 0)
		return SFP_NO_MEMORY;
	arena.end = arena.start + bytes;
	return map(ARENA_BASE, arena.start, bytes, PAGE_NONE, false);
}

enum sfp_status paging_init(const struct boot_information *boot, size_t arena_bytes)
{
	root = frames_take(1, FRAMES_TABLES);
	if (root == 0)
		return SFP_NO_MEMORY;
	SFP_TRY(map_arena(arena_bytes));
	SFP_TRY(map_image(nano_text_start, nano_text_end, PAGE_EXECUTE));
	SFP_TRY(map_image(nano_text_end, nano_rodata_end, PAGE_READ));
	SFP_TRY(map_image(nano_rodata_end, nano_image_end, PAGE_WRITE));
	SFP_TRY(map_ram(boot));
	cpu_page_tables(root); /* the boot's, and its identity map, are gone from here on */
	return SFP_OK;
}

enum sfp_status paging_protect(uintptr_t address, size_t count, enum page_kind kind)
{
	for (size_t i = 0; i < count; i++, address += PAGE_SIZE) {
		uint64_t *entry = address >= KERNEL_BASE ? entry_find(address) : NULL;

		if (!entry)
			return SFP_INVALID;
		/* A page that is not mapped keeps its frame in the entry. */
		*entry = (*entry & ADDRESS) | flags_of(kind);
		cpu_page_forget(address);
	}
	smp_flush(); /* nothing, until other processors run */
	return SFP_OK;
}

enum sfp_status paging_map_device(uintptr_t address, uint64_t physical, uint64_t bytes)
{
	return map(address, physical, bytes, PAGE_DEVICE, false);
}
