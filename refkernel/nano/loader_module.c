/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader_module: is the linked struct nano_module what it says? Its pointers are
 * addresses at which the image will run, so they are turned into offsets, and
 * only an offset inside the image is ever looked at.
 */
#include "nano/loader_file.h"

struct image {
	const struct loader_plan *plan;
	const unsigned char *bytes;
	uintptr_t address;
};

/* Do `bytes` at `pointer` lie in the module's constants? Then *offset is where. */
static bool in_constants(const struct image *image, const void *pointer, size_t bytes, size_t alignment,
			 size_t *offset)
{
	const uintptr_t first = image->address + image->plan->rodata_offset;
	const uintptr_t at = (uintptr_t)pointer;

	if (at < first || at % alignment != 0 || !loader_within(at - first, bytes, image->plan->rodata_bytes))
		return false;
	*offset = (size_t)(at - image->address);
	return true;
}

static bool in_code(const struct image *image, uintptr_t pointer)
{
	return pointer >= image->address && pointer - image->address < image->plan->text_bytes;
}

static bool copy_constant(const struct image *image, const void *pointer, void *to, size_t bytes)
{
	size_t offset;

	if (!in_constants(image, pointer, bytes, sizeof(void *), &offset))
		return false;
	__builtin_memcpy(to, image->bytes + offset, bytes);
	return true;
}

/* Element `index` of an array of these; an address that wraps around is not in the constants either. */
static bool copy_entry(const struct image *image, const void *array, uint32_t index, void *entry, size_t bytes)
{
	return copy_constant(image, (const void *)((uintptr_t)array + index * bytes), entry, bytes);
}

static bool copy_element(const struct image *image, const void *array, uint32_t index, uintptr_t *element)
{
	return copy_entry(image, array, index, element, sizeof(*element));
}

static bool is_name_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

/* 1 to `longest` characters that pass `allowed`, then a NUL, all in the constants. */
static bool is_text(const struct image *image, const char *pointer, size_t longest, bool (*allowed)(char))
{
	size_t offset, end, length;

	if (!in_constants(image, pointer, 1, 1, &offset))
		return false;
	end = image->plan->rodata_offset + image->plan->rodata_bytes;
	for (length = 0; length <= longest && offset + length < end; length++) {
		const char c = (char)image->bytes[offset + length];

		if (c == '\0')
			return length > 0;
		if (!allowed(c))
			return false;
	}
	return false;
}

static bool is_name(const struct image *image, const char *pointer)
{
	return is_text(image, pointer, LOADER_NAME_MAX, is_name_character);
}

static bool in_state(const struct nano_module *module, uint32_t offset, size_t bytes, size_t alignment)
{
	return offset % alignment == 0 && loader_within(offset, bytes, module->state_size);
}

static bool is_use(const struct image *image, const struct nano_module *module, const struct nano_use *use)
{
	struct sfp_iface interface;

	return is_name(image, use->name) && copy_constant(image, use->interface, &interface, sizeof(interface)) &&
	       is_name(image, interface.name) && (use->provider == NULL || is_name(image, use->provider)) &&
	       in_state(module, use->offset, sizeof(struct sfp_iface_ref), __alignof__(struct sfp_iface_ref)) &&
	       use->when <= NANO_FIRST;
}

static enum sfp_status check_uses(const struct image *image, const struct nano_module *module,
				  struct loader_report *report)
{
	struct nano_use use = { .name = NULL };

	for (uint32_t i = 0; module->uses != NULL; i++) {
		if (!copy_entry(image, module->uses, i, &use, sizeof(use)))
			return loader_refuse(report, LOADER_USES, "the list does not end in its constants");
		if (use.name == NULL)
			break;
		if (i >= LOADER_USES_MAX)
			return loader_refuse_number(report, LOADER_USES, "more than ", LOADER_USES_MAX);
		if (!is_use(image, module, &use))
			return loader_refuse_number(report, LOADER_USES, "position ", i);
	}
	return SFP_OK;
}

static enum sfp_status check_fields(const struct image *image, const struct nano_module *module,
				    struct loader_report *report)
{
	struct nano_field field = { .name = NULL };

