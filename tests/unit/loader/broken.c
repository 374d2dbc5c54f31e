/* SPDX-License-Identifier: BSD-2-Clause */
/* Each function breaks one field of good.o; the table at the end says what the loader must answer. */
#include "broken.h"

static void set_core(struct object *o)
{
	object_header(o)->type = ELF_CORE;
}

static void set_unknown_type(struct object *o)
{
	object_header(o)->type = 0x7777;
}

static void set_unknown_machine(struct object *o)
{
	object_header(o)->machine = 0x1234;
}

static void set_version(struct object *o)
{
	object_header(o)->version = 2;
}

static void set_entry_size(struct object *o)
{
	object_header(o)->section_bytes = 40;
}

static void set_names_nowhere(struct object *o)
{
	object_header(o)->names_section = object_header(o)->section_count;
}

static void set_names_wrong(struct object *o)
{
	object_header(o)->names_section = (uint16_t)object_find_type(o, ELF_SYMTAB);
}

static void set_names_unterminated(struct object *o)
{
	object_section(o, object_header(o)->names_section)->bytes -= 1;
}

static void set_names_beyond(struct object *o)
{
	object_section(o, object_header(o)->names_section)->bytes = o->size;
}

static void set_section_name_beyond(struct object *o)
{
	object_section(o, object_find_section(o, ".text"))->name = UINT32_MAX;
}

static void set_section_name_at_end(struct object *o)
{
	const uint32_t names = object_header(o)->names_section;

	object_section(o, object_find_section(o, ".text"))->name = (uint32_t)object_section(o, names)->bytes;
}

static void set_sections_beyond(struct object *o)
{
	object_header(o)->sections = UINT64_MAX - 63;
}

static void set_huge_section(struct object *o)
{
	const size_t text = object_find_section(o, ".text");

	object_grow(o, LOADER_IMAGE_MAX + 8);
	object_section(o, (uint32_t)text)->bytes = LOADER_IMAGE_MAX + 8;
}

static void set_huge_together(struct object *o)
{
	const uint32_t text = object_find_section(o, ".text"), rodata = object_find_section(o, ".rodata");

	object_grow(o, LOADER_IMAGE_MAX);
	object_section(o, text)->bytes = LOADER_IMAGE_MAX - 4096;
	object_section(o, rodata)->bytes = 8192;
}

static void set_overlapping(struct object *o)
{
	struct elf_section *rodata = object_section(o, object_find_section(o, ".rodata"));

	rodata->offset = 0;
	rodata->bytes = o->size;
}

static void set_huge_file(struct object *o)
{
	object_grow(o, LOADER_FILE_MAX);
}

static void set_alignment_beyond_page(struct object *o)
{
	object_section(o, object_find_section(o, ".text"))->alignment = 8192;
}

static void set_kind_unknown(struct object *o)
{
	object_section(o, object_find_section(o, ".rodata"))->type = 0x60000001;
}

static void set_kind_nobits(struct object *o)
{
	object_section(o, object_find_section(o, ".rodata"))->type = ELF_NOBITS;
}

static void set_kind_indices(struct object *o)
{
	object_section(o, object_find_section(o, ".comment"))->type = ELF_SYMTAB_INDICES;
}

static void set_kind_rel(struct object *o)
{
	object_section(o, object_find_section(o, ".rela.text"))->type = ELF_REL;
}

static void set_writable(struct object *o)
{
	object_section(o, object_find_section(o, ".rodata"))->flags |= ELF_WRITE;
}

static void set_writable_code(struct object *o)
{
	object_section(o, object_find_section(o, ".text"))->flags |= ELF_WRITE;
}

static void set_no_symbols(struct object *o)
{
	object_section(o, object_find_type(o, ELF_SYMTAB))->type = ELF_PROGBITS;
}

static void set_symbol_entry_size(struct object *o)
{
	object_section(o, object_find_type(o, ELF_SYMTAB))->entry_bytes = 16;
}

static void set_symbols_no_strings(struct object *o)
{
	object_section(o, object_find_type(o, ELF_SYMTAB))->link = 0xffff;
}

static void set_too_many_locals(struct object *o)
{
	object_section(o, object_find_type(o, ELF_SYMTAB))->info = object_symbol_count(o) + 1;
}

static void set_many_symbols(struct object *o)
{
	const size_t bytes = (LOADER_SYMBOLS_MAX + 1) * sizeof(struct elf_symbol), old = o->size;
	const uint32_t table = object_find_type(o, ELF_SYMTAB);

	object_grow(o, bytes);
	object_section(o, table)->offset = old;
	object_section(o, table)->bytes = bytes;
}

