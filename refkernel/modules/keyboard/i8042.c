/* SPDX-License-Identifier: BSD-2-Clause */
/* i8042: owns ports 0x60 and 0x64; retains the controller's configuration, in the controller. */
#include "i8042.h"

#define DATA 0x60
#define STATUS 0x64
#define COMMAND 0x64

#define STATUS_FULL 0x01     /* a byte for us */
#define STATUS_BUSY 0x02     /* our last byte is not taken yet */
#define STATUS_MOUSE 0x20    /* the byte for us is the mouse's */

#define READ_CONFIGURATION 0x20
#define WRITE_CONFIGURATION 0x60
#define DISABLE_MOUSE 0xa7
#define SELF_TEST 0xaa
#define SELF_TEST_PASSED 0x55
#define TEST_KEYBOARD_PORT 0xab
#define PORT_PASSED 0x00
#define DISABLE_KEYBOARD 0xad
#define ENABLE_KEYBOARD 0xae

#define CONFIGURATION_INTERRUPTS 0x03
#define CONFIGURATION_KEYBOARD_INTERRUPT 0x01
#define CONFIGURATION_KEYBOARD_OFF 0x10
#define CONFIGURATION_TRANSLATE 0x40   /* set 2, which every keyboard sends, to set 1 */

#define KEYBOARD_SET 0xf0
#define KEYBOARD_ENABLE 0xf4
#define KEYBOARD_DISABLE 0xf5
#define ACKNOWLEDGED 0xfa

#define WAIT_TURNS 100000u   /* reads of the status port: some 0.1 s on a real machine */
#define FLUSH_MOST 64u

static bool wait_status(uint8_t bit, uint8_t wanted)
{
	for (unsigned i = 0; i < WAIT_TURNS; i++) {
		if ((nano_in8(STATUS) & bit) == wanted)
			return true;
		sfp_port_relax();
	}
	return false;
}

static bool send(uint16_t port, uint8_t byte)
{
	if (!wait_status(STATUS_BUSY, 0))
		return false;
	nano_out8(port, byte);
	return true;
}

static bool answer(uint8_t *byte)
{
	if (!wait_status(STATUS_FULL, STATUS_FULL))
		return false;
	*byte = nano_in8(DATA);
	return true;
}

static bool ask(uint8_t command, uint8_t expected)
{
	uint8_t byte;

	return send(COMMAND, command) && answer(&byte) && byte == expected;
}

/* Keys pressed meanwhile may come before the acknowledgement; they belong to the time before the start. */
static bool tell_keyboard(uint8_t byte)
{
	uint8_t heard = 0;

	if (!send(DATA, byte))
		return false;
	for (unsigned i = 0; i < FLUSH_MOST && heard != ACKNOWLEDGED; i++) {
		if (!answer(&heard))
			return false;
	}
	return heard == ACKNOWLEDGED;
}

static void flush(void)
{
	for (unsigned i = 0; i < FLUSH_MOST && (nano_in8(STATUS) & STATUS_FULL); i++)
		(void)nano_in8(DATA);
}

static bool configure(uint8_t clear, uint8_t set)
{
	uint8_t configuration;

	return send(COMMAND, READ_CONFIGURATION) && answer(&configuration) &&
	       send(COMMAND, WRITE_CONFIGURATION) && send(DATA, (uint8_t)((configuration & ~clear) | set));
}

enum sfp_status i8042_start(void)
{
	if (nano_in8(STATUS) == 0xff) /* nobody drives the bus */
		return SFP_NOT_FOUND;
	if (!send(COMMAND, DISABLE_KEYBOARD) || !send(COMMAND, DISABLE_MOUSE))
		return SFP_NOT_FOUND;
	flush();
	if (!configure(CONFIGURATION_INTERRUPTS, CONFIGURATION_TRANSLATE))
		return SFP_NOT_FOUND;
	if (!ask(SELF_TEST, SELF_TEST_PASSED) || !ask(TEST_KEYBOARD_PORT, PORT_PASSED))
		return SFP_NOT_FOUND;
	/* The self-test may have reset the controller: say it again. */
	if (!configure(CONFIGURATION_INTERRUPTS, CONFIGURATION_TRANSLATE))
		return SFP_NOT_FOUND;
	if (!send(COMMAND, ENABLE_KEYBOARD) || !tell_keyboard(KEYBOARD_DISABLE))
		return SFP_NOT_FOUND;
	flush();
	if (!tell_keyboard(KEYBOARD_SET) || !tell_keyboard(2) || !tell_keyboard(KEYBOARD_ENABLE))
		return SFP_NOT_FOUND;
	return SFP_OK;
}

enum sfp_status i8042_interrupt_on(void)
{
	/* A key pressed just now would be taken for the controller's answer. */
	if (!send(COMMAND, DISABLE_KEYBOARD))
		return SFP_NOT_FOUND;
	flush();
	if (!configure(CONFIGURATION_KEYBOARD_OFF, CONFIGURATION_KEYBOARD_INTERRUPT))
		return SFP_NOT_FOUND;
	return SFP_OK;
}

bool i8042_sound(void)
{
	/* Asking for the configuration would race with a key for the one data port; the status does not. */
	return nano_in8(STATUS) != 0xff;
}

bool i8042_read(uint8_t *byte)
{
	for (unsigned i = 0; i < FLUSH_MOST; i++) {
		const uint8_t status = nano_in8(STATUS);

		if (!(status & STATUS_FULL))
			return false;
		*byte = nano_in8(DATA);
		if (!(status & STATUS_MOUSE))
			return true;
	}
	return false;
}
