/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader_symbol: the symbols of a module. What it imports must be offered, what
 * it defines must lie in its own sections, and nothing that it defines may pass
 * for something that the nano-core offers. Here too: names of addresses and
 * addresses of names, for reports.
 */
#include "nano/loader_file.h"

const struct loader_export *loader_find_export(const struct loader_exports *exports, const char *name)
{
	for (size_t i = 0; i < exports->count; i++)
		if (loader_same(exports->list[i].name, name))
			return &exports->list[i];
	return NULL;
}

/* ---- checks --------------------------------------------------------------------------- */

static enum sfp_status check_form(const struct loader_plan *plan, uint32_t index,
				  const struct elf_symbol *symbol, struct loader_report *report)
{
	const unsigned kind = elf_kind(symbol), binding = elf_binding(symbol);

	if (symbol->name >= plan->strings_bytes)
		return loader_refuse_number(report, LOADER_STRINGS, "name of symbol ", index);
	if (kind == ELF_THREAD_LOCAL)
		return loader_refuse_symbol(report, LOADER_THREAD_LOCAL, plan, index);
	if (kind == ELF_COMMON || symbol->section == ELF_IN_COMMON)
		return loader_refuse_symbol(report, LOADER_COMMON, plan, index);
	if (kind > ELF_FILE || binding > ELF_WEAK)
		return loader_refuse_symbol(report, LOADER_SYMBOL_KIND, plan, index);
	/* Local ones come first and the table says where they end; all else is no assembler's work. */
	if ((binding == ELF_LOCAL) != (index < plan->symbol_first_global))
		return loader_refuse_symbol(report, LOADER_SYMBOL, plan, index);
	if (binding != ELF_LOCAL && *loader_symbol_name(plan, symbol) == '\0')
		return loader_refuse_symbol(report, LOADER_SYMBOL, plan, index);
	return SFP_OK;
}

static enum sfp_status check_place(const struct loader_plan *plan, uint32_t index,
				   const struct elf_symbol *symbol, struct loader_report *report)
{
	struct elf_section section;

	if (symbol->section == ELF_IN_ABSOLUTE)
		return SFP_OK; /* file names and assembly-time constants; no relocation may use one */
	if (symbol->section >= ELF_IN_RESERVED)
		return loader_refuse_symbol(report, LOADER_SYMBOL_KIND, plan, index);
	if (symbol->section >= plan->section_count)
		return loader_refuse_symbol(report, LOADER_SYMBOL, plan, index);
	if (!loader_loaded(plan, symbol))
		return SFP_OK;
	loader_section(plan, symbol->section, &section);
	if (!loader_within(symbol->value, symbol->bytes, section.bytes))
		return loader_refuse_symbol(report, LOADER_SYMBOL, plan, index);
	return SFP_OK;
}

/* It is what the nano-core will read first: a constant, big enough, where a struct may lie. */
static enum sfp_status take_module(struct loader_plan *plan, uint32_t index,
				   const struct elf_symbol *symbol, struct loader_report *report)
{
	size_t offset;

	if (plan->module_offset != LOADER_NO_OFFSET)
		return loader_refuse_symbol(report, LOADER_DUPLICATE, plan, index);
	if (elf_binding(symbol) != ELF_GLOBAL || elf_kind(symbol) != ELF_OBJECT ||
	    !loader_loaded(plan, symbol))
		return loader_refuse(report, LOADER_MODULE_SYMBOL, "not a global constant");
	offset = plan->section_base[symbol->section] + (size_t)symbol->value;
	if (offset < plan->rodata_offset)
		return loader_refuse(report, LOADER_MODULE_SYMBOL, "it is in the code");
	if (symbol->bytes < sizeof(struct nano_module))
		return loader_refuse_number(report, LOADER_MODULE_SYMBOL, "bytes ", symbol->bytes);
	if (offset % __alignof__(struct nano_module) != 0)
		return loader_refuse(report, LOADER_MODULE_SYMBOL, "alignment");
	plan->module_offset = offset;
	return SFP_OK;
}

static enum sfp_status check_symbol(struct loader_plan *plan, uint32_t index, struct loader_report *report)
{
	struct elf_symbol symbol;
	const char *name;
	bool offered;

