#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`fault <module>` makes each module trap: the report names module and symbol, the
fault is counted, the prompt goes on, and so do both ways of input."""

import re

from vm import Vm, boots, check_all, expect, modules, run

MODULES = ("interrupts", "serial", "keyboard", "console", "shell")
REPORT = r"^fault: invalid opcode \(6\), instruction, in (\w+):(\w+)\+0x0; contained$"
ROUNDS = 3


def trap(vm, name):
    answer = vm.command(f"fault {name}")
    report = re.search(REPORT, answer, re.M)
    expect(report, f"fault {name}: no report in {answer!r}")
    expect(report[1] == name, f"fault {name}: the report blames {report[1]}")
    expect(f"while {name} ran" in answer and "rip ffffffff" in answer, f"fault {name}: {answer!r}")
    expect(f"{name} trapped (instruction) at {name}:{report[2]}+0x0; its caller got FAULT" in answer,
           f"fault {name}: the shell did not answer: {answer!r}")


def type_by_key(vm):
    for key in ("e", "c", "h", "o", "spc", "k", "ret"):
        vm.keys((key, True), (key, False))
    answer = vm.answer()
    expect(answer == "k\n", f"typed by keyboard, echo k printed {answer!r}")


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        vm.boot()
        for _ in range(ROUNDS):
            for name in MODULES:
                trap(vm, name)
        table = modules(vm)
        for name in MODULES:
            expect(table[name][0] == "started" and table[name][2] == str(ROUNDS),
                   f"{name} trapped {ROUNDS} times, and modules says {table[name]}")
        type_by_key(vm)
        check_all(vm)
        vm.leave()
    print(f"{ROUNDS * len(MODULES)} faults in {len(MODULES)} modules contained, reported and counted")


if __name__ == "__main__":
    run(main)
