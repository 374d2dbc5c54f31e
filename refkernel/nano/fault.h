/* SPDX-License-Identifier: BSD-2-Clause */
/* fault: what is kept of a fault until somebody wants it. */
#ifndef NANO_FAULT_H
#define NANO_FAULT_H

#include "cpu.h"
#include "nano/nano.h"
#include "trap.h"

struct module;

/* In the trap handler: make its record, and say it on the early serial line. */
void fault_note(const struct trap_frame *frame, const struct sfp_fault *fault, bool contained);

/* The main loop's: hand records on. True: there were some. */
bool fault_deliver(void);

/* The module's sink is bound no more. */
void fault_unbind(const struct module *module);

/* inject.c: if this is the place of an armed fault, it is spent by it. */
void inject_spend(uintptr_t address);

/* inject.c: no fault is wanted there any more, or never was: the code is put back, go on. */
bool inject_pass(uintptr_t address);

/* inject.c: code that is given back has no armed places. */
void inject_forget(uintptr_t address, size_t bytes);

#endif /* NANO_FAULT_H */
