/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start: a module starts once, at boot or at the first call of its interface,
 * after all that it needs. What cannot start says why, once, and every later
 * call of it returns that status.
 */
#include "cpu.h"
#include "early.h"
#include "lib/text.h"
#include "modules.h"

/* "a -> b -> a", from the module that is starting already down to who asks for it again. */
static void cycle_text(const struct module *module, const struct module *asking, char *text, size_t size)
{
	char tail[160];

	text_format(text, size, "%s", module->name);
	for (const struct module *at = asking; at && at != module; at = at->wanted_by) {
		text_format(tail, sizeof(tail), "%s -> %s", at->name, text);
		text_format(text, size, "%s", tail);
	}
	text_format(tail, sizeof(tail), "%s -> %s", module->name, text);
	text_format(text, size, "%s", tail);
}

static enum sfp_status refuse_cycle(const struct module *module, const struct module *asking)
{
	char path[160];

	cycle_text(module, asking, path, sizeof(path));
	early_print("nano: module %s: needs itself: %s\n", module->name, path);
	return SFP_DEADLOCK;
}

static enum sfp_status start_needs(struct module *module)
{
	for (const char *const *need = module->code->needs; need && *need; need++) {
		struct module *provider = module_offering(*need);
		enum sfp_status status = SFP_NOT_FOUND;

		if (provider)
			status = module_start(provider, module);
		if (status == SFP_OK)
			continue;
		early_print("nano: module %s: not started: needs %s: %s\n", module->name, *need,
			    provider ? sfp_status_text(status) : "nobody offers it");
		return status;
	}
	return SFP_OK;
}

/* Nothing of a module that did not start may run. */
static void settle(struct module *module, enum sfp_status status)
{
	module->start_status = status;
	module->phase = status == SFP_OK ? NANO_STARTED : NANO_FAILED;
	module->wanted_by = NULL;
	if (status != SFP_OK)
		interrupts_unbind(module);
}

static enum sfp_status start(struct module *module)
{
	enum sfp_status status = start_needs(module);

	if (status != SFP_OK || !module->code->start)
		return status;
	status = module_hook(module, module->code->start, NULL);
	if (status != SFP_OK)
		early_print("nano: module %s: not started: %s\n", module->name, sfp_status_text(status));
	return status;
}

enum sfp_status module_start(struct module *module, struct module *wanted_by)
{
	if (module->phase == NANO_STARTED)
		return SFP_OK;
	if (module->phase == NANO_FAILED)
		return module->start_status;
	if (nano_in_interrupt())
		return SFP_AGAIN;
	if (module->phase == NANO_STARTING)
		return refuse_cycle(module, wanted_by);
	module->phase = NANO_STARTING;
	module->wanted_by = wanted_by;
	settle(module, start(module));
	return module->start_status;
}

void modules_start_boot(void)
{
	struct module *module;

	for (unsigned i = 0; (module = module_number(i)) != NULL; i++) {
		if (module->boot && module->code)
			SFP_IGNORE(module_start(module, NULL), "it has been said, and the boot goes on");
	}
}
