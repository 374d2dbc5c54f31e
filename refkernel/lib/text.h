/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text: bounded text for freestanding code: a formatter, comparisons, numbers.
 * Linked privately into the nano-core and into each module. Nothing here
 * allocates, keeps state or writes past the size that it is given.
 */
#ifndef LIB_TEXT_H
#define LIB_TEXT_H

#include <sfp/port.h>
#include <sfp/status.h>

#include <stdarg.h>

/**
 * Write formatted text, always ended by a zero byte if size is not 0.
 * Understands %d %i %u %x %X %c %s %p %% with the flags '-' and '0', a width, a
 * precision for %s (numbers or '*'), and the lengths hh h l ll z j t.
 * A NULL for %s is "(null)"; %p is 0x and the digits, not padded.
 * Anything else, a number's precision included, ends the output with "%?".
 * @return the length that the whole text has; it was cut if that is >= size
 */
size_t text_format(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t text_vformat(char *to, size_t size, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

size_t text_length(const char *text);
bool text_equal(const char *left, const char *right);
bool text_begins(const char *text, const char *with);

/**
 * A whole number: decimal, or hexadecimal after 0x; nothing before, within or after it.
 * @return MALFORMED if it is not one, LIMIT if it does not fit; *value is written on OK only
 */
enum sfp_status text_to_number(const char *text, uint64_t *value) SFP_NODISCARD;

/**
 * Cut the next word off *rest, in place: spaces and tabs before it are skipped, the one
 * after it becomes a zero byte, and *rest moves past that.
 * @return the word; NULL if there is none
 */
char *text_word(char **rest);

#endif /* LIB_TEXT_H */
