/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * i8042: the keyboard controller. Private to the keyboard. Every wait is
 * bounded: a machine without one answers with nonsense or never.
 */
#ifndef KEYBOARD_I8042_H
#define KEYBOARD_I8042_H

#include "nano/nano.h"

/**
 * Test the controller, and have the keyboard send scancode set 1, its interrupt still off.
 * @return OK; NOT_FOUND: there is no controller or no keyboard that works
 */
enum sfp_status i8042_start(void) SFP_NODISCARD;

/** Let the keyboard's interrupt out. @return OK; NOT_FOUND */
enum sfp_status i8042_interrupt_on(void) SFP_NODISCARD;

/** Does the controller still answer? */
bool i8042_sound(void);

/** A byte from the keyboard, if there is one. */
bool i8042_read(uint8_t *byte);

#endif /* KEYBOARD_I8042_H */
