/* SPDX-License-Identifier: BSD-2-Clause */
/* ioapic: see ioapic.h. Registers: the 82093AA data sheet. */
#include "ioapic.h"

#define BYTES 0x20
#define SELECT 0            /* in words of 32 bits */
#define WINDOW 4

#define REGISTER_VERSION 1  /* bits 16 to 23: the last input */
#define REGISTER_INPUT 16   /* two an input: how, and whom */

#define ACTIVE_LOW (1u << 13)
#define LEVEL (1u << 15)
#define MASKED (1u << 16)
#define STATUS (1u << 12 | 1u << 14) /* the controller's to write */

static uint32_t get(volatile uint32_t *registers, uint32_t number)
{
	registers[SELECT] = number;
	return registers[WINDOW];
}

static void set(volatile uint32_t *registers, uint32_t number, uint32_t value)
{
	registers[SELECT] = number;
	registers[WINDOW] = value;
}

static uint32_t inputs_of(volatile uint32_t *registers)
{
	return (get(registers, REGISTER_VERSION) >> 16 & 0xff) + 1;
}

void ioapic_mask(const struct ioapic_input *input, bool masked)
{
	const uint32_t number = REGISTER_INPUT + 2 * input->number;

	if (!input->registers)
		return;
	/* Whom first: the input may be open, or open in the next line. */
	set(input->registers, number + 1, input->processor << 24);
	set(input->registers, number, input->vector | (masked ? MASKED : 0));
}

bool ioapic_has_mask(const struct ioapic_input *input, bool masked)
{
	const uint32_t number = REGISTER_INPUT + 2 * input->number;

	if (!input->registers)
		return true;
	return (get(input->registers, number) & ~STATUS) == (input->vector | (masked ? MASKED : 0)) &&
	       get(input->registers, number + 1) == input->processor << 24;
}

/* Those of the lines that come in at this controller. */
static void find(const struct nano_lines *lines, unsigned first, volatile uint32_t *registers, uint32_t from,
		 struct ioapic_input *inputs)
{
	const uint32_t count = inputs_of(registers);

	for (unsigned i = 0; i < NANO_LINES; i++) {
		const struct nano_line *line = &lines->line[i];

		if (line->input < from || line->input - from >= count)
			continue;
		inputs[i] = (struct ioapic_input){
			.registers = registers,
			.number = line->input - from,
			.vector = (first + i) | (line->low ? ACTIVE_LOW : 0) | (line->level ? LEVEL : 0),
			.processor = lines->processor,
		};
	}
}

enum sfp_status ioapic_start(const struct nano_lines *lines, unsigned first, struct ioapic_input *inputs)
{
	for (unsigned i = 0; i < lines->controllers; i++) {
		volatile void *at = NULL;
		volatile uint32_t *registers;

		SFP_TRY(nano_device_map(lines->controller[i].physical, BYTES, &at));
		registers = at;
		for (uint32_t input = 0; input < inputs_of(registers); input++)
			set(registers, REGISTER_INPUT + 2 * input, MASKED);
		find(lines, first, registers, lines->controller[i].first, inputs);
	}
	return SFP_OK;
}
