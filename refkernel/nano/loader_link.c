/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader_link: relocations, first as part of the check, then for real. Both walk
 * the same tables by the same functions, so what was checked is what is done.
 */
#include "nano/loader_file.h"

/* The relocations of one loaded section. */
struct table {
	uint32_t target;        /* section that they change */
	uint64_t target_bytes;
	size_t offset;          /* in the file */
	size_t count;
};

/* Do the relocations in section `index` concern the image at all? */
static bool concerns_image(const struct loader_plan *plan, const struct elf_section *section)
{
	return (section->type == ELF_RELA || section->type == ELF_REL) && section->info != 0 &&
	       section->info < plan->section_count && plan->section_base[section->info] != LOADER_NOT_LOADED;
}

static void table_of(const struct loader_plan *plan, const struct elf_section *section, struct table *table)
{
	struct elf_section target;

	loader_section(plan, section->info, &target);
	table->target = section->info;
	table->target_bytes = target.bytes;
	table->offset = (size_t)section->offset;
	table->count = (size_t)section->bytes / sizeof(struct elf_relocation);
}

static void relocation_at(const struct loader_plan *plan, const struct table *table, size_t index,
			  struct elf_relocation *to)
{
	__builtin_memcpy(to, plan->file + table->offset + index * sizeof(*to), sizeof(*to));
}

/* Where a symbol is when the image is at `address`; false if it is nowhere. */
static bool symbol_address(const struct loader_plan *plan, uint32_t index, uint64_t address, uint64_t *value)
{
	const struct loader_export *offered;
	struct elf_symbol symbol;

	if (index == 0 || index >= plan->symbol_count)
		return false;
	loader_symbol(plan, index, &symbol);
	if (symbol.section == ELF_IN_NONE) {
		offered = loader_find_export(plan->exports, loader_symbol_name(plan, &symbol));
		*value = offered != NULL ? offered->address : 0;
		return offered != NULL;
	}
	if (!loader_loaded(plan, &symbol))
		return false;
	*value = address + plan->section_base[symbol.section] + symbol.value;
	return true;
}

/* Bytes that a relocation of this kind writes; 0: not one that modules have. */
static unsigned width_of(uint32_t kind)
{
	switch (kind) {
	case ELF_R_64:
		return 8;
	case ELF_R_PC32:
	case ELF_R_PLT32:
	case ELF_R_32:
	case ELF_R_32S:
		return 4;
	default:
		return 0;
	}
}

/* ---- the check -------------------------------------------------------------------------- */

static enum sfp_status check_relocation(const struct loader_plan *plan, const struct table *table,
					const struct elf_relocation *relocation, struct loader_report *report)
{
	const uint32_t kind = elf_relocation_kind(relocation);
	const unsigned width = width_of(kind);
	const uint32_t symbol = elf_relocation_symbol(relocation);
	uint64_t value;

	if (width == 0)
		return loader_refuse_number(report, LOADER_RELOCATION_KIND, "kind ", kind);
	if (!loader_within(relocation->offset, width, table->target_bytes))
		return loader_refuse_section(report, LOADER_RELOCATION, plan, table->target);
	if (symbol == 0 || symbol >= plan->symbol_count)
		return loader_refuse_number(report, LOADER_RELOCATION, "no such symbol: ", symbol);
	if (!symbol_address(plan, symbol, 0, &value))
		return loader_refuse_symbol(report, LOADER_RELOCATION, plan, symbol);
	return SFP_OK;
}

static enum sfp_status check_table(const struct loader_plan *plan, uint32_t index,
				   const struct elf_section *section, struct loader_report *report)
{
	struct elf_relocation relocation;
	struct table table;

	if (section->type == ELF_REL)
		return loader_refuse_section(report, LOADER_SECTION_KIND, plan, index);
	if (section->entry_bytes != sizeof(relocation) || section->bytes % sizeof(relocation) != 0 ||
	    section->link != plan->symbol_section)
		return loader_refuse_section(report, LOADER_RELOCATION, plan, index);
	table_of(plan, section, &table);
	for (size_t i = 0; i < table.count; i++) {
		relocation_at(plan, &table, i, &relocation);
		SFP_TRY(check_relocation(plan, &table, &relocation, report));
	}
	return SFP_OK;
}

