#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every operation of every module traps once and serves the next call; a module that
traps too often is restarted under its callers' references, and what was typed ahead of
that arrives. `ifaces` shows who is bound to whom, and docs/kernel/ifaces.dot is its picture.

    restart.py IMAGE [--smp N] [--picture FILE [--write]]
"""

import pathlib
import re

from vm import Vm, boots, check_all, expect, modules, queues, run

MODULES = ("interrupts", "serial", "keyboard", "screen", "console", "shell")
LIMIT = 16      # faults after which a module is restarted
OPERATIONS = 13


def type_by_key(vm):
    for key in ("e", "c", "h", "o", "spc", "k", "ret"):
        vm.keys((key, True), (key, False))
    answer = vm.answer()
    expect(answer == "k\n", f"typed by keyboard, echo k printed {answer!r}")


def every_operation_traps_once(vm):
    vm.send("check\r")      # the saboteur's check is its trigger
    vm.until(f"saboteur: {OPERATIONS} contained, 0 wrong")
    vm.until(f"saboteur: {OPERATIONS} records fit, 0 do not, 0 lost")
    vm.until("\n")
    vm.send("\r")
    vm.until("refkernel> ")


def a_module_is_restarted(vm, name):
    """All typed ahead: what is queued when the module ends must be whole when it is back."""
    faults, restarts = int(modules(vm)[name][2]), int(modules(vm)[name][6])
    wanted = LIMIT - (faults - LIMIT * restarts)
    vm.send("".join(f"fault {name}\recho {i} after\r" for i in range(wanted)))
    seen = ""
    for i in range(wanted):
        seen += vm.until(f"\r\n{i} after\r\n", f"line {i} after fault {i} of {name}")
    vm.send("echo whole\r")
    seen += vm.until("\r\nwhole\r\n")
    seen += vm.until("refkernel> ")
    expect(f"nano: module {name}: restarted after {LIMIT} faults: it took over its state" in seen,
           f"{name} was not restarted: {seen[-600:]!r}")
    row = modules(vm)[name]
    expect(row[0] == "started" and row[6] == str(restarts + 1), f"modules says of {name}: {row}")
    check_all_but_the_trigger(vm)


def check_all_but_the_trigger(vm):
    if "saboteur" in modules(vm):
        return
    check_all(vm)


def ifaces_shows_all(vm):
    text = vm.command("ifaces")
    for pattern in (r"^console +2 console +5  open$", r"^shell +console +2 at its start +console 2$",
                    r"^console +serial +2 when called +serial 2$"):
        expect(re.search(pattern, text, re.M), f"ifaces has no {pattern!r}: {text}")


def picture_is_fresh(vm, path, write):
    drawn = "// Made by tests/kernel/restart.py --write: the booted system, by `ifaces --dot`.\n" + \
        vm.command("ifaces --dot")
    if write:
        path.write_text(drawn)
    expect(path.exists() and path.read_text() == drawn,
           f"{path.name} is stale: run tests/kernel/restart.py IMAGE --picture {path} --write")


def main():
    parser = boots(__doc__)
    parser.add_argument("--picture", type=pathlib.Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi, limit=100) as vm:
        vm.boot()
        type_by_key(vm)     # the keyboard is bound by the first key
        ifaces_shows_all(vm)
        if args.picture:
            picture_is_fresh(vm, args.picture, args.write)
        else:
            every_operation_traps_once(vm)
        for name in MODULES:
            a_module_is_restarted(vm, name)
        type_by_key(vm)
        ifaces_shows_all(vm)
        depth, delivered, attempts, failed, lost = queues(vm)["console.input"]
        expect((depth, failed, lost) == (0, 0, 0), f"depth {depth}, failed {failed}, lost {lost}")
        vm.leave()
    print(f"{len(MODULES)} modules restarted after {LIMIT} faults each, with lines typed ahead: all arrived; "
          f"{delivered} events delivered, {attempts} attempts")


if __name__ == "__main__":
    run(main)
