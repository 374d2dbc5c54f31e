#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The dispatcher with one bug in it (see seeding.py)."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import seeding  # noqa: E402

CORE = "libpatterns/dispatch.c"

BUGS = {
    # Pinned, but perhaps after it was gone.
    "no-second-look": [
        (CORE, "\t\tif (SFP_UNLIKELY(sfp_load_acquire_word(place->link) != seen))\n\t\t\tcontinue;", "\t\t;"),
    ],
    "no-pin": [
        (CORE, "\t\tpin(place->other, (uintptr_t)sub, plain);\n", "\t\t(void)plain;\n"),
    ],
    "no-scan": [
        (CORE, "\treturn is_pinned(sub) ? SFP_RUNNING : SFP_OK;\n", "\t(void)is_pinned;\n\treturn SFP_OK;\n"),
    ],
    # The link of one that has left leads to whoever came behind it once.
    "walks-on-from-who-has-left": [
        (CORE, "\t\t\tif (seen & SFP_DISPATCH_LEFT_)\n\t\t\t\treturn NULL;\n", ""),
    ],
    "left-and-not-taken-out": [
        (CORE, "\t(void)find(&walk, begin(&walk), sub->priority, (uintptr_t)sub);\n", "\t(void)begin(&walk);\n"),
    ],
    "linked-before-known": [
        (CORE, "\tif (sfp_cas_acquire_word(&sub->place, &nowhere, (uintptr_t)head)) {\n\t\tlink_in(&walk, sub);\n",
         "\tif (sfp_load_word(&sub->place) == nowhere) {\n\t\tlink_in(&walk, sub);\n\t\tsub->place = (uintptr_t)head;\n"),
    ],
    "linked-before-complete": [
        (CORE, "\tsub->next = (uintptr_t)found->sub;\n", "\tbool linked;\n\n"),
        (CORE, "\treturn sfp_cas_release_word(found->place.link, &expected,\n"
               "\t\t\t\t    (uintptr_t)sub | (expected & SFP_DISPATCH_QUARANTINED_));\n",
         "\tlinked = sfp_cas_release_word(found->place.link, &expected,\n"
         "\t\t\t\t      (uintptr_t)sub | (expected & SFP_DISPATCH_QUARANTINED_));\n"
         "\tsfp_compiler_barrier();\n\tsub->next = (uintptr_t)found->sub;\n\treturn linked;\n"),
    ],
    # One quarantined is entered again because somebody behind it came, or left.
    "linking-ends-a-quarantine": [
        (CORE, "(uintptr_t)sub | (expected & SFP_DISPATCH_QUARANTINED_));", "(uintptr_t)sub);"),
    ],
    "taking-out-ends-a-quarantine": [
        (CORE, "(next & ~SFP_DISPATCH_BITS_) | (seen & SFP_DISPATCH_QUARANTINED_));",
         "(next & ~SFP_DISPATCH_BITS_));"),
    ],
    # Among equals nobody's place can be found again.
    "equals-without-order": [
        (CORE, "\treturn sub->priority != priority ? sub->priority < priority : (uintptr_t)sub > address;\n",
         "\t(void)address;\n\treturn sub->priority < priority;\n"),
    ],
    "begins-anew-behind-a-fault": [
        (CORE, "\t\twalk->faulted = sub;\n", ""),
    ],
    "a-fault-is-not-counted": [
        (CORE, "\t\tcount_fault(dispatch, sub);\n", "\t\t(void)dispatch;\n\t\t(void)count_fault;\n"),
    ],
    # A fault while the way is found anew passes for a handler's.
    "a-search-is-a-handler": [
        (CORE, "\twalk->searching = true;\n", ""),
    ],
    "pins-of-no-gate": [
        (CORE, "\tcontext->pin_gates[depth + 1] = context->gate;\n", ""),
    ],
    "pins-freed-too-early": [
        (CORE, "\tsfp_store_release_word(&walk->pins[0], 0);\n", "\twalk->context->pinned = walk->depth;\n"
               "\tsfp_compiler_barrier();\n\tsfp_store_release_word(&walk->pins[0], 0);\n"),
    ],
    # Its own leaving says that it is silent while its handler runs.
    "forgotten-too-early": [
        (CORE, "\tSFP_TRY(leave_and_look(sub));\n\tforget(sub);\n",
         "\tconst enum sfp_status status = leave_and_look(sub);\n\n\tforget(sub);\n\tSFP_TRY(status);\n"),
    ],
    "death-unsubscribes-nobody": [
        (CORE, "\treturn sfp_dispatch_unsubscribe(SFP_CONTAINER(entry, struct sfp_dispatch_sub, retained));\n",
         "\treturn sfp_load_word(&SFP_CONTAINER(entry, struct sfp_dispatch_sub, retained)->place) == 1;\n"),
    ],
}

seeding.main(BUGS, [CORE])
