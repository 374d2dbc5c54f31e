/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What must not run is refused, with the reason that is true of it: the files of
 * tests/kernel/malformed by its table, sound objects with one field changed here,
 * and every prefix and every single flipped bit of a sound one.
 *
 * usage: test_refuse MALFORMED_DIR SOUND_MODULE...; the first runs in the kernel's model
 */
#include "broken.h"
#include "object.h"
#include "offered.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *malformed;
static char **sound;
static bool seen[LOADER_REASON_COUNT];

#define HIGH 0xffffffff90000000u /* as in the kernel: both ends of its 2 GiB are in reach */

/* All that the kernel does with a file but running it. */
static enum sfp_status try_at(const struct object *object, uintptr_t address, struct loader_report *report)
{
	struct loader_plan plan;
	enum sfp_status status = loader_plan(object->bytes, object->size, &offered, &plan, report);
	unsigned char *image;

	if (status != SFP_OK)
		return status;
	assert_true(plan.image_bytes > 0 && plan.image_bytes % LOADER_PAGE == 0);
	assert_true(plan.image_bytes <= LOADER_IMAGE_MAX + LOADER_PAGE);
	image = image_map(plan.image_bytes);
	status = loader_link(&plan, image, plan.image_bytes, address, report);
	if (status == SFP_OK)
		status = loader_module_check(&plan, image, address, report);
	image_unmap(image, plan.image_bytes);
	return status;
}

static bool matches(const char *expression, const char *text)
{
	regex_t compiled;
	bool found;

	assert_int_equal(regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB), 0);
	found = regexec(&compiled, text, 0, NULL, 0) == 0;
	regfree(&compiled);
	return found;
}

static void expect_reason(const char *what, const struct object *object, const char *reason, const char *text)
{
	struct loader_report report;
	const enum sfp_status status = try_at(object, HIGH, &report);
	char line[200];

	loader_report_text(&report, line, sizeof(line));
	if (status == SFP_OK)
		fail_msg("%s was not refused", what);
	if (!matches(reason, loader_reason_name(report.reason)) || !matches(text, line))
		fail_msg("%s: expected %s, \"%s\"; got %s, \"%s\"", what, reason, text,
			 loader_reason_name(report.reason), line);
	seen[report.reason] = true;
}

static void sound_modules_are_accepted_at_the_kernels_addresses(void **unused)
{
	struct object object;
	struct loader_report report;
	char path[400];

	(void)unused;
	snprintf(path, sizeof(path), "%s/good.o", malformed);
	object_read(&object, path);
	assert_int_equal(try_at(&object, HIGH, &report), SFP_OK);
	assert_int_equal(report.reason, LOADER_NONE);
	assert_string_equal(report.detail, "");
	object_free(&object);
	object_read(&object, sound[0]);
	assert_int_equal(try_at(&object, HIGH, &report), SFP_OK);
	object_free(&object);
}

static void every_malformed_file_is_refused_for_its_reason(void **unused)
{
	char line[400], path[800], *field[3];
	unsigned count = 0;
	FILE *table;

	(void)unused;
	snprintf(path, sizeof(path), "%s/expected.txt", malformed);
	table = fopen(path, "r");
	assert_non_null(table);
	while (fgets(line, sizeof(line), table) != NULL) {
		char *rest = line;
		struct object object;

		for (int i = 0; i < 3; i++)
			field[i] = strsep(&rest, "\t\n");
		snprintf(path, sizeof(path), "%s/%s", malformed, field[0]);
		object_read(&object, path);
		expect_reason(field[0], &object, field[1], field[2]);
		object_free(&object);
		count++;
	}
	fclose(table);
	printf("%u malformed files, each refused for its reason\n", count);
	assert_true(count >= 50);
}

/* ---- one field changed ----------------------------------------------------------------- */

static void read_good(struct object *object)
{
	char path[400];

	snprintf(path, sizeof(path), "%s/good.o", malformed);
	object_read(object, path);
}

static void every_broken_field_is_refused_for_its_reason(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < broken_count; i++) {
		struct object object;

		read_good(&object);
		broken[i].change(&object);
		expect_reason(broken[i].name, &object, broken[i].reason, broken[i].text);
		object_free(&object);
	}
	printf("%zu fields broken one by one, each refused for its reason\n", broken_count);
}

