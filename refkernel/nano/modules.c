/* SPDX-License-Identifier: BSD-2-Clause */
/* modules: from the files of the boot image to the table of modules. */
#include "modules.h"

#include "cpu.h"
#include "early.h"
#include "lib/text.h"
#include "memory.h"
#include "thread.h"
#include "exports.h"

static struct module modules[MODULES_MAX];
static unsigned module_count;

static void refuse(struct module *module, const char *format, const char *what)
{
	module->refused = true;
	text_format(module->reason, sizeof(module->reason), format, what);
}

/* "name flag flag": the manifest's line, as the boot loader hands it on. */
static void read_command_line(struct module *module, const char *line)
{
	char words[128];
	char *rest = words;
	const char *word;

	text_format(words, sizeof(words), "%s", line);
	word = text_word(&rest);
	text_format(module->name, sizeof(module->name), "%s", word ? word : "(unnamed)");
	while ((word = text_word(&rest)) != NULL) {
		if (text_equal(word, "boot"))
			module->boot = true;
		else
			early_print("nano: module %s: flag %s is not known\n", module->name, word);
	}
}

/* Text can be run, the rest only read, from here on. */
static enum sfp_status seal(const struct loader_plan *plan, uintptr_t address)
{
	const size_t text = plan->rodata_offset, all = plan->image_bytes;

	SFP_TRY(paging_protect(address, text / PAGE_SIZE, PAGE_EXECUTE));
	return paging_protect(address + text, (all - text) / PAGE_SIZE, PAGE_READ);
}

/* What others find of it, once it has been started. */
static enum sfp_status offer(struct module *module)
{
	const struct sfp_iface *interface = module->code->interface;

	if (!interface)
		return SFP_OK;
	text_format(module->interface_name, sizeof(module->interface_name), "%s", interface->name);
	module->interface = (struct sfp_iface){ .name = module->interface_name, .version = interface->version };
	module->offer = (struct sfp_iface_offer){
		.iface = &module->interface, .provider = module->name, .start = module_start_offer
	};
	return sfp_iface_offer(nano_realm(), &module->offer);
}

/* The rest, once the image is at its place and checked. */
static void adopt(struct module *module, const struct nano_module *code)
{
	if (module_named(code->name)) {
		refuse(module, "a module of the name %s is loaded already", code->name);
		return;
	}
	module->state = state_make(module, code);
	if (!module->state || seal(&module->plan, module->address) != SFP_OK) {
		refuse(module, "there is no memory for its %s", "state");
		return;
	}
	text_format(module->name, sizeof(module->name), "%s", code->name);
	module->records[0] = (struct sfp_iface_record){
		.operations = code->operations, .state = module->state, .layout = code->state_version
	};
	module->code = code;
	if (offer(module) != SFP_OK) {
		module->code = NULL;
		refuse(module, "there is no place for its %s", "interface");
	}
}

static void load(struct module *module, const void *file, size_t size)
{
	struct loader_plan *plan = &module->plan;
	struct loader_report why;

	if (loader_plan(file, size, &nano_exports, plan, &why) != SFP_OK) {
		module->refused = true;
		loader_report_text(&why, module->reason, sizeof(module->reason));
		return;
	}
	module->address = arena_take(plan->image_bytes);
	if (module->address == 0) {
		refuse(module, "there is no memory for its %s", "code");
		return;
	}
	if (loader_link(plan, (void *)module->address, plan->image_bytes, module->address, &why) != SFP_OK ||
	    loader_module_check(plan, (const void *)module->address, module->address, &why) != SFP_OK) {
		module->refused = true;
		loader_report_text(&why, module->reason, sizeof(module->reason));
	} else {
		adopt(module, (const struct nano_module *)(module->address + plan->module_offset));
	}
	if (!module->refused)
		return;
	state_drop(module->state);
	module->state = NULL;
	arena_give(module->address, plan->image_bytes);
}

static enum sfp_status link_again(const struct loader_plan *plan, uintptr_t address)
{
	struct loader_report why;

