/* SPDX-License-Identifier: BSD-2-Clause */
/* check: the nano-core's own invariants, and allocations that fail on purpose. */
#include "memory.h"
#include "modules.h"

/* ---- invariants ------------------------------------------------------------- */

static bool code_cannot_be_written(void)
{
	struct paging_report report;

	paging_check(&report);
	return report.writable_executable == 0 && report.writable_aliases == 0;
}

static bool tables_are_accounted_for(void)
{
	struct frames_count counts;

	return frames_count(&counts) == SFP_OK && paging_tables() == counts.taken[FRAMES_TABLES];
}

static bool memory_is_accounted_for(void)
{
	struct nano_memory_info part;
	uint64_t sum = 0;

	for (unsigned i = 0; nano_memory_info(i, &part) == SFP_OK; i++)
		sum += part.bytes;
	return sum == nano_memory_bytes();
}

/* Tried with some: the end first, so that it must become one run again. */
static bool frames_come_back(void)
{
	const size_t before = frames_taken();
	const uint64_t first = frames_take(3, FRAMES_STATES);
	bool refused, back;

	if (first == 0)
		return frames_taken() == before; /* there are none, or it was made to fail */
	refused = frames_give(first + 1, 1, FRAMES_STATES) == SFP_INVALID;
	back = frames_give(first + PAGE_SIZE, 2, FRAMES_STATES) == SFP_OK &&
	       frames_give(first, 1, FRAMES_STATES) == SFP_OK;
	refused &= frames_give(first, 3, FRAMES_STATES) == SFP_STALE;
	return refused && back && frames_taken() == before;
}

static const struct {
	const char *text;
	bool (*holds)(void);
} invariants[] = {
	{ "nothing that can be run can be written", code_cannot_be_written },
	{ "the page tables are the frames that were taken for them", tables_are_accounted_for },
	{ "nothing was written behind the end of a state", state_ends_are_clean },
	{ "frames that are given back are back, once", frames_come_back },
	{ "each byte of memory is in one part of the account", memory_is_accounted_for },
};

enum sfp_status nano_check(unsigned index, const char **invariant)
{
	if (index >= sizeof(invariants) / sizeof(invariants[0]))
		return SFP_NOT_FOUND;
	*invariant = invariants[index].text;
	return invariants[index].holds() ? SFP_OK : SFP_INVALID;
}

/* ---- allocations that fail -------------------------------------------------------- */

/* Counts down at each allocation; the one that takes it from 1 to 0 fails. */
static uint32_t pending;

void nano_allocation_fail(uint32_t number)
{
	__atomic_store_n(&pending, number, __ATOMIC_RELAXED);
}

uint32_t nano_allocation_pending(void)
{
	return __atomic_load_n(&pending, __ATOMIC_RELAXED);
}

bool nano_allocation_fails(void)
{
	uint32_t left = nano_allocation_pending();

	while (left != 0 && !__atomic_compare_exchange_n(&pending, &left, left - 1, false, __ATOMIC_RELAXED,
							 __ATOMIC_RELAXED))
		;
	return left == 1;
}