static void set_many_relocations(struct object *o)
{
	const size_t bytes = (LOADER_RELOCATIONS_MAX + 1) * sizeof(struct elf_relocation), old = o->size;
	const uint32_t table = object_find_section(o, ".rela.text");

	object_grow(o, bytes);
	object_section(o, table)->offset = old;
	object_section(o, table)->bytes = bytes;
}

static struct elf_symbol *the_module(struct object *o)
{
	return object_symbol(o, object_find_symbol(o, "nano_module"));
}

static void set_symbol_name_beyond(struct object *o)
{
	the_module(o)->name = UINT32_MAX;
}

static void set_symbol_name_at_end(struct object *o)
{
	const uint32_t table = object_find_type(o, ELF_SYMTAB);

	the_module(o)->name = (uint32_t)object_section(o, object_section(o, table)->link)->bytes;
}

static void set_symbol_nameless(struct object *o)
{
	the_module(o)->name = 0;
}

static void set_symbol_local_late(struct object *o)
{
	the_module(o)->info = ELF_OBJECT;
}

static void set_symbol_global_early(struct object *o)
{
	object_symbol(o, 1)->info |= ELF_GLOBAL << 4;
}

static void set_symbol_undefined_local(struct object *o)
{
	object_symbol(o, 1)->section = ELF_IN_NONE;
}

static void set_symbol_section_beyond(struct object *o)
{
	the_module(o)->section = (uint16_t)object_header(o)->section_count;
}

static void set_symbol_section_reserved(struct object *o)
{
	the_module(o)->section = 0xff20;
}

static void set_symbol_unique(struct object *o)
{
	the_module(o)->info = 10 << 4 | ELF_OBJECT;
}

static void set_symbol_too_long(struct object *o)
{
	the_module(o)->bytes = UINT64_MAX;
}

static void set_module_weak(struct object *o)
{
	the_module(o)->info = ELF_WEAK << 4 | ELF_OBJECT;
}

static void set_module_absolute(struct object *o)
{
	the_module(o)->section = ELF_IN_ABSOLUTE;
}

static void set_module_in_code(struct object *o)
{
	the_module(o)->section = (uint16_t)object_find_section(o, ".text");
	the_module(o)->value = 0;
	the_module(o)->bytes = 0; /* the code may be shorter than the struct */
}

static void set_module_misaligned(struct object *o)
{
	the_module(o)->value += 4;
	object_section(o, object_find_section(o, ".rodata"))->bytes += 4;
}

/* The import nano_log becomes a second nano_module at the same place. */
static void set_module_twice(struct object *o)
{
	*object_symbol(o, object_find_symbol(o, "nano_log")) = *the_module(o);
}

static void set_import_thread_local(struct object *o)
{
	object_symbol(o, object_find_symbol(o, "nano_log"))->info = ELF_GLOBAL << 4 | ELF_THREAD_LOCAL;
}

static struct elf_relocation *a_relocation(struct object *o)
{
	uint32_t target;

	return object_relocation(o, ELF_R_64, &target);
}

static void set_relocation_symbol(struct object *o, uint64_t symbol)
{
	a_relocation(o)->info = ELF_R_64 | symbol << 32;
}

static void set_relocation_no_symbol(struct object *o)
{
	set_relocation_symbol(o, 0);
}

static void set_relocation_symbol_beyond(struct object *o)
{
	set_relocation_symbol(o, object_symbol_count(o));
}

static void set_relocation_to_file_name(struct object *o)
{
	set_relocation_symbol(o, 1); /* the name of the source file: absolute, nowhere in the image */
}

static void set_relocation_straddling(struct object *o)
{
	uint32_t target;
	struct elf_relocation *relocation = object_relocation(o, ELF_R_64, &target);

	relocation->offset = object_section(o, target)->bytes - 7;
}

static void set_relocation_straddling_32(struct object *o)
{
	uint32_t target;
	struct elf_relocation *relocation = object_relocation(o, ELF_R_PLT32, &target);

	relocation->offset = object_section(o, target)->bytes - 3;
}

static void set_relocation_entry_size(struct object *o)
{
	object_section(o, object_find_section(o, ".rela.text"))->entry_bytes = 16;
}

static void set_relocation_table_cut(struct object *o)
{
	object_section(o, object_find_section(o, ".rela.text"))->bytes -= 1;
}

static void set_relocation_symbol_table(struct object *o)
{
	object_section(o, object_find_section(o, ".rela.text"))->link = 1;
}

static void set_relocation_kind(struct object *o)
{
	a_relocation(o)->info = (a_relocation(o)->info & ~(uint64_t)UINT32_MAX) | 18; /* DTPOFF64 */
}

