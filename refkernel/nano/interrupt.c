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
 * after the handler, or after the handler's fault. What came by a processor's own
 * controller is ended there by the nano-core; a module does it for the 8259s.
 */
#include "acpi.h"
#include "apic.h"
#include "clock.h"
#include "early.h"
#include "event.h"
#include "modules.h"
#include "symbols.h"
#include "thread.h"
#include "trap.h"

#include <ck_sequence.h>

struct binding {
	nano_interrupt *handler; /* NULL: nobody */
	void *state;
	struct module *owner;
};

struct controller {
	nano_interrupt_end *end; /* NULL: nobody */
	void *state;
	struct module *owner;
	uintptr_t record;        /* the owner's: its code stays while an end is under way */
};

/* Read in every interrupt, on all processors, without a lock; written seldom. */
static struct {
	ck_sequence_t version;   /* odd: being written; who read meanwhile reads again */
	uint32_t busy;           /* somebody writes, interrupts off */
	struct controller controller;
	struct binding bindings[TRAP_VECTORS - TRAP_EXCEPTIONS];
} table;

static struct {
	uint64_t unbound;  /* came to a vector that nobody serves */
	uint64_t too_deep; /* came at the last level, which only ends them */
	uint64_t spurious; /* the processor's controller took them back */
} lost;

struct served {
	unsigned vector;
	unsigned bound;          /* the vector under which its handler is bound; 0: it is for no handler */
	struct module *owner;    /* who was bound when it came; NULL: nobody */
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

static struct controller read_controller(void)
{
	struct controller controller;
	uint32_t version;

	do {
		version = ck_sequence_read_begin(&table.version);
		controller = table.controller;
	} while (ck_sequence_read_retry(&table.version, version));
	return controller;
}

static struct binding read_binding(unsigned vector)
{
	struct binding binding;
	uint32_t version;

	do {
		version = ck_sequence_read_begin(&table.version);
		binding = table.bindings[vector - TRAP_EXCEPTIONS];
	} while (ck_sequence_read_retry(&table.version, version));
	return binding;
}

static sfp_port_irq_t write_begin(void)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();

	while (__atomic_exchange_n(&table.busy, 1, __ATOMIC_ACQUIRE))
		sfp_port_relax();
	ck_sequence_write_begin(&table.version);
	return saved;
}

static void write_end(sfp_port_irq_t saved)
{
	ck_sequence_write_end(&table.version);
	__atomic_store_n(&table.busy, 0, __ATOMIC_RELEASE);
	sfp_port_irq_restore(saved);
}

/* Tell the controller, once. 0 is no interrupt's vector: nothing to end (any more). */
static void end(unsigned *vector)
{
	const unsigned ended = *vector;
	const struct sfp_iface_record *record;
	struct controller controller;
	struct sfp_iface_pin pin;
	enum sfp_status inside;

	*vector = 0;
	/* At the processor's own controller, or by the module: the 8259s know nothing of the former. */
	if (!ended || apic_end(ended))
		return;
	for (;;) {
		inside = sfp_iface_enter(&pin, &table.controller.record, &record);
		controller = read_controller();
		if (inside != SFP_OK || controller.record == (uintptr_t)record)
			break;
		sfp_iface_exit(&pin); /* another was bound meanwhile */
	}
	if (controller.end)
		controller.end(controller.state, ended);
	if (inside == SFP_OK)
		sfp_iface_exit(&pin);
}
SFP_GUARD(ending, unsigned, end);

/* A module that is closed has no handlers: who is bound is looked up again inside of it. */
static enum sfp_status serve(struct served *served)
{
	SFP_SCOPED(ending, vector, served->vector);
	struct binding binding;
	struct sfp_iface_pin pin;

	if (event_is_wanted(NANO_EVENT_INTERRUPT))
		event_tell(NANO_EVENT_INTERRUPT, served->owner, served->vector, 0);
	if (!served->owner)
		return SFP_OK;
	SFP_TRY(module_enter(served->owner, &pin));
	binding = read_binding(served->bound);
	if (binding.handler && binding.owner == served->owner)
		binding.handler(binding.state);
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
	cpu->context->module = served->owner ? served->owner : read_controller().owner;
	cpu->depth++;
	if (cpu->depth < INTERRUPT_LEVELS)
		cpu->task.interrupt_stacks[IST_INTERRUPT - 1] =
			stack_top(stack_of_processor(cpu->number, STACK_LEVEL + cpu->depth));
	sfp_compiler_barrier(); /* all of the level before its code */
	/*
	 * A fault may have come before the handler has looked at its device, which then waits to be served
	 * and makes no further edge. Once more, as if it had: what always faults there is not called for ever.
	 */
	if (serve_contained(served, NULL) == SFP_FAULT) {
		served->vector = 0; /* it was ended */
		SFP_IGNORE(serve_contained(served, NULL), "a fault has been reported and counted");
	}
	if (cpu->depth == 1)
		modules_wake(cpu);
	sfp_compiler_barrier();
	cpu->depth--;
	cpu->task.interrupt_stacks[IST_INTERRUPT - 1] = stack;
	cpu->context = interrupted;
}

