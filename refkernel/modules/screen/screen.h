/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * screen: text on the machine's own display. Offered only where the display
 * is in text mode; the serial line is the first way out in any case.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include "nano/nano.h"

#define screen_VERSION 1u

/** Show text; understands \r, \n, \b and \a. Cannot be short. @retains what is on the display */
struct screen_write {
	const char *text;
	size_t length;
};

NANO_OPERATION_DECLARE(screen, write, 0)

#endif /* SCREEN_H */
