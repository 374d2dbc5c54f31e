/* SPDX-License-Identifier: BSD-2-Clause */
/* scancode: owns nothing and retains nothing; see scancode.h. */
#include "scancode.h"

#define RELEASED 0x80
#define EXTENDED 0xe0
#define PAUSE 0xe1
#define PAUSE_BYTES 2u      /* after each 0xe1 */
#define OVERRUN_LOW 0x00    /* the keyboard's own buffer was full */
#define OVERRUN_HIGH 0xff

#define CTRL 0x1d
#define SHIFT_LEFT 0x2a
#define SHIFT_RIGHT 0x36
#define CAPS_LOCK 0x3a

/* By scancode; 0: no character. The keypad types its digits. */
static const char plain[] =
	"\0\0331234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 "
	"\0\0\0\0\0\0\0\0\0\0\0\0\0" "789-456+1230." "\0\0\\";
static const char shifted[] =
	"\0\033!@#$%^&*()_+\b\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 "
	"\0\0\0\0\0\0\0\0\0\0\0\0\0" "789-456+1230." "\0\0|";

SFP_STATIC_ASSERT(sizeof(plain) == 0x56 + 2 && sizeof(shifted) == sizeof(plain),
		  "scancode: the tables end with the extra key, 0x56");

static struct scancode_press press(enum input_kind kind, uint32_t value)
{
	return (struct scancode_press){ .kind = (uint16_t)kind, .value = value };
}

static struct scancode_press nothing(void)
{
	return (struct scancode_press){ .kind = 0 };
}

static struct scancode_press decode_extended(uint8_t code)
{
	switch (code) {
	case 0x1c:
		return press(INPUT_CHARACTER, '\r');
	case 0x35:
		return press(INPUT_CHARACTER, '/');
	case 0x47:
		return press(INPUT_KEY, INPUT_HOME);
	case 0x48:
		return press(INPUT_KEY, INPUT_UP);
	case 0x4b:
		return press(INPUT_KEY, INPUT_LEFT);
	case 0x4d:
		return press(INPUT_KEY, INPUT_RIGHT);
	case 0x4f:
		return press(INPUT_KEY, INPUT_END);
	case 0x50:
		return press(INPUT_KEY, INPUT_DOWN);
	case 0x53:
		return press(INPUT_KEY, INPUT_DELETE);
	default:
		return nothing();
	}
}

static void hold(uint8_t *keys, uint8_t key, bool down)
{
	*keys = (uint8_t)(down ? *keys | key : *keys & ~key);
}

/* True: the key only changes what others mean. */
static bool decode_modifier(struct scancode_keys *keys, uint8_t key, bool extended, bool down)
{
	switch (key) {
	case CTRL:
		hold(&keys->ctrl, extended ? 2 : 1, down);
		return true;
	case SHIFT_LEFT:
	case SHIFT_RIGHT:
		/* Extended, it is the keyboard's make-believe shift around its grey keys. */
		if (!extended)
			hold(&keys->shift, key == SHIFT_RIGHT ? 2 : 1, down);
		return true;
	case CAPS_LOCK:
		if (!extended && down && !keys->caps_down)
			keys->caps = !keys->caps;
		keys->caps_down = down;
		return true;
	default:
		return false;
	}
}

static struct scancode_press decode_character(const struct scancode_keys *keys, uint8_t code)
{
	bool letter;
	char c;

	if (code >= sizeof(plain) || plain[code] == '\0')
		return nothing();
	c = plain[code];
	letter = c >= 'a' && c <= 'z';
	if ((keys->shift != 0) != (letter && keys->caps))
		c = shifted[code];
	if (keys->ctrl != 0 && (letter || c == '[' || c == '\\' || c == ']'))
		c &= 0x1f;
	return press(INPUT_CHARACTER, (uint8_t)c);
}

struct scancode_press scancode_decode(struct scancode_keys *keys, uint8_t code)
{
	const bool extended = keys->extended;

	if (keys->skip > 0) {
		keys->skip--;
		return nothing();
	}
	keys->extended = code == EXTENDED;
	if (code == PAUSE)
		keys->skip = PAUSE_BYTES;
	if (code == EXTENDED || code == PAUSE)
		return nothing();
	if (code == OVERRUN_LOW || code == OVERRUN_HIGH)
		return press(INPUT_LOST, 1);
	if (decode_modifier(keys, code & ~RELEASED, extended, !(code & RELEASED)) || (code & RELEASED))
		return nothing();
	return extended ? decode_extended(code) : decode_character(keys, code);
}

bool scancode_sound(const struct scancode_keys *keys)
{
	return keys->shift <= 3 && keys->ctrl <= 3 && keys->skip <= PAUSE_BYTES &&
	       !(keys->skip > 0 && keys->extended);
}
