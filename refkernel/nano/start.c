/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * start: a module starts once, at boot or at the first call of its interface,
 * after all that it must find started. What cannot start says why, once, and
 * every later call of it returns that status.
 */
#include "cpu.h"
#include "early.h"
#include "event.h"
#include "lib/text.h"
#include "modules.h"

/* ---- cycles ------------------------------------------------------------------ */

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

void module_name_cycle(const struct module *module, const struct module *asking)
{
	char path[160];

	if (!module || module->phase != NANO_STARTING)
		return;
	cycle_text(module, asking, path, sizeof(path));
	early_print("nano: module %s: needs itself: %s\n", module->name, path);
}

/* ---- references ---------------------------------------------------------------- */

struct sfp_iface_ref *module_ref(const struct module *module, const struct nano_use *use)
{
	return (struct sfp_iface_ref *)(void *)((uint8_t *)module->state + use->offset);
}

/* Made anew: nobody is inside, and what they were bound to may be gone. */
void module_bind_uses(const struct module *module)
{
	for (const struct nano_use *use = module->code->uses; use && use->name; use++) {
		const struct module *provider = use->provider ? module_named(use->provider) : NULL;

		*module_ref(module, use) = (struct sfp_iface_ref){
			.realm = nano_realm(), .provider = provider ? provider->name : use->provider
		};
	}
}

/* The module that would serve it: for the chain of who wants whom, before it is bound. */
static struct module *provider_of(const struct nano_use *use)
{
	struct module *module;

	for (unsigned i = 0; (module = module_number(i)) != NULL; i++) {
		if (!module->offer.slot || !text_equal(module->interface_name, use->interface->name))
			continue;
		if (!use->provider || text_equal(module->name, use->provider))
			return module;
	}
	return NULL;
}

static enum sfp_status start_use(struct module *module, const struct nano_use *use)
{
	struct module *provider = provider_of(use);

	if (!provider)
		return SFP_NOT_FOUND;
	if (provider->phase == NANO_STARTING) {
		module_name_cycle(provider, module);
		return SFP_DEADLOCK;
	}
	if (provider->phase == NANO_LOADED)
		provider->wanted_by = module;
	return iface_touch(module_ref(module, use), use->interface);
}

static enum sfp_status start_uses(struct module *module)
{
	for (const struct nano_use *use = module->code->uses; use && use->name; use++) {
		enum sfp_status status;

		if (use->when != NANO_FIRST)
			continue;
		status = start_use(module, use);
		if (status == SFP_OK)
			continue;
		early_print("nano: module %s: not started: needs %s %u: %s\n", module->name, use->interface->name,
			    use->interface->version,
			    status == SFP_NOT_FOUND ? "nobody offers it" : sfp_status_text(status));
		return status;
	}
	return SFP_OK;
}

/* ---- starting -------------------------------------------------------------------- */

/* Nothing of a module that did not start may run. Another's start that is under way is worth another try. */
static void settle(struct module *module, enum sfp_status status)
{
	module->start_status = status;
	module->wanted_by = NULL;
	if (status != SFP_OK) {
		sfp_store_release_word(&module->inside, 0);
		interrupts_unbind(module);
		event_unbind(module);
	}
	module->phase = status == SFP_OK ? NANO_STARTED : status == SFP_AGAIN ? NANO_LOADED : NANO_FAILED;
	if (event_is_wanted(NANO_EVENT_START))
		event_tell(NANO_EVENT_START, module, (uint64_t)status, 0);
}

static enum sfp_status start(struct module *module)
{
	enum sfp_status status;

	module_bind_uses(module);
	status = start_uses(module);
	if (status != SFP_OK)
		return status;
	sfp_store_release_word(&module->inside, (uintptr_t)&module->records[module->current]);
	if (!module->code->start)
		return SFP_OK;
	status = module_hook(module, MODULE_START, NULL);
	if (status != SFP_OK)
		early_print("nano: module %s: not started: %s\n", module->name, sfp_status_text(status));
	return status;
}

static bool interrupts_are_on(void)
{
	uint64_t flags;

	__asm__ __volatile__("pushf\n\tpop %0" : "=r"(flags));
	return (flags & 0x200) != 0;
}

/* The realm sees to it that one at a time gets here. */
static enum sfp_status start_alone(struct module *module)
{
	if (module->phase == NANO_STARTED)
		return SFP_OK;
	if (module->phase == NANO_FAILED)
		return module->start_status;
	if (!interrupts_are_on()) /* an interrupt, or somebody who holds a lock */
		return SFP_AGAIN;
	if (!module->wanted_by)
		module->wanted_by = context_module(context_this());
	module->phase = NANO_STARTING;
	settle(module, start(module));
	return module->start_status;
}

enum sfp_status module_start_offer(struct sfp_iface_offer *offer, struct sfp_iface_record **record)
{
	struct module *module = SFP_CONTAINER(offer, struct module, offer);
	const enum sfp_status status = start_alone(module);

	*record = &module->records[module->current];
	return status;
}

enum sfp_status module_start(struct module *module)
{
	struct sfp_iface_ref ref = { .realm = nano_realm(), .provider = module->name };

	return module->offer.slot ? iface_touch(&ref, &module->interface) : start_alone(module);
}

void modules_start_boot(void)
{
	struct module *module;

	for (unsigned i = 0; (module = module_number(i)) != NULL; i++) {
		if (module->boot && module->code)
			SFP_IGNORE(module_start(module), "it has been said, and the boot goes on");
	}
}
