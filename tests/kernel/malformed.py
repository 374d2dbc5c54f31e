#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every malformed module is refused by name, with its reason, and the boot goes on to the prompt."""

import pathlib
import re

from vm import Vm, boots, check_all, expect, modules, run


def expectations(path):
    for line in pathlib.Path(path).read_text().splitlines():
        file, _, pattern = line.split("\t")
        yield pathlib.Path(file).stem, pattern


def main():
    parser = boots(__doc__)
    parser.add_argument("--expected", required=True, help="lines: file, reason, regular expression")
    args = parser.parse_args()
    bad = dict(expectations(args.expected))
    expect(len(bad) >= 20, f"{args.expected} has {len(bad)} cases")
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        boot = vm.boot()
        table = modules(vm)
        for name, pattern in bad.items():
            told = re.search(rf"^nano: module {re.escape(name)}: refused: (.*)$", boot, re.M)
            expect(told, f"{name} was not refused")
            expect(re.search(pattern, told[1]), f"{name} was refused with {told[1]!r}, not {pattern!r}")
            expect(table.get(name, [""])[0] == "refused", f"modules says of {name}: {table.get(name)}")
            expect(table[name][5] == told[1], f"modules gives another reason for {name}: {table[name][5]!r}")
        expect(re.search(r"^nano: module sample: loaded", boot, re.M), "the good one was not loaded")
        expect(vm.command("echo still here") == "still here\n", "the prompt does not work")
        check_all(vm)
        vm.leave()
    print(f"{len(bad)} malformed modules refused by name and reason; the good one beside them was loaded")


if __name__ == "__main__":
    run(main)
