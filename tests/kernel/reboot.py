#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`reboot` restarts the machine, and nothing of the time before is left."""

from vm import Vm, boots, expect, modules, run


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        vm.boot()
        vm.command("fault console")
        expect(modules(vm)["console"][2] == "1", "the fault was not counted")
        vm.send("reboot\r")
        vm.until("Restarting.")
        expect("nano: libpatterns reference kernel" in vm.boot(), "the prompt came again without a boot")
        expect(modules(vm)["console"][2] == "0", "the fault of the time before is still counted")
        vm.leave()
    print("restarted, and started anew")


if __name__ == "__main__":
    run(main)
