/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader_file: what the loader's own files share, nobody else's business. The
 * parts of ELF64 that a module may have, and how they are read: by copy, since
 * the file may lie at any address, and through a plan whose tables are checked.
 */
#ifndef NANO_LOADER_FILE_H
#define NANO_LOADER_FILE_H

#include "nano/loader.h"

/* ---- ELF64, from the System V ABI and its x86-64 supplement ------------------- */

struct elf_header {
	unsigned char identity[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, segments, sections;
	uint32_t flags;
	uint16_t header_bytes, segment_bytes, segment_count, section_bytes, section_count, names_section;
};

struct elf_section {
	uint32_t name, type;
	uint64_t flags, address, offset, bytes;
	uint32_t link, info;
	uint64_t alignment, entry_bytes;
};

struct elf_symbol {
	uint32_t name;
	uint8_t info, other;
	uint16_t section;
	uint64_t value, bytes;
};

struct elf_relocation {
	uint64_t offset, info;
	int64_t addend;
};

SFP_STATIC_ASSERT(sizeof(struct elf_header) == 64, "the ABI says so");
SFP_STATIC_ASSERT(sizeof(struct elf_section) == 64, "the ABI says so");
SFP_STATIC_ASSERT(sizeof(struct elf_symbol) == 24, "the ABI says so");
SFP_STATIC_ASSERT(sizeof(struct elf_relocation) == 24, "the ABI says so");

enum { /* struct elf_header */
	ELF_CLASS = 4, ELF_DATA = 5, ELF_VERSION = 6, ELF_SYSTEM = 7, /* in identity */
	ELF_CLASS_64 = 2, ELF_LITTLE_ENDIAN = 1, ELF_VERSION_1 = 1, ELF_SYSTEM_V = 0, ELF_SYSTEM_GNU = 3,
	ELF_RELOCATABLE = 1, ELF_EXECUTABLE = 2, ELF_SHARED = 3, ELF_CORE = 4,
	ELF_X86_64 = 62
};

enum { /* struct elf_section */
	ELF_PROGBITS = 1, ELF_SYMTAB = 2, ELF_STRTAB = 3, ELF_RELA = 4, ELF_NOTE = 7, ELF_NOBITS = 8,
	ELF_REL = 9, ELF_INIT_ARRAY = 14, ELF_FINI_ARRAY = 15, ELF_PREINIT_ARRAY = 16,
	ELF_SYMTAB_INDICES = 18, ELF_UNWIND = 0x70000001,
	ELF_WRITE = 1, ELF_ALLOC = 2, ELF_EXEC = 4, ELF_TLS = 0x400, ELF_COMPRESSED = 0x800 /* flags */
};

enum { /* struct elf_symbol */
	ELF_LOCAL = 0, ELF_GLOBAL = 1, ELF_WEAK = 2,
	ELF_NOTYPE = 0, ELF_OBJECT = 1, ELF_FUNC = 2, ELF_SECTION = 3, ELF_FILE = 4, ELF_COMMON = 5,
	ELF_THREAD_LOCAL = 6,
	ELF_IN_NONE = 0, ELF_IN_RESERVED = 0xff00, ELF_IN_ABSOLUTE = 0xfff1, ELF_IN_COMMON = 0xfff2
};

enum { /* struct elf_relocation */
	ELF_R_64 = 1, ELF_R_PC32 = 2, ELF_R_PLT32 = 4, ELF_R_32 = 10, ELF_R_32S = 11
};

static inline unsigned elf_binding(const struct elf_symbol *symbol)
{
	return symbol->info >> 4;
}

static inline unsigned elf_kind(const struct elf_symbol *symbol)
{
	return symbol->info & 15u;
}

static inline uint32_t elf_relocation_kind(const struct elf_relocation *relocation)
{
	return (uint32_t)relocation->info;
}

static inline uint32_t elf_relocation_symbol(const struct elf_relocation *relocation)
{
	return (uint32_t)(relocation->info >> 32);
}

/* plan->module_offset before nano_module was found. */
#define LOADER_NO_OFFSET SIZE_MAX

/* ---- reading through a plan --------------------------------------------------- */

/* Do `bytes` from `offset` lie within `whole`? No sum is made that could overflow. */
static inline bool loader_within(uint64_t offset, uint64_t bytes, uint64_t whole)
{
	return offset <= whole && bytes <= whole - offset;
}

/* index < section_count; the header check has bounded the table. */
static inline void loader_section(const struct loader_plan *plan, uint32_t index, struct elf_section *to)
{
	__builtin_memcpy(to, plan->file + plan->sections_offset + index * sizeof(*to), sizeof(*to));
}

/* index < symbol_count; the section check has bounded the table. */
static inline void loader_symbol(const struct loader_plan *plan, uint32_t index, struct elf_symbol *to)
{
	__builtin_memcpy(to, plan->file + plan->symbols_offset + index * sizeof(*to), sizeof(*to));
}

/* The symbol check has bounded the name, and a NUL ends the table. */
static inline const char *loader_symbol_name(const struct loader_plan *plan, const struct elf_symbol *symbol)
{
	return (const char *)plan->file + plan->strings_offset + symbol->name;
}

/* The same for a section. */
static inline const char *loader_section_name(const struct loader_plan *plan,
					      const struct elf_section *section)
{
	return (const char *)plan->file + plan->names_offset + section->name;
}

static inline bool loader_loaded(const struct loader_plan *plan, const struct elf_symbol *symbol)
{
	return symbol->section != ELF_IN_NONE && symbol->section < plan->section_count &&
	       plan->section_base[symbol->section] != LOADER_NOT_LOADED;
}

static inline bool loader_same(const char *left, const char *right)
{
	for (; *left == *right; left++, right++)
		if (*left == '\0')
			return true;
	return false;
}

static inline bool loader_begins(const char *text, const char *prefix)
{
	while (*prefix != '\0')
		if (*text++ != *prefix++)
			return false;
	return true;
}

/* ---- the steps, each in its file ---------------------------------------------- */

/* loader_symbol.c: all symbols are sound, all imports offered; finds nano_module. */
enum sfp_status loader_check_symbols(struct loader_plan *plan, struct loader_report *report) SFP_NODISCARD;

/* loader_symbol.c: NULL if nothing of that name is offered. */
const struct loader_export *loader_find_export(const struct loader_exports *exports, const char *name);

/* loader_link.c: all relocations of what is loaded are sound. */
enum sfp_status loader_check_relocations(const struct loader_plan *plan,
					 struct loader_report *report) SFP_NODISCARD;

/* loader_report.c: fill the report; all return the status of the reason. */
enum sfp_status loader_refuse(struct loader_report *report, enum loader_reason reason, const char *detail);
enum sfp_status loader_refuse_number(struct loader_report *report, enum loader_reason reason,
				     const char *prefix, uint64_t number);
enum sfp_status loader_refuse_section(struct loader_report *report, enum loader_reason reason,
				      const struct loader_plan *plan, uint32_t index);
enum sfp_status loader_refuse_symbol(struct loader_report *report, enum loader_reason reason,
				     const struct loader_plan *plan, uint32_t index);

#endif /* NANO_LOADER_FILE_H */
