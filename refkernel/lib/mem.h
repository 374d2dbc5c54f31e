/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mem: the four functions that a compiler may call by itself in freestanding
 * code. Linked privately into the nano-core and into each module; semantics
 * are those of the C standard.
 */
#ifndef LIB_MEM_H
#define LIB_MEM_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int memcmp(const void *left, const void *right, size_t size);

#endif /* LIB_MEM_H */
