/* SPDX-License-Identifier: BSD-2-Clause */
/* multiboot2: what the boot loader says, reduced to what the nano-core wants to know. */
#ifndef NANO_MULTIBOOT2_H
#define NANO_MULTIBOOT2_H

#define MULTIBOOT2_BOOT_MAGIC 0x36d76289

#ifndef __ASSEMBLER__
#include <nano/nano.h>
#include <sfp/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits of the tables below; what goes past them is counted, and said at boot. */
#define BOOT_REGIONS_MAX 64
#define BOOT_FILES_MAX 96

/* Physical memory, [start, end). */
struct boot_region {
	uint64_t start;
	uint64_t end;
};

/* A file that was packed into the boot image, where GRUB put it. */
struct boot_file {
	uint64_t start; /* physical */
	uint64_t end;
	const char *command_line; /* "name flags..." */
};

struct boot_information {
	struct boot_region self;                   /* where the information itself lies */
	struct boot_region ram[BOOT_REGIONS_MAX];  /* usable memory */
	size_t ram_count;
	struct boot_file files[BOOT_FILES_MAX];
	size_t file_count;
	const void *sections;                      /* the kernel's own ELF64 section headers, or NULL */
	size_t section_count;
	size_t section_size;
	size_t section_names;                      /* index of the section with their names */
	const void *rsdp;                          /* ACPI's root pointer (a copy), or NULL */
	struct nano_screen screen;                 /* width 0: nothing was said */
	size_t left_out;                           /* entries past a limit */
};

/*
 * Read what lies at `physical` into *boot.
 * @return SFP_OK; MALFORMED: it does not have multiboot2's form
 */
enum sfp_status multiboot2_parse(uint64_t physical, struct boot_information *boot) SFP_NODISCARD;

#endif
#endif /* NANO_MULTIBOOT2_H */
