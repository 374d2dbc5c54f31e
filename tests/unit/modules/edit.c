/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line editor. Two witnesses: what the line holds, and what a terminal
 * that understands only characters, \b, \r and \n shows of it.
 */
#include "cmocka_test.h"

#include "edit.h"

#define LINE 64u
#define CELLS 512u

struct terminal {
	char cells[CELLS];  /* of the last row */
	unsigned at;
	unsigned rows;
	unsigned rings;
};

struct bench {
	struct terminal terminal;
	struct console_line line;
	char text[LINE + 1];
	char earlier[LINE + 1];
};

void nano_wake(void)
{
}

void edit_show(void *screen, const char *text, size_t length)
{
	struct terminal *const terminal = screen;

	for (size_t i = 0; i < length; i++) {
		switch (text[i]) {
		case '\b':
			assert_true(terminal->at > 0);
			terminal->at--;
			break;
		case '\r':
			terminal->at = 0;
			break;
		case '\n':
			memset(terminal->cells, ' ', CELLS);
			terminal->rows++;
			break;
		case '\a':
			terminal->rings++;
			break;
		default:
			assert_true(terminal->at < CELLS);
			terminal->cells[terminal->at++] = text[i];
		}
	}
}

static void set_up(struct bench *bench)
{
	memset(bench, 0, sizeof(*bench));
	memset(bench->terminal.cells, ' ', CELLS);
	bench->line = (struct console_line){ .prompt = "> ", .text = bench->text, .earlier = bench->earlier,
					     .size = sizeof(bench->text) };
	edit_begin(&bench->line, &bench->terminal);
}

static enum sfp_status send(struct bench *bench, enum input_source source, enum input_kind kind,
			    uint32_t value)
{
	const struct input_event event = {
		.source = (uint16_t)source, .kind = (uint16_t)kind, .value = value
	};
	const enum sfp_status status = edit_apply(&bench->line, &event, &bench->terminal);

	assert_true(edit_sound(&bench->line));
	return status;
}

static void type(struct bench *bench, const char *text)
{
	while (*text != '\0')
		(void)send(bench, INPUT_SERIAL, INPUT_CHARACTER, (uint8_t)*text++);
}

static void key(struct bench *bench, enum input_key which)
{
	assert_int_equal(send(bench, INPUT_KEYBOARD, INPUT_KEY, which), SFP_OK);
}

/* The line holds `text` with the cursor at `cursor`, and so it looks. */
static void expect(struct bench *bench, const char *text, uint32_t cursor)
{
	const struct terminal *const terminal = &bench->terminal;
	const size_t length = strlen(text);

	assert_int_equal(bench->line.length, length);
	assert_memory_equal(bench->line.text, text, length);
	assert_int_equal(bench->line.cursor, cursor);
	assert_memory_equal(terminal->cells, "> ", 2);
	assert_memory_equal(terminal->cells + 2, text, length);
	assert_int_equal(terminal->at, 2 + cursor);
	for (size_t i = 2 + length; i < CELLS; i++)
		assert_int_equal(terminal->cells[i], ' ');
}

static void characters_go_where_the_cursor_is(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	type(&bench, "ac");
	key(&bench, INPUT_LEFT);
	type(&bench, "b");
	expect(&bench, "abc", 2);
	key(&bench, INPUT_HOME);
	type(&bench, "<");
	expect(&bench, "<abc", 1);
	key(&bench, INPUT_END);
	type(&bench, ">");
	expect(&bench, "<abc>", 5);
}

static void backspace_and_delete_take_their_side(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	type(&bench, "abcd\b");
	expect(&bench, "abc", 3);
	type(&bench, "\x7f");
	expect(&bench, "ab", 2);
	key(&bench, INPUT_LEFT);
	key(&bench, INPUT_DELETE);
	expect(&bench, "a", 1);
	key(&bench, INPUT_DELETE);
	expect(&bench, "a", 1);
	type(&bench, "\b\b\b");
	expect(&bench, "", 0);
}

static void the_cursor_stays_inside_the_line(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	key(&bench, INPUT_LEFT);
	key(&bench, INPUT_RIGHT);
	expect(&bench, "", 0);
	type(&bench, "ab");
	key(&bench, INPUT_RIGHT);
	expect(&bench, "ab", 2);
	key(&bench, INPUT_LEFT);
	key(&bench, INPUT_LEFT);
	key(&bench, INPUT_LEFT);
	expect(&bench, "ab", 0);
	key(&bench, INPUT_RIGHT);
	expect(&bench, "ab", 1);
}

