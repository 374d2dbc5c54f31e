/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel to try ./run's machine on: it repeats each line, and obeys `exit`,
 * `exit N`, `panic`, `hang` and `log`. What comes while it is not at its prompt
 * is thrown away, as firmware does, so that whoever types too early is seen.
 */
#include <stdbool.h>
#include <stdint.h>

#define PORT 0x3f8u
#define EXIT_PORT 0xf4u

void echo_main(void) __attribute__((noreturn));

__asm__(".section .multiboot, \"a\"\n"
	".balign 8\n"
	"header: .long 0xe85250d6, 0, header_end - header, -(0xe85250d6 + (header_end - header))\n"
	".short 0, 0\n"
	".long 8\n"
	"header_end:\n"
	".text\n"
	".globl _start\n"
	"_start: mov $stack_top, %esp\n"
	"	call echo_main\n"
	".bss\n"
	".balign 16\n"
	".skip 8192\n"
	"stack_top:\n"
	".text\n");

static void out8(uint16_t port, uint8_t value)
{
	__asm__ __volatile__("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ __volatile__("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static bool arrived(void)
{
	return in8(PORT + 5) & 0x01;
}

static void put(char c)
{
	while (!(in8(PORT + 5) & 0x20))
		;
	out8(PORT, (uint8_t)c);
}

static void print(const char *text)
{
	while (*text)
		put(*text++);
}

static bool begins(const char *text, const char *with)
{
	while (*with) {
		if (*text++ != *with++)
			return false;
	}
	return true;
}

/* Long enough that a line which was sent too early has come in. */
static void throw_away(void)
{
	for (unsigned i = 0; i < 20000; i++) {
		if (arrived())
			(void)in8(PORT);
	}
}

static void read_line(char *line, unsigned size)
{
	unsigned length = 0;
	char c;

	for (;;) {
		while (!arrived())
			;
		c = (char)in8(PORT);
		if (c == '\r')
			break;
		if (length + 1 < size)
			line[length++] = c;
		put(c);
	}
	line[length] = 0;
	print("\r\n");
}

static void obey(const char *line)
{
	if (begins(line, "exit"))
		out8(EXIT_PORT, 0x10 + (line[4] == ' ' ? line[5] - '0' : 0));
	if (begins(line, "panic"))
		out8(EXIT_PORT, 0x7e);
	if (begins(line, "hang")) {
		for (;;)
			__asm__ __volatile__("cli; hlt");
	}
}

void echo_main(void)
{
	char line[2048];

	out8(PORT + 1, 0);
	out8(PORT + 2, 0x07);
	for (;;) {
		throw_away();
		print("refkernel> ");
		read_line(line, sizeof(line));
		obey(line);
		print("said: ");
		print(line);
		print("\r\n");
	}
}