enum sfp_status loader_check_relocations(const struct loader_plan *plan, struct loader_report *report)
{
	struct elf_section section;
	uint64_t total = 0;

	for (uint32_t i = 1; i < plan->section_count; i++) {
		loader_section(plan, i, &section);
		if (!concerns_image(plan, &section))
			continue;
		/* Several tables may claim the same bytes of the file: the sum is what counts. */
		total += section.bytes / sizeof(struct elf_relocation);
		if (total > LOADER_RELOCATIONS_MAX)
			return loader_refuse_number(report, LOADER_RELOCATIONS, "relocations ", total);
		SFP_TRY(check_table(plan, i, &section, report));
	}
	return SFP_OK;
}

/* ---- linking ------------------------------------------------------------------------------- */

static bool fits_signed(uint64_t value)
{
	return (int64_t)value >= INT32_MIN && (int64_t)value <= INT32_MAX;
}

/* Write `value` at `to`; false if it does not fit. `place` is the address of those bytes when they run. */
static bool store(uint32_t kind, unsigned char *to, uint64_t place, uint64_t value)
{
	uint32_t narrow;

	if (kind == ELF_R_64) {
		__builtin_memcpy(to, &value, sizeof(value));
		return true;
	}
	if (kind == ELF_R_PC32 || kind == ELF_R_PLT32)
		value -= place;
	if (kind == ELF_R_32 ? value > UINT32_MAX : !fits_signed(value))
		return false;
	narrow = (uint32_t)value;
	__builtin_memcpy(to, &narrow, sizeof(narrow));
	return true;
}

static enum sfp_status relocate(const struct loader_plan *plan, const struct table *table,
				unsigned char *image, uint64_t address, struct loader_report *report)
{
	struct elf_relocation relocation;

	for (size_t i = 0; i < table->count; i++) {
		uint64_t value, at;

		relocation_at(plan, table, i, &relocation);
		at = plan->section_base[table->target] + relocation.offset;
		if (!symbol_address(plan, elf_relocation_symbol(&relocation), address, &value))
			return loader_refuse(report, LOADER_RELOCATION, "the file has changed");
		value += (uint64_t)relocation.addend;
		if (!store(elf_relocation_kind(&relocation), image + at, address + at, value))
			return loader_refuse_symbol(report, LOADER_RELOCATION_RANGE, plan,
						    elf_relocation_symbol(&relocation));
	}
	return SFP_OK;
}

/* Gaps in the code trap: a jump that misses does not run on. */
static void copy(const struct loader_plan *plan, unsigned char *image)
{
	struct elf_section section;

	__builtin_memset(image, 0xcc, plan->rodata_offset);
	__builtin_memset(image + plan->rodata_offset, 0, plan->image_bytes - plan->rodata_offset);
	for (uint32_t i = 1; i < plan->section_count; i++) {
		if (plan->section_base[i] == LOADER_NOT_LOADED)
			continue;
		loader_section(plan, i, &section);
		__builtin_memcpy(image + plan->section_base[i], plan->file + section.offset,
				 (size_t)section.bytes);
	}
}

static enum sfp_status relocate_all(const struct loader_plan *plan, unsigned char *image, uint64_t address,
				    struct loader_report *report)
{
	struct elf_section section;
	struct table table;

	for (uint32_t i = 1; i < plan->section_count; i++) {
		loader_section(plan, i, &section);
		if (!concerns_image(plan, &section))
			continue;
		table_of(plan, &section, &table);
		SFP_TRY(relocate(plan, &table, image, address, report));
	}
	return SFP_OK;
}

enum sfp_status loader_link(const struct loader_plan *plan, void *target, size_t target_bytes,
			    uintptr_t address, struct loader_report *report)
{
	enum sfp_status status;

	(void)loader_refuse(report, LOADER_NONE, "");
	if (target_bytes < plan->image_bytes || address % LOADER_PAGE != 0 ||
	    plan->image_bytes > UINTPTR_MAX - address)
		return loader_refuse_number(report, LOADER_PLACE, "bytes needed: ", plan->image_bytes);
	copy(plan, target);
	status = relocate_all(plan, target, address, report);
	if (status != SFP_OK)
		__builtin_memset(target, 0xcc, plan->image_bytes);
	return status;
}
