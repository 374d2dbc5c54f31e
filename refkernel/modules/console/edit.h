/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edit: the line editor, private to the console. One event in, one change of
 * the client's line, and the bytes that make a terminal show it.
 */
#ifndef CONSOLE_EDIT_H
#define CONSOLE_EDIT_H

#include "console.h"

/** Where the editor's output goes; console.c defines it, and tests define theirs. */
void edit_show(void *screen, const char *text, size_t length);

/** Begin a line: empty, with its prompt shown. */
void edit_begin(struct console_line *line, void *screen);

/** @return OK: applied; INVALID: the event means nothing, and the line is as it was */
enum sfp_status edit_apply(struct console_line *line, const struct input_event *event,
			   void *screen) SFP_NODISCARD;

/** Could the editor have left the line like this? */
bool edit_sound(const struct console_line *line);

#endif /* CONSOLE_EDIT_H */
