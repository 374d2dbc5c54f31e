#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A screen that traps at every write takes nothing from the serial line: each trap is reported once
and counted, what is typed is answered, and no output is given up."""

import re

from vm import Vm, boots, expect, run


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        vm.boot()
        answer = vm.command("echo by serial")
        expect(re.search(r"^by serial$", answer, re.M), f"the serial line has {answer!r}")
        table = vm.command("modules")
        row = re.search(r"^bad_screen +started +1 +(\d+) ", table, re.M)
        expect(row, f"modules printed {table!r}")
        reports = vm.output[:vm.output.index(row[0])].count("\nfault: invalid opcode")
        expect(int(row[1]) in (reports, reports - 1) and reports > 30, f"{row[1]} faults, {reports} reports")
        expect("found no way out" not in vm.command("queues"), "output was given up")
        check_all_by_line(vm)
        vm.leave()
    print(f"{reports} writes trapped in the screen, and the serial line said all")


def check_all_by_line(vm):
    text = vm.command("check")
    expect(re.search(r"^\d+ modules and \d+ invariants of the nano-core checked, 0 broken$", text, re.M), f"check: {text!r}")


if __name__ == "__main__":
    run(main)
