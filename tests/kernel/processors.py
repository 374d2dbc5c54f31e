#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""More processors than there are places for are told and left parked; the machine works."""

import re

from vm import Vm, boots, check_all, expect, run

PLACES = 8


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        boot = vm.boot()
        told = re.search(r"^nano: (\d+) processors, (\d+) parked$", boot, re.M)
        expect(told and int(told[1]) == args.smp and int(told[2]) == args.smp - PLACES,
               f"of {args.smp} processors was told {told and told[0]!r}")
        check_all(vm)
        vm.leave()
    print(f"{args.smp} processors, {PLACES} of them running")


if __name__ == "__main__":
    run(main)
