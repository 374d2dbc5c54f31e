/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each pointer of a linked nano_module, bent so that it leads just outside.
 *
 * usage: test_module SOUND_MODULE
 */
#include "object.h"
#include "offered.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HIGH 0xffffffff90000000u

static const char *sound;

/* A linked image that its constants fill to the last byte before the fence, with no NUL at the end. */
struct full {
	struct object object;
	struct loader_plan plan;
	unsigned char *image;
	struct nano_module *module;
};

static void full_open(struct full *full)
{
	struct loader_report report;

	object_read(&full->object, sound);
	assert_int_equal(loader_plan(full->object.bytes, full->object.size, &offered, &full->plan, &report),
			 SFP_OK);
	full->image = image_map(full->plan.image_bytes);
	assert_int_equal(loader_link(&full->plan, full->image, full->plan.image_bytes, HIGH, &report),
			 SFP_OK);
	memset(full->image + full->plan.rodata_offset + full->plan.rodata_bytes, 'x',
	       full->plan.image_bytes - full->plan.rodata_offset - full->plan.rodata_bytes);
	full->plan.rodata_bytes = full->plan.image_bytes - full->plan.rodata_offset;
	full->module = (void *)(full->image + full->plan.module_offset);
	assert_int_equal(loader_module_check(&full->plan, full->image, HIGH, &report), SFP_OK);
}

static void full_refuses(struct full *full, enum loader_reason reason)
{
	struct loader_report report;

	assert_int_not_equal(loader_module_check(&full->plan, full->image, HIGH, &report), SFP_OK);
	assert_int_equal(report.reason, reason);
	image_unmap(full->image, full->plan.image_bytes);
	object_free(&full->object);
}

/* The address at which the byte that far before the end of the image will run. */
static void *from_end(const struct full *full, size_t distance)
{
	return (void *)(HIGH + full->plan.image_bytes - distance);
}

/* Where the test can write what runs there. */
static void *here(const struct full *full, const void *there)
{
	return full->image + ((uintptr_t)there - HIGH);
}

static struct sfp_iface *interface_of(const struct full *full)
{
	return here(full, full->module->interface);
}

static struct sfp_iface_operation *operation_of(const struct full *full)
{
	return here(full, interface_of(full)->operations);
}

static void what_nano_module_points_to_ends_inside_the_constants(void **unused)
{
	struct full full;

	(void)unused;
	full_open(&full);
	full.module->name = from_end(&full, 8);
	full_refuses(&full, LOADER_NAME);
	full_open(&full);
	full.module->name = from_end(&full, 0);
	full_refuses(&full, LOADER_NAME);
	full_open(&full);
	full.module->summary = from_end(&full, 1);
	full_refuses(&full, LOADER_SUMMARY);
	full_open(&full);
	full.module->summary = (const char *)HIGH; /* in the code */
	full_refuses(&full, LOADER_SUMMARY);
	full_open(&full);
	full.module->uses = from_end(&full, 0);
	full_refuses(&full, LOADER_USES);
	full_open(&full);
	full.module->uses = (const void *)((uintptr_t)full.module->uses + 1);
	full_refuses(&full, LOADER_USES);
	full_open(&full);
	full.module->fields = from_end(&full, sizeof(struct nano_field) - 8);
	full_refuses(&full, LOADER_FIELDS);
	full_open(&full);
	full.module->interface = from_end(&full, sizeof(struct sfp_iface) - 8);
	full_refuses(&full, LOADER_INTERFACE);
	full_open(&full);
	full.module->interface = (const void *)UINTPTR_MAX;
	full_refuses(&full, LOADER_INTERFACE);
	full_open(&full);
	full.module->check = (nano_hook *)(HIGH + full.plan.text_bytes);
	full_refuses(&full, LOADER_HOOK);
}

static void lists_of_nano_module_end_inside_the_constants(void **unused)
{
	struct nano_field *last;
	struct full full;

	(void)unused;
	full_open(&full);
	last = (void *)(full.image + full.plan.image_bytes - sizeof(*last));
	*last = *(const struct nano_field *)here(&full, full.module->fields);
	full.module->fields = from_end(&full, sizeof(*last));
	full_refuses(&full, LOADER_FIELDS);
	full_open(&full);
	full.module->operations = from_end(&full, 0);
	full_refuses(&full, LOADER_INTERFACE);
	full_open(&full);
	full.module->operations = (const void *)(UINTPTR_MAX - 7);
	full_refuses(&full, LOADER_INTERFACE);
}

/* What an interface says of itself is checked too: others will read it. */
static void the_description_of_an_interface_is_checked(void **unused)
{
	struct sfp_iface_operation *operation;
	struct full full;

	(void)unused;
	full_open(&full);
	interface_of(&full)->operations = from_end(&full, sizeof(*operation) - 8);
	full_refuses(&full, LOADER_INTERFACE);
	for (unsigned change = 0; change < 4; change++) {
		full_open(&full);
		operation = operation_of(&full);
		switch (change) {
		case 0:
			operation->name = from_end(&full, 1);
			break;
		case 1:
			operation->number = 1;
			break;
		case 2:
			operation->count = SFP_IFACE_MAX_ARGUMENTS + 1;
			break;
		case 3:
			operation->count = 1;
			operation->arguments = from_end(&full, 8);
			break;
		}
		full_refuses(&full, LOADER_INTERFACE);
	}
}

int main(int count, char **arguments)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nano_module_points_to_ends_inside_the_constants),
		cmocka_unit_test(lists_of_nano_module_end_inside_the_constants),
		cmocka_unit_test(the_description_of_an_interface_is_checked),
	};

	if (count != 2) {
		fprintf(stderr, "usage: %s SOUND_MODULE\n", arguments[0]);
		return 2;
	}
	sound = arguments[1];
	offered_high();
	return cmocka_run_group_tests_name("loader/module", tests, NULL, NULL);
}
