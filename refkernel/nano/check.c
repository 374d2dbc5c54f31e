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

static const struct {
	const char *text;
	bool (*holds)(void);
} invariants[] = {
	{ "nothing that can be run can be written", code_cannot_be_written },
	{ "the page tables are the frames that were taken for them", tables_are_accounted_for },
	{ "nothing was written behind the end of a state", state_ends_are_clean },
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
