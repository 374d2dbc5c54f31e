/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols: see symbols.h. */
#include "symbols.h"

#include "lib/text.h"
#include "loader_file.h"
#include "memory.h"
#include "modules.h"
#include "nano/nano.h"

extern char nano_text_start[], nano_text_end[];

static const struct elf_symbol *table;
static size_t table_count;
static const char *strings;
static size_t strings_bytes;

static const struct elf_section *section_at(const struct boot_information *boot, size_t index)
{
	if (boot->section_size != sizeof(struct elf_section) || index >= boot->section_count)
		return NULL;
	return (const struct elf_section *)boot->sections + index;
}

bool symbols_region(const struct boot_information *boot, size_t index, struct boot_region *region)
{
	const struct elf_section *section = section_at(boot, index);

	*region = (struct boot_region){ 0, 0 };
	if (!section)
		return false;
	if (!(section->flags & ELF_ALLOC))
		*region = (struct boot_region){ section->address, section->address + section->bytes };
	return true;
}

void symbols_init(const struct boot_information *boot)
{
	for (size_t index = 0; index < boot->section_count; index++) {
		const struct elf_section *section = section_at(boot, index);
		const struct elf_section *names = section ? section_at(boot, section->link) : NULL;

		if (!names || section->type != ELF_SYMTAB || section->address == 0 || names->address == 0)
			continue;
		table = direct(section->address);
		table_count = section->bytes / sizeof(*table);
		strings = direct(names->address);
		strings_bytes = names->bytes;
	}
}

static bool in_nano(uintptr_t address)
{
	return address >= (uintptr_t)nano_text_start && address < (uintptr_t)nano_text_end;
}

bool symbols_is_code(uintptr_t address)
{
	return in_nano(address) || module_at(address) != NULL;
}

/* The nearest function at or before the address. */
static const char *nano_symbol(uintptr_t address, size_t *offset)
{
	const struct elf_symbol *best = NULL;

	for (size_t i = 0; i < table_count; i++) {
		const struct elf_symbol *symbol = &table[i];

		if (symbol->value > address || !in_nano(symbol->value) || symbol->name >= strings_bytes)
			continue;
		if (elf_kind(symbol) != ELF_FUNC && elf_kind(symbol) != ELF_NOTYPE)
			continue;
		if (!best || symbol->value > best->value)
			best = symbol;
	}
	if (!best)
		return NULL;
	*offset = address - best->value;
	return strings + best->name;
}

void nano_symbolize(uintptr_t address, char *text, size_t size)
{
	const struct module *module = module_at(address);
	const char *owner = module ? module->name : "nano";
	const char *name = NULL;
	size_t offset = 0;

	if (module) {
		if (loader_symbol_at(&module->plan, address - module->address, &name, &offset) != SFP_OK)
			name = NULL;
	} else if (in_nano(address)) {
		name = nano_symbol(address, &offset);
	} else {
		text_format(text, size, "0x%lx", address);
		return;
	}
	if (name)
		text_format(text, size, "%s:%s+0x%lx", owner, name, offset);
	else
		text_format(text, size, "%s:0x%lx", owner, address);
}
