/* SPDX-License-Identifier: BSD-2-Clause */
/* panic: the end, for what only the nano-core can get wrong or a machine can. */
#ifndef NANO_PANIC_H
#define NANO_PANIC_H

#include "trap.h"

/* Say why, and end the machine: under QEMU with status 253. */
void panic(const char *why) __attribute__((noreturn, cold));

/* A fault while one was being handled: say the least. */
void panic_again(const struct trap_frame *frame) __attribute__((noreturn, cold));

#endif /* NANO_PANIC_H */