const struct broken broken[] = {
#define CHANGE(name, reason, text) { set_##name, #name, #reason, text }
	CHANGE(core, TYPE, ": a core file$"),
	CHANGE(unknown_type, TYPE, ": type 30583$"),
	CHANGE(unknown_machine, MACHINE, ": machine 4660$"),
	CHANGE(version, HEADER, ": version$"),
	CHANGE(entry_size, HEADER, ": sizes$"),
	CHANGE(names_nowhere, HEADER, ": the section of names$"),
	CHANGE(names_wrong, STRINGS, ": names of sections$"),
	CHANGE(names_unterminated, STRINGS, ": names of sections$"),
	CHANGE(names_beyond, TRUNCATED, ": names of sections$"),
	CHANGE(section_name_beyond, STRINGS, ": name of section 1$"),
	CHANGE(section_name_at_end, STRINGS, ": name of section 1$"),
	CHANGE(sections_beyond, TRUNCATED, ": the section table$"),
	CHANGE(huge_section, TOO_LARGE, ": \\.text$"),
	CHANGE(huge_together, TOO_LARGE, ": \\.rodata$"),
	CHANGE(overlapping, TOO_LARGE, ": its sections overlap$"),
	CHANGE(huge_file, TOO_LARGE, ": file bytes "),
	CHANGE(alignment_beyond_page, ALIGNMENT, ": \\.text$"),
	CHANGE(kind_unknown, SECTION_KIND, ": \\.rodata$"),
	CHANGE(kind_nobits, SECTION_KIND, ": \\.rodata$"),
	CHANGE(kind_indices, SECTION_KIND, ": \\.comment$"),
	CHANGE(kind_rel, SECTION_KIND, ": \\.rela\\.text$"),
	CHANGE(writable, WRITABLE_DATA, ": \\.rodata$"),
	CHANGE(writable_code, WRITABLE_CODE, ": \\.text$"),
	CHANGE(no_symbols, SYMBOL_TABLE, ": there is none$"),
	CHANGE(symbol_entry_size, SYMBOL_TABLE, ": its sizes$"),
	CHANGE(symbols_no_strings, SYMBOL_TABLE, ": no strings$"),
	CHANGE(too_many_locals, SYMBOL_TABLE, ": its sizes$"),
	CHANGE(many_symbols, SYMBOLS, ": symbols 65537$"),
	CHANGE(many_relocations, RELOCATIONS, ": relocations 262[0-9]+$"),
	CHANGE(symbol_name_beyond, STRINGS, ": name of symbol [0-9]+$"),
	CHANGE(symbol_name_at_end, STRINGS, ": name of symbol [0-9]+$"),
	CHANGE(symbol_nameless, SYMBOL, ": symbol [0-9]+$"),
	CHANGE(symbol_local_late, SYMBOL, ": nano_module$"),
	CHANGE(symbol_global_early, SYMBOL, ": "),
	CHANGE(symbol_undefined_local, SYMBOL, ": good\\.c$"),
	CHANGE(symbol_section_beyond, SYMBOL, ": nano_module$"),
	CHANGE(symbol_section_reserved, SYMBOL_KIND, ": nano_module$"),
	CHANGE(symbol_unique, SYMBOL_KIND, ": nano_module$"),
	CHANGE(symbol_too_long, SYMBOL, ": nano_module$"),
	CHANGE(module_weak, MODULE_SYMBOL, ": not a global constant$"),
	CHANGE(module_absolute, MODULE_SYMBOL, ": not a global constant$"),
	CHANGE(module_in_code, MODULE_SYMBOL, ": it is in the code$"),
	CHANGE(module_misaligned, MODULE_SYMBOL, ": alignment$"),
	CHANGE(module_twice, DUPLICATE, ": nano_module$"),
	CHANGE(import_thread_local, THREAD_LOCAL, ": nano_log$"),
	CHANGE(relocation_no_symbol, RELOCATION, ": no such symbol: 0$"),
	CHANGE(relocation_symbol_beyond, RELOCATION, ": no such symbol: [0-9]+$"),
	CHANGE(relocation_to_file_name, RELOCATION, ": good\\.c$"),
	CHANGE(relocation_straddling, RELOCATION, ": \\.rodata$"),
	CHANGE(relocation_straddling_32, RELOCATION, ": \\.text$"),
	CHANGE(relocation_entry_size, RELOCATION, ": \\.rela\\.text$"),
	CHANGE(relocation_table_cut, RELOCATION, ": \\.rela\\.text$"),
	CHANGE(relocation_symbol_table, RELOCATION, ": \\.rela\\.text$"),
	CHANGE(relocation_kind, RELOCATION_KIND, ": kind 18$"),
};

const size_t broken_count = sizeof(broken) / sizeof(broken[0]);
