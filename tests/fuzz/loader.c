/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loader under libFuzzer. The address and undefined-behaviour sanitizers
 * see every step outside of the file and of the image, which are heap blocks of
 * exactly their size; what they cannot see is checked here, by code that shares
 * nothing with the loader's: an accepted module may be used without any care.
 */
#include "mutate.h"
#include "offered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HIGH 0xffffffff90000000u

static unsigned long runs, by_reason[LOADER_REASON_COUNT];

#define REQUIRE(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: violated: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* One line for whoever runs the campaign: what did it reach? */
static void tell(void)
{
	unsigned reached = 0;

	for (unsigned i = 0; i < LOADER_REASON_COUNT; i++)
		reached += by_reason[i] != 0;
	fprintf(stderr, "reached: runs %lu accepted %lu reasons %u of %u\n", runs, by_reason[LOADER_NONE],
		reached, (unsigned)LOADER_REASON_COUNT);
	for (unsigned i = 0; i < LOADER_REASON_COUNT; i++)
		if (by_reason[i] == 0)
			fprintf(stderr, "not reached: %s\n", loader_reason_name((enum loader_reason)i));
}

int LLVMFuzzerInitialize(int *count, char ***arguments);
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
	(void)count;
	(void)arguments;
	offered_high();
	return atexit(tell);
}

/* ---- what the loader says of a plan ---------------------------------------------------- */

static void check_report(enum sfp_status status, const struct loader_report *report)
{
	char text[200];

	REQUIRE(report->reason < LOADER_REASON_COUNT);
	REQUIRE((status == SFP_OK) == (report->reason == LOADER_NONE));
	REQUIRE(memchr(report->detail, '\0', sizeof(report->detail)) != NULL);
	loader_report_text(report, text, sizeof(text));
	REQUIRE(strstr(text, report->sentence) == text);
}

static void check_plan(const struct loader_plan *plan)
{
	REQUIRE(plan->image_bytes % LOADER_PAGE == 0 && plan->rodata_offset % LOADER_PAGE == 0);
	REQUIRE(plan->image_bytes <= LOADER_IMAGE_MAX + LOADER_PAGE);
	REQUIRE(plan->image_bytes <= plan->file_bytes + 2 * LOADER_PAGE);
	REQUIRE(plan->text_bytes <= plan->rodata_offset);
	REQUIRE(plan->rodata_offset + plan->rodata_bytes <= plan->image_bytes);
	REQUIRE(plan->module_offset >= plan->rodata_offset);
	REQUIRE(plan->module_offset + sizeof(struct nano_module) <= plan->rodata_offset + plan->rodata_bytes);
}

static void check_names(const struct loader_plan *plan, uint32_t dice)
{
	const char *end = (const char *)plan->file + plan->file_bytes;
	const size_t offsets[] = { 0, dice % plan->image_bytes, plan->module_offset, plan->image_bytes,
				   plan->rodata_offset, SIZE_MAX - dice };
	const char *name;
	size_t by, offset;

	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		if (loader_symbol_at(plan, offsets[i], &name, &by) != SFP_OK)
			continue;
		REQUIRE(name >= (const char *)plan->file && name < end);
		REQUIRE(memchr(name, '\0', (size_t)(end - name)) != NULL);
		REQUIRE(by <= offsets[i] && offsets[i] < plan->image_bytes);
		REQUIRE(loader_symbol_find(plan, name, &offset) == SFP_OK);
		REQUIRE(offset <= plan->image_bytes);
	}
	/* A local symbol may have the name too; the global one is the answer. */
	REQUIRE(loader_symbol_find(plan, "nano_module", &offset) == SFP_OK && offset == plan->module_offset);
}

/* ---- an accepted module, used as the nano-core uses it ----------------------------------- */

struct image {
	const struct loader_plan *plan;
	const unsigned char *bytes;
};

static const void *here(const struct image *image, const void *there)
{
	return image->bytes + ((uintptr_t)there - HIGH);
}

static void use_text(const struct image *image, const char *there)
{
	const uintptr_t rodata = HIGH + image->plan->rodata_offset;

	REQUIRE((uintptr_t)there >= rodata);
	REQUIRE(strlen(here(image, there)) < LOADER_PAGE);
	REQUIRE((uintptr_t)there + strlen(here(image, there)) < rodata + image->plan->rodata_bytes);
}

