/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader: the header, the sections and the layout; the order of all checks.
 *
 * Each step may rely on what the steps before it have checked, and on nothing
 * else. That order is the whole argument for safety:
 *   header       the section table lies in the file
 *   tables       every section lies in the file, every section has a name, and
 *                there is one symbol table, with its strings
 *   kinds        no section is of a kind that modules do not have
 *   layout       every loaded section has its place in an image of bounded size
 *   symbols      every symbol lies in its section or on the list of exports
 *   relocations  every relocation lies in its section and has a symbol with a place
 */
#include "nano/loader_file.h"

/* ---- the header ----------------------------------------------------------------- */

static enum sfp_status refuse_machine(struct loader_report *report, uint16_t machine)
{
	static const struct {
		uint16_t machine;
		const char *name;
	} known[] = { { 3, "i386" }, { 20, "ppc" }, { 21, "ppc64" }, { 22, "s390" }, { 40, "arm" },
		      { 183, "aarch64" }, { 243, "riscv" }, { 258, "loongarch" } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].machine == machine)
			return loader_refuse(report, LOADER_MACHINE, known[i].name);
	return loader_refuse_number(report, LOADER_MACHINE, "machine ", machine);
}

static enum sfp_status refuse_type(struct loader_report *report, uint16_t type)
{
	switch (type) {
	case ELF_EXECUTABLE:
		return loader_refuse(report, LOADER_TYPE, "an executable");
	case ELF_SHARED:
		return loader_refuse(report, LOADER_TYPE, "a shared object");
	case ELF_CORE:
		return loader_refuse(report, LOADER_TYPE, "a core file");
	default:
		return loader_refuse_number(report, LOADER_TYPE, "type ", type);
	}
}

static bool begins(const struct loader_plan *plan, const char *magic, size_t bytes)
{
	if (plan->file_bytes < bytes)
		return false;
	for (size_t i = 0; i < bytes; i++)
		if (plan->file[i] != (unsigned char)magic[i])
			return false;
	return true;
}

/* Is it one of those files at all? A short one is judged by what there is of it. */
static enum sfp_status check_magic(const struct loader_plan *plan, struct loader_report *report)
{
	if (plan->file_bytes == 0)
		return loader_refuse(report, LOADER_EMPTY, "");
	if (begins(plan, "!<arch>\n", 8) || begins(plan, "!<thin>\n", 8))
		return loader_refuse(report, LOADER_ARCHIVE, "");
	if (!begins(plan, "\177ELF", plan->file_bytes < 4 ? plan->file_bytes : 4))
		return loader_refuse(report, LOADER_NOT_ELF, "");
	if (plan->file_bytes < sizeof(struct elf_header))
		return loader_refuse(report, LOADER_SHORT, "");
	if (plan->file_bytes > LOADER_FILE_MAX)
		return loader_refuse_number(report, LOADER_TOO_LARGE, "file bytes ", plan->file_bytes);
	return SFP_OK;
}

static enum sfp_status check_identity(const struct elf_header *header, struct loader_report *report)
{
	const unsigned char *identity = header->identity;

	if (identity[ELF_CLASS] != ELF_CLASS_64)
		return loader_refuse_number(report, LOADER_CLASS, "class ", identity[ELF_CLASS]);
	if (identity[ELF_DATA] != ELF_LITTLE_ENDIAN)
		return loader_refuse_number(report, LOADER_BYTE_ORDER, "encoding ", identity[ELF_DATA]);
	if (header->machine != ELF_X86_64)
		return refuse_machine(report, header->machine);
	if (identity[ELF_SYSTEM] != ELF_SYSTEM_V && identity[ELF_SYSTEM] != ELF_SYSTEM_GNU)
		return loader_refuse_number(report, LOADER_SYSTEM, "system ", identity[ELF_SYSTEM]);
	if (header->type != ELF_RELOCATABLE)
		return refuse_type(report, header->type);
	if (identity[ELF_VERSION] != ELF_VERSION_1 || header->version != ELF_VERSION_1)
		return loader_refuse(report, LOADER_HEADER, "version");
	if (header->header_bytes != sizeof(*header) || header->section_bytes != sizeof(struct elf_section))
		return loader_refuse(report, LOADER_HEADER, "sizes");
	return SFP_OK;
}

static enum sfp_status check_header(struct loader_plan *plan, struct loader_report *report)
{
	struct elf_header header;
	struct elf_section names;

