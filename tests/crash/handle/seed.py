#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Handles with one bug in them, for the sweep to find."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import seeding  # noqa: E402

HEADER, CORE = "include/sfp/handle.h", "libpatterns/handle.c"

LINK = "sfp_guard_link(import->context, &import->guard, sfp_import_guard_release);\n"
SWAP = "if (SFP_LIKELY(sfp_handle_swap_(handle, kind, word, (uintptr_t)&import->guard | word))) {"
LET_GO = "\tsfp_store_release_word(&import->handle->word, import->after);\n"
UNLINK = "\tsfp_guard_unlink(import->context, &import->guard);\n"

BUGS = {
    # The importer works where the handle's state is.
    "works-in-place": [
        (HEADER, "\t\t\t\timport->value = sfp_handle_slot_(handle, slot ^ 1, kind->room);\n",
         "\t\t\t\timport->value = sfp_handle_slot_(handle, slot, kind->room);\n"),
    ],
    "taken-before-guarded": [
        (HEADER, "\t\t" + LINK + "\t\t" + SWAP,
         "\t\tconst bool taken = sfp_handle_swap_(handle, kind, word, (uintptr_t)&import->guard | word);\n\n"
         "\t\t" + LINK + "\t\tif (SFP_LIKELY(taken)) {"),
    ],
    "unguarded-before-let-go": [
        (HEADER, LET_GO + UNLINK + "}\n\n/* The cores", UNLINK + LET_GO + "}\n\n/* The cores"),
    ],
    "a-fault-commits": [
        (CORE, "\t\tsfp_store_release_word(&handle->word, word & SFP_HANDLE_TAGS_);\n}\n\n/* The importer's guard may",
         "\t\tsfp_store_release_word(&handle->word, (word & SFP_HANDLE_TAGS_) ^ SFP_HANDLE_SLOT_);\n}\n\n"
         "/* The importer's guard may"),
    ],
    "a-fault-lets-nothing-go": [
        (CORE, "\tif (guard_of(word) == (uintptr_t)guard)\n", "\tif (guard_of(word) == 1)\n"),
    ],
    # One layout version a handle, not one a slot.
    "migrated-before-committed": [
        (CORE, "\t\twipe(slot_of(handle, to), handle->room);\n",
         "\t\twipe(slot_of(handle, to), handle->room);\n\t\thandle->version[to ^ 1] = kind->version;\n"),
    ],
    "made-alive": [
        (CORE, "\tsfp_store_release_word(&handle->word, SFP_HANDLE_TORN_);\n",
         "\tsfp_store_release_word(&handle->word, SFP_HANDLE_LIVE_);\n"),
    ],
    "empty-before-wiped": [
        (CORE, "\tif (handle->room <= SFP_HANDLE_MAX_SIZE_)\n",
         "\tsfp_store_release_word(&handle->word, 0);\n\tif (handle->room <= SFP_HANDLE_MAX_SIZE_)\n"),
    ],
    "taken-alive": [
        (CORE, "\timport.after = SFP_HANDLE_TORN_;\n", ""),
    ],
    "a-refused-import-stays-taken": [
        (CORE, "\tif (status != SFP_OK) {\n\t\tgive_back(import);\n\t\treturn status;\n",
         "\tif (status != SFP_OK) {\n\t\timport->handle = NULL;\n\t\treturn status;\n"),
    ],
}

seeding.main(BUGS, [HEADER, CORE])
