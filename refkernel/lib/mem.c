/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mem: see mem.h. String instructions on x86-64: short, and the compiler does
 * not recognise them as the very function that it would have to call.
 * The direction flag is clear here by the ABI; traps and interrupts clear it.
 */
#include "mem.h"

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	void *at = to;

	__asm__ __volatile__("rep movsb" : "+D"(at), "+S"(from), "+c"(size) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	char *last_to;
	const char *last_from;

	if ((size_t)((char *)to - (const char *)from) >= size)
		return memcpy(to, from, size);
	last_to = (char *)to + size - 1;
	last_from = (const char *)from + size - 1;
	/* `to` lies inside the source: the end first. A fault between std and cld is safe, see above. */
	__asm__ __volatile__("std\n\trep movsb\n\tcld"
			     : "+D"(last_to), "+S"(last_from), "+c"(size) : : "memory");
	return to;
}

void *memset(void *to, int value, size_t size)
{
	void *at = to;

	__asm__ __volatile__("rep stosb" : "+D"(at), "+c"(size) : "a"(value) : "memory");
	return to;
}

int memcmp(const void *left, const void *right, size_t size)
{
	const unsigned char *a = left;
	const unsigned char *b = right;

	for (size_t i = 0; i < size; i++) {
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	}
	return 0;
}