	SFP_TRY(check_magic(plan, report));
	__builtin_memcpy(&header, plan->file, sizeof(header));
	SFP_TRY(check_identity(&header, report));
	/* 0 also stands for a count of more than 65279 sections, written elsewhere. */
	if (header.section_count == 0 || header.section_count > LOADER_SECTIONS_MAX)
		return loader_refuse_number(report, LOADER_SECTIONS, "sections ", header.section_count);
	if (!loader_within(header.sections, (uint64_t)header.section_count * sizeof(struct elf_section),
			   plan->file_bytes))
		return loader_refuse(report, LOADER_TRUNCATED, "the section table");
	plan->sections_offset = (size_t)header.sections;
	plan->section_count = header.section_count;
	if (header.names_section == 0 || header.names_section >= header.section_count)
		return loader_refuse(report, LOADER_HEADER, "the section of names");
	loader_section(plan, header.names_section, &names);
	if (names.type != ELF_STRTAB || names.bytes == 0)
		return loader_refuse(report, LOADER_STRINGS, "names of sections");
	if (!loader_within(names.offset, names.bytes, plan->file_bytes))
		return loader_refuse(report, LOADER_TRUNCATED, "names of sections");
	if (plan->file[names.offset + names.bytes - 1] != '\0')
		return loader_refuse(report, LOADER_STRINGS, "names of sections");
	plan->names_offset = (size_t)names.offset;
	plan->names_bytes = (size_t)names.bytes;
	return SFP_OK;
}

/* ---- tables ------------------------------------------------------------------------ */

static bool has_bytes(const struct elf_section *section)
{
	return section->type != 0 && section->type != ELF_NOBITS;
}

/* Another kernel's module would fail anyhow, but for reasons that tell the reader nothing. */
static bool foreign(const char *name)
{
	return loader_same(name, ".modinfo") || loader_same(name, ".gnu.linkonce.this_module");
}

static enum sfp_status check_extent(const struct loader_plan *plan, uint32_t index,
				    struct loader_report *report)
{
	struct elf_section section;

	loader_section(plan, index, &section);
	if (section.name >= plan->names_bytes)
		return loader_refuse_number(report, LOADER_STRINGS, "name of section ", index);
	if (has_bytes(&section) && !loader_within(section.offset, section.bytes, plan->file_bytes))
		return loader_refuse_section(report, LOADER_TRUNCATED, plan, index);
	if (section.type != 0 && foreign(loader_section_name(plan, &section)))
		return loader_refuse_section(report, LOADER_FOREIGN, plan, index);
	return SFP_OK;
}

static enum sfp_status check_extents(const struct loader_plan *plan, struct loader_report *report)
{
	for (uint32_t i = 0; i < plan->section_count; i++)
		SFP_TRY(check_extent(plan, i, report));
	return SFP_OK;
}

/* ---- kinds -------------------------------------------------------------------------- */

static bool runs_by_itself(const struct elf_section *section, const char *name)
{
	return section->type == ELF_INIT_ARRAY || section->type == ELF_FINI_ARRAY ||
	       section->type == ELF_PREINIT_ARRAY ||
	       loader_same(name, ".init") || loader_same(name, ".fini") ||
	       loader_begins(name, ".init_array") || loader_begins(name, ".fini_array") ||
	       loader_begins(name, ".preinit_array") || loader_begins(name, ".ctors") ||
	       loader_begins(name, ".dtors");
}

/* What is loaded may be code, constants, or tables that only a debugger reads. */
static enum sfp_status check_allocated(const struct loader_plan *plan, uint32_t index,
				       const struct elf_section *section, struct loader_report *report)
{
	if (section->flags & ELF_WRITE) {
		if (section->flags & ELF_EXEC)
			return loader_refuse_section(report, LOADER_WRITABLE_CODE, plan, index);
		if (section->bytes != 0)
			return loader_refuse_section(report, LOADER_WRITABLE_DATA, plan, index);
	}
	if (section->type == ELF_NOBITS && section->bytes == 0)
		return SFP_OK;
	if (section->type != ELF_PROGBITS && section->type != ELF_NOTE && section->type != ELF_UNWIND)
		return loader_refuse_section(report, LOADER_SECTION_KIND, plan, index);
	return SFP_OK;
}

static enum sfp_status check_kind(const struct loader_plan *plan, uint32_t index,
				  struct loader_report *report)
{
	struct elf_section section;

	loader_section(plan, index, &section);
	if (section.type == 0)
		return SFP_OK;
	if (section.flags & ELF_COMPRESSED)
		return loader_refuse_section(report, LOADER_COMPRESSED, plan, index);
	if (section.flags & ELF_TLS)
		return loader_refuse_section(report, LOADER_THREAD_LOCAL, plan, index);
	if (runs_by_itself(&section, loader_section_name(plan, &section)))
		return loader_refuse_section(report, LOADER_CONSTRUCTOR, plan, index);
	if (section.type == ELF_SYMTAB_INDICES)
		return loader_refuse_section(report, LOADER_SECTION_KIND, plan, index);
	if (section.flags & ELF_ALLOC)
		return check_allocated(plan, index, &section, report);
	return SFP_OK;
}

static enum sfp_status check_symbol_table(struct loader_plan *plan, const struct elf_section *table,
					  struct loader_report *report)
{
	const size_t entry = sizeof(struct elf_symbol);
	struct elf_section strings;

