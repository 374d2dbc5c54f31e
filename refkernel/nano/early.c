/* SPDX-License-Identifier: BSD-2-Clause */
/* early: see early.h. A 16550 at COM1, 115200 baud, 8N1. */
#include "early.h"

#include "lib/text.h"
#include "nano/nano.h"

#define COM1 0x3f8
#define DATA (COM1 + 0)          /* divisor low, while DIVISOR is set */
#define INTERRUPT_ENABLE (COM1 + 1)
#define FIFO_CONTROL (COM1 + 2)
#define LINE_CONTROL (COM1 + 3)
#define MODEM_CONTROL (COM1 + 4)
#define LINE_STATUS (COM1 + 5)
#define SCRATCH (COM1 + 7)

#define LINE_8N1 0x03
#define LINE_DIVISOR 0x80
#define FIFO_ENABLE_AND_CLEAR 0x07
#define MODEM_READY 0x0b         /* DTR, RTS, and OUT2: interrupts reach the controller */
#define STATUS_MAY_SEND 0x20

/* Polls before a byte is given up: a line that never gets ready must not stop the boot. */
#define PATIENCE 5000000

/* Longer lines are cut. */
#define TEXT_MAX 256

static bool present;
static bool alone;               /* the others have been stopped, whatever they held */

static struct {
	uint32_t owner;          /* a processor's number + 1; the rest is its */
	uint32_t nested;
	sfp_port_irq_t irq;
} line;

void early_init(void)
{
	nano_out8(SCRATCH, 0x5a);
	present = nano_in8(SCRATCH) == 0x5a;
	if (!present)
		return;
	nano_out8(INTERRUPT_ENABLE, 0);
	nano_out8(LINE_CONTROL, LINE_DIVISOR);
	nano_out8(DATA, 1);
	nano_out8(INTERRUPT_ENABLE, 0); /* the divisor's high byte */
	nano_out8(LINE_CONTROL, LINE_8N1);
	nano_out8(FIFO_CONTROL, FIFO_ENABLE_AND_CLEAR);
	nano_out8(MODEM_CONTROL, MODEM_READY);
}

static void send(uint8_t byte)
{
	for (unsigned tries = 0; tries < PATIENCE; tries++) {
		if (nano_in8(LINE_STATUS) & STATUS_MAY_SEND) {
			nano_out8(DATA, byte);
			return;
		}
	}
}

/* A fault or a panic while this processor writes writes too: the line knows its holder. */
void early_begin(void)
{
	const sfp_port_irq_t irq = sfp_port_irq_save();
	const uint32_t me = sfp_port_cpu() + 1;
	uint32_t owner = 0;

	while (!alone && __atomic_load_n(&line.owner, __ATOMIC_RELAXED) != me &&
	       !__atomic_compare_exchange_n(&line.owner, &owner, me, false, __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED)) {
		owner = 0;
		sfp_port_relax();
	}
	if (line.nested++ == 0)
		line.irq = irq;
}

void early_end(void)
{
	const sfp_port_irq_t irq = line.irq;

	if (--line.nested > 0)
		return;
	__atomic_store_n(&line.owner, 0, __ATOMIC_RELEASE);
	sfp_port_irq_restore(irq);
}

void early_alone(void)
{
	alone = true;
}

void early_text(const char *text)
{
	if (!present)
		return;
	early_begin();
	for (; *text; text++) {
		if (*text == '\n')
			send('\r');
		send((uint8_t)*text);
	}
	early_end();
}

void early_print(const char *format, ...)
{
	char text[TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	text_vformat(text, sizeof(text), format, arguments);
	va_end(arguments);
	early_text(text);
}
