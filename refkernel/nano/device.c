/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * device: memory of devices for modules, in a window of its own, handed out upwards
 * and never taken back; and what the boot loader says of the screen.
 */
#include "memory.h"
#include "nano/nano.h"

#include <sfp/monitor.h>

#define RANGES_MAX 32
#define CPUID_ADDRESS_BITS 0x80000008u

extern char nano_image_physical_start[], nano_image_end[];

/* Pages of a device, and where they are mapped. */
struct range {
	struct boot_region pages;
	uintptr_t address;
};

static const struct boot_information *boot;
struct window {
	size_t count;
	uintptr_t mark;     /* above it nothing is mapped yet */
	struct range ranges[RANGES_MAX];
};

/* A fault in here is the nano-core's, and ends the system whatever this says. */
SFP_MONITOR(device_window, struct window, SFP_SPIN_IRQ, SFP_POISON);

static struct device_window window;
static uint64_t highest; /* physical addresses are below */

/* A page table entry with an address that the processor does not have is no mapping but a broken table. */
static uint64_t physical_end(void)
{
	uint32_t a = 0x80000000u, b, c = 0, d;

	__asm__ __volatile__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	if (a < CPUID_ADDRESS_BITS)
		return 1ul << 36;
	a = CPUID_ADDRESS_BITS;
	c = 0;
	__asm__ __volatile__("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return 1ul << (a & 0xff);
}

void device_init(const struct boot_information *information)
{
	boot = information;
	highest = physical_end();
	device_window_init(&window, &(struct window){ .mark = DEVICE_BASE });
}

static bool share_page(const struct boot_region *pages, uint64_t start, uint64_t end)
{
	return pages->start < page_up(end) && page_down(start) < pages->end;
}

static bool is_memory(const struct boot_region *pages)
{
	for (size_t i = 0; i < boot->ram_count; i++) {
		if (share_page(pages, boot->ram[i].start, boot->ram[i].end))
			return true;
	}
	return share_page(pages, (uintptr_t)nano_image_physical_start,
			  (uintptr_t)nano_image_end - KERNEL_BASE);
}

static const struct range *find(const struct window *at, const struct boot_region *pages)
{
	for (size_t i = 0; i < at->count; i++) {
		if (at->ranges[i].pages.start <= pages->start && pages->end <= at->ranges[i].pages.end)
			return &at->ranges[i];
	}
	return NULL;
}

static enum sfp_status add(struct window *at, const struct boot_region *pages, const struct range **range)
{
	const uint64_t bytes = pages->end - pages->start;
	const uintptr_t address = at->mark;

	if (at->count == RANGES_MAX || bytes > DEVICE_LIMIT - at->mark)
		return SFP_LIMIT;
	if (nano_in_interrupt()) /* making page tables takes long */
		return SFP_AGAIN;
	at->mark += bytes; /* also if it fails half way: what was mapped is then nobody's for ever */
	SFP_TRY(paging_map_device(address, pages->start, bytes));
	at->ranges[at->count] = (struct range){ .pages = *pages, .address = address };
	*range = &at->ranges[at->count++];
	return SFP_OK;
}

static enum sfp_status map(const struct boot_region *pages, uint64_t physical, volatile void **at)
{
	SFP_HOLD(device_window, inside, &window);
	const struct range *range = find(inside, pages);

	if (!range)
		SFP_TRY(add(inside, pages, &range));
	*at = (volatile void *)(range->address + (physical - range->pages.start));
	return SFP_OK;
}

enum sfp_status nano_device_map(uint64_t physical, size_t bytes, volatile void **at)
{
	volatile void *mapped = NULL;
	struct boot_region pages;

	if (bytes == 0 || physical >= highest || bytes > highest - physical)
		return SFP_INVALID;
	pages = (struct boot_region){ page_down(physical), page_up(physical + bytes) };
	if (is_memory(&pages))
		return SFP_INVALID;
	SFP_TRY(map(&pages, physical, &mapped));
	*at = mapped; /* outside: a wild `at` is the caller's fault, and must not poison the window */
	return SFP_OK;
}

enum sfp_status nano_screen(struct nano_screen *screen)
{
	if (boot->screen.width == 0)
		return SFP_NOT_FOUND;
	*screen = boot->screen;
	return SFP_OK;
}
