#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Modules that do what they must not: each is stopped, the report says what it did and
where, and the boot goes on to a prompt that works."""

import re

from vm import Vm, boots, check_all, expect, modules, run

# module: the kind of fault, the function that is named, what else the report says
WILD = {
    "wild_text": ("memory", "misbehave", "wrote to a read-only page"),
    "wild_constant": ("memory", "misbehave", "wrote to a read-only page"),
    "wild_data": ("jump", "misbehave", "ran a page that is not executable"),
    "wild_null": ("memory", "misbehave", "read an unmapped page"),
    "wild_call": ("jump", "misbehave", "ran an unmapped page"),
    "wild_divide": ("arithmetic", "misbehave", "divide error"),
    "wild_address": ("protection", "misbehave", "general protection"),
    "wild_stack": ("stack", "deeper", ""),
}
IN_INTERRUPT = 6  # three interrupts: a handler that traps is called once more


def reports(boot):
    """module -> [(kind, symbol, the whole report)], in their order."""
    found = {}
    for text in re.split(r"^fault: ", boot, flags=re.M)[1:]:
        head = re.match(r"[^\n]*?, (\w+), (?:in|after) (\w+):(\w+)\+0x[0-9a-f]+; contained\n", text)
        expect(head, f"a report that does not name its place: {text[:200]!r}")
        found.setdefault(head[2], []).append((head[1], head[3], text[:900]))
    return found


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        boot = vm.boot()
        found = reports(boot)
        table = modules(vm)
        for name, (kind, symbol, text) in WILD.items():
            expect(len(found.get(name, [])) == 1, f"{name}: {len(found.get(name, []))} reports")
            got_kind, got_symbol, report = found[name][0]
            expect(got_kind == kind, f"{name}: a fault of kind {got_kind}, not {kind}")
            expect(got_symbol.startswith((symbol, name + "_start")), f"{name}: in {got_symbol}, not {symbol}")
            expect(text in report, f"{name}: not {text!r}: {report}")
            expect(table[name][0] == "failed" and table[name][2] == "1",
                   f"modules says of {name}: {table[name]}")
        inside = found.get("wild_interrupt", [])
        expect(len(inside) == IN_INTERRUPT, f"{len(inside)} reports of wild_interrupt")
        for kind, _, report in inside:
            expect(kind == "instruction" and "in an interrupt" in report, f"in an interrupt: {report}")
        expect(table["wild_interrupt"][0] == "started" and table["wild_interrupt"][2] == str(IN_INTERRUPT),
               f"modules says of wild_interrupt: {table['wild_interrupt']}")
        expect(vm.command("echo works") == "works\n", "the prompt does not work")
        check_all(vm)
        vm.leave()
    print(f"{len(WILD)} wild modules and {IN_INTERRUPT} faults in an interrupt handler contained")


if __name__ == "__main__":
    run(main)
