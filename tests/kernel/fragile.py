#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A keyboard's interrupt handler that traps is stopped, its interrupt is ended, and the next key arrives."""

from vm import Vm, boots, check_all, expect, modules, run

ROUNDS = 12     # more than there are nesting levels of interrupts to lose, fewer than restart the module


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        vm.boot()
        for _ in range(ROUNDS):
            vm.keys(("f", True), ("f", False))
            vm.until("in fragile:on_interrupt")
            vm.until("while fragile ran in an interrupt")
            vm.until("r15 ")
            vm.until("\n")
            vm.keys(("a", True), ("a", False))
            vm.until("m", "the key after the fault")
        answer = vm.command("")
        typed = "m" * ROUNDS
        expect(answer == f'There is no command "{typed}"; help lists them.\n', f"the line was {answer!r}")
        faults = modules(vm)["fragile"][2]
        expect(faults == str(ROUNDS), f"{ROUNDS} faults, and modules says {faults}")
        check_all(vm)
        vm.leave()
    print(f"{ROUNDS} faults in the handler of interrupt 1, each followed by a key that arrived")


if __name__ == "__main__":
    run(main)
