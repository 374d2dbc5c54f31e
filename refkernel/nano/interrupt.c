/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interrupt: from a vector to the handler that a module bound to it.
 *
 * Every level of nesting has a context of its own, so that a fault in a handler
 * releases what the handler holds and nothing of what it interrupted, and a
 * stack of its own, so that it has room however little its victim had left: an
 * interrupt that found no room would become the victim's stack overflow, and
 * its controller would wait for the end of it for ever. The processor itself
 * changes to the level's stack (IST_INTERRUPT); while a level is being served
 * the task segment names the next one's.
 *
 * The interrupt is ended at its controller by a guard, the first in its gate:
 * after the handler, or after the handler's fault.
 */
#include "acpi.h"
#include "apic.h"
#include "clock.h"
#include "early.h"
#include "event.h"
#include "modules.h"
#include "symbols.h"
#include "trap.h"

struct binding {
	nano_interrupt *handler; /* NULL: nobody */
	void *state;
	struct module *owner;
};

static struct binding bindings[TRAP_VECTORS - TRAP_EXCEPTIONS];
static const struct binding nobody;

static struct {
	nano_interrupt_end *end;
	void *state;
	struct module *owner;
	uintptr_t record;  /* the owner's: its code stays while an end is under way */
} controller;

static struct {
	uint64_t unbound;  /* came to a vector that nobody serves */
	uint64_t too_deep; /* came at the last level, which only ends them */
	uint64_t spurious; /* the processor's controller took them back */
} lost;

struct served {
	unsigned vector;
	const struct binding *binding;
};

static struct nano_lines lines;

void interrupt_init(const struct acpi_machine *machine)
{
	apic_init(machine->controller);
	lines = machine->lines;
	if (apic_present())
		lines.processor = apic_id();
	else
		lines.controllers = 0; /* what they send arrives at the processor's own */
}

enum sfp_status nano_lines(struct nano_lines *said)
{
	if (lines.controllers == 0)
		return SFP_NOT_FOUND;
	*said = lines;
	return SFP_OK;
}

/* Tell the controller, once. 0 is no interrupt's vector: nothing to end (any more). */
static void end(unsigned *vector)
{
	const unsigned ended = *vector;
	const struct sfp_iface_record *record;
	struct sfp_iface_pin pin;
	enum sfp_status inside;

	*vector = 0;
	/* At the processor's own controller, or by the module: the 8259s know nothing of the former. */
	if (!ended || apic_end(ended) || !controller.end)
		return;
	inside = sfp_iface_enter(&pin, &controller.record, &record);
	controller.end(controller.state, ended);
	if (inside == SFP_OK)
		sfp_iface_exit(&pin);
}
SFP_GUARD(ending, unsigned, end);

/* A module that is closed has no handlers: who is bound is looked up inside of it. */
static enum sfp_status serve(struct served *served)
{
	SFP_SCOPED(ending, vector, served->vector);
	const struct binding *binding = served->binding;
	struct sfp_iface_pin pin;

	if (event_is_wanted(NANO_EVENT_INTERRUPT))
		event_tell(NANO_EVENT_INTERRUPT, binding->handler ? binding->owner : NULL, served->vector, 0);
	if (!binding->handler)
		return SFP_OK;
	SFP_TRY(module_enter(binding->owner, &pin));
	if (binding->handler)
		binding->handler(binding->state);
	sfp_iface_exit(&pin);
	return SFP_OK;
}
SFP_GATE(serve, serve, struct served *);

/* On the level's own stack and context; whatever it does, the interrupted code never knows. */
static void serve_level(struct nano_cpu *cpu, struct served *served)
{
	struct nano_context *interrupted = cpu->context;
	const uint64_t stack = cpu->task.interrupt_stacks[IST_INTERRUPT - 1];

	cpu->context = &cpu->levels[cpu->depth];
	cpu->context->module = served->binding->handler ? served->binding->owner : controller.owner;
	cpu->depth++;
	if (cpu->depth < INTERRUPT_LEVELS)
		cpu->task.interrupt_stacks[IST_INTERRUPT - 1] = 
			stack_top(stack_of_processor(cpu->number, STACK_LEVEL + cpu->depth));
	sfp_compiler_barrier(); /* all of the level before its code */
	SFP_IGNORE(serve_contained(served, NULL), "a fault has been reported and counted");
	sfp_compiler_barrier();
	cpu->depth--;
	cpu->task.interrupt_stacks[IST_INTERRUPT - 1] = stack;
	cpu->context = interrupted;
}

