/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interrupts: owns the controllers of the machine's interrupt lines: IO-APICs,
 * or two 8259s where there are none. Retains one mask bit a line and a count of
 * spurious interrupts; nothing of its callers. Called by drivers when they
 * start, and by the nano-core at the end of each interrupt of an 8259.
 */
#include "interrupts.h"

#include "ioapic.h"
#include "lib/turn.h"
#include "pic.h"

#define FIRST_VECTOR 32u
#define TIMER_LINE 0u

struct interrupts_state {
	struct sfp_lock lock; /* of the controllers and `masked` */
	uint16_t masked;   /* bit a line, as the controllers have it */
	bool by_ioapic;    /* else by the 8259s */
	uint8_t changing;  /* 1 + the line whose mask is being set, or was when a fault came; 0: none */
	uint32_t spurious;
	struct ioapic_input inputs[INTERRUPTS_LINES];
};

static void end(void *data, unsigned vector)
{
	struct interrupts_state *const state = data;
	const unsigned line = vector - FIRST_VECTOR;

	/* Others are not from these controllers: nothing waits for an end. */
	if (line < INTERRUPTS_LINES && !pic_end(line))
		state->spurious++;
}

/* In a turn: the controllers become what `masked` says of the line. What a fault left half done, once more. */
static void apply(struct interrupts_state *state)
{
	const unsigned line = state->changing - 1u;

	if (state->changing == 0)
		return;
	if (state->by_ioapic)
		ioapic_mask(&state->inputs[line], state->masked >> line & 1);
	else
		pic_mask(state->masked);
	sfp_compiler_barrier(); /* after all of it */
	state->changing = 0;
}

static enum sfp_status set_mask(struct interrupts_state *state, unsigned line, bool masked)
{
	struct turn turn;

	if (line >= INTERRUPTS_LINES || line == PIC_CASCADE_LINE)
		return SFP_INVALID;
	SFP_TRY(turn_take(&state->lock, &turn));
	apply(state);
	state->changing = (uint8_t)(line + 1);
	sfp_compiler_barrier(); /* before any of it */
	state->masked = (uint16_t)((state->masked & ~(1u << line)) | (unsigned)masked << line);
	apply(state);
	turn_end(&turn);
	return SFP_OK;
}

static enum sfp_status serve_vector(struct interrupts_state *state, unsigned line, unsigned *vector)
{
	(void)state;
	if (line >= INTERRUPTS_LINES || line == PIC_CASCADE_LINE)
		return SFP_INVALID;
	*vector = FIRST_VECTOR + line;
	return SFP_OK;
}

static enum sfp_status serve_enable(struct interrupts_state *state, unsigned line)
{
	return set_mask(state, line, false);
}

static enum sfp_status serve_disable(struct interrupts_state *state, unsigned line)
{
	return set_mask(state, line, true);
}

static enum sfp_status serve_counts(struct interrupts_state *state, struct interrupts_counts *counts)
{
	counts->spurious = state->spurious;
	return SFP_OK;
}

/* Without a timer of each processor's own the nano-core lives by the machine's. */
static enum sfp_status start_pic(struct interrupts_state *state)
{
	state->masked = (uint16_t)~(1u << PIC_CASCADE_LINE);
	pic_mask(state->masked);
	SFP_TRY(nano_interrupt_controller(end, state));
	if (nano_timer_line(FIRST_VECTOR + TIMER_LINE) != SFP_OK)
		return SFP_OK;
	return set_mask(state, TIMER_LINE, false);
}

static enum sfp_status start(struct interrupts_state *state)
{
	struct nano_lines lines;
	enum sfp_status status;
	sfp_port_irq_t irq;

	irq = sfp_port_irq_save();
	pic_start(FIRST_VECTOR); /* in any case: what they would send must not look like an exception */
	sfp_port_irq_restore(irq);
	status = nano_lines(&lines);
	if (status == SFP_NOT_FOUND)
		return start_pic(state);
	SFP_TRY(status);
	state->by_ioapic = true;
	state->masked = UINT16_MAX;
	return ioapic_start(&lines, FIRST_VECTOR, state->inputs);
}

/* The controllers go on as they are: to initialise them again would lose what has been raised. */
static enum sfp_status takeover(struct interrupts_state *state)
{
	struct turn turn;

	if (state->by_ioapic)
		return SFP_OK;
	SFP_TRY(turn_take(&state->lock, &turn));
	pic_mask(state->masked);
	turn_end(&turn);
	return nano_interrupt_controller(end, state);
}

/* The controllers' masks are what we think they are, and a second 8259 can be heard. */
static enum sfp_status check(struct interrupts_state *state)
{
	struct turn turn;
	bool same;

	SFP_TRY(turn_take(&state->lock, &turn));
	apply(state);
	same = pic_has_mask(state->by_ioapic ? UINT16_MAX : state->masked);
	for (unsigned line = 0; state->by_ioapic && line < INTERRUPTS_LINES; line++) {
		if (!(state->masked >> line & 1))
			same = same && ioapic_has_mask(&state->inputs[line], false);
	}
	turn_end(&turn);
	NANO_HOLDS(same, "the controllers' masks are as they were set");
	NANO_HOLDS(state->by_ioapic || !(state->masked >> PIC_CASCADE_LINE & 1),
		   "the second controller can be heard");
	return SFP_OK;
}

SFP_PROVIDER(serve, struct interrupts_state, interrupts, INTERRUPTS_OPS);
NANO_HOOK(interrupts, start, start)
NANO_HOOK(interrupts, check, check)
NANO_HOOK(interrupts, takeover, takeover)

static const struct nano_field fields[] = {
	NANO_FIELD(interrupts, masked, NANO_LASTING),
	NANO_FIELD(interrupts, by_ioapic, NANO_LASTING),
	NANO_FIELD(interrupts, changing, NANO_LASTING),
	NANO_FIELD(interrupts, inputs, NANO_LASTING),
	NANO_FIELD(interrupts, spurious, NANO_AGGREGATE),
	NANO_FIELDS_END
};

NANO_MODULE(interrupts,
	.version = 1,
	.summary = "interrupt lines, through IO-APICs or two 8259s",
	.state_size = sizeof(struct interrupts_state),
	.state_version = 1,
	.fields = fields,
	NANO_OFFERS(serve, interrupts),
	.start = interrupts_start_hook_,
	.check = interrupts_check_hook_,
	.takeover = interrupts_takeover_hook_,
);
