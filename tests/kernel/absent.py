#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What is not there is not missed: an image without a keyboard module, and a machine
without a keyboard controller, both boot to a prompt that works."""

from vm import Vm, boots, check_all, expect, modules, queues, run


def main():
    parser = boots(__doc__)
    parser.add_argument("--controller", action="store_true",
                        help="the image has the keyboard module, the machine has no controller")
    args = parser.parse_args()
    extra = ["-machine", "i8042=off"] if args.controller else []
    with Vm(args.image, smp=args.smp, uefi=args.uefi, extra=extra) as vm:
        boot = vm.boot()
        table = modules(vm)
        if args.controller:
            expect("nano: module keyboard: not started: " in boot, "the failed start is not told")
            expect(table["keyboard"][0] == "failed", f"modules says of the keyboard: {table['keyboard']}")
        else:
            expect("keyboard" not in table, f"the image has a keyboard module: {table}")
        expect(vm.command("echo works") == "works\n", "the prompt does not work")
        expect(queues(vm)["from keyboard"][0] == 0, "a key was delivered")
        check_all(vm)
        vm.leave()
    print("booted without a keyboard", "controller" if args.controller else "module")


if __name__ == "__main__":
    run(main)
