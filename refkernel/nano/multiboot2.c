/* SPDX-License-Identifier: BSD-2-Clause */
/* multiboot2: see multiboot2.h. The tags' layout: the Multiboot2 Specification, version 2.0, section 3. */
#include "multiboot2.h"

#include "memory.h"

struct header {
	uint32_t total_size;
	uint32_t reserved;
};

struct tag {
	uint32_t type;
	uint32_t size; /* without the padding to 8 bytes */
};

enum tag_type {
	TAG_END = 0,
	TAG_MODULE = 3,
	TAG_MEMORY_MAP = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_ELF_SECTIONS = 9,
	TAG_RSDP_OLD = 14,
	TAG_RSDP = 15
};

struct tag_module {
	struct tag tag;
	uint32_t start;
	uint32_t end;
	char command_line[];
};

struct tag_memory_map {
	struct tag tag;
	uint32_t entry_size;
	uint32_t entry_version;
};

struct memory_map_entry {
	uint64_t base;
	uint64_t length;
	uint32_t type;
	uint32_t reserved;
};

#define MEMORY_AVAILABLE 1

struct tag_framebuffer {
	struct tag tag;
	uint64_t address;
	uint32_t pitch;
	uint32_t width;
	uint32_t height;
	uint8_t bits;
	uint8_t type;
	uint16_t reserved;
};

#define FRAMEBUFFER_TEXT 2

struct tag_sections {
	struct tag tag;
	uint32_t count;
	uint32_t entry_size;
	uint32_t names;
};

/* A command line must end inside its tag. */
static bool ends_within(const char *text, const char *limit)
{
	while (text < limit) {
		if (*text++ == '\0')
			return true;
	}
	return false;
}

static enum sfp_status take_module(const struct tag *tag, struct boot_information *boot)
{
	const struct tag_module *module = (const struct tag_module *)tag;

	if (tag->size <= sizeof(*module) || module->end < module->start)
		return SFP_MALFORMED;
	if (!ends_within(module->command_line, (const char *)tag + tag->size))
		return SFP_MALFORMED;
	if (boot->file_count == BOOT_FILES_MAX) {
		boot->left_out++;
		return SFP_OK;
	}
	boot->files[boot->file_count++] = (struct boot_file){
		.start = module->start, .end = module->end, .command_line = module->command_line
	};
	return SFP_OK;
}

static void take_region(const struct memory_map_entry *entry, struct boot_information *boot)
{
	if (entry->type != MEMORY_AVAILABLE || entry->length == 0)
		return;
	if (entry->base + entry->length < entry->base || boot->ram_count == BOOT_REGIONS_MAX) {
		boot->left_out++;
		return;
	}
	boot->ram[boot->ram_count++] = (struct boot_region){ entry->base, entry->base + entry->length };
}

static enum sfp_status take_memory_map(const struct tag *tag, struct boot_information *boot)
{
	const struct tag_memory_map *map = (const struct tag_memory_map *)tag;
	size_t offset = sizeof(*map);

	if (tag->size < sizeof(*map) || map->entry_size < sizeof(struct memory_map_entry))
		return SFP_MALFORMED;
	for (; offset + map->entry_size <= tag->size; offset += map->entry_size)
		take_region((const struct memory_map_entry *)((const char *)tag + offset), boot);
	return SFP_OK;
}

static enum sfp_status take_sections(const struct tag *tag, struct boot_information *boot)
{
	const struct tag_sections *sections = (const struct tag_sections *)tag;

	if (tag->size < sizeof(*sections))
		return SFP_MALFORMED;
	if ((uint64_t)sections->count * sections->entry_size > tag->size - sizeof(*sections))
		return SFP_MALFORMED;
	boot->sections = sections + 1;
	boot->section_count = sections->count;
	boot->section_size = sections->entry_size;
	boot->section_names = sections->names;
	return SFP_OK;
}

static enum sfp_status take_framebuffer(const struct tag *tag, struct boot_information *boot)
{
	const struct tag_framebuffer *said = (const struct tag_framebuffer *)tag;

	if (tag->size < offsetof(struct tag_framebuffer, reserved))
		return SFP_MALFORMED;
	boot->screen = (struct nano_screen){
		.physical = said->address,
		.kind = said->type == FRAMEBUFFER_TEXT ? NANO_SCREEN_TEXT : NANO_SCREEN_PIXELS,
		.width = said->width,
		.height = said->height,
		.pitch = said->pitch,
	};
	return SFP_OK;
}

static enum sfp_status take(const struct tag *tag, struct boot_information *boot)
{
	switch (tag->type) {
	case TAG_MODULE:
		return take_module(tag, boot);
	case TAG_MEMORY_MAP:
		return take_memory_map(tag, boot);
	case TAG_FRAMEBUFFER:
		return take_framebuffer(tag, boot);
	case TAG_ELF_SECTIONS:
		return take_sections(tag, boot);
	case TAG_RSDP_OLD:
		if (!boot->rsdp)
			boot->rsdp = tag + 1;
		return SFP_OK;
	case TAG_RSDP:
		boot->rsdp = tag + 1;
		return SFP_OK;
	default:
		return SFP_OK;
	}
}

enum sfp_status multiboot2_parse(uint64_t physical, struct boot_information *boot)
{
	const struct header *header = direct(physical);
	const char *at = (const char *)(header + 1);
	const char *end = (const char *)header + header->total_size;

	*boot = (struct boot_information){ .self = { physical, physical + header->total_size } };
	while (at + sizeof(struct tag) <= end) {
		const struct tag *tag = (const struct tag *)(const void *)at;

		if (tag->size < sizeof(*tag) || tag->size > (size_t)(end - at))
			return SFP_MALFORMED;
		if (tag->type == TAG_END)
			return SFP_OK;
		SFP_TRY(take(tag, boot));
		at += (tag->size + 7u) & ~7ul;
	}
	return SFP_MALFORMED; /* no end tag */
}
