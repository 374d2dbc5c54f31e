/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * iface: calls into modules. Each goes through a gate, and the running context
 * says for its length on whose account it runs.
 */
#include "cpu.h"
#include "lib/text.h"
#include "modules.h"

struct call {
	nano_operation *operation; /* or NULL: the hook */
	nano_hook *hook;
	void *state;
	void *arguments;
};

static enum sfp_status gated(void *argument)
{
	const struct call *call = argument;

	return call->operation ? call->operation(call->state, call->arguments) : call->hook(call->state);
}

static enum sfp_status enter(struct module *module, struct call *call, struct sfp_fault *why)
{
	struct nano_context *context = context_this();
	struct module *caller = context->module;
	struct sfp_fault fault = { .kind = SFP_FAULT_UNKNOWN };
	enum sfp_status status;

	context->module = module;
	status = sfp_gate_call(&context->core, gated, call, &fault);
	context->module = caller;
	/* Traps were counted where they were reported; this one had no trap. */
	if (status == SFP_FAULT && fault.kind == SFP_FAULT_RAISED)
		modules_count_fault(module);
	if (status == SFP_FAULT && why)
		*why = fault;
	return status;
}

enum sfp_status module_call(struct module *module, nano_operation *operation, void *state, void *arguments,
			    struct sfp_fault *why)
{
	struct call call = { .operation = operation, .state = state, .arguments = arguments };

	return enter(module, &call, why);
}

enum sfp_status module_hook(struct module *module, nano_hook *hook, struct sfp_fault *why)
{
	struct call call = { .hook = hook, .state = module->state };

	return enter(module, &call, why);
}

/* A reference is in its holder's memory: what it says is compared, never followed. */
static const struct nano_record *known_record(const struct nano_ref *ref)
{
	const struct module *first = module_number(0);
	const uintptr_t offset = (uintptr_t)ref->record - (uintptr_t)&first->record;
	const struct module *module = module_number((unsigned)(offset / sizeof(*module)));

	if (offset % sizeof(*module) != 0 || !module || !module->record.interface)
		return NULL;
	return &module->record;
}

static enum sfp_status resolve(struct nano_ref *ref, const struct nano_record **record)
{
	struct module *module;

	*record = known_record(ref);
	if (*record)
		return SFP_OK;
	module = module_offering(ref->name);
	if (!module)
		return SFP_NOT_FOUND;
	if (module->record.interface->version != ref->version)
		return SFP_INVALID;
	ref->record = &module->record;
	*record = ref->record;
	return SFP_OK;
}

enum sfp_status nano_call(struct nano_ref *ref, unsigned number, void *arguments)
{
	const struct nano_record *record;

	SFP_TRY(resolve(ref, &record));
	if (number >= record->interface->count)
		return SFP_INVALID;
	if (record->module->phase != NANO_STARTED)
		SFP_TRY(module_start(record->module, context_this()->module));
	return module_call(record->module, record->interface->operations[number], record->state, arguments,
			   NULL);
}

unsigned nano_self(void)
{
	return module_index(context_this()->module);
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
	status = module_hook(module, module->code->check, NULL);
	if (broken)
		*broken = status == SFP_INVALID ? context->broken : NULL;
	return status;
}
