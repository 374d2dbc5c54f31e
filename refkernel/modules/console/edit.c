/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edit: owns nothing and retains nothing; see edit.h. Terminals are asked for
 * three things only: to show a character, to step back by one, and to ring. A
 * line that wraps on the terminal is shown well as long as it changes at its
 * end.
 */
#include "edit.h"

#include "lib/mem.h"
#include "lib/text.h"

#define CTRL(letter) ((letter) & 0x1f)
#define DELETE_CHARACTER 0x7f

/* struct console_line's `escape`: ESC, then [ or O, then a number perhaps. */
enum escape {
	ESCAPE_NONE,
	ESCAPE_BEGUN,
	ESCAPE_INSIDE
};

static void show_text(void *screen, const char *text)
{
	edit_show(screen, text, text_length(text));
}

static void show_many(void *screen, char c, uint32_t count)
{
	static const char blanks[] = "                ";
	static const char backs[] = "\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b";
	const uint32_t most = sizeof(blanks) - 1;

	while (count > 0) {
		const uint32_t now = count < most ? count : most;

		edit_show(screen, c == '\b' ? backs : blanks, now);
		count -= now;
	}
}

static void move_to(struct console_line *line, uint32_t cursor, void *screen)
{
	if (cursor < line->cursor)
		show_many(screen, '\b', line->cursor - cursor);
	else
		edit_show(screen, line->text + line->cursor, cursor - line->cursor);
	line->cursor = cursor;
}

/* Show from the cursor to the end, wipe `wiped` cells after it, and come back. */
static void show_rest(const struct console_line *line, uint32_t wiped, void *screen)
{
	const uint32_t rest = line->length - line->cursor;

	edit_show(screen, line->text + line->cursor, rest);
	show_many(screen, ' ', wiped);
	show_many(screen, '\b', rest + wiped);
}

static void insert(struct console_line *line, char c, void *screen)
{
	char *const at = line->text + line->cursor;

	if (line->length + 1 >= line->size) {
		line->excess++;
		show_text(screen, "\a");
		return;
	}
	memmove(at + 1, at, line->length - line->cursor);
	*at = c;
	line->length++;
	move_to(line, line->cursor + 1, screen);
	if (line->cursor < line->length)
		show_rest(line, 0, screen);
}

/* Take out text[from..to); the cursor ends at `from`. */
static void cut(struct console_line *line, uint32_t from, uint32_t to, void *screen)
{
	move_to(line, from, screen);
	memmove(line->text + from, line->text + to, line->length - to);
	line->length -= to - from;
	show_rest(line, to - from, screen);
}

static void erase_before(struct console_line *line, void *screen)
{
	if (line->excess > 0)
		line->excess--; /* what had no room is the last that was typed */
	else if (line->cursor > 0)
		cut(line, line->cursor - 1, line->cursor, screen);
}

static void erase_under(struct console_line *line, void *screen)
{
	if (line->cursor < line->length)
		cut(line, line->cursor, line->cursor + 1, screen);
}

static void recall(struct console_line *line, void *screen)
{
	if (line->earlier == NULL)
		return;
	cut(line, 0, line->length, screen);
	line->excess = 0;
	line->length = (uint32_t)text_length(line->earlier);
	memcpy(line->text, line->earlier, line->length);
	move_to(line, line->length, screen);
}

static void complete(struct console_line *line, void *screen)
{
	line->text[line->length] = '\0';
	if (line->earlier != NULL && line->length > 0)
		memcpy(line->earlier, line->text, line->length + 1);
	line->phase = CONSOLE_COMPLETE;
	show_text(screen, "\r\n");
}

static enum sfp_status apply_control(struct console_line *line, uint32_t c, void *screen)
{
	switch (c) {
	case CTRL('A'):
		move_to(line, 0, screen);
		return SFP_OK;
	case CTRL('E'):
		move_to(line, line->length, screen);
		return SFP_OK;
	case CTRL('C'):
		show_text(screen, "^C\r\n");
		edit_begin(line, screen);
		return SFP_OK;
	case CTRL('U'):
		cut(line, 0, line->cursor, screen);
		return SFP_OK;
	case CTRL('K'):
		cut(line, line->cursor, line->length, screen);
		return SFP_OK;
	case '\b':
	case DELETE_CHARACTER:
		erase_before(line, screen);
		return SFP_OK;
	case '\t':
		insert(line, ' ', screen); /* one cell wide, so that stepping back is one step */
		return SFP_OK;
	default:
		show_text(screen, "\a");
		return SFP_INVALID;
	}
}

