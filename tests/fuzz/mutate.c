/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutate: changes to an object that leave it an object. Random bytes are refused
 * by the first check that they meet; here one field at a time gets a value that
 * is nearly right, so that all checks before it pass and the one meant for it,
 * or none, must catch it.
 */
#include "mutate.h"

#include <string.h>

struct field {
	uint8_t offset, bytes;
};

/* The fields of each kind of record, by their place in it. */
static const struct field header_fields[] = {
	{ 4, 1 }, { 5, 1 }, { 6, 1 }, { 7, 1 }, { 16, 2 }, { 18, 2 }, { 20, 4 }, { 40, 8 }, { 52, 2 },
	{ 58, 2 }, { 60, 2 }, { 62, 2 }
};
static const struct field section_fields[] = {
	{ 0, 4 }, { 4, 4 }, { 8, 8 }, { 24, 8 }, { 32, 8 }, { 40, 4 }, { 44, 4 }, { 48, 8 }, { 56, 8 }
};
static const struct field symbol_fields[] = { { 0, 4 }, { 4, 1 }, { 6, 2 }, { 8, 8 }, { 16, 8 } };
static const struct field relocation_fields[] = { { 0, 8 }, { 8, 4 }, { 12, 4 }, { 16, 8 } };

/* Records of one kind that lie in the file. */
struct records {
	uint8_t *first;
	size_t count, bytes;
	const struct field *fields;
	size_t field_count;
};

static uint32_t dice(unsigned *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static uint64_t get(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	memcpy(&value, at, bytes);
	return value;
}

static bool as_object(const uint8_t *data, size_t size, struct elf_header *header)
{
	if (size < sizeof(*header))
		return false;
	memcpy(header, data, sizeof(*header));
	return header->section_count > 0 &&
	       loader_within(header->sections, header->section_count * sizeof(struct elf_section), size);
}

/* The records of a random section of that type; none if there is no such section. */
static struct records find_table(uint8_t *data, size_t size, const struct elf_header *header, uint32_t type,
				 unsigned *state)
{
	const uint32_t start = dice(state);
	struct records found = { NULL, 0, 0, NULL, 0 };
	struct elf_section section;

	for (uint32_t i = 0; i < header->section_count; i++) {
		const uint32_t index = (start + i) % header->section_count;

		memcpy(&section, data + header->sections + index * sizeof(section), sizeof(section));
		if (section.type != type || !loader_within(section.offset, section.bytes, size))
			continue;
		found.first = data + section.offset;
		found.bytes = 24; /* of a symbol and of a relocation */
		found.count = (size_t)section.bytes / found.bytes;
		break;
	}
	return found;
}

static struct records pick_records(uint8_t *data, size_t size, const struct elf_header *header,
				   unsigned *state)
{
	struct records records;

	switch (dice(state) % 8) {
	case 0:
		return (struct records){ data, 1, sizeof(*header), header_fields,
					 sizeof(header_fields) / sizeof(header_fields[0]) };
	case 1: case 2: case 3:
		return (struct records){ data + header->sections, header->section_count,
					 sizeof(struct elf_section), section_fields,
					 sizeof(section_fields) / sizeof(section_fields[0]) };
	case 4: case 5:
		records = find_table(data, size, header, ELF_SYMTAB, state);
		records.fields = symbol_fields;
		records.field_count = sizeof(symbol_fields) / sizeof(symbol_fields[0]);
		return records;
	default:
		records = find_table(data, size, header, ELF_RELA, state);
		records.fields = relocation_fields;
		records.field_count = sizeof(relocation_fields) / sizeof(relocation_fields[0]);
		return records;
	}
}

/* A value near to what could be right: of a neighbour, of a limit, of the old one. */
static uint64_t pick_value(uint64_t old, uint64_t neighbour, size_t size, unsigned *state)
{
	switch (dice(state) % 10) {
	case 0: return 0;
	case 1: return neighbour;
	case 2: return neighbour + dice(state) % 17 - 8;
	case 3: return old + dice(state) % 33 - 16;
	case 4: return old ^ (uint64_t)1 << dice(state) % 64;
	case 5: return (uint64_t)1 << dice(state) % 64;
	case 6: return ~(uint64_t)0 - dice(state) % 64;
	case 7: return size - dice(state) % 128;
	case 8: return dice(state) % 20;
	default: return old * 2;
	}
}

static void change_field(const struct records *records, size_t size, unsigned *state)
{
	const struct field *field = &records->fields[dice(state) % records->field_count];
	uint8_t *const base = records->first + field->offset;
	uint8_t *const at = base + dice(state) % records->count * records->bytes;
	const uint8_t *const neighbour = base + dice(state) % records->count * records->bytes;
	const uint64_t value = pick_value(get(at, field->bytes), get(neighbour, field->bytes), size, state);

	memcpy(at, &value, field->bytes);
}

/* A whole record becomes another's double: two symbol tables, two names, two places. */
static void copy_record(const struct records *records, unsigned *state)
{
	memmove(records->first + dice(state) % records->count * records->bytes,
		records->first + dice(state) % records->count * records->bytes, records->bytes);
}

/* Where a section's bytes end the file, a step past the section is a step past the file, and is seen. */
static size_t move_to_end(uint8_t *data, size_t size, size_t max_size, const struct elf_header *header,
			  unsigned *state)
{
	const uint32_t index = dice(state) % header->section_count;
	uint8_t *at = data + header->sections + index * sizeof(struct elf_section);
	struct elf_section section;
	uint64_t from;

	memcpy(&section, at, sizeof(section));
	if (section.type == ELF_NOBITS || !loader_within(section.offset, section.bytes, size) ||
	    section.bytes > max_size - size)
		return size;
	from = section.offset;
	section.offset = size;
	memcpy(at, &section, sizeof(section));
	memmove(data + size, data + from, (size_t)section.bytes);
	return size + (size_t)section.bytes;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	unsigned state = seed;
	struct elf_header header;

	if (dice(&state) % 5 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	for (unsigned rounds = 1 + dice(&state) % 3; rounds > 0; rounds--) {
		struct records records;

		if (!as_object(data, size, &header))
			return LLVMFuzzerMutate(data, size, max_size);
		if (dice(&state) % 16 == 0) {
			size = move_to_end(data, size, max_size, &header, &state);
			continue;
		}
		records = pick_records(data, size, &header, &state);
		if (records.count == 0)
			continue;
		if (dice(&state) % 10 == 0)
			copy_record(&records, &state);
		else
			change_field(&records, size, &state);
	}
	return size;
}
