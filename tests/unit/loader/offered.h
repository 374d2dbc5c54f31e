/* SPDX-License-Identifier: BSD-2-Clause */
/* What modules may import, as the nano-core would offer it to the loader. */
#ifndef OFFERED_H
#define OFFERED_H

#include "nano/loader.h"

/* What the nano-core offers, by the names of nano.h. */
extern const struct loader_exports offered;
/* Make the addresses of `offered` real: jumps below 2 GiB to the functions that count. */
void offered_open(void);
extern unsigned offered_logs, offered_wakes;
/* Move one of them, for tests of distances. */
void offered_place(const char *name, uintptr_t address);
/* Move all of them to where a kernel's are. */
void offered_high(void);

#endif /* OFFERED_H */
