/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the loader accepts runs. The fixture module is built by both compilers
 * in several ways, linked as in the kernel, mapped without a writable page, and
 * called through what its nano_module says.
 */
#include "fixture.h"
#include "object.h"
#include "offered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct loaded {
	struct object object;
	struct loader_plan plan;
	unsigned char *image;
	const struct nano_module *module;
	struct fixture_state state;
};

static char **paths;
static unsigned modules_run, calls_made;

static void expect_ok(enum sfp_status status, const struct loader_report *report, const char *path)
{
	char text[200];

	loader_report_text(report, text, sizeof(text));
	if (status != SFP_OK)
		fail_msg("%s: %s", path, text);
}

static void load(struct loaded *loaded, const char *path)
{
	struct loader_report report;
	uintptr_t address;

	memset(loaded, 0, sizeof(*loaded));
	object_read(&loaded->object, path);
	expect_ok(loader_plan(loaded->object.bytes, loaded->object.size, &offered, &loaded->plan, &report),
		  &report, path);
	loaded->image = image_map(loaded->plan.image_bytes);
	address = (uintptr_t)loaded->image;
	expect_ok(loader_link(&loaded->plan, loaded->image, loaded->plan.image_bytes, address, &report),
		  &report, path);
	expect_ok(loader_module_check(&loaded->plan, loaded->image, address, &report), &report, path);
	image_protect(loaded->image, &loaded->plan);
	loaded->module = (const void *)(loaded->image + loaded->plan.module_offset);
}

static void unload(struct loaded *loaded)
{
	image_unmap(loaded->image, loaded->plan.image_bytes);
	object_free(&loaded->object);
}

static const struct fixture_ops *ops(const struct loaded *loaded)
{
	calls_made++;
	return loaded->module->operations;
}

static unsigned expected_result(unsigned rule, unsigned value)
{
	static const unsigned weights[] = { 3, 5, 7, 11 };
	const unsigned results[] = { value + weights[value % 4], value * 77, value ^ 0x5a5a, value / 3,
				     value - 1, value << 3, ~value, value % 1000 };

	return results[rule];
}

static void run_computations(struct loaded *loaded)
{
	unsigned result;

	for (unsigned rule = 0; rule < 8; rule++) {
		assert_int_equal(ops(loaded)->compute(&loaded->state, rule, 1234567 + rule, &result), SFP_OK);
		assert_int_equal(result, expected_result(rule, 1234567 + rule));
	}
	assert_int_equal(ops(loaded)->compute(&loaded->state, 8, 0, &result), SFP_INVALID);
	assert_int_equal(loaded->state.computed, 8);
}

static void run_words(struct loaded *loaded)
{
	static const char *const words[] = { "zero", "one", "two", "three" };
	const char *text;

	for (unsigned number = 0; number < 4; number++) {
		assert_int_equal(ops(loaded)->word(&loaded->state, number, &text), SFP_OK);
		assert_string_equal(text, words[number]);
	}
	assert_int_equal(ops(loaded)->word(&loaded->state, 4, &text), SFP_NOT_FOUND);
}

static void run_report(struct loaded *loaded)
{
	struct fixture_report report = { 0 };

	offered_wakes = 0;
	assert_int_equal(ops(loaded)->report(&loaded->state, &report), SFP_OK);
	assert_int_equal(report.calls, 2);
	assert_int_equal(offered_wakes, 2); /* by a call, and through a constant pointer */
	assert_int_equal(report.sum, 3 + 5 + 7 + 11 + 8);
}

static void a_module_runs_as_it_was_written(void **unused)
{
	(void)unused;
	for (char **path = paths; *path != NULL; path++) {
		struct loaded loaded;

		load(&loaded, *path);
		assert_string_equal(loaded.module->name, "fixture");
		assert_string_equal(loaded.module->uses[1].interface->name, "interrupts");
		assert_string_equal(loaded.module->uses[1].provider, "pic");
		assert_int_equal(loaded.module->uses[1].offset, offsetof(struct fixture_state, interrupts));
		assert_string_equal(loaded.module->fields[0].name, "computed");
		assert_int_equal(loaded.module->interface->version, 3);
		assert_string_equal(loaded.module->interface->operations[2].name, "report");
		assert_int_equal(loaded.module->check(&loaded.state), SFP_INVALID);
		offered_logs = 0;
		assert_int_equal(loaded.module->start(&loaded.state), SFP_OK);
		assert_int_equal(offered_logs, 1);
		assert_int_equal(loaded.module->check(&loaded.state), SFP_OK);
		assert_null(loaded.module->poll);
		run_computations(&loaded);
		run_words(&loaded);
		run_report(&loaded);
		unload(&loaded);
		modules_run++;
	}
}

