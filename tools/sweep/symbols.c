/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of functions in an ELF file. What the file says about itself is checked against its size. */
#include "symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool inside(const struct symbols *symbols, uint64_t offset, uint64_t size)
{
	return offset <= symbols->size && size <= symbols->size - offset;
}

static const Elf64_Shdr *section(const struct symbols *symbols, size_t index)
{
	const Elf64_Ehdr *header = (const void *)symbols->file;

	return (const void *)(symbols->file + header->e_shoff + index * sizeof(Elf64_Shdr));
}

static const char *take_table(struct symbols *symbols, const Elf64_Shdr *table)
{
	const Elf64_Ehdr *header = (const void *)symbols->file;
	const Elf64_Shdr *names;

	if (table->sh_link >= header->e_shnum)
		return "its symbol table has no names";
	names = section(symbols, table->sh_link);
	if (!inside(symbols, table->sh_offset, table->sh_size) ||
	    !inside(symbols, names->sh_offset, names->sh_size))
		return "its symbol table lies outside of the file";
	if (names->sh_size == 0 || symbols->file[names->sh_offset + names->sh_size - 1] != 0)
		return "its symbol names do not end";
	symbols->table = (const void *)(symbols->file + table->sh_offset);
	symbols->count = table->sh_size / sizeof(Elf64_Sym);
	symbols->names = (const char *)symbols->file + names->sh_offset;
	symbols->names_size = names->sh_size;
	return NULL;
}

/* .symtab if there is one, else .dynsym: a stripped program still names what it exports. */
static const char *find_table(struct symbols *symbols)
{
	const Elf64_Ehdr *header = (const void *)symbols->file;
	const Elf64_Shdr *found = NULL;
	size_t i;

	if (header->e_shentsize != sizeof(Elf64_Shdr) || header->e_shoff % 8 ||
	    !inside(symbols, header->e_shoff, (uint64_t)header->e_shnum * sizeof(Elf64_Shdr)))
		return "its section headers lie outside of the file";
	for (i = 0; i < header->e_shnum; i++) {
		const Elf64_Shdr *each = section(symbols, i);

		if (each->sh_type == SHT_SYMTAB || (each->sh_type == SHT_DYNSYM && !found))
			found = each;
	}
	return found ? take_table(symbols, found) : "it has no symbol table (stripped?)";
}

static const char *check_header(struct symbols *symbols)
{
	const Elf64_Ehdr *header = (const void *)symbols->file;

	if (symbols->size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
		return "it is no ELF file";
	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64)
		return "it is not for x86-64";
	if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
		return "it is not executable";
	symbols->entry = header->e_entry;
	return find_table(symbols);
}

const char *symbols_open(struct symbols *symbols, const char *path)
{
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	const char *wrong;
	void *mapped;

	memset(symbols, 0, sizeof(*symbols));
	if (file < 0)
		return strerror(errno);
	if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0) {
		close(file);
		return "it is no regular file, or empty";
	}
	mapped = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
	close(file);
	if (mapped == MAP_FAILED)
		return strerror(errno);
	symbols->file = mapped;
	symbols->size = (size_t)status.st_size;
	wrong = check_header(symbols);
	if (wrong)
		symbols_close(symbols);
	return wrong;
}

void symbols_close(struct symbols *symbols)
{
	if (symbols->file)
		munmap((void *)(uintptr_t)symbols->file, symbols->size);
	memset(symbols, 0, sizeof(*symbols));
}

static const char *name_of(const struct symbols *symbols, const Elf64_Sym *symbol)
{
	return symbol->st_name < symbols->names_size ? symbols->names + symbol->st_name : "";
}

static bool is_code(const Elf64_Sym *symbol)
{
	return symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC;
}

uintptr_t symbols_find(const struct symbols *symbols, const char *name)
{
	size_t i;

	for (i = 0; i < symbols->count; i++)
		if (is_code(&symbols->table[i]) && strcmp(name_of(symbols, &symbols->table[i]), name) == 0)
			return symbols->table[i].st_value + symbols->base;
	return 0;
}

const char *symbols_describe(const struct symbols *symbols, uintptr_t address, char *text, size_t size)
{
	const uintptr_t at = address - symbols->base;
	size_t i;

	for (i = 0; i < symbols->count; i++) {
		const Elf64_Sym *symbol = &symbols->table[i];

		if (!is_code(symbol) || at < symbol->st_value || at - symbol->st_value >= symbol->st_size)
			continue;
		snprintf(text, size, "%s+%#lx", name_of(symbols, symbol),
			 (unsigned long)(at - symbol->st_value));
		return text;
	}
	snprintf(text, size, "%#lx", (unsigned long)address);
	return text;
}
