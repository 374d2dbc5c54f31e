#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What calls, faults and interrupts cost, in instructions: QEMU runs with -icount shift=0. Each figure is
the same in each repetition, asked again, and on another boot; and they stand in the order that they must."""

import re

from vm import Vm, boots, check_all, expect, run

ROW = re.compile(r"^(an? [a-z ,-]+?) +(\d+) +(\d+)  (\d+)$", re.M)
INDIRECT, GATE, CALL = "a bare indirect call", "a call through a gate", "a whole late-bound call"
RAISED, TRAPPED, INTERRUPT = "a fault raised, to its status", "a fault trapped, to its status", "an interrupt, to its handler"
STEPS = [INDIRECT, GATE, CALL, RAISED, TRAPPED, INTERRUPT]


def table(vm):
    """Of each step: least, median, repetitions."""
    answer = vm.command("bench")
    expect(answer.startswith("instructions "), f"instructions are not what is counted: {answer}")
    expect("called from" not in answer, f"its faults are printed: {answer}")
    rows = {row[1]: tuple(int(word) for word in row.groups()[1:]) for row in ROW.finditer(answer)}
    expect(list(rows) == STEPS, f"bench says {answer}")
    return rows


def booted(args):
    with Vm(args.image, smp=args.smp, uefi=args.uefi, extra=["-icount", "shift=0"]) as vm:
        vm.boot()
        first, again = table(vm), table(vm)
        expect(first == again, f"asked again: {first}, then {again}")
        faults = vm.command("fault console")
        expect("called from" in faults, f"after bench faults are printed no more: {faults}")
        check_all(vm)
        vm.leave()
    return first


def main():
    args = boots(__doc__).parse_args()
    rows = booted(args)
    other = booted(args)
    expect(rows == other, f"one boot: {rows}, another: {other}")
    for step, (least, median, _) in rows.items():
        expect(least == median, f"{step}: {least} to {median}")
    cost = {step: least for step, (least, _, _) in rows.items()}
    expect(0 < cost[INDIRECT] < cost[GATE] < cost[CALL], f"calls in a strange order: {cost}")
    expect(cost[GATE] < cost[RAISED] < cost[TRAPPED] and cost[GATE] < cost[INTERRUPT], f"in a strange order: {cost}")
    print("instructions, the same in each repetition and on two boots:")
    for step, (least, _, count) in rows.items():
        print(f"  {step:32} {least:6}  of {count}")


if __name__ == "__main__":
    run(main)
