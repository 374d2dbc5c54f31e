#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Modules that need each other, or what nobody offers, are named and not started; the rest is."""

from vm import Vm, boots, check_all, expect, modules, run


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        boot = vm.boot()
        expect("cycle_a -> cycle_b -> cycle_a" in boot, "the cycle is not named")
        expect("nano: module orphan: not started: needs nobodys_business 1: nobody offers it" in boot,
               "what the orphan lacks is not named")
        table = modules(vm)
        for name in ("cycle_a", "cycle_b", "orphan"):
            expect(table[name][0] == "failed", f"modules says of {name}: {table[name]}")
        expect(table["shell"][0] == "started", "the shell was not started")
        expect(vm.command("echo works") == "works\n", "the prompt does not work")
        check_all(vm)
        vm.leave()
    print("a cycle of two and a need that nobody serves: named, refused, and the boot went on")


if __name__ == "__main__":
    run(main)
