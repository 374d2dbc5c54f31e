/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of functions in an ELF file, both ways. */
#ifndef SFP_SWEEP_SYMBOLS_H
#define SFP_SWEEP_SYMBOLS_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A file's symbol table, mapped. Addresses are the file's; add `base` of the running process. */
struct symbols {
	const unsigned char *file;
	size_t size;
	const Elf64_Sym *table;
	size_t count;
	const char *names;
	size_t names_size;
	uintptr_t entry;    /* of the file's header: what the process's AT_ENTRY is compared to */
	uintptr_t base;
};

/** 0, or a sentence that says what is wrong with the file. */
const char *symbols_open(struct symbols *symbols, const char *path);
void symbols_close(struct symbols *symbols);

/** The run-time address of a function; 0 if there is none of that name. */
uintptr_t symbols_find(const struct symbols *symbols, const char *name);

/** "name+0x12", or the bare address; `text` is returned. */
const char *symbols_describe(const struct symbols *symbols, uintptr_t address, char *text, size_t size);

#endif /* SFP_SWEEP_SYMBOLS_H */