static void control_characters_edit(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	type(&bench, "abcdef\x01");
	expect(&bench, "abcdef", 0);
	type(&bench, "\x05");
	expect(&bench, "abcdef", 6);
	key(&bench, INPUT_LEFT);
	key(&bench, INPUT_LEFT);
	type(&bench, "\x15");
	expect(&bench, "ef", 0);
	key(&bench, INPUT_RIGHT);
	type(&bench, "\x0b");
	expect(&bench, "e", 1);
	type(&bench, "\t");
	expect(&bench, "e ", 2);
	type(&bench, "\x03");
	expect(&bench, "", 0);
	assert_int_equal(bench.terminal.rows, 1);
}

static void a_terminals_sequences_are_keys(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	type(&bench, "abc\033[D\033[D");
	expect(&bench, "abc", 1);
	type(&bench, "\033[C");
	expect(&bench, "abc", 2);
	type(&bench, "\033[3~");
	expect(&bench, "ab", 2);
	type(&bench, "\033[H");
	expect(&bench, "ab", 0);
	type(&bench, "\033OF");
	expect(&bench, "ab", 2);
	type(&bench, "\033[1~");
	expect(&bench, "ab", 0);
	type(&bench, "\033[4~");
	expect(&bench, "ab", 2);
	type(&bench, "\033x");
	expect(&bench, "abx", 3);
}

static void a_sequence_of_no_meaning_fails_and_changes_nothing(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	type(&bench, "ab\033[15");
	assert_int_equal(send(&bench, INPUT_SERIAL, INPUT_CHARACTER, '~'), SFP_INVALID);
	expect(&bench, "ab", 2);
	type(&bench, "\033[");
	assert_int_equal(send(&bench, INPUT_SERIAL, INPUT_CHARACTER, 'Z'), SFP_INVALID);
	expect(&bench, "ab", 2);
}

static void events_of_no_meaning_fail(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	type(&bench, "ab");
	assert_int_equal(send(&bench, INPUT_SERIAL, INPUT_CHARACTER, 0x02), SFP_INVALID);
	assert_int_equal(send(&bench, INPUT_SERIAL, INPUT_CHARACTER, 0x00), SFP_INVALID);
	assert_int_equal(send(&bench, INPUT_KEYBOARD, INPUT_KEY, 0), SFP_INVALID);
	assert_int_equal(send(&bench, INPUT_KEYBOARD, INPUT_KEY, INPUT_DELETE + 1), SFP_INVALID);
	assert_int_equal(send(&bench, INPUT_KEYBOARD, (enum input_kind)0, 0), SFP_INVALID);
	assert_int_equal(send(&bench, INPUT_KEYBOARD, (enum input_kind)(INPUT_LOST + 1), 0), SFP_INVALID);
	expect(&bench, "ab", 2);
	assert_int_equal(bench.terminal.rings, 2);
}

static void return_line_feed_and_both_complete_one_line(void **state)
{
	static const char *const ends[] = { "\r", "\n", "\r\n" };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct bench bench;

		set_up(&bench);
		type(&bench, "ab");
		for (const char *end = ends[i]; *end != '\0'; end++) {
			assert_int_equal(send(&bench, INPUT_SERIAL, INPUT_CHARACTER, (uint8_t)*end), SFP_OK);
			if (end == ends[i]) {
				assert_int_equal(bench.line.phase, CONSOLE_COMPLETE);
				assert_string_equal(bench.text, "ab");
				edit_begin(&bench.line, &bench.terminal);
			}
		}
		assert_int_equal(bench.line.phase, CONSOLE_OPEN);
		assert_int_equal(bench.terminal.rows, 1);
		expect(&bench, "", 0);
	}
}

static void two_line_feeds_are_two_lines(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	type(&bench, "\r");
	edit_begin(&bench.line, &bench.terminal);
	type(&bench, "\n");
	edit_begin(&bench.line, &bench.terminal);
	type(&bench, "\n");
	assert_int_equal(bench.line.phase, CONSOLE_COMPLETE);
}

static void what_has_no_room_is_counted_and_can_be_taken_back(void **state)
{
	struct bench bench;
	char all[LINE + 1];

	(void)state;
	set_up(&bench);
	memset(all, 'x', LINE);
	all[LINE] = '\0';
	type(&bench, all);
	assert_int_equal(bench.terminal.rings, 0);
	type(&bench, "yz");
	expect(&bench, all, LINE);
	assert_int_equal(bench.line.excess, 2);
	assert_int_equal(bench.terminal.rings, 2);
	type(&bench, "\b\b\b");
	assert_int_equal(bench.line.excess, 0);
	all[LINE - 1] = '\0';
	expect(&bench, all, LINE - 1);
}

