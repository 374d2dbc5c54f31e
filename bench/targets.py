# SPDX-License-Identifier: BSD-2-Clause
"""What the figures are held against: a ratio to a peer of the same run, or a limit of their own.

Each is (what it says, bench, variant, point or None, peer or None, limit): the median of the variant,
divided by that of the peer where there is one, must be at most the limit. A peer is a variant at the
same point, or a point of the same variant. Without one the limit is in the bench's own unit. A speed-up
of 3 is a ratio of at most 1/3.
"""

PEERS = ("rust_mpsc", "rust_mpsc_sync", "ck_ring_mpsc", "wfcqueue", "wfcqueue_splice", "moodycamel")


def dfq():
    for producers in (1, 2, 4):
        of = f"{producers} producer{'s' if producers > 1 else ''}"
        yield f"{of}: 3 times as fast as rust_mpsc", "dfq/throughput", "sfp_dfq", producers, "rust_mpsc", 1 / 3
        for peer in PEERS[1:]:
            yield f"{of}: ahead of {peer}", "dfq/throughput", "sfp_dfq", producers, peer, 1.0
    yield "64 producers against 1: flat", "dfq/throughput", "sfp_dfq", 64, 1, 1.25
    yield "1,000,000 queued against 1: flat", "dfq/queued", "sfp_dfq", 1000000, 1, 1.25
    yield "1,000,000 queued against 10: flat", "dfq/queued", "sfp_dfq", 1000000, 10, 1.25
    yield ("round trip against ck_ring, one to one", "dfq/round-trip", "sfp_dfq", None, "ck_ring_spsc", 0.7)
    yield ("an enqueue that meets nobody, in ticks", "dfq/cycles", "enqueue", None, None, 12.0)


def guard():
    yield ("a contained call, in ticks", "guard/gate", "sfp_gate", None, None, 12.0)
    yield ("a guarded lock against ck_spinlock", "guard/lock", "sfp_lock", None, "ck_spinlock", 1.3)
    yield ("from a fault to the caller, in ticks", "guard/fault", "raised_lock_held", None, None, 200.0)


def monitor():
    yield ("a section under SFP_POISON against ck_spinlock", "monitor/section", "spin_poison", None,
           "ck_spinlock", 1.3)
    yield ("a section under SFP_REPAIR against ck_spinlock", "monitor/section", "spin_repair", None,
           "ck_spinlock", 1.3)
    yield ("a section of a mutex against pthread_mutex", "monitor/section", "mutex_poison", None,
           "pthread_mutex", 1.3)


def handle():
    yield ("import and commit of 16 bytes, in ns", "handle/import", "sfp_handle", None, None, 3.0)
    yield ("the same of an unshared handle, in ns", "handle/import", "sfp_handle_unshared", None, None, 3.0)
    yield ("seal of 16 bytes, in ns", "handle/seal", "seal", None, None, 20.0)
    yield ("open of 16 bytes, in ns", "handle/seal", "open", None, None, 20.0)


def iface():
    yield ("a late-bound call, in ticks", "iface/call", "iface_call", None, None, 25.0)


def dispatch():
    for handlers in (1, 8, 64):
        yield (f"{handlers} handler{'s' if handlers > 1 else ''}: 1.5 bare loops and a gate", "dispatch/fan-out",
               "sfp_dispatch", handlers, "limit", 1.0)


def mux():
    yield "FIFO, 100,000 clients against 10: flat", "mux/choice", "fifo", 100000, 10, 1.5
    yield "WEIGHTED, 100,000 clients against 10: flat", "mux/choice", "weighted", 100000, 10, 1.5
    for timers in (100, 10000):
        yield (f"{timers:,} timers against sys/tree.h: twice at most", "mux/timers", "mux_requeue", timers, "rb_tree",
               2.0)


def targets():
    yield from dfq()
    yield from guard()
    yield from monitor()
    yield from handle()
    yield from iface()
    yield from dispatch()
    yield from mux()
