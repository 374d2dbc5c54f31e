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

struct io_apic {
	struct entry entry;
	uint8_t id, reserved;
	uint32_t address, first;
} __attribute__((packed));

struct override {
	struct entry entry;
	uint8_t bus, line;
	uint32_t input;
	uint16_t flags;
} __attribute__((packed));

struct address_override {
	struct entry entry;
	uint16_t reserved;
	uint64_t address;
} __attribute__((packed));

struct local_x2apic {
	struct entry entry;
	uint16_t reserved;
	uint32_t id, flags, processor;
} __attribute__((packed));

#define ENTRY_LOCAL_APIC 0
#define ENTRY_IO_APIC 1
#define ENTRY_OVERRIDE 2
#define ENTRY_ADDRESS 5
#define ENTRY_LOCAL_X2APIC 9
#define FLAG_ENABLED 1u

/* Of an override's flags, two bits each: 3 is low or level, else as the bus has it: high and edge on ISA. */
#define POLARITY_LOW(flags) (((flags) & 3) == 3)
#define TRIGGER_LEVEL(flags) (((flags) >> 2 & 3) == 3)

#define APIC_ID_MAX 254u /* what an interrupt command can name; 255 is everybody */

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

static void add_processor(struct acpi_machine *machine, uint32_t id, uint32_t flags)
{
	if (!(flags & FLAG_ENABLED))
		return;
	machine->count++;
	if (machine->known < PROCESSORS_MAX && id <= APIC_ID_MAX)
		machine->ids[machine->known++] = id;
}

static void add_io_apic(struct acpi_machine *machine, const struct io_apic *controller)
{
	struct nano_lines *lines = &machine->lines;

	if (lines->controllers < NANO_LINE_CONTROLLERS)
		lines->controller[lines->controllers++] =
			(struct nano_line_controller){ controller->address, controller->first };
}

static void add_override(struct acpi_machine *machine, const struct override *override)
{
	if (override->line < NANO_LINES)
		machine->lines.line[override->line] = (struct nano_line){
			.input = override->input,
			.low = POLARITY_LOW(override->flags),
			.level = TRIGGER_LEVEL(override->flags),
		};
}

/* As `type` if it is long enough to be one, else NULL. */
#define ENTRY_AS(entry, type) \
	((entry)->length >= sizeof(struct type) ? (const struct type *)(const void *)(entry) : NULL)

static void add(struct acpi_machine *machine, const struct entry *entry)
{
	const struct local_apic *local = ENTRY_AS(entry, local_apic);
	const struct local_x2apic *extended = ENTRY_AS(entry, local_x2apic);
	const struct io_apic *controller = ENTRY_AS(entry, io_apic);
	const struct override *override = ENTRY_AS(entry, override);
	const struct address_override *address = ENTRY_AS(entry, address_override);

	if (entry->type == ENTRY_LOCAL_APIC && local)
		add_processor(machine, local->id, local->flags);
	else if (entry->type == ENTRY_LOCAL_X2APIC && extended)
		add_processor(machine, extended->id, extended->flags);
	else if (entry->type == ENTRY_IO_APIC && controller)
		add_io_apic(machine, controller);
	else if (entry->type == ENTRY_OVERRIDE && override)
		add_override(machine, override);
	else if (entry->type == ENTRY_ADDRESS && address)
		machine->controller = address->address;
}

static void read_entries(const struct table *table, struct acpi_machine *machine)
{
	const char *at = (const char *)table + sizeof(struct processors);
	const char *const end = (const char *)table + table->length;

	machine->controller = ((const struct processors *)table)->controller_address;
	while ((size_t)(end - at) >= sizeof(struct entry)) {
		const struct entry *entry = (const struct entry *)at;

		if (entry->length < sizeof(*entry) || entry->length > end - at)
			break;
		add(machine, entry);
		at += entry->length;
	}
}

void acpi_read(const void *rsdp, struct acpi_machine *machine)
{
	const struct table *table = rsdp ? table_find(rsdp, "APIC") : NULL;

	*machine = (struct acpi_machine){ .count = 0 };
	for (unsigned line = 0; line < NANO_LINES; line++)
		machine->lines.line[line].input = line;
	if (table && table->length >= sizeof(struct processors))
		read_entries(table, machine);
	if (machine->count == 0)
		machine->count = 1;
}
