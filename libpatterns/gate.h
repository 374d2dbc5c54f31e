/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gate: the record that sfp_gate_call() builds on the stack. Shared by the
 * assembly that writes it and the C that reads it; private to libpatterns.
 */
#ifndef SFP_GATE_PRIVATE_H
#define SFP_GATE_PRIVATE_H

/* Offsets in words; the assembly files use these names and guard.c asserts them. */
#define SFP_GATE_OUTER 0
#define SFP_GATE_GUARDS 1
#define SFP_GATE_CONTEXT 2
#define SFP_GATE_WHY 3
#define SFP_GATE_FLAGS 4   /* the processor's, where the host masks interrupts by them */
#define SFP_GATE_STATE 5
#define SFP_GATE_AT 6
#define SFP_GATE_WORDS 7

#define SFP_CONTEXT_GATE 0
#define SFP_CONTEXT_GUARDS 1

/* SFP_FAULT, for the assembly; guard.c asserts it. */
#define SFP_GATE_FAULTED (-6)

#ifndef __ASSEMBLER__
#include <sfp/guard.h>

/* The saved registers and the return address lie above it, in the order of the assembly file. */
struct sfp_gate {
	struct sfp_gate *outer;
	struct sfp_guard *guards;      /* the newest guard when the gate was opened */
	struct sfp_context *context;
	struct sfp_fault *why;
	uintptr_t flags;
	uintptr_t faulted;             /* 1 from the first fault on */
	struct sfp_guard *at;          /* the guard that the unwinding last looked at; valid once faulted */
};

/* Where a fault resumes: argument register = the gate, stack = sfp_landing.sp. In the assembly. */
void sfp_gate_landing(struct sfp_gate *gate);

/* Go there from running code, on the stack as it is. In the assembly. */
void sfp_gate_jump(struct sfp_gate *gate, uintptr_t sp, uintptr_t ip) __attribute__((noreturn));

/* Release the guards of this gate, newest first; called by the landing. */
void sfp_gate_unwind(struct sfp_gate *gate);
#endif

#endif /* SFP_GATE_PRIVATE_H */
