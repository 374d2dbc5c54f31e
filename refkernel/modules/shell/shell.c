/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * shell: owns the line that is being typed, which the console edits for it.
 * Retains that line and the one before it. Called by nobody: the nano-core
 * polls it.
 */
#include "shell.h"

#include "lib/text.h"

void shell_write(struct shell_state *state, const char *text, size_t length)
{
	SFP_IGNORE(console_write(&state->console, text, length), "the console counts what finds no way out");
}

void shell_say(struct shell_state *state, const char *format, ...)
{
	char text[240];
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = text_vformat(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length < sizeof(text)) {
		shell_write(state, text, length);
		return;
	}
	shell_write(state, text, sizeof(text) - 1);
	shell_say(state, " ... (%zu more)\n", length - sizeof(text) + 1);
}

static const struct shell_command *find(const char *name, size_t length)
{
	for (const struct shell_command *command = shell_commands; command->name != NULL; command++) {
		if (text_length(command->name) == length && text_begins(name, command->name))
			return command;
	}
	return NULL;
}

/* Commands cut their arguments up. No zero byte can be typed, so these were blanks. */
static void put_blanks_back(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\0')
			text[i] = ' ';
	}
}

void shell_run(struct shell_state *state, char *text)
{
	const size_t whole = text_length(text);
	const struct shell_command *command;
	size_t at = 0, length = 0;
	char *arguments;

	while (text[at] == ' ')
		at++;
	while (text[at + length] != '\0' && text[at + length] != ' ')
		length++;
	if (length == 0)
		return;
	arguments = text + at + length + (at + length < whole);
	command = find(text + at, length);
	if (command == NULL && shell_run_offered(state, text + at, length, arguments) != SFP_OK)
		shell_say(state, "There is no command \"%.*s\"; help lists them.\n",
			  length < 60 ? (int)length : 60, text + at);
	else if (command != NULL && command->run(state, arguments) == SFP_MALFORMED)
		shell_say(state, "Usage: %s%s\n", command->name, command->usage);
	put_blanks_back(text, whole);
}

/* A line that is not what was typed must not run. */
static void answer(struct shell_state *state, const struct console_line *line)
{
	if (line->excess > 0)
		shell_say(state, "That line has %u characters; %u is the most. Nothing was run.\n",
			  line->length + line->excess, SHELL_LINE_MAX);
	else if (line->lost > 0)
		shell_say(state, "Input was lost while you typed that line (%u). Nothing was run.\n",
			  line->lost);
	else
		shell_run(state, state->text);
}

static enum sfp_status poll(struct shell_state *state)
{
	enum sfp_status status;

	if (shell_is_asleep(state))
		return SFP_EMPTY;
	status = console_edit(&state->console, &state->line);
	switch (status) {
	case SFP_OK:
		answer(state, &state->line);
		return SFP_OK;
	case SFP_AGAIN: /* more may be waiting */
	case SFP_FAULT: /* contained and reported; the event is tried again, or given up */
		return SFP_OK;
	default:
		return status;
	}
}

static enum sfp_status start(struct shell_state *state)
{
	state->line.prompt = SHELL_PROMPT;
	state->line.text = state->text;
	state->line.earlier = state->earlier;
	state->line.size = sizeof(state->text);
	return SFP_OK;
}

/* The line goes on; only where the prompt's text is has changed with the image. */
static enum sfp_status takeover(struct shell_state *state)
{
	state->line.prompt = SHELL_PROMPT;
	return SFP_OK;
}

static enum sfp_status check(struct shell_state *state)
{
	const struct console_line *const line = &state->line;

	NANO_HOLDS(line->text == state->text && line->earlier == state->earlier, "the line lies in here");
	NANO_HOLDS(line->size == sizeof(state->text) && line->length < line->size, "the line has room");
	NANO_HOLDS(line->cursor <= line->length, "the cursor is in the line");
	return SFP_OK;
}

NANO_HOOK(shell, start, start)
NANO_HOOK(shell, check, check)
NANO_HOOK(shell, takeover, takeover)
NANO_HOOK(shell, poll, poll)

static const struct nano_use uses[] = {
	NANO_USE(shell, console, console, NANO_FIRST),
	NANO_USE(shell, frames, frames, NANO_LAZILY),
	NANO_USE(shell, heap, heap, NANO_LAZILY),
	NANO_USE(shell, trace, trace, NANO_LAZILY),
	NANO_USE(shell, bench, bench, NANO_LAZILY),
	NANO_USE(shell, timer, timer, NANO_LAZILY),
	NANO_USE(shell, tasks, tasks, NANO_LAZILY),
	NANO_USES_END
};

static const struct nano_field fields[] = {
	NANO_FIELD(shell, console, NANO_AGGREGATE), /* where it was found */
	NANO_FIELD(shell, frames, NANO_AGGREGATE), /* the same */
	NANO_FIELD(shell, heap, NANO_AGGREGATE), /* the same */
	NANO_FIELD(shell, trace, NANO_AGGREGATE), /* the same */
	NANO_FIELD(shell, bench, NANO_AGGREGATE), /* the same */
	NANO_FIELD(shell, timer, NANO_AGGREGATE), /* the same */
	NANO_FIELD(shell, sleeper, NANO_LASTING),
	NANO_FIELD(shell, sleep, NANO_LASTING),
	NANO_FIELD(shell, tasks, NANO_AGGREGATE), /* the same */
	NANO_FIELD(shell, spinners, NANO_LASTING),
	NANO_FIELD(shell, line, NANO_LASTING),
	NANO_FIELD(shell, text, NANO_LASTING),
	NANO_FIELD(shell, earlier, NANO_LASTING),
	NANO_FIELDS_END
};

NANO_MODULE(shell,
	.version = 1,
	.summary = "the prompt",
	.state_size = sizeof(struct shell_state),
	.state_version = 1,
	.uses = uses,
	.fields = fields,
	.start = shell_start_hook_,
	.check = shell_check_hook_,
	.takeover = shell_takeover_hook_,
	.poll = shell_poll_hook_,
);
