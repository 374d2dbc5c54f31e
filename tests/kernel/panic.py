#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A fault that no gate can take ends the machine, with a report and the status of a panic."""

from vm import Vm, boots, expect, machine, run


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        outcome = vm.ended()
        expect(outcome == ("panic", 0) and vm.status == machine.PANIC == 253,
               f"it ended with {outcome}, status {vm.status}")
        expect("in outlaw:misbehave" in vm.output and "not contained" in vm.output,
               "the report does not name the place")
        expect("refkernel>" not in vm.output, "there was a prompt after it")
    print(f"panicked as it must; QEMU's status is {vm.status}")


if __name__ == "__main__":
    run(main)