	for (uint32_t i = 0; module->fields != NULL; i++) {
		if (!copy_entry(image, module->fields, i, &field, sizeof(field)))
			return loader_refuse(report, LOADER_FIELDS, "the list does not end in its constants");
		if (field.name == NULL)
			break;
		if (i >= LOADER_FIELDS_MAX)
			return loader_refuse_number(report, LOADER_FIELDS, "more than ", LOADER_FIELDS_MAX);
		if (!is_text(image, field.name, LOADER_NAME_MAX, is_printable) || !in_state(module, field.offset, field.size, 1) ||
		    field.kind > NANO_BORROWED)
			return loader_refuse_number(report, LOADER_FIELDS, "position ", i);
	}
	return SFP_OK;
}

/* Descriptors: for people, and for whoever marshals. */
static bool is_operation(const struct image *image, const struct sfp_iface *interface, uint32_t number)
{
	struct sfp_iface_operation operation;
	struct sfp_iface_argument argument;

	if (!copy_entry(image, interface->operations, number, &operation, sizeof(operation)) ||
	    !is_name(image, operation.name) || operation.number != number ||
	    operation.count > SFP_IFACE_MAX_ARGUMENTS)
		return false;
	for (uint32_t i = 0; i < operation.count; i++) {
		if (!copy_entry(image, operation.arguments, i, &argument, sizeof(argument)) ||
		    !is_name(image, argument.name) || argument.kind > SFP_IFACE_INOUT)
			return false;
	}
	return true;
}

static enum sfp_status check_interface(const struct image *image, const struct nano_module *module,
				       struct loader_report *report)
{
	struct sfp_iface interface;
	uintptr_t function;

	if (module->interface == NULL)
		return SFP_OK;
	if (!copy_constant(image, module->interface, &interface, sizeof(interface)))
		return loader_refuse(report, LOADER_INTERFACE, "it is not in its constants");
	if (!is_name(image, interface.name))
		return loader_refuse(report, LOADER_INTERFACE, "its name");
	if (interface.count == 0 || interface.count > SFP_IFACE_MAX_OPERATIONS)
		return loader_refuse_number(report, LOADER_INTERFACE, "operations: ", interface.count);
	for (uint32_t i = 0; i < interface.count; i++) {
		if (!is_operation(image, &interface, i))
			return loader_refuse_number(report, LOADER_INTERFACE, "description of operation ", i);
		if (!copy_element(image, module->operations, i, &function))
			return loader_refuse(report, LOADER_INTERFACE, "its operations");
		if (!in_code(image, function))
			return loader_refuse_number(report, LOADER_OPERATION, "operation ", i);
	}
	return SFP_OK;
}

static enum sfp_status check_hooks(const struct image *image, const struct nano_module *module,
				   struct loader_report *report)
{
	if (module->start != NULL && !in_code(image, (uintptr_t)module->start))
		return loader_refuse(report, LOADER_HOOK, "start");
	if (!in_code(image, (uintptr_t)module->check))
		return loader_refuse(report, LOADER_HOOK, "check");
	if (module->poll != NULL && !in_code(image, (uintptr_t)module->poll))
		return loader_refuse(report, LOADER_HOOK, "poll");
	if (module->takeover != NULL && !in_code(image, (uintptr_t)module->takeover))
		return loader_refuse(report, LOADER_HOOK, "takeover");
	return SFP_OK;
}

enum sfp_status loader_module_check(const struct loader_plan *plan, const void *image_bytes,
				    uintptr_t address, struct loader_report *report)
{
	const struct image image = { .plan = plan, .bytes = image_bytes, .address = address };
	struct nano_module module;

	(void)loader_refuse(report, LOADER_NONE, "");
	__builtin_memcpy(&module, image.bytes + plan->module_offset, sizeof(module));
	/* First, since with another layout nothing else means what it seems to. */
	if (module.layout != SFP_LAYOUT)
		return loader_refuse_number(report, LOADER_LAYOUT, "layout ", module.layout);
	if (!is_name(&image, module.name))
		return loader_refuse(report, LOADER_NAME, "");
	if (!is_text(&image, module.summary, LOADER_SUMMARY_MAX, is_printable))
		return loader_refuse(report, LOADER_SUMMARY, "");
	if (module.state_size > LOADER_STATE_MAX)
		return loader_refuse_number(report, LOADER_STATE, "bytes ", module.state_size);
	SFP_TRY(check_uses(&image, &module, report));
	SFP_TRY(check_fields(&image, &module, report));
	SFP_TRY(check_interface(&image, &module, report));
	return check_hooks(&image, &module, report);
}
