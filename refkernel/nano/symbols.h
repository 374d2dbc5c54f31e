/* SPDX-License-Identifier: BSD-2-Clause */
/* symbols: names for addresses, of the nano-core and of all modules. */
#ifndef NANO_SYMBOLS_H
#define NANO_SYMBOLS_H

#include "multiboot2.h"

/*
 * The boot loader puts the kernel's symbol table somewhere in memory: the
 * `index`th of its sections, or an empty region if it is part of the image.
 * @return false past the last
 */
bool symbols_region(const struct boot_information *boot, size_t index, struct boot_region *region);

/* Find the nano-core's own symbols; without them its addresses are numbers. */
void symbols_init(const struct boot_information *boot);

/* Is this in the code of the nano-core or of a loaded module? */
bool symbols_is_code(uintptr_t address);

#endif /* NANO_SYMBOLS_H */