	loader_symbol(plan, index, &symbol);
	SFP_TRY(check_form(plan, index, &symbol, report));
	SFP_TRY(check_place(plan, index, &symbol, report));
	if (elf_binding(&symbol) == ELF_LOCAL)
		return symbol.section != ELF_IN_NONE ? SFP_OK :
		       loader_refuse_symbol(report, LOADER_SYMBOL, plan, index);
	name = loader_symbol_name(plan, &symbol);
	offered = loader_find_export(plan->exports, name) != NULL;
	if (symbol.section == ELF_IN_NONE)
		return offered ? SFP_OK : loader_refuse_symbol(report, LOADER_IMPORT, plan, index);
	if (offered)
		return loader_refuse_symbol(report, LOADER_DUPLICATE, plan, index);
	if (loader_same(name, "nano_module"))
		return take_module(plan, index, &symbol, report);
	return SFP_OK;
}

enum sfp_status loader_check_symbols(struct loader_plan *plan, struct loader_report *report)
{
	for (uint32_t i = 1; i < plan->symbol_count; i++)
		SFP_TRY(check_symbol(plan, i, report));
	if (plan->module_offset == LOADER_NO_OFFSET)
		return loader_refuse(report, LOADER_NO_MODULE, "");
	return SFP_OK;
}

/* ---- names of addresses, addresses of names ---------------------------------------------- */

/* Is it a name that a person wrote, with a place in the image? */
static bool is_named(const struct loader_plan *plan, const struct elf_symbol *symbol)
{
	return elf_kind(symbol) <= ELF_FUNC && loader_loaded(plan, symbol) &&
	       *loader_symbol_name(plan, symbol) != '\0';
}

/* The loaded section that `offset` lies in; 0 for the gaps. */
static uint32_t section_of(const struct loader_plan *plan, size_t offset)
{
	struct elf_section section;

	for (uint32_t i = 1; i < plan->section_count; i++) {
		if (plan->section_base[i] == LOADER_NOT_LOADED || offset < plan->section_base[i])
			continue;
		loader_section(plan, i, &section);
		if (offset - plan->section_base[i] < section.bytes)
			return i;
	}
	return 0;
}

enum sfp_status loader_symbol_at(const struct loader_plan *plan, size_t offset, const char **name,
				 size_t *displacement)
{
	const uint32_t section = section_of(plan, offset);
	bool best_holds = false;
	struct elf_symbol symbol;

	*name = NULL;
	if (section == 0)
		return SFP_NOT_FOUND;
	offset -= plan->section_base[section];
	for (uint32_t i = 1; i < plan->symbol_count; i++) {
		bool holds;

		loader_symbol(plan, i, &symbol);
		if (symbol.section != section || symbol.value > offset || !is_named(plan, &symbol))
			continue;
		holds = offset - symbol.value < symbol.bytes;
		/* One that holds the address goes before a label that is nearer. */
		if (best_holds && !holds)
			continue;
		if (*name != NULL && best_holds == holds && offset - symbol.value >= *displacement)
			continue;
		*name = loader_symbol_name(plan, &symbol);
		*displacement = offset - (size_t)symbol.value;
		best_holds = holds;
	}
	return *name != NULL ? SFP_OK : SFP_NOT_FOUND;
}

enum sfp_status loader_symbol_find(const struct loader_plan *plan, const char *name, size_t *offset)
{
	enum sfp_status status = SFP_NOT_FOUND;
	struct elf_symbol symbol;

	for (uint32_t i = 1; i < plan->symbol_count; i++) {
		const bool global = i >= plan->symbol_first_global;

		loader_symbol(plan, i, &symbol);
		if ((status == SFP_OK && !global) || !is_named(plan, &symbol) ||
		    !loader_same(loader_symbol_name(plan, &symbol), name))
			continue;
		*offset = plan->section_base[symbol.section] + (size_t)symbol.value;
		status = SFP_OK;
		if (global)
			break;
	}
	return status;
}

enum sfp_status loader_file_byte(const struct loader_plan *plan, size_t offset, uint8_t *byte)
{
	struct elf_section section;

	for (uint32_t i = 0; i < plan->section_count; i++) {
		if (plan->section_base[i] == LOADER_NOT_LOADED || offset < plan->section_base[i])
			continue;
		loader_section(plan, i, &section);
		if (offset - plan->section_base[i] >= section.bytes)
			continue;
		*byte = plan->file[section.offset + (offset - plan->section_base[i])];
		return SFP_OK;
	}
	return SFP_NOT_FOUND;
}