	SFP_TRY(loader_link(plan, (void *)address, plan->image_bytes, address, &why));
	SFP_TRY(loader_module_check(plan, (const void *)address, address, &why));
	return seal(plan, address);
}

enum sfp_status module_load_again(struct module *module, uintptr_t *address, const struct nano_module **code)
{
	const struct loader_plan *plan = &module->plan;
	enum sfp_status status;

	*address = arena_take(plan->image_bytes);
	if (*address == 0)
		return SFP_NO_MEMORY;
	status = link_again(plan, *address);
	if (status != SFP_OK)
		arena_give(*address, plan->image_bytes);
	*code = (const struct nano_module *)(*address + plan->module_offset);
	return status;
}

static void tell(const struct module *module)
{
	if (module->refused)
		early_print("nano: module %s: refused: %s\n", module->name, module->reason);
	else
		early_print("nano: module %s: loaded, %lu bytes of code\n", module->name,
			    module->plan.text_bytes);
}

void modules_load(const struct boot_information *boot)
{
	for (size_t i = 0; i < boot->file_count; i++) {
		const struct boot_file *file = &boot->files[i];
		struct module *module = &modules[module_count++];

		read_command_line(module, file->command_line);
		load(module, direct(file->start), file->end - file->start);
		tell(module);
	}
}

/*
 * What is loaded of a file is no larger than the file, but for the ends of its pages. Twice: while a
 * module is loaded anew both its images are there, and that can be so of all at once.
 */
size_t modules_arena_bytes(const struct boot_information *boot)
{
	size_t bytes = PAGE_SIZE;

	for (size_t i = 0; i < boot->file_count; i++) {
		const size_t file = page_up(boot->files[i].end - boot->files[i].start);

		bytes += 2 * ((file < LOADER_IMAGE_MAX ? file : LOADER_IMAGE_MAX) + 2 * PAGE_SIZE);
	}
	return bytes;
}

struct module *module_number(unsigned index)
{
	return index < module_count ? &modules[index] : NULL;
}

size_t modules_table_bytes(void)
{
	return sizeof(modules);
}

unsigned module_index(const struct module *module)
{
	return module ? (unsigned)(module - modules) : MODULES_MAX;
}

struct module *module_named(const char *name)
{
	for (unsigned i = 0; i < module_count; i++) {
		if (modules[i].code && text_equal(modules[i].name, name))
			return &modules[i];
	}
	return NULL;
}

struct module *module_at(uintptr_t address)
{
	for (unsigned i = 0; i < module_count; i++) {
		const struct module *module = &modules[i];

		if (!module->code)
			continue;
		if (address - module->address < module->plan.text_bytes)
			return &modules[i];
		if (module->old_address && address - module->old_address < module->plan.text_bytes)
			return &modules[i];
	}
	return NULL;
}

const char *module_name(const struct module *module)
{
	return module ? module->name : "the nano-core";
}

void modules_count_fault(struct module *module)
{
	struct thread *thread = thread_this();

	if (thread)
		__atomic_fetch_add(&thread->faults, 1, __ATOMIC_RELAXED);
	if (!module)
		return;
	__atomic_fetch_add(&module->faults, 1, __ATOMIC_RELAXED);
	if (__atomic_add_fetch(&module->recent_faults, 1, __ATOMIC_RELAXED) == MODULE_FAULTS_MAX)
		nano_wake(); /* the keeper's business */
}

enum sfp_status nano_module_info(unsigned index, struct nano_module_info *info)
{
	const struct module *module = module_number(index);
	const struct nano_module *code = module ? module->code : NULL;

	if (!module)
		return SFP_NOT_FOUND;
	*info = (struct nano_module_info){
		.name = module->name, .summary = "", .refused = 1, .reason = module->reason
	};
	if (!code)
		return SFP_OK;
	*info = (struct nano_module_info){
		.name = module->name,
		.summary = code->summary,
		.version = code->version,
		.phase = module->phase,
		.start_status = module->start_status,
		.faults = module->faults,
		.restarts = module->restarts,
		.text_bytes = (uint32_t)module->plan.text_bytes,
		.state_bytes = code->state_size,
		.reason = "",
	};
	return SFP_OK;
}
