/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arena: addresses for the code and constants of modules. Handed out upwards;
 * what is given back is used again, first fit, and joins its neighbours.
 */
#include "memory.h"

#define HOLES_MAX (BOOT_FILES_MAX + 1u) /* one between any two images, and they never touch */

struct hole {
	uintptr_t start, end; /* both 0: none */
};

static uintptr_t mark = ARENA_BASE;
static struct hole holes[HOLES_MAX];

static uintptr_t take_hole(size_t bytes)
{
	for (unsigned i = 0; i < HOLES_MAX; i++) {
		struct hole *hole = &holes[i];
		const uintptr_t address = hole->start;

		if (hole->end - hole->start < bytes)
			continue;
		hole->start += bytes;
		if (hole->start == hole->end)
			*hole = (struct hole){ 0, 0 };
		return address;
	}
	return 0;
}

uintptr_t arena_take(size_t bytes)
{
	const size_t whole = page_up(bytes);
	const uintptr_t hole = take_hole(whole);
	const uintptr_t address = hole ? hole : mark;

	/* Pages past the arena's end have no entry to change, so this fails there. */
	if (paging_protect(address, whole / PAGE_SIZE, PAGE_WRITE) != SFP_OK)
		return 0;
	if (!hole)
		mark += whole;
	return address;
}

/* Join it with the holes that touch it. */
static struct hole join(struct hole freed)
{
	for (unsigned i = 0; i < HOLES_MAX; i++) {
		struct hole *hole = &holes[i];

		if (hole->end == 0 || (hole->end != freed.start && hole->start != freed.end))
			continue;
		freed.start = hole->start < freed.start ? hole->start : freed.start;
		freed.end = hole->end > freed.end ? hole->end : freed.end;
		*hole = (struct hole){ 0, 0 };
	}
	return freed;
}

void arena_give(uintptr_t address, size_t bytes)
{
	const size_t whole = page_up(bytes);
	struct hole freed;

	SFP_IGNORE(paging_protect(address, whole / PAGE_SIZE, PAGE_NONE), "they were mapped by arena_take");
	freed = join((struct hole){ address, address + whole });
	if (freed.end == mark) {
		mark = freed.start;
		return;
	}
	for (unsigned i = 0; i < HOLES_MAX; i++) {
		if (holes[i].end == 0) {
			holes[i] = freed;
			return;
		}
	}
}
