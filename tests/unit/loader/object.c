/* SPDX-License-Identifier: BSD-2-Clause */
#include "object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void __attribute__((noreturn)) give_up(const char *what, const char *about)
{
	fprintf(stderr, "%s: %s\n", what, about);
	exit(2);
}

static size_t to_page(size_t bytes)
{
	return (bytes + LOADER_PAGE - 1) & ~(size_t)(LOADER_PAGE - 1);
}

static unsigned char *map(size_t bytes, int flags)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (memory == MAP_FAILED)
		give_up("mmap", "no memory");
	return memory;
}

static void fence(unsigned char *page)
{
	if (mprotect(page, LOADER_PAGE, PROT_NONE) != 0)
		give_up("mprotect", "fence");
}

void object_make(struct object *object, const void *bytes, size_t size)
{
	const size_t whole = to_page(size);

	object->mapped = whole + LOADER_PAGE;
	object->mapping = map(object->mapped, 0);
	fence(object->mapping + whole);
	object->bytes = object->mapping + whole - size;
	object->size = size;
	if (bytes != NULL && size > 0)
		memcpy(object->bytes, bytes, size);
}

void object_read(struct object *object, const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t size;

	if (file == NULL || fseek(file, 0, SEEK_END) != 0)
		give_up("cannot read", path);
	size = (size_t)ftell(file);
	object_make(object, NULL, size);
	rewind(file);
	if (fread(object->bytes, 1, size, file) != size)
		give_up("cannot read", path);
	fclose(file);
}

void object_copy(struct object *object, const struct object *from)
{
	object_make(object, from->bytes, from->size);
}

void object_grow(struct object *object, size_t more)
{
	struct object larger;

	object_make(&larger, NULL, object->size + more);
	memcpy(larger.bytes, object->bytes, object->size);
	object_free(object);
	*object = larger;
}

void object_free(struct object *object)
{
	munmap(object->mapping, object->mapped);
}

struct elf_header *object_header(const struct object *object)
{
	return (struct elf_header *)(void *)object->bytes;
}

struct elf_section *object_section(const struct object *object, uint32_t index)
{
	return (struct elf_section *)(void *)(object->bytes + object_header(object)->sections) + index;
}

static const char *section_name(const struct object *object, uint32_t index)
{
	const struct elf_section *names = object_section(object, object_header(object)->names_section);

	return (const char *)object->bytes + names->offset + object_section(object, index)->name;
}

uint32_t object_find_section(const struct object *object, const char *name)
{
	for (uint32_t i = 1; i < object_header(object)->section_count; i++)
		if (strcmp(section_name(object, i), name) == 0)
			return i;
	give_up("no such section", name);
}

uint32_t object_find_type(const struct object *object, uint32_t type)
{
	for (uint32_t i = 1; i < object_header(object)->section_count; i++)
		if (object_section(object, i)->type == type)
			return i;
	give_up("no section of type", type == ELF_SYMTAB ? "SYMTAB" : "?");
}

struct elf_symbol *object_symbol(const struct object *object, uint32_t index)
{
	const struct elf_section *table = object_section(object, object_find_type(object, ELF_SYMTAB));

	return (struct elf_symbol *)(void *)(object->bytes + table->offset) + index;
}

uint32_t object_symbol_count(const struct object *object)
{
	return (uint32_t)(object_section(object, object_find_type(object, ELF_SYMTAB))->bytes /
			  sizeof(struct elf_symbol));
}

uint32_t object_find_symbol(const struct object *object, const char *name)
{
	const uint32_t table = object_find_type(object, ELF_SYMTAB);
	const struct elf_section *strings = object_section(object, object_section(object, table)->link);
	const char *names = (const char *)object->bytes + strings->offset;

	for (uint32_t i = 1; i < object_symbol_count(object); i++)
		if (strcmp(names + object_symbol(object, i)->name, name) == 0)
			return i;
	give_up("no such symbol", name);
}

/* The next table of relocations of a loaded section, after `index`; 0: no more. */
static uint32_t next_table(const struct object *object, uint32_t index)
{
	for (index++; index < object_header(object)->section_count; index++) {
		const struct elf_section *section = object_section(object, index);

		if (section->type == ELF_RELA && (object_section(object, section->info)->flags & ELF_ALLOC) &&
		    strcmp(section_name(object, section->info), ".eh_frame") != 0)
			return index;
	}
	return 0;
}

struct elf_relocation *object_relocation(const struct object *object, uint32_t kind, uint32_t *target)
{
	for (uint32_t t = next_table(object, 0); t != 0; t = next_table(object, t)) {
		const struct elf_section *table = object_section(object, t);
		struct elf_relocation *all = (struct elf_relocation *)(void *)(object->bytes + table->offset);

		*target = table->info;
		for (size_t i = 0; i < table->bytes / sizeof(*all); i++)
			if (kind == 0 || elf_relocation_kind(&all[i]) == kind)
				return &all[i];
	}
	return NULL;
}

void object_relocation_kinds(const struct object *object, unsigned counts[64])
{
	for (uint32_t t = next_table(object, 0); t != 0; t = next_table(object, t)) {
		const struct elf_section *table = object_section(object, t);
		struct elf_relocation *all = (struct elf_relocation *)(void *)(object->bytes + table->offset);

		for (size_t i = 0; i < table->bytes / sizeof(*all); i++)
			if (elf_relocation_kind(&all[i]) < 64)
				counts[elf_relocation_kind(&all[i])]++;
	}
}

/* ---- images ----------------------------------------------------------------------- */

unsigned char *image_map(size_t bytes)
{
	unsigned char *memory = map(bytes + 2 * LOADER_PAGE, MAP_32BIT);

	fence(memory);
	fence(memory + LOADER_PAGE + bytes);
	return memory + LOADER_PAGE;
}

/* As the kernel maps it: nothing writable, nothing but the code executable. */
void image_protect(unsigned char *image, const struct loader_plan *plan)
{
	if (mprotect(image, plan->rodata_offset, PROT_READ | PROT_EXEC) != 0 ||
	    mprotect(image + plan->rodata_offset, plan->image_bytes - plan->rodata_offset, PROT_READ) != 0)
		give_up("mprotect", "image");
}

void image_unmap(unsigned char *image, size_t bytes)
{
	munmap(image - LOADER_PAGE, bytes + 2 * LOADER_PAGE);
}
