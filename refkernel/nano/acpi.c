/* SPDX-License-Identifier: BSD-2-Clause */
/* acpi: see acpi.h. Layouts: ACPI Specification 6.5, sections 5.2.5 to 5.2.12. */
#include "acpi.h"

#include "lib/mem.h"
#include "memory.h"

/* What the boot's page tables map; tables above it are as good as none. */
#define REACH 0x100000000ul
#define TABLE_MAX 0x10000u

struct root_pointer {
	char signature[8];
	uint8_t checksum;
	char oem[6];
	uint8_t revision;
	uint32_t table; /* of 32-bit addresses */
} __attribute__((packed));

struct table {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision, creator, creator_revision;
} __attribute__((packed));

struct processors {
	struct table table;
	uint32_t controller_address;
	uint32_t flags;
} __attribute__((packed));

struct entry {
	uint8_t type;
	uint8_t length;
} __attribute__((packed));

struct local_apic {
	struct entry entry;
	uint8_t processor, id;
	uint32_t flags;
} __attribute__((packed));

struct local_x2apic {
	struct entry entry;
	uint16_t reserved;
	uint32_t id, flags, processor;
} __attribute__((packed));

#define ENTRY_LOCAL_APIC 0
#define ENTRY_LOCAL_X2APIC 9
#define FLAG_ENABLED 1u

/* The table there, if it can be read and is of the kind. */
static const struct table *table_at(uint64_t physical, const char *signature)
{
	const struct table *table = direct(physical);

	if (physical == 0 || physical + sizeof(*table) > REACH || memcmp(table->signature, signature, 4) != 0)
		return NULL;
	if (table->length < sizeof(*table) || table->length > TABLE_MAX || physical + table->length > REACH)
		return NULL;
	return table;
}

static const struct table *table_find(const struct root_pointer *root, const char *signature)
{
	const struct table *list = table_at(root->table, "RSDT");
	const uint32_t *addresses = (const uint32_t *)(const void *)(list + 1);
	const size_t count = list ? (list->length - sizeof(*list)) / sizeof(*addresses) : 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t address;
		const struct table *table;

		memcpy(&address, &addresses[i], sizeof(address));
		table = table_at(address, signature);
		if (table)
			return table;
	}
	return NULL;
}

static bool is_processor(const struct entry *entry)
{
	if (entry->type == ENTRY_LOCAL_APIC && entry->length >= sizeof(struct local_apic))
		return ((const struct local_apic *)entry)->flags & FLAG_ENABLED;
	if (entry->type == ENTRY_LOCAL_X2APIC && entry->length >= sizeof(struct local_x2apic))
		return ((const struct local_x2apic *)entry)->flags & FLAG_ENABLED;
	return false;
}

unsigned acpi_processors(const void *rsdp)
{
	const struct table *table = rsdp ? table_find(rsdp, "APIC") : NULL;
	const char *at, *end;
	unsigned count = 0;

	if (!table || table->length < sizeof(struct processors))
		return 1;
	at = (const char *)table + sizeof(struct processors);
	end = (const char *)table + table->length;
	while ((size_t)(end - at) >= sizeof(struct entry)) {
		const struct entry *entry = (const struct entry *)at;

		if (entry->length < sizeof(*entry) || entry->length > end - at)
			break;
		count += is_processor(entry);
		at += entry->length;
	}
	return count ? count : 1;
}
