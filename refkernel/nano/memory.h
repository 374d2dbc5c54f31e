/* SPDX-License-Identifier: BSD-2-Clause */
/* memory: where everything is in the address space, and who hands out frames. */
#ifndef NANO_MEMORY_H
#define NANO_MEMORY_H

#include "multiboot2.h"

#include <sfp/status.h>

#define PAGE_SIZE 4096ul
#define LARGE_PAGE_SIZE (512 * PAGE_SIZE)

/*
 *   0xffff800000000000   all RAM, writable, never executable (without the kernel's
 *                        image and the arena: executable frames have one address)
 *   0xffffc00000000000   memory of devices, as modules ask for it
 *   0xffffffff80000000   the kernel's image, at + physical
 *   0xffffffffa0000000   the arena: code and constants of modules
 */
#define DIRECT_MAP 0xffff800000000000ul
#define DEVICE_BASE 0xffffc00000000000ul
#define DEVICE_LIMIT 0xffffc00040000000ul
#define KERNEL_BASE 0xffffffff80000000ul
#define ARENA_BASE 0xffffffffa0000000ul
#define ARENA_LIMIT 0xffffffffc0000000ul

static inline void *direct(uint64_t physical)
{
	return (void *)(DIRECT_MAP + physical);
}

static inline uint64_t page_down(uint64_t address)
{
	return address & ~(PAGE_SIZE - 1);
}

static inline uint64_t page_up(uint64_t address)
{
	return page_down(address + PAGE_SIZE - 1);
}

/* ---- frames.c ---- */

/* Frames are handed out in between. Below: the BIOS's. Above: not in the boot's page tables. */
#define FRAMES_LOWEST 0x100000ul
#define FRAMES_HIGHEST 0x100000000ul

/* What the nano-core keeps of the free frames for itself when the rest is claimed. */
#define FRAMES_RESERVE 256u

enum frames_use {
	FRAMES_TABLES,   /* page tables */
	FRAMES_ARENA,    /* code and constants of modules */
	FRAMES_STATES,   /* of modules */
	FRAMES_USES
};

/* Learn which memory is free. */
void frames_init(const struct boot_information *boot);

/* `count` frames in a row, zeroed; their physical address, or 0 if there are none. */
uint64_t frames_take(size_t count, enum frames_use use);

/* Give back what was taken, or the end of it. INVALID: it never was; STALE: it is back already. */
enum sfp_status frames_give(uint64_t first, size_t count, enum frames_use use) SFP_NODISCARD;

struct frames_count {
	uint64_t mark;               /* below: taken, or passed over */
	uint64_t limit;              /* at and above: claimed, if it is below FRAMES_HIGHEST */
	size_t taken[FRAMES_USES];
	size_t returned;             /* frames that were given back and not taken again */
};
enum sfp_status frames_count(struct frames_count *counts) SFP_NODISCARD;

/* Frames that are handed out now. */
size_t frames_taken(void);

/* The lowest region that ends above `from` and was in use when the boot began, whole pages; false: none. */
bool frames_used_by_boot(uint64_t from, struct boot_region *used);

/* The `index`th region of usable memory, in whole pages; false past the last. */
bool frames_ram(size_t index, struct boot_region *region);

/* ---- paging.c ---- */

enum page_kind {
	PAGE_NONE,       /* not mapped */
	PAGE_READ,
	PAGE_WRITE,      /* and never executable */
	PAGE_EXECUTE,    /* and never writable */
	PAGE_DEVICE      /* as PAGE_WRITE, and never cached */
};

/* Build the final page tables and leave the boot's; NO_MEMORY if there are no frames for them. */
enum sfp_status paging_init(const struct boot_information *boot, size_t arena_bytes) SFP_NODISCARD;

/* Change `count` mapped pages of the kernel's image or of the arena from `address` on to `kind`. */
enum sfp_status paging_protect(uintptr_t address, size_t count, enum page_kind kind) SFP_NODISCARD;

/* Map pages of a device into the window [DEVICE_BASE, DEVICE_LIMIT); NO_MEMORY: some may be mapped. */
enum sfp_status paging_map_device(uintptr_t address, uint64_t physical, uint64_t bytes) SFP_NODISCARD;

/* What walking the live page tables finds; both counts must be 0. */
struct paging_report {
	size_t pages;               /* leaves, of any size */
	size_t writable_executable;
	size_t writable_aliases;    /* writable pages whose frames are executable elsewhere */
};
void paging_check(struct paging_report *report);

/* Pages that the live page tables consist of. */
size_t paging_tables(void);

/* ---- arena.c ---- */

/* Pages for one module, mapped writable at their final address; 0: the arena is full. */
uintptr_t arena_take(size_t bytes);

/* Give back what arena_take() gave. */
void arena_give(uintptr_t address, size_t bytes);

/* ---- device.c ---- */

/* Learn what is RAM, and what the boot loader says of the screen; nano.h has the rest. */
void device_init(const struct boot_information *boot);

#endif /* NANO_MEMORY_H */