static void the_modules_use_every_relocation_that_the_loader_knows(void **unused)
{
	static const uint32_t known[] = { ELF_R_64, ELF_R_PC32, ELF_R_PLT32, ELF_R_32, ELF_R_32S };
	unsigned counts[64] = { 0 };

	(void)unused;
	for (char **path = paths; *path != NULL; path++) {
		struct object object;

		object_read(&object, *path);
		object_relocation_kinds(&object, counts);
		object_free(&object);
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_true(counts[known[i]] > 0);
	printf("relocations done: 64 %u, PC32 %u, PLT32 %u, 32 %u, 32S %u\n", counts[ELF_R_64],
	       counts[ELF_R_PC32], counts[ELF_R_PLT32], counts[ELF_R_32], counts[ELF_R_32S]);
}

/* The nano-core writes through one mapping what will run at another address. */
static void the_image_is_made_for_the_address_that_it_will_run_at(void **unused)
{
	(void)unused;
	for (char **path = paths; *path != NULL; path++) {
		struct loaded loaded;
		struct loader_report report;
		unsigned char *elsewhere;

		load(&loaded, *path);
		elsewhere = malloc(loaded.plan.image_bytes);
		expect_ok(loader_link(&loaded.plan, elsewhere, loaded.plan.image_bytes,
				      (uintptr_t)loaded.image, &report), &report, *path);
		assert_memory_equal(elsewhere, loaded.image, loaded.plan.image_bytes);
		free(elsewhere);
		unload(&loaded);
	}
}

static void expect_name(const struct loaded *loaded, size_t offset, const char *expected, size_t expected_by)
{
	const char *name;
	size_t by;

	assert_int_equal(loader_symbol_at(&loaded->plan, offset, &name, &by), SFP_OK);
	assert_string_equal(name, expected);
	assert_int_equal(by, expected_by);
}

static void expect_no_name(const struct loaded *loaded, size_t offset)
{
	const char *name;
	size_t by;

	assert_int_equal(loader_symbol_at(&loaded->plan, offset, &name, &by), SFP_NOT_FOUND);
}

static void addresses_have_names_and_names_addresses(void **unused)
{
	(void)unused;
	for (char **path = paths; *path != NULL; path++) {
		struct loaded loaded;
		size_t apply, module, none;

		load(&loaded, *path);
		assert_int_equal(loader_symbol_find(&loaded.plan, "nano_module", &module), SFP_OK);
		assert_int_equal(module, loaded.plan.module_offset);
		expect_name(&loaded, module + 8, "nano_module", 8);
		/* A static function, which only the file's own table knows. */
		assert_int_equal(loader_symbol_find(&loaded.plan, "apply", &apply), SFP_OK);
		assert_true(apply < loaded.plan.text_bytes);
		for (size_t inside = 0; inside < 8; inside++)
			expect_name(&loaded, apply + inside, "apply", inside);
		assert_int_equal(loader_symbol_find(&loaded.plan, "nano_wake", &none), SFP_NOT_FOUND);
		assert_int_equal(loader_symbol_find(&loaded.plan, "", &none), SFP_NOT_FOUND);
		expect_no_name(&loaded, loaded.plan.image_bytes);
		expect_no_name(&loaded, SIZE_MAX);
		expect_no_name(&loaded, loaded.plan.rodata_offset - 1);
		unload(&loaded);
	}
}

static void gaps_in_the_code_trap(void **unused)
{
	struct loaded loaded;

	(void)unused;
	load(&loaded, paths[0]);
	assert_true(loaded.plan.text_bytes < loaded.plan.rodata_offset);
	for (size_t i = loaded.plan.text_bytes; i < loaded.plan.rodata_offset; i++)
		assert_int_equal(loaded.image[i], 0xcc);
	unload(&loaded);
}

int main(int count, char **arguments)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_runs_as_it_was_written),
		cmocka_unit_test(the_modules_use_every_relocation_that_the_loader_knows),
		cmocka_unit_test(the_image_is_made_for_the_address_that_it_will_run_at),
		cmocka_unit_test(addresses_have_names_and_names_addresses),
		cmocka_unit_test(gaps_in_the_code_trap),
	};
	int failed;

	if (count < 2) {
		fprintf(stderr, "usage: %s MODULE...\n", arguments[0]);
		return 2;
	}
	paths = arguments + 1;
	offered_open();
	failed = cmocka_run_group_tests_name("loader/run", tests, NULL, NULL);
	printf("%u modules linked and run, %u operations called\n", modules_run, calls_made);
	return failed;
}
