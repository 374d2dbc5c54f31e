/* SPDX-License-Identifier: BSD-2-Clause */
/* What libFuzzer calls, with the prototypes that C wants. */
#ifndef MUTATE_H
#define MUTATE_H

#include "nano/loader_file.h"

/* libFuzzer's own mutations of plain bytes. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Ours: most of the time one field of the header, a section, a symbol or a relocation. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#endif /* MUTATE_H */
