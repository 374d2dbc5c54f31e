/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scancode: from a PS/2 keyboard's scancodes, set 1, to what was typed on an
 * American keyboard. Private to the keyboard; pure: all state is in the caller's
 * struct, and it is the device's: which keys are down.
 */
#ifndef KEYBOARD_SCANCODE_H
#define KEYBOARD_SCANCODE_H

#include "console.h"

/** Zeroed: nothing held. */
struct scancode_keys {
	uint8_t shift;     /* bit 0 left, bit 1 right */
	uint8_t ctrl;      /* the same */
	bool caps;         /* caps lock is on */
	bool caps_down;    /* and its key is held: repeats do not switch it */
	bool extended;     /* 0xe0 was the last byte */
	uint8_t skip;      /* bytes of the pause key that are still to come */
};

/** What a key press means: a kind of input, or 0 for nothing. */
struct scancode_press {
	uint16_t kind;     /* enum input_kind */
	uint32_t value;
};

struct scancode_press scancode_decode(struct scancode_keys *keys, uint8_t code);

/** Could decoding have led to this? */
bool scancode_sound(const struct scancode_keys *keys);

#endif /* KEYBOARD_SCANCODE_H */
