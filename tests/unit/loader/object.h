/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object: files for the loader's tests, kept so that a step outside is a trap
 * in every build: the last byte of a file is followed by a page that cannot be
 * read, and an image has such pages on both sides.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include "nano/loader_file.h"

struct object {
	unsigned char *bytes;
	size_t size;
	unsigned char *mapping;
	size_t mapped;
};

/* All of these end the test program with a message if they cannot. */
void object_read(struct object *object, const char *path);
void object_make(struct object *object, const void *bytes, size_t size);
void object_copy(struct object *object, const struct object *from);
void object_grow(struct object *object, size_t more); /* zeroes at the end */
void object_free(struct object *object);

struct elf_header *object_header(const struct object *object);
uint32_t object_find_section(const struct object *object, const char *name);
uint32_t object_find_type(const struct object *object, uint32_t type);
uint32_t object_find_symbol(const struct object *object, const char *name);

/* In place: the tests' objects are aligned as their files are. */
struct elf_section *object_section(const struct object *object, uint32_t index);
struct elf_symbol *object_symbol(const struct object *object, uint32_t index);
uint32_t object_symbol_count(const struct object *object);
/* Relocation of that kind in a loaded section, or of any kind if 0; NULL: there is none. */
struct elf_relocation *object_relocation(const struct object *object, uint32_t kind, uint32_t *target);
/* Counts by kind, of loaded sections; kinds from 64 on are not counted. */
void object_relocation_kinds(const struct object *object, unsigned counts[64]);

/* `bytes` of zeroed memory below 2 GiB, fenced, readable and writable. */
unsigned char *image_map(size_t bytes);
void image_protect(unsigned char *image, const struct loader_plan *plan);
void image_unmap(unsigned char *image, size_t bytes);

#endif /* OBJECT_H */
