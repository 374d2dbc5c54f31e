/* SPDX-License-Identifier: BSD-2-Clause */
/* ap: what smp.c and the code that other processors start with have in common. */
#ifndef NANO_AP_H
#define NANO_AP_H

#include "stacks.h"

/* In the page that they start in: where smp.c writes. */
#define AP_TABLES 0x100    /* long: physical address of the top page table */
#define AP_SEGMENTS 0x108  /* word, long: add the page to the long */
#define AP_JUMP 0x110      /* long, word: add the page to the long */

#ifndef __ASSEMBLER__
#include <stdint.h>

extern const uint8_t nano_ap_code[], nano_ap_code_end[];

/* What a processor finds out about itself, from its number at the interrupt controllers. */
extern uint32_t nano_ap_ids[PROCESSORS_MAX];
extern uint64_t nano_ap_stacks[PROCESSORS_MAX];
extern uint64_t nano_ap_root;

/* Where it comes out. */
void nano_ap_main(uint32_t number) __attribute__((noreturn));

#endif
#endif /* NANO_AP_H */
