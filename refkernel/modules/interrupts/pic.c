/* SPDX-License-Identifier: BSD-2-Clause */
/* pic: see pic.h. Registers: the 8259A data sheet. */
#include "pic.h"

#define MASTER 0x20
#define SLAVE 0xa0
#define DATA 1             /* from a controller's first port */
#define PAUSE_PORT 0x80    /* a write takes long enough for the slowest controller */

#define INITIALISE 0x11    /* ICW1: four words follow */
#define MODE_8086 0x01
#define READ_SERVICE 0x0b  /* OCW3: the next read gives the in-service register */
#define SPECIFIC_END 0x60  /* OCW2: ends the line in the low three bits */

static void send(uint16_t port, uint8_t value)
{
	nano_out8(port, value);
	nano_out8(PAUSE_PORT, 0);
}

static void initialise(uint16_t port, uint8_t vector, uint8_t cascade)
{
	send(port, INITIALISE);
	send(port + DATA, vector);
	send(port + DATA, cascade);
	send(port + DATA, MODE_8086);
}

void pic_mask(uint16_t masked)
{
	send(MASTER + DATA, (uint8_t)masked);
	send(SLAVE + DATA, (uint8_t)(masked >> 8));
}

bool pic_has_mask(uint16_t masked)
{
	return (nano_in8(MASTER + DATA) | nano_in8(SLAVE + DATA) << 8) == masked;
}

void pic_start(unsigned first)
{
	initialise(MASTER, (uint8_t)first, 1u << PIC_CASCADE_LINE);
	initialise(SLAVE, (uint8_t)(first + 8), PIC_CASCADE_LINE);
	pic_mask(UINT16_MAX);
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
bool pic_end(unsigned line)
{
	const bool slave = line >= 8;
	const bool real = line % 8 != 7 || in_service(slave ? SLAVE : MASTER, 7);

	if (slave && real)
		send(SLAVE, (uint8_t)(SPECIFIC_END | (line - 8)));
	if (slave)
		send(MASTER, SPECIFIC_END | PIC_CASCADE_LINE);
	else if (real)
		send(MASTER, (uint8_t)(SPECIFIC_END | line));
	return real;
}