/* Some vectors are for the nano-core itself, and mostly need no level. True: it is done. */
static bool is_own(struct nano_cpu *cpu, unsigned vector)
{
	if (!apic_present() || (vector != VECTOR_NUDGE && vector != VECTOR_SPURIOUS))
		return false;
	if (vector == VECTOR_SPURIOUS) {
		__atomic_fetch_add(&lost.spurious, 1, __ATOMIC_RELAXED);
	} else {
		cpu->wants_switch = true;
		clock_nudged(cpu);
	}
	if (vector == VECTOR_NUDGE && cpu->woke)
		return false;
	(void)apic_end(vector); /* a spurious one is not in service */
	return true;
}

/* Whose is it? The timer's belongs to a module only when that module's deadline has come; 0: nobody's. */
static unsigned bound(struct nano_cpu *cpu, unsigned vector)
{
	if (vector != clock_vector())
		return vector;
	return clock_expired(cpu) ? NANO_TIMER_VECTOR : 0;
}

void interrupt_handle(unsigned vector)
{
	struct nano_cpu *cpu = cpu_this();
	struct served served = { .vector = vector };

	if (is_own(cpu, vector))
		return;
	served.bound = bound(cpu, vector);
	if (served.bound) {
		const struct binding binding = read_binding(served.bound);

		served.owner = binding.handler ? binding.owner : NULL;
		if (!served.owner)
			__atomic_fetch_add(&lost.unbound, 1, __ATOMIC_RELAXED);
	}
	if (cpu->depth == INTERRUPT_LEVELS - 1) {
		served.owner = NULL; /* no stack is left for one more to nest in its handler */
		__atomic_fetch_add(&lost.too_deep, 1, __ATOMIC_RELAXED);
	}
	serve_level(cpu, &served);
}

bool nano_in_interrupt(void)
{
	return context_this()->core.interrupt;
}

enum sfp_status nano_interrupt_bind(unsigned vector, nano_interrupt *handler, void *state)
{
	const struct binding wanted = { handler, state, context_module(context_this()) };
	enum sfp_status status = SFP_EXISTS;
	struct binding *binding;
	sfp_port_irq_t saved;

	if (vector < TRAP_EXCEPTIONS || vector >= TRAP_VECTORS || !symbols_is_code((uintptr_t)handler))
		return SFP_INVALID;
	if (!wanted.owner)
		return SFP_EXISTS;
	saved = write_begin();
	binding = &table.bindings[vector - TRAP_EXCEPTIONS];
	if (!binding->handler || binding->owner == wanted.owner) {
		*binding = wanted;
		status = SFP_OK;
	}
	write_end(saved);
	return status;
}

enum sfp_status nano_interrupt_controller(nano_interrupt_end *new_end, void *state)
{
	struct controller wanted = { new_end, state, context_module(context_this()), 0 };
	enum sfp_status status = SFP_EXISTS;
	sfp_port_irq_t saved;

	if (!symbols_is_code((uintptr_t)new_end))
		return SFP_INVALID;
	if (!wanted.owner)
		return SFP_EXISTS;
	wanted.record = wanted.owner->inside;
	saved = write_begin();
	if (!table.controller.end || table.controller.owner == wanted.owner) {
		table.controller = wanted;
		status = SFP_OK;
	}
	write_end(saved);
	return status;
}

void interrupts_close(const struct module *module)
{
	const sfp_port_irq_t saved = write_begin();

	for (unsigned i = 0; i < TRAP_VECTORS - TRAP_EXCEPTIONS; i++) {
		if (table.bindings[i].owner == module)
			table.bindings[i].handler = NULL;
	}
	write_end(saved);
	scheduler_unbind(module);
}

void interrupts_unbind(const struct module *module)
{
	sfp_port_irq_t saved;

	interrupts_close(module);
	saved = write_begin();
	if (table.controller.owner == module)
		table.controller.end = NULL;
	write_end(saved);
}
