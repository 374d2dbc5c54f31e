#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a burial needs, with one bug in it (see seeding.py). A bug's name begins with the file that has it."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import seeding  # noqa: E402

CLIENT = "tests/crash/estate/client.c"


def core(name):
    return f"libpatterns/{name}.c"


BUGS = {
    # Lent first, and told afterwards.
    "client-subscribed-before-listed": [
        (CLIENT, "\t\tSFP_TRY(line_retained(&client->estate, &client->subs[i]));\n"
                 "\t\tSFP_TRY(line_subscribe(&world->line, &client->subs[i]));\n",
         "\t\tSFP_TRY(line_subscribe(&world->line, &client->subs[i]));\n"
         "\t\tSFP_TRY(line_retained(&client->estate, &client->subs[i]));\n"),
    ],
    # Off the list before it is back.
    "client-unlisted-while-leaving": [
        (CLIENT, "\tif (client->desk.core.bond != SFP_MUX_UNBOUND_)\n"
                 "\t\tSFP_TRY(or_busy(whole = desk_unbind(&client->desk)));\n",
         "\tif (client->desk.core.bond != SFP_MUX_UNBOUND_)\n"
         "\t\tSFP_TRY(or_busy(desk_unbind(&client->desk)));\n"),
        (CLIENT, "\t\tif (desk_reclaim(&client->desk, &client->jobs[i]) != SFP_OK)\n\t\t\twhole = SFP_BUSY;\n",
         "\t\t(void)or_busy(desk_reclaim(&client->desk, &client->jobs[i]));\n"),
    ],
    # The mux.
    "estate_mux-doubt-settled-without-a-marker": [
        (core("estate_mux"), "settle_all(record) == SFP_AGAIN ? enqueue_marker(record) : leave(record);",
         "leave(record);\n\t(void)enqueue_marker;"),
    ],
    "estate_mux-leaving-is-taken-for-left": [
        (core("estate_mux"), "sfp_mux_unbind(record->client, &waiting) != SFP_OK)\n\t\treturn SFP_BUSY;\n"
                             "\treturn settle_all(record) == SFP_OK ? SFP_OK : SFP_BUSY;\n",
         "sfp_mux_unbind(record->client, &waiting) == SFP_INVALID)\n\t\treturn SFP_BUSY;\n"
         "\treturn SFP_OK;\n"),
    ],
    "estate_mux-requests-not-asked": [
        (core("estate_mux"), "\tfor (i = 0; i < record->count; i++)\n", "\tfor (i = 1; i < record->count; i++)\n"),
        (core("estate_mux"), "\tif (record->client->bond != SFP_MUX_UNBOUND_ && sfp_mux_unbind(",
         "\tif (record->client->bond == SFP_MUX_LEAVING_ && sfp_mux_unbind("),
    ],
    "estate_mux-marker-left": [
        (core("estate_mux"), "\tif (!marker_is_back(record))\n\t\treturn SFP_BUSY;\n", ""),
    ],
    "mux-unbound-too-early": [
        (core("mux"), "\tif (status == SFP_OK)\n\t\treturn SFP_BUSY; /* on its way */\n",
         "\tif (status == SFP_OK)\n\t\tclient->bond = SFP_MUX_UNBOUND_;\n"
         "\tif (status == SFP_OK)\n\t\treturn SFP_OK;\n"),
    ],
    # Handles.
    "estate_handle-import-not-waited-for": [
        (core("estate_handle"), "\treturn status == SFP_BUSY ? SFP_BUSY : SFP_OK;\n",
         "\treturn status == SFP_BUSY ? SFP_OK : status == SFP_INVALID ? SFP_OK : status;\n"),
    ],
    # The dispatcher.
    "dispatch-handler-not-waited-for": [
        (core("dispatch"), "\treturn sfp_dispatch_unsubscribe("
                           "SFP_CONTAINER(entry, struct sfp_dispatch_sub, retained));",
         "\tconst enum sfp_status status =\n"
         "\t\tsfp_dispatch_unsubscribe(SFP_CONTAINER(entry, struct sfp_dispatch_sub, retained));\n\n"
         "\treturn status == SFP_RUNNING ? SFP_OK : status;"),
    ],
    "dispatch-linked-before-its-place-is-known": [
        (core("dispatch"), "\tif (sfp_cas_acquire_word(&sub->place, &nowhere, (uintptr_t)head)) {\n"
                           "\t\tlink_in(&walk, sub);\n",
         "\tif (sfp_load_word(&sub->place) == nowhere) {\n"
         "\t\tlink_in(&walk, sub);\n\t\tsfp_store_release_word(&sub->place, (uintptr_t)head);\n"),
    ],
    "dispatch-forgotten-before-it-is-out": [
        (core("dispatch"), "\tSFP_TRY(leave_and_look(sub));\n\tforget(sub);\n\treturn SFP_OK;\n",
         "\tconst uintptr_t place = sfp_load_word(&sub->place);\n\tenum sfp_status status;\n\n"
         "\tsfp_store_release_word(&sub->place, 0);\n\tsfp_compiler_barrier();\n"
         "\tsfp_store_release_word(&sub->place, place);\n\tstatus = leave_and_look(sub);\n"
         "\tif (status == SFP_OK)\n\t\tforget(sub);\n\treturn status;\n"),
    ],
    # The estate. The first one shows only where a burier stops.
    "estate-off-the-list-before-it-is-back": [
        (core("estate"), "status = detach_contained(entry, NULL);",
         "status = (unlink_at(estate, link, entry), detach_contained(entry, NULL));"),
        (core("estate"), "\t\tif (status == SFP_OK)\n\t\t\tunlink_at(estate, link, entry);\n\t\telse\n",
         "\t\tif (status == SFP_OK)\n\t\t\tcontinue;\n"
         "\t\t*link = entry;\n\t\tentry->estate = estate;\n"),
    ],
    "estate-running-is-a-refusal": [
        (core("estate"), " || status == SFP_RUNNING;", ";"),
    ],
}

seeding.main(BUGS, [CLIENT, *(core(name) for name in ("dispatch", "estate", "estate_handle", "estate_mux", "mux"))])
