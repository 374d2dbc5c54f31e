#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Guards, gates and the lock with one bug in them (see seeding.py)."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import seeding  # noqa: E402

GUARD_H, LOCK_H = "include/sfp/guard.h", "include/sfp/lock.h"
GUARD, LOCK, GATE = "libpatterns/guard.c", "libpatterns/lock.c", "libpatterns/gate_x86_64.S"
FILES = [GUARD_H, LOCK_H, GUARD, LOCK, GATE, "libpatterns/gate.S", "libpatterns/gate.h"]

LINK = "\tsfp_guard_link(held->context, &held->guard, sfp_lock_guard_release);\n"
RELEASE = "\tsfp_store_release_word(&held->lock->owner, 0);\n"
UNLINK = "\tsfp_guard_unlink(held->context, &held->guard);\n"

BUGS = {
    # Linked, acquired, and only then marked as held: a trap in between leaks.
    "lock-armed-after-acquisition": [
        (LOCK_H, "\theld->lock = lock;\n" + LINK, "\theld->lock = NULL;\n" + LINK),
        (LOCK_H, "\tif (SFP_LIKELY(sfp_cas_acquire_word(&lock->owner, &expected, (uintptr_t)&held->guard)))\n"
                 "\t\treturn SFP_OK;\n",
         "\tif (SFP_LIKELY(sfp_cas_acquire_word(&lock->owner, &expected, (uintptr_t)&held->guard))) {\n"
         "\t\theld->lock = lock;\n\t\treturn SFP_OK;\n\t}\n\theld->lock = lock;\n"),
        (LOCK, "\tif (sfp_load_word(&held->lock->owner) == (uintptr_t)guard)\n",
         "\tif (held->lock && sfp_load_word(&held->lock->owner) == (uintptr_t)guard)\n"),
    ],
    # The guard comes after the acquisition.
    "lock-guarded-after-acquisition": [
        (LOCK_H, LINK, ""),
        (LOCK_H, "\t\treturn SFP_OK;\n\treturn sfp_lock_acquire_contended(held);\n",
         "\t{\n\t" + LINK + "\t\treturn SFP_OK;\n\t}\n" + LINK +
         "\treturn sfp_lock_acquire_contended(held);\n"),
    ],
    "lock-unlinked-before-release": [
        (LOCK_H, RELEASE + UNLINK, UNLINK + RELEASE),
    ],
    # A fault lets go of the lock whoever holds it.
    "lock-release-does-not-compare": [
        (LOCK, "\tif (sfp_load_word(&held->lock->owner) == (uintptr_t)guard)\n\t\t", "\t"),
    ],
    "deadlock-forgets-to-unlink": [
        (LOCK, "\t\tsfp_guard_unlink(held->context, &held->guard);\n\t\treturn SFP_DEADLOCK;\n",
         "\t\treturn SFP_DEADLOCK;\n"),
    ],
    "scope-unlinked-before-release": [
        (GUARD_H, "\t\trelease_function(&sfp_held_->value); \\\n"
                  "\t\tsfp_guard_unlink(sfp_held_->context, &sfp_held_->guard); \\\n",
         "\t\tsfp_guard_unlink(sfp_held_->context, &sfp_held_->guard); \\\n"
         "\t\trelease_function(&sfp_held_->value); \\\n"),
    ],
    # A release that traps is met again, and its elders are given up.
    "release-called-before-unlinking": [
        (GUARD, "\t\tcontext->guards = guard->older;\n"
                "\t\tsfp_compiler_barrier(); /* off the chain before it runs: never twice */\n"
                "\t\trelease(guard);\n",
         "\t\trelease(guard);\n\t\tcontext->guards = guard->older;\n"),
    ],
    # Releases run where the gate stands, over the guards of whoever faulted.
    "landing-on-the-gates-stack": [
        (GUARD, "\tlanding->sp = sp;\n", "\tlanding->sp = (uintptr_t)gate;\n"),
    ],
    "unwinding-past-the-gate": [
        (GUARD, "\twhile (context->guards && context->guards != gate->guards) {\n",
         "\twhile (context->guards) {\n"),
    ],
    "unwinding-stops-early": [
        (GUARD, "\twhile (context->guards && context->guards != gate->guards) {\n",
         "\tif (context->guards && context->guards != gate->guards) {\n"),
    ],
    "gate-stays-open-after-a-fault": [
        (GATE, "\tmov\t%rbx, %rsp\n\tmov\tWORD(SFP_GATE_CONTEXT)(%rsp), %rdx\n"
               "\tmov\tWORD(SFP_GATE_OUTER)(%rsp), %rcx\n\tmov\t%rcx, WORD(SFP_CONTEXT_GATE)(%rdx)\n",
         "\tmov\t%rbx, %rsp\n"),
    ],
    # The gate is in force before it knows which guards are its caller's.
    "gate-in-force-too-early": [
        (GATE, "\tmov\tWORD(SFP_CONTEXT_GUARDS)(%rdi), %rax\n\tmov\t%rax, WORD(SFP_GATE_GUARDS)(%rsp)\n", ""),
        (GATE, "\tmov\t%rsp, WORD(SFP_CONTEXT_GATE)(%rdi)\t"
               "/* from here on a fault comes to this gate */\n",
         "\tmovq\t$0, WORD(SFP_GATE_GUARDS)(%rsp)\n"
         "\tmov\t%rsp, WORD(SFP_CONTEXT_GATE)(%rdi)\n"
         "\tmov\tWORD(SFP_CONTEXT_GUARDS)(%rdi), %rax\n\tmov\t%rax, WORD(SFP_GATE_GUARDS)(%rsp)\n"),
    ],
}

seeding.main(BUGS, FILES)
