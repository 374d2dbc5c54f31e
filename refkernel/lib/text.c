/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text: see text.h. The formatter reads a conversion into a struct first and
 * writes it afterwards; every byte goes through put(), the one bounds check.
 */
#include "text.h"

struct output {
	char *to;
	size_t size;
	size_t length; /* of the whole text, whether it fits or not */
};

struct conversion {
	bool left;
	bool zero;
	bool has_precision;
	int width;
	int precision;
	int size; /* of an integer, in bytes */
	char kind;
};

static void put(struct output *out, char c)
{
	if (out->length + 1 < out->size)
		out->to[out->length] = c;
	out->length++;
}

static void put_many(struct output *out, char c, int count)
{
	while (count-- > 0)
		put(out, c);
}

/* `prefix` (a sign, 0x) stands before zeros that fill the width, and after spaces that do. */
static void put_padded(struct output *out, const struct conversion *as, const char *prefix, const char *text,
		       size_t length)
{
	const int fill = as->width - (int)(text_length(prefix) + length);
	const bool zeros = as->zero && !as->left;

	if (!zeros && !as->left)
		put_many(out, ' ', fill);
	while (*prefix != '\0')
		put(out, *prefix++);
	if (zeros)
		put_many(out, '0', fill);
	for (size_t i = 0; i < length; i++)
		put(out, text[i]);
	if (as->left)
		put_many(out, ' ', fill);
}

static void put_number(struct output *out, const struct conversion *as, const char *prefix, uint64_t value,
		       unsigned base)
{
	const char *const digits = as->kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[20];
	size_t at = sizeof(text);

	do {
		text[--at] = digits[value % base];
		value /= base;
	} while (value != 0);
	put_padded(out, as, prefix, text + at, sizeof(text) - at);
}

static void put_string(struct output *out, const struct conversion *as, const char *text)
{
	struct conversion plain = *as;
	size_t length = 0;

	if (text == NULL)
		text = "(null)";
	/* The precision also bounds what is read: the text may lack an end. */
	while ((!as->has_precision || (int)length < as->precision) && text[length] != '\0')
		length++;
	plain.zero = false;
	put_padded(out, &plain, "", text, length);
}

static const char *read_number(const char *format, int *number, va_list *arguments)
{
	*number = 0;
	if (*format == '*') {
		*number = va_arg(*arguments, int);
		return format + 1;
	}
	while (*format >= '0' && *format <= '9' && *number < 100000)
		*number = *number * 10 + (*format++ - '0');
	return format;
}

static const char *read_size(const char *format, int *size)
{
	*size = (int)sizeof(int);
	switch (*format) {
	case 'h':
		*size = format[1] == 'h' ? 1 : 2;
		return format + (format[1] == 'h' ? 2 : 1);
	case 'l':
		*size = format[1] == 'l' ? (int)sizeof(long long) : (int)sizeof(long);
		return format + (format[1] == 'l' ? 2 : 1);
	case 'z':
	case 'j':
	case 't':
		*size = 8;
		return format + 1;
	default:
		return format;
	}
}

static const char *read_conversion(const char *format, struct conversion *as, va_list *arguments)
{
	*as = (struct conversion){ 0 };
	for (; *format == '-' || *format == '0'; format++) {
		as->left = as->left || *format == '-';
		as->zero = as->zero || *format == '0';
	}
	format = read_number(format, &as->width, arguments);
	if (as->width < 0) { /* a '*' may say "left" by its sign */
		as->left = true;
		as->width = as->width == -__INT_MAX__ - 1 ? 0 : -as->width;
	}
	if (*format == '.') {
		format = read_number(format + 1, &as->precision, arguments);
		as->has_precision = as->precision >= 0;
	}
	format = read_size(format, &as->size);
	as->kind = *format;
	return *format == '\0' ? format : format + 1;
}