	if (table->entry_bytes != entry || table->bytes % entry != 0 || table->bytes == 0 ||
	    table->info > table->bytes / entry)
		return loader_refuse(report, LOADER_SYMBOL_TABLE, "its sizes");
	if (table->bytes / entry > LOADER_SYMBOLS_MAX)
		return loader_refuse_number(report, LOADER_SYMBOLS, "symbols ", table->bytes / entry);
	if (table->link == 0 || table->link >= plan->section_count)
		return loader_refuse(report, LOADER_SYMBOL_TABLE, "no strings");
	loader_section(plan, table->link, &strings);
	if (strings.type != ELF_STRTAB || strings.bytes == 0 ||
	    plan->file[strings.offset + strings.bytes - 1] != '\0')
		return loader_refuse(report, LOADER_STRINGS, "names of symbols");
	plan->symbols_offset = (size_t)table->offset;
	plan->symbol_count = (uint32_t)(table->bytes / entry);
	plan->symbol_first_global = table->info;
	plan->strings_offset = (size_t)strings.offset;
	plan->strings_bytes = (size_t)strings.bytes;
	return SFP_OK;
}

static enum sfp_status check_kinds(struct loader_plan *plan, struct loader_report *report)
{
	struct elf_section section;

	for (uint32_t i = 1; i < plan->section_count; i++) {
		SFP_TRY(check_kind(plan, i, report));
		loader_section(plan, i, &section);
		if (section.type != ELF_SYMTAB)
			continue;
		if (plan->symbol_section != 0)
			return loader_refuse(report, LOADER_SYMBOL_TABLE, "there are two");
		plan->symbol_section = i;
		SFP_TRY(check_symbol_table(plan, &section, report));
	}
	if (plan->symbol_section == 0)
		return loader_refuse(report, LOADER_SYMBOL_TABLE, "there is none");
	return SFP_OK;
}

/* ---- layout ------------------------------------------------------------------------- */

static size_t to_page(size_t bytes)
{
	return (bytes + LOADER_PAGE - 1) & ~(size_t)(LOADER_PAGE - 1);
}

/* Unwind tables and notes are for debuggers: they keep reading the file. */
static bool is_loaded(const struct loader_plan *plan, const struct elf_section *section)
{
	return section->type == ELF_PROGBITS && (section->flags & (ELF_ALLOC | ELF_WRITE)) == ELF_ALLOC &&
	       !loader_same(loader_section_name(plan, section), ".eh_frame");
}

static enum sfp_status place(struct loader_plan *plan, uint32_t index, const struct elf_section *section,
			     size_t *end, struct loader_report *report)
{
	const uint64_t alignment = section->alignment == 0 ? 1 : section->alignment;
	size_t base;

	if ((alignment & (alignment - 1)) != 0 || alignment > LOADER_PAGE)
		return loader_refuse_section(report, LOADER_ALIGNMENT, plan, index);
	base = (*end + (size_t)alignment - 1) & ~((size_t)alignment - 1);
	if (base > LOADER_IMAGE_MAX || section->bytes > LOADER_IMAGE_MAX - base)
		return loader_refuse_section(report, LOADER_TOO_LARGE, plan, index);
	plan->section_base[index] = (uint32_t)base;
	*end = base + (size_t)section->bytes;
	return SFP_OK;
}

/* Give each section whose ELF_EXEC is `exec` its place, from *end on. */
static enum sfp_status place_all(struct loader_plan *plan, uint64_t exec, size_t *end,
				 struct loader_report *report)
{
	struct elf_section section;

	for (uint32_t i = 1; i < plan->section_count; i++) {
		loader_section(plan, i, &section);
		if (is_loaded(plan, &section) && (section.flags & ELF_EXEC) == exec)
			SFP_TRY(place(plan, i, &section, end, report));
	}
	return SFP_OK;
}

static enum sfp_status lay_out(struct loader_plan *plan, struct loader_report *report)
{
	size_t end = 0;

	for (uint32_t i = 0; i < LOADER_SECTIONS_MAX; i++)
		plan->section_base[i] = LOADER_NOT_LOADED;
	SFP_TRY(place_all(plan, ELF_EXEC, &end, report));
	plan->text_bytes = end;
	plan->rodata_offset = to_page(end);
	end = plan->rodata_offset;
	SFP_TRY(place_all(plan, 0, &end, report));
	plan->rodata_bytes = end - plan->rodata_offset;
	plan->image_bytes = to_page(end);
	/* A small file whose sections overlap must not use up the memory of the modules after it. */
	if (plan->text_bytes + plan->rodata_bytes > plan->file_bytes)
		return loader_refuse(report, LOADER_TOO_LARGE, "its sections overlap");
	return SFP_OK;
}

/* ---- all of it ------------------------------------------------------------------------ */

enum sfp_status loader_plan(const void *file, size_t size, const struct loader_exports *exports,
			    struct loader_plan *plan, struct loader_report *report)
{
	__builtin_memset(plan, 0, sizeof(*plan));
	plan->file = file;
	plan->file_bytes = size;
	plan->exports = exports;
	plan->module_offset = LOADER_NO_OFFSET;
	(void)loader_refuse(report, LOADER_NONE, "");
	SFP_TRY(check_header(plan, report));
	SFP_TRY(check_extents(plan, report));
	SFP_TRY(check_kinds(plan, report));
	SFP_TRY(lay_out(plan, report));
	SFP_TRY(loader_check_symbols(plan, report));
	SFP_TRY(loader_check_relocations(plan, report));
	return SFP_OK;
}
