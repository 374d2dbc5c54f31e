/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iface: the realm in which all calls between modules find their way, and the
 * nano-core's own calls of a module's hooks.
 *
 * Whoever runs a module's code has a record of that module pinned in its
 * context: a call pins it on the way, hooks and interrupt handlers are entered
 * by module_enter(). So the pins of a context say on whose account it runs, and
 * "is anybody inside?" is one scan.
 */
#include "cpu.h"
#include "early.h"
#include "event.h"
#include "modules.h"

static struct sfp_iface_slot slots[MODULES_MAX];
static struct sfp_iface_realm realm = { .slots = slots, .count = MODULES_MAX };

struct sfp_iface_realm *nano_realm(void)
{
	return &realm;
}

/* ---- whose code runs ---------------------------------------------------------- */

/* A pin is compared with the records that there are, never followed. */
static struct module *owner_of(uintptr_t pin)
{
	const uintptr_t offset = pin - (uintptr_t)module_number(0);
	struct module *module = module_number((unsigned)(offset / sizeof(struct module)));

	if (!module)
		return NULL;
	for (unsigned i = 0; i < MODULE_RECORDS; i++) {
		if (pin == (uintptr_t)&module->records[i])
			return module;
	}
	return NULL;
}

struct module *context_module(const struct nano_context *context)
{
	struct module *module = NULL;

	for (uint32_t depth = context->core.pinned; depth > 0 && !module; depth--)
		module = owner_of(sfp_load_word(&context->core.pins[depth - 1]));
	return module ? module : context->module;
}

/* ---- the nano-core's calls ------------------------------------------------------- */

enum sfp_status module_enter(struct module *module, struct sfp_iface_pin *pin)
{
	const struct sfp_iface_record *record;

	return sfp_iface_enter(pin, &module->inside, &record);
}

struct hook {
	nano_hook *function;
	void *state;
};

static enum sfp_status run_hook(void *argument)
{
	const struct hook *hook = argument;

	return hook->function(hook->state);
}

static nano_hook *hook_of(const struct nano_module *code, enum module_hook which)
{
	switch (which) {
	case MODULE_START:
		return code->start;
	case MODULE_CHECK:
		return code->check;
	case MODULE_POLL:
		return code->poll;
	case MODULE_TAKEOVER:
		return code->takeover;
	}
	return NULL;
}

enum sfp_status module_hook(struct module *module, enum module_hook which, struct sfp_fault *why)
{
	enum sfp_status status = SFP_EMPTY;
	struct sfp_iface_pin pin;
	struct hook hook;

	SFP_TRY(module_enter(module, &pin));
	/* Its code is what it is for as long as somebody is inside. */
	hook = (struct hook){ .function = hook_of(module->code, which), .state = module->state };
	if (hook.function)
		status = sfp_gate_call(sfp_port_context(), run_hook, &hook, why);
	sfp_iface_exit(&pin);
	return status;
}

unsigned nano_self(void)
{
	return module_index(context_module(context_this()));
}

/* The innermost pin is the running module's own. */
unsigned nano_caller(void)
{
	const struct nano_context *context = context_this();
	struct module *module = NULL;

	for (uint32_t depth = context->core.pinned; depth > 1 && !module; depth--)
		module = owner_of(sfp_load_word(&context->core.pins[depth - 2]));
	return module_index(module ? module : context->module);
}

enum sfp_status nano_broken(const char *invariant)
{
	context_this()->broken = invariant;
	return SFP_INVALID;
}

enum sfp_status nano_module_check(const char *name, const char **broken)
{
	struct module *module = module_named(name);
	struct nano_context *context = context_this();
	enum sfp_status status;

	if (!module)
		return SFP_NOT_FOUND;
	if (module->phase != NANO_STARTED)
		return SFP_AGAIN;
	context->broken = NULL;
	status = module_hook(module, MODULE_CHECK, NULL);
	if (broken)
		*broken = status == SFP_INVALID ? context->broken : NULL;
	return status;
}

/* ---- the modules' calls ------------------------------------------------------------ */

/* Exported as sfp_iface_call: a start that needs itself by way of a call is named, too. */
enum sfp_status iface_call(struct sfp_iface_ref *ref, const struct sfp_iface *interface, sfp_gated *gated,
			   struct sfp_iface_call *call, struct sfp_fault *why)
{
	enum sfp_status status;

	if (event_is_wanted(NANO_EVENT_CALL))
		event_tell(NANO_EVENT_CALL, context_module(context_this()), module_index(iface_module(ref)),
			   (uintptr_t)gated);
	status = sfp_iface_call(ref, interface, gated, call, why);
	if (SFP_UNLIKELY(status == SFP_DEADLOCK))
		module_name_cycle(iface_module(ref), context_module(context_this()));
	return status;
}

/* Exported as sfp_fault_raise: there is no trap that would count it. */
void iface_fault_raise(uintptr_t code)
{
	modules_count_fault(context_module(context_this()));
	sfp_fault_raise(code);
}

struct module *iface_module(const struct sfp_iface_ref *ref)
{
	struct module *module;

	for (unsigned i = 0; (module = module_number(i)) != NULL; i++) {
		const struct sfp_iface_slot *slot = module->offer.slot;

		if (slot && ref->incarnation && (uintptr_t)slot == ref->slot && slot->incarnation == ref->incarnation)
			return module;
	}
	return NULL;
}

struct touch {
	struct sfp_iface_call head;
};

static enum sfp_status nothing(void *call)
{
	(void)call;
	return SFP_OK;
}

/* A call that does nothing, but for all that a call does on its way. */
enum sfp_status iface_touch(struct sfp_iface_ref *ref, const struct sfp_iface *interface)
{
	struct touch touch;

	return sfp_iface_call(ref, interface, nothing, &touch.head, NULL);
}

/* ---- looking at it ------------------------------------------------------------------- */

enum sfp_status nano_iface_info(unsigned index, struct nano_iface_info *info)
{
	const struct module *module = module_number(index);

	if (!module)
		return SFP_NOT_FOUND;
	if (!module->code || !module->code->interface)
		return SFP_EMPTY;
	*info = (struct nano_iface_info){
		.interface = module->interface_name,
		.provider = module->name,
		.version = module->interface.version,
		.operations = module->code->interface->count,
		.phase = sfp_iface_phase(&module->offer),
	};
	return SFP_OK;
}

enum sfp_status nano_use_info(unsigned index, unsigned number, struct nano_use_info *info)
{
	const struct module *module = module_number(index);
	const struct module *provider;
	const struct nano_use *use;

	if (!module)
		return SFP_NOT_FOUND;
	if (!module->code || !module->code->uses)
		return SFP_EMPTY;
	for (use = module->code->uses; use->name && number > 0; use++)
		number--;
	if (!use->name)
		return SFP_EMPTY;
	provider = iface_module(module_ref(module, use));
	*info = (struct nano_use_info){
		.holder = module->name,
		.name = use->name,
		.interface = use->interface->name,
		.version = use->interface->version,
		.wanted = use->provider,
		.when = (enum nano_use_when)use->when,
		.provider = provider ? provider->name : NULL,
		.provider_version = provider ? provider->interface.version : 0,
	};
	return SFP_OK;
}
