/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * interrupts: owns the two 8259 controllers. Retains one mask bit a line and a
 * count of spurious interrupts; nothing of its callers. Called by drivers when
 * they start, and by the nano-core at the end of each interrupt.
 */
#include "interrupts.h"

#define FIRST_VECTOR 32u
#define CASCADE_LINE 2u
#define MASTER 0x20
#define SLAVE 0xa0
#define DATA 1             /* from a controller's first port */
#define PAUSE_PORT 0x80    /* a write takes long enough for the slowest controller */

#define INITIALISE 0x11    /* ICW1: four words follow */
#define MODE_8086 0x01
#define READ_SERVICE 0x0b  /* OCW3: the next read gives the in-service register */
#define SPECIFIC_END 0x60  /* OCW2: ends the line in the low three bits */

struct interrupts_state {
	uint16_t masked;   /* bit a line, as the controllers have it */
	uint32_t spurious;
};

static void send(uint16_t port, uint8_t value)
{
	nano_out8(port, value);
	nano_out8(PAUSE_PORT, 0);
}

static void write_masks(const struct interrupts_state *state)
{
	send(MASTER + DATA, (uint8_t)state->masked);
	send(SLAVE + DATA, (uint8_t)(state->masked >> 8));
}

static void initialise(uint16_t port, uint8_t vector, uint8_t cascade)
{
	send(port, INITIALISE);
	send(port + DATA, vector);
	send(port + DATA, cascade);
	send(port + DATA, MODE_8086);
}

static bool in_service(uint16_t port, unsigned bit)
{
	send(port, READ_SERVICE);
	return (nano_in8(port) >> bit & 1) != 0;
}

/*
 * The last line of each controller also stands for "it went away again": then
 * its in-service bit is clear, and ending it would end another interrupt.
 */
static void end(void *data, unsigned vector)
{
	struct interrupts_state *const state = data;
	const unsigned line = vector - FIRST_VECTOR;
	const bool slave = line >= 8;
	bool real;

	if (line >= INTERRUPTS_LINES) /* not from these controllers: nothing waits for an end */
		return;
	real = line % 8 != 7 || in_service(slave ? SLAVE : MASTER, 7);
	if (!real)
		state->spurious++;
	if (slave && real)
		send(SLAVE, (uint8_t)(SPECIFIC_END | (line - 8)));
	if (slave)
		send(MASTER, SPECIFIC_END | CASCADE_LINE);
	else if (real)
		send(MASTER, (uint8_t)(SPECIFIC_END | line));
}

static enum sfp_status set_mask(struct interrupts_state *state, unsigned line, bool masked)
{
	sfp_port_irq_t irq;

	if (line >= INTERRUPTS_LINES || line == CASCADE_LINE)
		return SFP_INVALID;
	irq = sfp_port_irq_save();
	state->masked = (uint16_t)((state->masked & ~(1u << line)) | (unsigned)masked << line);
	write_masks(state);
	sfp_port_irq_restore(irq);
	return SFP_OK;
}

static enum sfp_status serve_vector(struct interrupts_state *state, unsigned line, unsigned *vector)
{
	(void)state;
	if (line >= INTERRUPTS_LINES || line == CASCADE_LINE)
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

static enum sfp_status start(struct interrupts_state *state)
{
	const sfp_port_irq_t irq = sfp_port_irq_save();

	state->masked = (uint16_t)~(1u << CASCADE_LINE);
	initialise(MASTER, FIRST_VECTOR, 1u << CASCADE_LINE);
	initialise(SLAVE, FIRST_VECTOR + 8, CASCADE_LINE);
	write_masks(state);
	sfp_port_irq_restore(irq);
	return nano_interrupt_controller(end, state);
}

/* The controllers' masks are what we think they are, and the second one can be heard. */
static enum sfp_status check(struct interrupts_state *state)
{
	const sfp_port_irq_t irq = sfp_port_irq_save();
	const unsigned masks = nano_in8(MASTER + DATA) | (unsigned)nano_in8(SLAVE + DATA) << 8;
	const bool same = masks == state->masked;

	sfp_port_irq_restore(irq);
	NANO_HOLDS(same, "the controllers' masks are as they were set");
	NANO_HOLDS(!(masks >> CASCADE_LINE & 1), "the second controller can be heard");
	return SFP_OK;
}

SFP_PROVIDER(serve, struct interrupts_state, interrupts, INTERRUPTS_OPS);
NANO_HOOK(interrupts, start, start)
NANO_HOOK(interrupts, check, check)

static const struct nano_field fields[] = {
	NANO_FIELD(interrupts, masked, NANO_LASTING),
	NANO_FIELD(interrupts, spurious, NANO_AGGREGATE),
	NANO_FIELDS_END
};

NANO_MODULE(interrupts,
	.version = 1,
	.summary = "interrupt lines, through two 8259 controllers",
	.state_size = sizeof(struct interrupts_state),
	.state_version = 1,
	.fields = fields,
	NANO_OFFERS(serve, interrupts),
	.start = interrupts_start_hook_,
	.check = interrupts_check_hook_,
);
