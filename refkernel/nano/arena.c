/* SPDX-License-Identifier: BSD-2-Clause */
/* arena: addresses for the code and constants of modules, handed out upwards. */
#include "memory.h"

static uintptr_t mark = ARENA_BASE;

uintptr_t arena_take(size_t bytes)
{
	const uintptr_t address = mark;
	const size_t count = page_up(bytes) / PAGE_SIZE;

	/* Pages past the arena's end have no entry to change, so this fails there. */
	if (paging_protect(address, count, PAGE_WRITE) != SFP_OK)
		return 0;
	mark += count * PAGE_SIZE;
	return address;
}

void arena_return(uintptr_t address)
{
	SFP_IGNORE(paging_protect(address, (mark - address) / PAGE_SIZE, PAGE_NONE),
		   "they were mapped by arena_take");
	mark = address;
}