static void use_code(const struct image *image, uintptr_t there)
{
	REQUIRE(there >= HIGH && there - HIGH < image->plan->text_bytes);
}

static void use_use(const struct image *image, const struct nano_module *module, const struct nano_use *use)
{
	const struct sfp_iface *interface = here(image, use->interface);

	use_text(image, use->name);
	use_text(image, interface->name);
	if (use->provider != NULL)
		use_text(image, use->provider);
	REQUIRE((uint64_t)use->offset + sizeof(struct sfp_iface_ref) <= module->state_size);
}

static void use_module(const struct image *image)
{
	const struct nano_module *module = (const void *)(image->bytes + image->plan->module_offset);
	const struct sfp_iface *interface;
	const struct sfp_iface_operation *operations;

	use_text(image, module->name);
	use_text(image, module->summary);
	REQUIRE(module->layout == SFP_LAYOUT && module->state_size <= LOADER_STATE_MAX);
	if (module->uses != NULL)
		for (const struct nano_use *use = here(image, module->uses); use->name != NULL; use++)
			use_use(image, module, use);
	if (module->fields != NULL)
		for (const struct nano_field *field = here(image, module->fields); field->name != NULL; field++)
			REQUIRE((uint64_t)field->offset + field->size <= module->state_size);
	use_code(image, (uintptr_t)module->check);
	if (module->start != NULL)
		use_code(image, (uintptr_t)module->start);
	if (module->poll != NULL)
		use_code(image, (uintptr_t)module->poll);
	if (module->takeover != NULL)
		use_code(image, (uintptr_t)module->takeover);
	if (module->interface == NULL)
		return;
	interface = here(image, module->interface);
	use_text(image, interface->name);
	operations = here(image, interface->operations);
	for (uint32_t i = 0; i < interface->count; i++) {
		use_code(image, ((const uintptr_t *)here(image, module->operations))[i]);
		use_text(image, operations[i].name);
		for (uint32_t k = 0; k < operations[i].count; k++)
			use_text(image, ((const struct sfp_iface_argument *)here(image, operations[i].arguments))[k].name);
	}
}

/* What no section claims is as the loader made it: relocations stayed inside their sections. */
static void check_gaps(const struct image *image)
{
	unsigned char *claimed = calloc(1, image->plan->image_bytes);
	struct elf_section section;

	for (uint32_t i = 1; i < image->plan->section_count; i++) {
		loader_section(image->plan, i, &section);
		if (image->plan->section_base[i] != LOADER_NOT_LOADED)
			memset(claimed + image->plan->section_base[i], 1, (size_t)section.bytes);
	}
	for (size_t i = 0; i < image->plan->image_bytes; i++)
		REQUIRE(claimed[i] || image->bytes[i] == (i < image->plan->rodata_offset ? 0xcc : 0));
	free(claimed);
}

static enum sfp_status link_and_check(const struct loader_plan *plan, struct loader_report *report)
{
	unsigned char *image = malloc(plan->image_bytes);
	enum sfp_status status = loader_link(plan, image, plan->image_bytes, HIGH, report);

	if (status != SFP_OK) {
		for (size_t i = 0; i < plan->image_bytes; i++)
			REQUIRE(image[i] == 0xcc);
	} else {
		check_gaps(&(struct image){ plan, image });
		status = loader_module_check(plan, image, HIGH, report);
		if (status == SFP_OK)
			use_module(&(struct image){ plan, image });
	}
	free(image);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loader_report report;
	struct loader_plan plan;
	unsigned char *file = malloc(size + 1);
	/* Odd sizes lie at odd addresses, so that a read by pointer cannot go unnoticed. */
	unsigned char *start = file + size % 2;
	enum sfp_status status;

	if (size > 0)
		memcpy(start, data, size);
	status = loader_plan(start, size, &offered, &plan, &report);
	check_report(status, &report);
	if (status == SFP_OK) {
		check_plan(&plan);
		check_names(&plan, (uint32_t)(size * 2654435761u));
		status = link_and_check(&plan, &report);
		check_report(status, &report);
	}
	runs++;
	by_reason[report.reason]++;
	free(file);
	return 0;
}