static void memory_that_does_not_suit_is_refused_untouched(void **unused)
{
	static unsigned char memory[64 * LOADER_PAGE];
	struct loader_report report;
	struct loader_plan plan;
	struct object object;

	(void)unused;
	read_good(&object);
	assert_int_equal(loader_plan(object.bytes, object.size, &offered, &plan, &report), SFP_OK);
	assert_true(plan.image_bytes < sizeof(memory));
	memset(memory, 0x5a, sizeof(memory));
	assert_int_equal(loader_link(&plan, memory, plan.image_bytes - 1, HIGH, &report), SFP_INVALID);
	assert_int_equal(report.reason, LOADER_PLACE);
	assert_int_equal(loader_link(&plan, memory, sizeof(memory), HIGH + 16, &report), SFP_INVALID);
	assert_int_equal(loader_link(&plan, memory, sizeof(memory), UINTPTR_MAX - LOADER_PAGE + 1, &report),
			 SFP_INVALID);
	for (size_t i = 0; i < sizeof(memory); i++)
		assert_int_equal(memory[i], 0x5a);
	seen[LOADER_PLACE] = true;
	assert_int_equal(loader_link(&plan, memory, sizeof(memory), HIGH, &report), SFP_OK);
	for (size_t i = plan.image_bytes; i < sizeof(memory); i++)
		assert_int_equal(memory[i], 0x5a);
	object_free(&object);
}

/* ---- how far 32 bits reach ------------------------------------------------------------------ */

/* Have the one call of nano_wake be a relocation of that kind to `distance`, and link at HIGH. */
static enum sfp_status link_to(uint32_t kind, uintptr_t target, bool from_there, struct loader_report *report)
{
	struct elf_relocation *relocation;
	struct loader_plan plan;
	struct object object;
	enum sfp_status status;
	uint32_t section;

	read_good(&object);
	relocation = object_relocation(&object, ELF_R_PLT32, &section);
	relocation->info = kind | (uint64_t)object_find_symbol(&object, "nano_wake") << 32;
	relocation->addend = 0;
	assert_int_equal(loader_plan(object.bytes, object.size, &offered, &plan, report), SFP_OK);
	if (from_there)
		target += HIGH + plan.section_base[section] + relocation->offset;
	offered_place("nano_wake", target);
	status = try_at(&object, HIGH, report);
	offered_high();
	object_free(&object);
	return status;
}

static void relocations_reach_as_far_as_32_bits_do_and_no_further(void **unused)
{
	static const struct {
		uint32_t kind;
		bool from_there;
		uintptr_t last, beyond;
	} reaches[] = {
		{ ELF_R_PC32, true, INT32_MAX, (uintptr_t)INT32_MAX + 1 },
		{ ELF_R_PC32, true, (uintptr_t)INT32_MIN, (uintptr_t)INT32_MIN - 1 },
		{ ELF_R_PLT32, true, INT32_MAX, (uintptr_t)INT32_MAX + 1 },
		{ ELF_R_PLT32, true, (uintptr_t)INT32_MIN, (uintptr_t)INT32_MIN - 1 },
		{ ELF_R_32S, false, INT32_MAX, (uintptr_t)INT32_MAX + 1 },
		{ ELF_R_32S, false, (uintptr_t)INT32_MIN, (uintptr_t)INT32_MIN - 1 },
		{ ELF_R_32, false, UINT32_MAX, (uintptr_t)UINT32_MAX + 1 },
		{ ELF_R_32, false, 0, UINTPTR_MAX },
	};
	struct loader_report report;

	(void)unused;
	for (size_t i = 0; i < sizeof(reaches) / sizeof(reaches[0]); i++) {
		const uint32_t kind = reaches[i].kind;
		const bool from_there = reaches[i].from_there;

		assert_int_equal(link_to(kind, reaches[i].last, from_there, &report), SFP_OK);
		assert_int_equal(link_to(kind, reaches[i].beyond, from_there, &report), SFP_LIMIT);
		assert_int_equal(report.reason, LOADER_RELOCATION_RANGE);
		assert_string_equal(report.detail, "nano_wake");
	}
}

static void what_failed_to_link_cannot_run(void **unused)
{
	struct loader_report report;
	struct loader_plan plan;
	struct object object;
	unsigned char *image;

	(void)unused;
	read_good(&object);
	assert_int_equal(loader_plan(object.bytes, object.size, &offered, &plan, &report), SFP_OK);
	image = image_map(plan.image_bytes);
	assert_int_equal(loader_link(&plan, image, plan.image_bytes, 0x100000000000, &report), SFP_LIMIT);
	for (size_t i = 0; i < plan.image_bytes; i++)
		assert_int_equal(image[i], 0xcc);
	image_unmap(image, plan.image_bytes);
	object_free(&object);
}