/* Some vectors are for the nano-core itself, and need no level. */
static bool is_own(struct nano_cpu *cpu, unsigned vector)
{
	if (!apic_present() || (vector != VECTOR_NUDGE && vector != VECTOR_SPURIOUS))
		return false;
	if (vector == VECTOR_NUDGE)
		cpu->wants_switch = true;
	else
		__atomic_fetch_add(&lost.spurious, 1, __ATOMIC_RELAXED);
	(void)apic_end(vector); /* a spurious one is not in service */
	return true;
}

/* Whose is it? The timer's belongs to a module only when that module's deadline has come. */
static const struct binding *bound(struct nano_cpu *cpu, unsigned vector)
{
	if (vector != clock_vector())
		return &bindings[vector - TRAP_EXCEPTIONS];
	return clock_expired(cpu) ? &bindings[VECTOR_TIMER - TRAP_EXCEPTIONS] : &nobody;
}

void interrupt_handle(unsigned vector)
{
	struct nano_cpu *cpu = cpu_this();
	struct served served = { vector, &nobody };

	if (is_own(cpu, vector))
		return;
	served.binding = bound(cpu, vector);
	if (cpu->depth == INTERRUPT_LEVELS - 1) {
		served.binding = &nobody; /* no stack is left for one more to nest in its handler */
		__atomic_fetch_add(&lost.too_deep, 1, __ATOMIC_RELAXED);
	} else if (!served.binding->handler && served.binding != &nobody) {
		__atomic_fetch_add(&lost.unbound, 1, __ATOMIC_RELAXED);
	}
	serve_level(cpu, &served);
}

bool nano_in_interrupt(void)
{
	return context_this()->core.interrupt;
}

enum sfp_status nano_interrupt_bind(unsigned vector, nano_interrupt *handler, void *state)
{
	struct module *owner = context_module(context_this());
	struct binding *binding;
	sfp_port_irq_t saved;

	if (vector < TRAP_EXCEPTIONS || vector >= TRAP_VECTORS || !symbols_is_code((uintptr_t)handler))
		return SFP_INVALID;
	binding = &bindings[vector - TRAP_EXCEPTIONS];
	if ((binding->handler && binding->owner != owner) || !owner)
		return SFP_EXISTS;
	saved = sfp_port_irq_save();
	binding->handler = handler;
	binding->state = state;
	binding->owner = owner;
	sfp_port_irq_restore(saved);
	return SFP_OK;
}

enum sfp_status nano_interrupt_controller(nano_interrupt_end *new_end, void *state)
{
	struct module *owner = context_module(context_this());
	sfp_port_irq_t saved;

	if (!symbols_is_code((uintptr_t)new_end))
		return SFP_INVALID;
	if ((controller.end && controller.owner != owner) || !owner)
		return SFP_EXISTS;
	saved = sfp_port_irq_save();
	controller.end = new_end;
	controller.state = state;
	controller.owner = owner;
	controller.record = owner->inside;
	sfp_port_irq_restore(saved);
	return SFP_OK;
}

void interrupts_close(const struct module *module)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();

	for (unsigned i = 0; i < TRAP_VECTORS - TRAP_EXCEPTIONS; i++) {
		if (bindings[i].owner == module)
			bindings[i].handler = NULL;
	}
	sfp_port_irq_restore(saved);
}

void interrupts_unbind(const struct module *module)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();

	interrupts_close(module);
	if (controller.owner == module)
		controller.end = NULL;
	sfp_port_irq_restore(saved);
}
