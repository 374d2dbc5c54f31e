#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The decoupled queue with one bug in it (see seeding.py)."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import seeding  # noqa: E402

HEADER, CORE = "include/sfp/dfq.h", "libpatterns/dfq.c"

A = "\tsfp_store_release_u32(&item->word, word); /* A: pairs with the acquire in state() and settle() */\n"
B = "\tnewer->next = older; /* B: only this store matters to a successor */\n"
C = "\tsfp_store_release_u32(&item->word, word | SFP_DFQ_RELEASED_); /* C: pairs with reclaim() */\n"

BUGS = {
    # An item is taken out of the list before its outcome stands: whoever stops between loses it.
    "unlink-before-outcome": [
        (HEADER, A, "\tif (item == queue->linked)\n\t" + A),
        (HEADER, B, B + A),
    ],
    # The producer is told that the item is its own while the list still leads to it.
    "release-before-unlink": [
        (HEADER, B, C + B),
    ],
    "release-with-outcome": [
        (HEADER, A, A.replace("word)", "word | SFP_DFQ_RELEASED_)")),
    ],
    "release-newest-before-unlink": [
        (CORE, "\tif (sfp_dfq_pointer_(head) == item &&\n",
         "\tif (sfp_dfq_pointer_(head) == item)\n"
         "\t\tsfp_store_release_u32(&item->word, word | SFP_DFQ_RELEASED_);\n"
         "\tif (sfp_dfq_pointer_(head) == item &&\n"),
    ],
    "release-pending-before-unlink": [
        (CORE, "\tnewer->next = older; /* B */\n",
         "\tsfp_store_release_u32(&item->word, word_of(item) | SFP_DFQ_RELEASED_);\n"
         "\tnewer->next = older; /* B */\n"),
    ],
    # The takeover says that it is done when it begins.
    "incarnation-before-recovery": [
        (CORE, "\tqueue->attached = queue->latest;\n",
         "\tqueue->attached = queue->latest;\n"
         "\tsfp_store_release_u32(&queue->incarnation, queue->attached);\n"),
    ],
    "recovery-releases": [
        (CORE, "\t\t\tat->next = older->next;\n",
         "\t\t\tsfp_store_release_u32(&older->word, word_of(older) | SFP_DFQ_RELEASED_);\n"
         "\t\t\tat->next = older->next;\n"),
    ],
    # The takeover believes what its predecessor was in the middle of writing.
    "recovery-trusts-oldest": [
        (CORE, "\t\ttrim_head(queue);\n\t\tqueue->oldest = NULL;\n\t\tqueue->linked = NULL;\n",
         "\t\ttrim_head(queue);\n"),
        (CORE, "\tqueue->at = NULL;\n\tqueue->oldest = NULL;\n\tqueue->linked = NULL;\n",
         "\tqueue->at = NULL;\n"),
    ],
    "recovery-keeps-terminal": [
        (CORE, "\t\tif (SFP_UNLIKELY(is_terminal(older))) {\n"
               "\t\t\tat->next = older->next;\n\t\t\tcontinue;\n\t\t}\n", ""),
    ],
    "recovery-keeps-terminal-head": [
        (CORE, "\t\ttrim_head(queue);\n", "\t\t(void)trim_head;\n"),
    ],
    # Either half alone does no harm: a queue's incarnation is never behind that of an outcome in it.
    "reclaim-compares-too-early": [
        (HEADER, "\tconst uint32_t word = sfp_load_acquire_u32(&item->word);\n\n"
                 "\tif ((word & SFP_DFQ_STATE_) == SFP_DFQ_IDLE)\n\t\treturn SFP_OK;\n",
         "\tconst uint32_t early = sfp_load_acquire_u32(&queue->incarnation);\n"
         "\tconst uint32_t word = sfp_load_acquire_u32(&item->word);\n\n"
         "\tif ((word & SFP_DFQ_STATE_) == SFP_DFQ_IDLE)\n\t\treturn SFP_OK;\n"),
        (HEADER, "sfp_load_acquire_u32(&queue->incarnation) - (word", "early - (word"),
        (HEADER, "\t\tif ((int16_t)age <= 0)\n", "\t\tif (age == 0)\n"),
    ],
    # The item is in the list before it says so.
    "queued-after-swap": [
        (HEADER, "\tsfp_store_u32(&item->word, SFP_DFQ_QUEUED);\n"
                 "\tstatus = sfp_dfq_push_(queue, item, item, waiting);\n"
                 "\tif (SFP_UNLIKELY(status != SFP_OK))\n\t\tsfp_store_u32(&item->word, SFP_DFQ_IDLE);\n",
         "\tstatus = sfp_dfq_push_(queue, item, item, waiting);\n"
         "\tif (SFP_LIKELY(status == SFP_OK))\n\t\tsfp_store_u32(&item->word, SFP_DFQ_QUEUED);\n"),
    ],
    "close-newest-first": [
        (CORE, "\tend_short_way(queue);\n"
               "\tif (queue->recovering && !recover_more(queue, &share))\n\t\treturn SFP_AGAIN;\n",
         "\tend_short_way(queue);\n"
         "\tfor (;;) {\n"
         "\t\tuintptr_t head = sfp_load_acquire_word(&queue->head);\n"
         "\t\tstruct sfp_dfq_item *newest = sfp_dfq_pointer_(head);\n\n"
         "\t\tif (!newest)\n\t\t\treturn SFP_OK;\n"
         "\t\tif (share-- == 0)\n\t\t\treturn SFP_AGAIN;\n"
         "\t\tif (!is_terminal(newest))\n"
         "\t\t\tsfp_store_release_u32(&newest->word, (word_of(newest) & SFP_DFQ_ATTEMPTS_) | SFP_DFQ_LOST |\n"
         "\t\t\t\t\t      consumer->incarnation << SFP_DFQ_INCARNATION_SHIFT_);\n"
         "\t\tif (sfp_cas_release_word(&queue->head, &head,\n"
         "\t\t\t\t\t (uintptr_t)newest->next | (head & SFP_DFQ_TAGS_)))\n"
         "\t\t\tsfp_store_release_u32(&newest->word, word_of(newest) | SFP_DFQ_RELEASED_);\n"
         "\t}\n"
         "\tif (queue->recovering && !recover_more(queue, &share))\n\t\treturn SFP_AGAIN;\n"),
    ],
    "close-by-exchange": [
        (CORE, "\t\tsfp_or_release_word(&queue->head, SFP_DFQ_CLOSED_);\n",
         "\t\tqueue->head = SFP_DFQ_CLOSED_;\n"),
    ],
    # CLOSED is looked at, and then the swap does not mind it.
    "closed-looked-at-once": [
        (HEADER, "\tdo {\n\t\tif (SFP_UNLIKELY(head & SFP_DFQ_CLOSED_))\n\t\t\treturn SFP_GONE;\n",
         "\tif (SFP_UNLIKELY(head & SFP_DFQ_CLOSED_))\n\t\treturn SFP_GONE;\n\tdo {\n"),
        (HEADER, "(uintptr_t)newest | (head & SFP_DFQ_WAITING_))",
         "(uintptr_t)newest | (head & SFP_DFQ_TAGS_))"),
    ],
    # "Is it empty" and "wake me" are two questions.
    "wait-asks-twice": [
        (CORE, "\thead = (uintptr_t)queue->linked;\n",
         "\tsfp_or_release_word(&queue->head, SFP_DFQ_WAITING_);\n\treturn SFP_OK;\n"
         "\thead = (uintptr_t)queue->linked;\n"),
    ],
    # The producer that clears the bit may stop before it calls the hook.
    "producer-clears-waiting": [
        (HEADER, "(uintptr_t)newest | (head & SFP_DFQ_WAITING_))", "(uintptr_t)newest)"),
    ],
    "settle-looks-too-early": [
        (CORE, "\tconst bool passed = marker &&",
         "\tconst uint32_t seen = word_of(item);\n\tconst bool passed = marker &&"),
        (CORE, "\tconst uint32_t seen = word_of(item);\n\n\tif ((seen", "\n\tif ((seen"),
    ],
    "settle-ignores-linked": [
        (CORE, "\tif (seen & SFP_DFQ_LINKED_)\n\t\treturn SFP_BUSY;\n", "\t(void)seen;\n"),
    ],
    # The attempt is counted when the item is settled, not when it is handed out.
    "attempt-not-counted": [
        (HEADER, "\t\t\tsfp_store_u32(&oldest->word, word + SFP_DFQ_ATTEMPT_);\n", ""),
    ],
    # The chain is pushed link by link.
    "chain-in-pieces": [
        (CORE, "\t\tstatus = sfp_dfq_push_(queue, chain_item(items, count - 1, offset), "
               "chain_item(items, 0, offset),\n"
               "\t\t\t\t       waiting);\n",
         "\t\tfor (built = 0, status = SFP_OK; built < count && status == SFP_OK; built++)\n"
         "\t\t\tstatus = sfp_dfq_push_(queue, chain_item(items, built, offset),\n"
         "\t\t\t\t\t       chain_item(items, built, offset),\n"
         "\t\t\t\t\t       waiting);\n"),
    ],
}

seeding.main(BUGS, [HEADER, CORE])
