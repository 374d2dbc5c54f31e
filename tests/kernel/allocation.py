#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each allocation of some commands fails in turn: each time there is a message that says so,
nothing stays taken, every state is sound, and the same command then works."""

import re

from vm import Vm, boots, check_all, expect, run

# What is typed, and what it prints when all goes well.
LINES = [
    ("spill echo x", r"x\nspill: none; .*\n"),
    ("memory try 4096", r"\d+ blocks, .* then: A declared limit is reached\.\n"),
    ("memory try 100000", r"\d+ blocks, .* then: A declared limit is reached\.\n"),
    ("spill memory try 30000", r"\d+ blocks, .* then: A declared limit is reached\.\nspill: none; .*\n"),
]
MESSAGE = "There is not enough memory for it."
MOST = 400


def memory(vm):
    return vm.command("memory")


def fail_each(vm, line, good):
    """How many allocations it makes; each has failed once."""
    before = memory(vm)
    for number in range(1, MOST):
        expect(vm.command(f"memory fail {number}") == f"Allocation {number} from now will fail.\n",
               "an allocation cannot be made to fail")
        answer = vm.command(line)
        after = memory(vm)
        if "from now will fail" in after:
            expect(re.fullmatch(good, answer), f"{line}, and no allocation failed: {answer!r}")
            vm.command("memory fail 0")
            return number - 1
        expect(answer.count(MESSAGE) == 1, f"{line}: allocation {number} failed: {answer!r}")
        expect(after == before, f"{line}: allocation {number} failed, and what is taken changed: {after!r}")
    raise AssertionError(f"{line}: more than {MOST} allocations")


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi, limit=100) as vm:
        vm.boot()
        points = 0
        for line, good in LINES:
            expect(re.fullmatch(good, vm.command(line)), f"{line} does not work")
            count = fail_each(vm, line, good)
            expect(count > 1, f"{line}: {count} allocations")
            expect(re.fullmatch(good, vm.command(line)), f"{line} does not work any more")
            points += count
        check_all(vm)
        vm.leave()
    print(f"{points} allocations of {len(LINES)} lines failed in turn; nothing stayed taken")


if __name__ == "__main__":
    run(main)
