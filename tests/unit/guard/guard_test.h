/* SPDX-License-Identifier: BSD-2-Clause */
/* What the unit tests of guard share: ways to trap, and holdings that can be looked at. */
#ifndef GUARD_TEST_H
#define GUARD_TEST_H

#include <sfp/guard.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif
#ifndef WITH_ASAN
#define WITH_ASAN 0
#endif
#ifndef WITH_TSAN
#define WITH_TSAN 0
#endif

/* How often a test repeats itself. ThreadSanitizer keeps a record of every call that a fault ends. */
#if WITH_TSAN
#define TIMES(n) ((n) / 100 + 1)
#else
#define TIMES(n) (n)
#endif

/* An address that nothing is mapped at. */
#define NOWHERE ((uintptr_t)64)

/** Begin a test: cmocka takes the signals for itself before each one. */
void begin(void);

/** sfp_gate_call in this thread's context; tells the sanitizer that frames may be gone. */
enum sfp_status contained(sfp_gated *function, void *argument, struct sfp_fault *why);

/* ---- traps, by the instruction itself: no sanitizer gets in between ---------- */

void trap_store(void);        /* to NOWHERE */
void trap_instruction(void);
void trap_overflow(void);     /* by calling itself */

/* ---- holdings -------------------------------------------------------------- */

/* Letting go of a holding writes its letter to the log and clears it. */
struct holding {
	char letter;                  /* 0: not held */
	void (*before)(void);         /* called by the release function first, once; may trap */
};

void holding_release(struct holding *holding);
SFP_GUARD(holding, struct holding, holding_release);

void log_clear(void);
const char *log_text(void);

#define HOLD(variable, its_letter) SFP_SCOPED(holding, variable, (struct holding){ .letter = (its_letter) })

int group_gates(void);
int group_kinds(void);
int group_cleanups(void);
int group_scopes(void);
int group_stacks(void);
int group_threads(void);
int group_ends(void);

#endif /* GUARD_TEST_H */
