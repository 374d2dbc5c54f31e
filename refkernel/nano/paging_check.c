/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * paging_check: what the live page tables say, not what paging.c meant to write.
 * Two walks: one collects the executable frames, one looks at all else.
 */
#include "cpu.h"
#include "memory.h"

#define PRESENT (1ul << 0)
#define WRITABLE (1ul << 1)
#define LARGE (1ul << 7)
#define NO_EXECUTE (1ul << 63)
#define ADDRESS 0x000ffffffffff000ul
#define ENTRIES 512
#define TOP_LEVEL 4

/* Runs of executable frames: the kernel's text and one a module. */
#define RUNS_MAX (BOOT_FILES_MAX + 1)

struct walk {
	struct paging_report *report;
	size_t tables;
	struct boot_region runs[RUNS_MAX];
	size_t run_count;
	bool collecting;
};

static void collect(struct walk *walk, uint64_t start, uint64_t end)
{
	if (walk->run_count > 0 && walk->runs[walk->run_count - 1].end == start)
		walk->runs[walk->run_count - 1].end = end;
	else if (walk->run_count < RUNS_MAX)
		walk->runs[walk->run_count++] = (struct boot_region){ start, end };
	else
		walk->report->writable_aliases++; /* cannot be told, so it is not fine */
}

static bool is_executable(const struct walk *walk, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < walk->run_count; i++) {
		if (start < walk->runs[i].end && walk->runs[i].start < end)
			return true;
	}
	return false;
}

static void leaf(struct walk *walk, uint64_t start, uint64_t end, bool writable, bool executable)
{
	if (walk->collecting) {
		walk->report->pages++;
		if (writable && executable)
			walk->report->writable_executable++;
		if (executable)
			collect(walk, start, end);
	} else if (writable && !executable && is_executable(walk, start, end)) {
		walk->report->writable_aliases++;
	}
}

/* A right is given only if every level gives it. */
static void visit(struct walk *walk, uint64_t physical, unsigned level, bool writable, bool executable)
{
	const uint64_t *table = direct(physical);
	const uint64_t span = PAGE_SIZE << (9 * (level - 1));

	walk->tables++;
	for (size_t i = 0; i < ENTRIES; i++) {
		const bool may_write = writable && (table[i] & WRITABLE);
		const bool may_execute = executable && !(table[i] & NO_EXECUTE);
		const uint64_t frame = table[i] & ADDRESS & ~(span - 1);

		if (!(table[i] & PRESENT))
			continue;
		if (level == 1 || (table[i] & LARGE))
			leaf(walk, frame, frame + span, may_write, may_execute);
		else
			visit(walk, table[i] & ADDRESS, level - 1, may_write, may_execute);
	}
}

void paging_check(struct paging_report *report)
{
	struct walk walk = { .report = report, .collecting = true };
	const uint64_t root = cpu_page_root();

	*report = (struct paging_report){ 0 };
	visit(&walk, root, TOP_LEVEL, true, true);
	walk.collecting = false;
	visit(&walk, root, TOP_LEVEL, true, true);
}

size_t paging_tables(void)
{
	struct paging_report report = { 0 };
	struct walk walk = { .report = &report };

	visit(&walk, cpu_page_root(), TOP_LEVEL, true, true);
	return walk.tables;
}