static uint64_t unsigned_argument(const struct conversion *as, va_list *arguments)
{
	const uint64_t value = as->size == 8 ? va_arg(*arguments, uint64_t) : va_arg(*arguments, unsigned);

	return as->size == 8 ? value : value & ((1ull << (as->size * 8)) - 1);
}

static int64_t signed_argument(const struct conversion *as, va_list *arguments)
{
	int value;

	if (as->size == 8)
		return va_arg(*arguments, int64_t);
	value = va_arg(*arguments, int);
	if (as->size == 1)
		return (signed char)value;
	return as->size == 2 ? (short)value : value;
}

/* False: not a conversion that this formatter knows; no argument can be trusted after it. */
static bool convert(struct output *out, const struct conversion *as, va_list *arguments)
{
	int64_t number;
	char c;

	if (as->has_precision && as->kind != 's')
		return false;
	switch (as->kind) {
	case 'd':
	case 'i':
		number = signed_argument(as, arguments);
		put_number(out, as, number < 0 ? "-" : "",
			   number < 0 ? -(uint64_t)number : (uint64_t)number, 10);
		return true;
	case 'u':
		put_number(out, as, "", unsigned_argument(as, arguments), 10);
		return true;
	case 'x':
	case 'X':
		put_number(out, as, "", unsigned_argument(as, arguments), 16);
		return true;
	case 'p':
		put_number(out, as, "0x", (uint64_t)(uintptr_t)va_arg(*arguments, void *), 16);
		return true;
	case 'c':
		c = (char)va_arg(*arguments, int);
		put_padded(out, as, "", &c, 1);
		return true;
	case 's':
		put_string(out, as, va_arg(*arguments, const char *));
		return true;
	case '%':
		put(out, '%');
		return true;
	default:
		return false;
	}
}

size_t text_vformat(char *to, size_t size, const char *format, va_list arguments)
{
	struct output out = { .to = to, .size = size, .length = 0 };
	struct conversion as;
	va_list left;

	va_copy(left, arguments); /* so that its address has one type, as an argument or not */
	while (*format != '\0') {
		if (*format != '%') {
			put(&out, *format++);
			continue;
		}
		format = read_conversion(format + 1, &as, &left);
		if (!convert(&out, &as, &left)) {
			put(&out, '%');
			put(&out, '?');
			break;
		}
	}
	va_end(left);
	if (size != 0)
		to[out.length < size ? out.length : size - 1] = '\0';
	return out.length;
}

size_t text_format(char *to, size_t size, const char *format, ...)
{
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = text_vformat(to, size, format, arguments);
	va_end(arguments);
	return length;
}

size_t text_length(const char *text)
{
	size_t length = 0;

	while (text[length] != '\0')
		length++;
	return length;
}

bool text_equal(const char *left, const char *right)
{
	while (*left != '\0' && *left == *right) {
		left++;
		right++;
	}
	return *left == *right;
}

bool text_begins(const char *text, const char *with)
{
	while (*with != '\0' && *text == *with) {
		text++;
		with++;
	}
	return *with == '\0';
}

/* The value of a digit, or 16 and more. */
static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

enum sfp_status text_to_number(const char *text, uint64_t *value)
{
	const unsigned base = text_begins(text, "0x") ? 16 : 10;
	bool fits = true;
	uint64_t sum = 0;

	if (base == 16)
		text += 2;
	if (*text == '\0')
		return SFP_MALFORMED;
	for (; *text != '\0'; text++) {
		if (digit(*text) >= base)
			return SFP_MALFORMED;
		fits = fits && sum <= (UINT64_MAX - digit(*text)) / base;
		sum = sum * base + digit(*text);
	}
	if (!fits)
		return SFP_LIMIT;
	*value = sum;
	return SFP_OK;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

char *text_word(char **rest)
{
	char *at = *rest;
	char *word;

	while (is_blank(*at))
		at++;
	word = at;
	while (*at != '\0' && !is_blank(*at))
		at++;
	if (*at != '\0')
		*at++ = '\0';
	*rest = at;
	return *word == '\0' ? NULL : word;
}
