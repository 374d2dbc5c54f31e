#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What enqueueing a key costs in the keyboard's interrupt handler, in instructions.
QEMU runs with -icount shift=0, where a tick of the time-stamp counter is one."""

import re

from vm import Vm, boots, expect, run

SAMPLES = 64
KNOWN = 100
BOUND = (5, 110)    # the paper's queue: 5 to 110 cycles


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, extra=["-icount", "shift=0"]) as vm:
        vm.boot()
        for i in range(SAMPLES):
            vm.keys(("m", True))
            vm.keys(("m", False))
            vm.until_length(i + 1, "the echo of a key")
        vm.until(f"meter: {SAMPLES} samples")
        cost = {name: (int(least), int(most)) for name, least, most in
                re.findall(r"^meter: (\w+) (\d+) to (\d+) ticks\r?$", vm.output, re.M)}
        expect(cost["known"] == (KNOWN, KNOWN), f"{KNOWN} instructions took {cost['known']} ticks")
        for step in ("busy", "waking"):
            expect(BOUND[0] <= cost[step][0] and cost[step][1] <= BOUND[1], f"enqueue, {step}: {cost[step]}")
    print(f"instructions in the keyboard's interrupt handler, least to most of {SAMPLES} key presses:")
    for step, text in (("busy", "enqueue, the consumer is busy"),
                       ("waking", "enqueue, the consumer sleeps"),
                       ("place", "a free event from the pool"),
                       ("find", "the call that finds the queue")):
        print(f"  {text:33} {cost[step][0]:4} to {cost[step][1]}")


if __name__ == "__main__":
    run(main)
