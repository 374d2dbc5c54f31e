/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * event: see event.h. The sink is called where the event happens, so it is told
 * in order and at its time; the trap handler alone tells nothing, since there
 * nothing may fault. A fault in the sink ends that call of it; that is counted
 * as the module's, like any.
 */
#include "event.h"

#include "cpu.h"
#include "symbols.h"

uint32_t event_kinds;

static struct {
	nano_event_sink *function;
	void *state;
	struct module *owner;
} sink;

static enum sfp_status call_sink(const struct nano_event *event)
{
	nano_event_sink *function = sink.function;

	if (function)
		function(sink.state, event);
	return SFP_OK;
}
SFP_GATE(call_sink, call_sink, const struct nano_event *);

void event_tell(enum nano_event_kind kind, const struct module *module, uint64_t first, uint64_t second)
{
	const struct nano_event event = {
		.kind = kind, .module = module_index(module), .value = { first, second }
	};
	struct sfp_iface_pin pin;

	/* Closed, or its calls nest too deep here: nobody is told. */
	if (!sink.owner || module_enter(sink.owner, &pin) != SFP_OK)
		return;
	SFP_IGNORE(call_sink_contained(&event, NULL), "a fault has been reported and counted");
	sfp_iface_exit(&pin);
}

void event_unbind(const struct module *module)
{
	if (sink.owner != module)
		return;
	sfp_store_u32(&event_kinds, 0);
	sink.function = NULL;
}

enum sfp_status nano_event_bind(nano_event_sink *function, uint32_t kinds, void *state)
{
	struct module *owner = context_module(context_this());

	if (!owner || !symbols_is_code((uintptr_t)function) || kinds >> NANO_EVENT_KINDS != 0)
		return SFP_INVALID;
	if (sink.function && sink.owner != owner)
		return SFP_EXISTS;
	if (sink.function != function || sink.state != state) {
		sink.function = NULL; /* never one's function with another's state */
		sfp_compiler_barrier();
		sink.state = state;
		sink.owner = owner;
		sfp_compiler_barrier();
		sink.function = function;
		sfp_compiler_barrier(); /* bound before it is told anything */
	}
	sfp_store_u32(&event_kinds, kinds);
	return SFP_OK;
}