/* ---- exhaustive damage ------------------------------------------------------------------------ */

static void every_prefix_of_a_module_is_refused_as_cut_off(void **unused)
{
	unsigned prefixes = 0;

	(void)unused;
	for (char **path = sound; *path != NULL; path++) {
		struct object whole, prefix;
		struct loader_report report;

		object_read(&whole, *path);
		for (size_t size = 0; size < whole.size; size++, prefixes++) {
			object_make(&prefix, whole.bytes, size);
			if (try_at(&prefix, HIGH, &report) == SFP_OK)
				fail_msg("%s: its first %zu bytes were accepted", *path, size);
			assert_true(report.reason == LOADER_EMPTY || report.reason == LOADER_SHORT ||
				    report.reason == LOADER_TRUNCATED);
			object_free(&prefix);
		}
		object_free(&whole);
	}
	printf("%u prefixes refused\n", prefixes);
}

static void a_flipped_bit_is_refused_or_harmless_and_never_leads_outside(void **unused)
{
	unsigned flips = 0, refused = 0;
	struct loader_report report;
	struct object object;

	(void)unused;
	read_good(&object);
	for (size_t bit = 0; bit < object.size * 8; bit++, flips++) {
		object.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
		if (try_at(&object, HIGH, &report) != SFP_OK) {
			assert_true(report.reason != LOADER_NONE && report.reason < LOADER_REASON_COUNT);
			assert_non_null(memchr(report.detail, '\0', sizeof(report.detail)));
			refused++;
		}
		object.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
	assert_int_equal(try_at(&object, HIGH, &report), SFP_OK);
	printf("%u bits flipped, %u refused, the others harmless\n", flips, refused);
	assert_true(refused > flips / 10);
	object_free(&object);
}

static void reports_are_bounded_and_show_only_what_prints(void **unused)
{
	struct object object;
	struct loader_report report;
	struct elf_section *names;
	char text[20], one[1];

	(void)unused;
	read_good(&object);
	names = object_section(&object, object_header(&object)->names_section);
	memset(object.bytes + names->offset, '\033', names->bytes - 1);
	object_section(&object, 1)->flags |= ELF_COMPRESSED;
	assert_int_equal(try_at(&object, HIGH, &report), SFP_UNSUPPORTED);
	assert_int_equal(report.reason, LOADER_COMPRESSED);
	assert_int_equal(strlen(report.detail), sizeof(report.detail) - 1);
	assert_int_equal(strspn(report.detail, "?"), sizeof(report.detail) - 1);
	loader_report_text(&report, text, sizeof(text));
	assert_string_equal(text, "a section is compre");
	loader_report_text(&report, one, sizeof(one));
	assert_string_equal(one, "");
	loader_report_text(&report, NULL, 0);
	object_free(&object);
}

/* Last: the others have filled in what they saw. */
static void there_is_no_reason_without_a_test(void **unused)
{
	(void)unused;
	for (unsigned i = LOADER_NONE + 1; i < LOADER_REASON_COUNT; i++)
		if (!seen[i])
			fail_msg("no test provokes %s", loader_reason_name((enum loader_reason)i));
	assert_string_equal(loader_reason_name(LOADER_WRITABLE_DATA), "WRITABLE_DATA");
	assert_string_equal(loader_reason_name(LOADER_REASON_COUNT), "?");
}

int main(int count, char **arguments)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_modules_are_accepted_at_the_kernels_addresses),
		cmocka_unit_test(every_malformed_file_is_refused_for_its_reason),
		cmocka_unit_test(every_broken_field_is_refused_for_its_reason),
		cmocka_unit_test(memory_that_does_not_suit_is_refused_untouched),
		cmocka_unit_test(relocations_reach_as_far_as_32_bits_do_and_no_further),
		cmocka_unit_test(what_failed_to_link_cannot_run),
		cmocka_unit_test(every_prefix_of_a_module_is_refused_as_cut_off),
		cmocka_unit_test(a_flipped_bit_is_refused_or_harmless_and_never_leads_outside),
		cmocka_unit_test(reports_are_bounded_and_show_only_what_prints),
		cmocka_unit_test(there_is_no_reason_without_a_test),
	};

	if (count < 3) {
		fprintf(stderr, "usage: %s MALFORMED_DIR SOUND_MODULE...\n", arguments[0]);
		return 2;
	}
	malformed = arguments[1];
	sound = arguments + 2;
	offered_high();
	return cmocka_run_group_tests_name("loader/refuse", tests, NULL, NULL);
}
