#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The mux with one bug in it (see seeding.py)."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import seeding  # noqa: E402

HEADER, CORE = "include/sfp/mux_server.h", "libpatterns/mux.c"

BUGS = {
    # The handing out is decided before the mark is looked at.
    "start-ignores-the-mark": [
        (HEADER, "(mark & SFP_MUX_CANCELLED_))) {\n\t\tsfp_mux_give_back_(server, request, SFP_DFQ_FAILED, SFP_MUX_REASON_CANCELLED, policy);",
         "(mark & SFP_MUX_CANCELLED_) && !limit)) {\n\t\tsfp_mux_give_back_(server, request, SFP_DFQ_FAILED, SFP_MUX_REASON_CANCELLED, policy);"),
        (HEADER, "else if (SFP_UNLIKELY(sfp_load_u32(&request->mark) & SFP_MUX_CANCELLED_))",
         "else if (SFP_UNLIKELY(!request->client))"),
    ],
    # A leaving client's record is given back while something of it is in flight.
    "leave-does-not-wait": [
        (HEADER, "\t\tif (client->in_flight) {\n", "\t\tif (client->in_flight && !client->left) {\n"),
    ],
    # What is in the orders is not noted as of which incarnation it is.
    "takeover-trusts-clients": [
        (HEADER, "\tif (SFP_UNLIKELY(client->incarnation != server->consumer.incarnation))\n"
                 "\t\tsfp_mux_client_anew_(client, server->consumer.incarnation);\n"
                 "\trequest->incarnation",
         "\tif (SFP_UNLIKELY(!client->incarnation))\n"
         "\t\tsfp_mux_client_anew_(client, server->consumer.incarnation);\n"
         "\trequest->incarnation"),
    ],
    "takeover-trusts-queues": [
        (CORE, "\t\tlevels[i] = (struct sfp_mux_level){ NULL, NULL };\n", "\t\t(void)levels;\n"),
    ],
    "takeover-trusts-the-heap": [
        (CORE, "\tmux->root = NULL;\n", ""),
    ],
    "takeover-trusts-the-ring": [
        (CORE, "\tmux->turn = NULL;\n\tmux->last = NULL;\n", ""),
    ],
    # Settled first, and taken out of the order afterwards: a successor does not mind, a server that lives does.
    "given-back-in-the-order": [
        (HEADER, "\tsfp_mux_take_(server, request, policy);\n"
                 "\tsfp_mux_outcome_(server, request, outcome, reason);\n",
         "\tsfp_mux_outcome_(server, request, outcome, reason);\n"
         "\tif (policy != SFP_WEIGHTED)\n\t\tsfp_mux_own_remove_(request->client, request);\n"),
    ],
    # Out of the order and in nobody's hands: lost for as long as the server lives.
    "not-poisoned-by-a-fault": [
        (HEADER, "\tserver->mux->busy = 1;\n", ""),
    ],
    # The note says that the client may go, and then its record is written to.
    "note-settled-before-the-rest": [
        (HEADER, "\t\tfor (; client->oldest && *share > 0; --*share)\n",
         "\t\tSFP_TRY(sfp_dfq_complete(&server->consumer, item));\n"
         "\t\tfor (; client->oldest && *share > 0; --*share)\n"),
        (HEADER, "\t\tif (client->in_flight) {\n\t\t\tserver->mux->inbox.cursor = item; "
                 "/* settled with the last that is in flight */\n\t\t\treturn SFP_OK;\n\t\t}\n",
         "\t\treturn SFP_OK;\n"),
    ],
    # A client that has left is bound to nobody before the server is done with it.
    "unbound-too-early": [
        (CORE, "\tif (status == SFP_OK)\n\t\treturn SFP_BUSY; /* on its way */\n",
         "\tif (status == SFP_OK)\n\t\tclient->bond = SFP_MUX_UNBOUND_;\n"
         "\tif (status == SFP_OK)\n\t\treturn SFP_OK;\n"),
    ],
    # A successor does not take in what its predecessor had started.
    "in-flight-is-forgotten": [
        (HEADER, "\tif (SFP_UNLIKELY(client->left))\n\t\tsfp_mux_outcome_(server, request, SFP_DFQ_LOST, 0);\n",
         "\tif (sfp_load_u32(&request->mark) & SFP_MUX_STARTED_)\n\t\treturn;\n"
         "\tif (SFP_UNLIKELY(client->left))\n\t\tsfp_mux_outcome_(server, request, SFP_DFQ_LOST, 0);\n"),
    ],
    # Requeueing keeps the mark: it can be cancelled no more.
    "requeue-keeps-the-mark": [
        (CORE, "\tif (!sfp_cas_u32(&request->mark, &mark, 0)) {\n",
         "\tif (!sfp_cas_u32(&request->mark, &mark, SFP_MUX_STARTED_)) {\n"),
    ],
}

seeding.main(BUGS, [HEADER, CORE])
