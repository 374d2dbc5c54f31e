/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fault: a fault as a value. The trap handler makes a record of it and leaves
 * it in a ring; the main loop hands it to the sink that a module has bound, in
 * a gate, since in the trap handler nothing may fault.
 *
 * The chain of calls comes from the frame pointers that modules and nano-core
 * are compiled with: each is followed only while it lies on the context's own
 * stacks, goes up, and has an address of code above it. Registers of a wild
 * fault may hold anything.
 */
#include "fault.h"

#include "early.h"
#include "lib/mem.h"
#include "lib/text.h"
#include "modules.h"
#include "symbols.h"
#include "trap_report.h"

#define RECORDS 16u

/* One writer at a time, with interrupts off: trap handlers of several processors, and the main loop. */
static struct {
	uint32_t taken;
	uint64_t made;       /* records ever; the latest RECORDS of them are there */
	uint64_t delivered;
	uint64_t lost;
	struct nano_fault_record records[RECORDS];
} ring;

static struct {
	nano_trace_sink *function;
	void *state;
	struct module *owner;
} sink;

static uint32_t quiet;   /* records are made, and not printed */

static sfp_port_irq_t ring_take(void)
{
	const sfp_port_irq_t saved = sfp_port_irq_save();

	while (__atomic_exchange_n(&ring.taken, 1, __ATOMIC_ACQUIRE))
		sfp_port_relax();
	return saved;
}

static void ring_give(sfp_port_irq_t saved)
{
	__atomic_store_n(&ring.taken, 0, __ATOMIC_RELEASE);
	sfp_port_irq_restore(saved);
}

/* ---- making a record ---------------------------------------------------------- */

static uintptr_t word_at(uintptr_t address)
{
	return *(const uintptr_t *)address;
}

static void add_link(struct nano_fault_record *record, uintptr_t address)
{
	if (record->chain_count < NANO_CHAIN_MAX)
		record->chain[record->chain_count++] = address;
}

static bool is_first_instruction(const struct nano_fault_record *record)
{
	const size_t length = text_length(record->place);

	return length > 4 && text_equal(record->place + length - 4, "+0x0");
}

static void follow_frames(struct nano_fault_record *record, const struct sfp_context *context)
{
	const uintptr_t sp = record->registers.rsp;
	uintptr_t frame = record->registers.rbp;

	record->chain_count = 0;
	/* It has not made its frame yet: who called it is on top. */
	if (is_first_instruction(record) && trap_on_stack(context, sp) && symbols_is_code(word_at(sp)))
		add_link(record, word_at(sp));
	while (record->chain_count < NANO_CHAIN_MAX && trap_on_stack(context, frame) &&
	       trap_on_stack(context, frame + sizeof(uintptr_t)) &&
	       symbols_is_code(word_at(frame + sizeof(uintptr_t)))) {
		const uintptr_t outer = word_at(frame);

		add_link(record, word_at(frame + sizeof(uintptr_t)));
		if (outer <= frame)
			break;
		frame = outer;
	}
}

static void take_registers(struct nano_registers *to, const struct trap_frame *f)
{
	*to = (struct nano_registers){
		.rax = f->rax, .rbx = f->rbx, .rcx = f->rcx, .rdx = f->rdx, .rsi = f->rsi, .rdi = f->rdi,
		.rbp = f->rbp, .rsp = f->rsp, .r8 = f->r8, .r9 = f->r9, .r10 = f->r10, .r11 = f->r11,
		.r12 = f->r12, .r13 = f->r13, .r14 = f->r14, .r15 = f->r15,
		.rip = f->rip, .rflags = f->rflags, .error = f->error, .cr2 = cpu_fault_address(),
	};
}

void fault_note(const struct trap_frame *frame, const struct sfp_fault *fault, bool contained)
{
	const struct nano_cpu *cpu = cpu_this();
	const sfp_port_irq_t saved = ring_take();
	struct nano_fault_record *record = &ring.records[ring.made % RECORDS];

	record->number = ++ring.made;
	record->time = nano_clock();
	record->fault = *fault;
	record->cpu = cpu->number;
	record->in_interrupt = cpu->depth > 0;
	record->contained = contained;
	take_registers(&record->registers, frame);
	text_format(record->module, sizeof(record->module), "%s", module_name(context_module(cpu->context)));
	nano_symbolize(fault->ip, record->place, sizeof(record->place));
	follow_frames(record, &cpu->context->core);
	if (!contained || !sfp_load_u32(&quiet))
		trap_report(record);
	ring_give(saved);
	nano_wake();
}

/* ---- handing records on ---------------------------------------------------------- */

static bool take_next(struct nano_fault_record *record)
{
	const sfp_port_irq_t saved = ring_take();
	const bool there = ring.delivered < ring.made;

	if (ring.made - ring.delivered > RECORDS) {
		ring.lost += ring.made - ring.delivered - RECORDS;
		ring.delivered = ring.made - RECORDS;
	}
	if (there)
		*record = ring.records[ring.delivered++ % RECORDS];
	ring_give(saved);
	return there;
}

static enum sfp_status call_sink(const struct nano_fault_record *record)
{
	sink.function(sink.state, record);
	return SFP_OK;
}
SFP_GATE(call_sink, call_sink, const struct nano_fault_record *);

bool fault_deliver(void)
{
	struct nano_fault_record record;
	struct sfp_iface_pin pin;
	bool some = false;

	/* Closed: the records wait for it, as long as there is room. */
	while (sink.function && module_enter(sink.owner, &pin) == SFP_OK) {
		const bool there = take_next(&record);

		/* It would make a record of each record. */
		if (there && call_sink_contained(&record, NULL) == SFP_FAULT)
			sink.function = NULL;
		sfp_iface_exit(&pin);
		if (!there)
			break;
		some = true;
	}
	return some;
}

void fault_unbind(const struct module *module)
{
	if (sink.owner == module)
		sink.function = NULL;
}

enum sfp_status nano_trace_bind(nano_trace_sink *function, void *state)
{
	struct module *owner = context_module(context_this());

	if (!owner || (function && !symbols_is_code((uintptr_t)function)))
		return SFP_INVALID;
	if (sink.function && sink.owner != owner)
		return SFP_EXISTS;
	sink.function = NULL; /* never one's function with another's state */
	sink.state = state;
	sink.owner = owner;
	sink.function = function;
	return SFP_OK;
}

bool nano_fault_quiet(bool be_quiet)
{
	return __atomic_exchange_n(&quiet, be_quiet, __ATOMIC_RELAXED) != 0;
}

uint64_t nano_trace_lost(void)
{
	return ring.lost;
}