static enum sfp_status apply_key(struct console_line *line, uint32_t key, void *screen)
{
	switch (key) {
	case INPUT_LEFT:
		move_to(line, line->cursor - (line->cursor > 0), screen);
		return SFP_OK;
	case INPUT_RIGHT:
		move_to(line, line->cursor + (line->cursor < line->length), screen);
		return SFP_OK;
	case INPUT_UP:
		recall(line, screen);
		return SFP_OK;
	case INPUT_DOWN:
		cut(line, 0, line->length, screen);
		return SFP_OK;
	case INPUT_HOME:
		move_to(line, 0, screen);
		return SFP_OK;
	case INPUT_END:
		move_to(line, line->length, screen);
		return SFP_OK;
	case INPUT_DELETE:
		erase_under(line, screen);
		return SFP_OK;
	default:
		return SFP_INVALID;
	}
}

/* The key that a terminal's sequence ESC [ number letter stands for, or 0. */
static uint32_t terminal_key(uint32_t letter, unsigned number)
{
	static const uint8_t by_letter[] = { INPUT_UP, INPUT_DOWN, INPUT_RIGHT, INPUT_LEFT, 0, INPUT_END, 0,
					     INPUT_HOME };
	static const uint8_t by_number[] = { 0, INPUT_HOME, 0, INPUT_DELETE, INPUT_END };

	if (letter == '~')
		return number < sizeof(by_number) ? by_number[number] : 0;
	return letter >= 'A' && letter - 'A' < sizeof(by_letter) ? by_letter[letter - 'A'] : 0;
}

/* True: the character is part of a sequence; *status is what became of it. */
static bool in_escape(struct console_line *line, uint32_t c, void *screen, enum sfp_status *status)
{
	*status = SFP_OK;
	if (c == CTRL('[')) {
		line->escape = ESCAPE_BEGUN;
		line->parameter = 0;
		return true;
	}
	if (line->escape == ESCAPE_BEGUN && (c == '[' || c == 'O')) {
		line->escape = ESCAPE_INSIDE;
		return true;
	}
	if (line->escape == ESCAPE_INSIDE && ((c >= '0' && c <= '9') || c == ';')) {
		line->parameter = c == ';' ? 0 : (uint8_t)(line->parameter % 10 * 10 + (c - '0'));
		return true;
	}
	if (line->escape == ESCAPE_INSIDE && c >= '@') {
		line->escape = ESCAPE_NONE;
		*status = apply_key(line, terminal_key(c, line->parameter), screen);
		return true;
	}
	line->escape = ESCAPE_NONE; /* not a sequence after all: the character stands for itself */
	return false;
}

static enum sfp_status apply_character(struct console_line *line, uint32_t c, bool terminal, void *screen)
{
	const bool after_return = line->after_return;
	enum sfp_status status;

	if (terminal && in_escape(line, c, screen, &status))
		return status;
	line->after_return = c == '\r';
	if (c == '\n' && after_return)
		return SFP_OK;
	if (c == '\r' || c == '\n')
		complete(line, screen);
	else if (c < ' ' || c == DELETE_CHARACTER)
		return apply_control(line, c, screen);
	else
		insert(line, (char)c, screen);
	return SFP_OK;
}

static enum sfp_status apply_loss(struct console_line *line, uint32_t count, void *screen)
{
	const uint32_t cursor = line->cursor;
	char note[64];

	line->lost += count;
	text_format(note, sizeof(note), "\r\n[%u lost before this point: no room]\r\n", count);
	show_text(screen, note);
	show_text(screen, line->prompt);
	line->cursor = 0;
	move_to(line, line->length, screen);
	move_to(line, cursor, screen);
	return SFP_OK;
}

void edit_begin(struct console_line *line, void *screen)
{
	line->length = 0;
	line->cursor = 0;
	line->excess = 0;
	line->lost = 0;
	line->escape = ESCAPE_NONE;
	line->phase = CONSOLE_OPEN;
	show_text(screen, line->prompt);
}

enum sfp_status edit_apply(struct console_line *line, const struct input_event *event, void *screen)
{
	switch (event->kind) {
	case INPUT_CHARACTER:
		return apply_character(line, event->value & 0xff, event->source == INPUT_SERIAL, screen);
	case INPUT_KEY:
		return apply_key(line, event->value, screen);
	case INPUT_LOST:
		return apply_loss(line, event->value, screen);
	default:
		return SFP_INVALID;
	}
}

bool edit_sound(const struct console_line *line)
{
	return line->prompt != NULL && line->text != NULL && line->size >= 2 && line->length < line->size &&
	       line->cursor <= line->length && line->phase <= CONSOLE_COMPLETE &&
	       line->escape <= ESCAPE_INSIDE;
}