static void up_brings_the_line_before_and_down_clears(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	key(&bench, INPUT_UP);
	expect(&bench, "", 0);
	type(&bench, "first\r");
	edit_begin(&bench.line, &bench.terminal);
	type(&bench, "something longer");
	key(&bench, INPUT_UP);
	expect(&bench, "first", 5);
	key(&bench, INPUT_DOWN);
	expect(&bench, "", 0);
	type(&bench, "\r");
	edit_begin(&bench.line, &bench.terminal);
	key(&bench, INPUT_UP);
	expect(&bench, "first", 5);
	bench.line.earlier = NULL;
	key(&bench, INPUT_UP);
	expect(&bench, "first", 5);
}

static void a_loss_is_shown_where_it_happened_and_the_line_goes_on(void **state)
{
	struct bench bench;

	(void)state;
	set_up(&bench);
	type(&bench, "abc");
	key(&bench, INPUT_LEFT);
	assert_int_equal(send(&bench, INPUT_KEYBOARD, INPUT_LOST, 7), SFP_OK);
	assert_int_equal(bench.line.lost, 7);
	assert_int_equal(bench.terminal.rows, 2);
	expect(&bench, "abc", 2);
	assert_int_equal(send(&bench, INPUT_KEYBOARD, INPUT_LOST, 1), SFP_OK);
	assert_int_equal(bench.line.lost, 8);
	type(&bench, "\r");
	edit_begin(&bench.line, &bench.terminal);
	assert_int_equal(bench.line.lost, 0);
}

/* A model that is a plain string with a cursor, fed the same random keys. */
static void random_editing_agrees_with_a_plain_model(void **state)
{
	char model[LINE + 1] = "";
	unsigned cursor = 0;
	unsigned excess = 0;
	uint32_t random = 99;
	struct bench bench;

	(void)state;
	set_up(&bench);
	for (unsigned i = 0; i < 20000; i++) {
		const size_t length = strlen(model);

		random = random * 1664525 + 1013904223;
		switch (random >> 24 & 7) {
		case 0:
			key(&bench, INPUT_LEFT);
			cursor -= cursor > 0;
			break;
		case 1:
			key(&bench, INPUT_RIGHT);
			cursor += cursor < length;
			break;
		case 2:
			type(&bench, "\b");
			if (excess > 0) {
				excess--;
			} else if (cursor > 0) {
				memmove(model + cursor - 1, model + cursor, length - cursor + 1);
				cursor--;
			}
			break;
		case 3:
			key(&bench, INPUT_DELETE);
			if (cursor < length)
				memmove(model + cursor, model + cursor + 1, length - cursor);
			break;
		default: {
			const char text[2] = { (char)('a' + (random >> 16) % 26), '\0' };

			type(&bench, text);
			if (length == LINE) {
				excess++;
				break;
			}
			memmove(model + cursor + 1, model + cursor, length - cursor + 1);
			model[cursor++] = text[0];
		}
		}
		expect(&bench, model, cursor);
		assert_int_equal(bench.line.excess, excess);
	}
}

static void an_unsound_line_is_told_from_a_sound_one(void **state)
{
	struct bench bench;
	struct console_line line;

	(void)state;
	set_up(&bench);
	assert_true(edit_sound(&bench.line));
#define UNSOUND(change) \
	do { \
		line = bench.line; \
		line.change; \
		assert_false(edit_sound(&line)); \
	} while (0)
	UNSOUND(text = NULL);
	UNSOUND(prompt = NULL);
	UNSOUND(size = 1);
	UNSOUND(size = 0);
	UNSOUND(length = line.size);
	UNSOUND(cursor = line.length + 1);
	UNSOUND(phase = CONSOLE_COMPLETE + 1);
	UNSOUND(escape = 3);
#undef UNSOUND
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_go_where_the_cursor_is),
		cmocka_unit_test(backspace_and_delete_take_their_side),
		cmocka_unit_test(the_cursor_stays_inside_the_line),
		cmocka_unit_test(control_characters_edit),
		cmocka_unit_test(a_terminals_sequences_are_keys),
		cmocka_unit_test(a_sequence_of_no_meaning_fails_and_changes_nothing),
		cmocka_unit_test(events_of_no_meaning_fail),
		cmocka_unit_test(return_line_feed_and_both_complete_one_line),
		cmocka_unit_test(two_line_feeds_are_two_lines),
		cmocka_unit_test(what_has_no_room_is_counted_and_can_be_taken_back),
		cmocka_unit_test(up_brings_the_line_before_and_down_clears),
		cmocka_unit_test(a_loss_is_shown_where_it_happened_and_the_line_goes_on),
		cmocka_unit_test(random_editing_agrees_with_a_plain_model),
		cmocka_unit_test(an_unsound_line_is_told_from_a_sound_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
