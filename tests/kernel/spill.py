#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every command, run between two looks at every module's state, leaves nothing behind that
lasts. A module that keeps something of each visitor is found, and the bytes are named."""

import re

from vm import Vm, boots, check_all, expect, run

NONE = re.compile(r"^spill: none; (\d+) states are what they were, but for aggregates\.$", re.M)

# What is typed for each command of `help`; those that end the machine cannot be asked.
LINES = {
    "help": ["help", "help me"],
    "modules": ["modules"],
    "queues": ["queues"],
    "ifaces": ["ifaces", "ifaces --dot"],
    "echo": ["echo", "echo one  two ", "nonsense"],
    "state": ["state", "state serial", "state nobody"],
    "memory": ["memory", "memory try 100000", "memory try 1", "memory try", "memory fail 0"],
    "trace": ["trace", "trace 100", "trace faults", "trace kinds", "trace on notes", "trace off notes", "trace off"],
    "bench": ["bench", "bench 1"],
    "timers": ["timers"],
    "sleep": ["sleep 0", "sleep"],
    "tasks": ["tasks"],
    "spin": ["spin end", "spin 0", "spin 1 0"],
    "fault": ["fault console", "fault frames", "fault heap", "fault nobody"],
}
UNASKED = {"spill", "reboot", "exit", "check"}   # here check is what leaks


def every_command(vm):
    """Nothing lasts of any of them."""
    listed = set(re.findall(r"^  (\w+)", vm.command("help"), re.M))
    expect(listed - UNASKED == set(LINES) & listed and "memory" in listed,
           f"these have no line here: {listed - UNASKED - set(LINES)}")
    asked = 0
    for command in sorted(listed - UNASKED):
        for line in LINES[command]:
            answer = vm.command(f"spill {line}")
            found = NONE.search(answer)
            expect(found and int(found[1]) >= 8, f"spill {line}: {answer!r}")
            asked += 1
    return asked


def wrong_use(vm):
    for line in ("spill", "spill ", "spill spill echo", "spill  spill"):
        answer = vm.command(line)
        expect(answer == "Usage: spill command\n", f"{line!r} was answered with {answer!r}")


def leak(vm):
    """`check` visits the module that keeps something, and a customer that tries all that memory offers."""
    for _ in range(3):
        answer = vm.command("spill check")
        field = re.search(r"^leaky: visitor\+0x3: was ([0-9a-f]{2}), is ([0-9a-f]{2})$", answer, re.M)
        bare = re.search(r"^leaky: in no field\+0xd: was (00|01), is (00|01)$", answer, re.M)
        expect(field and bare and field[1] != field[2] and bare[1] != bare[2],
               f"a leak was not found: {answer!r}")
        expect("\nspill: 2 of what lasts are not what they were." in answer and answer.count(": was ") == 2,
               f"more was found than leaked: {answer!r}")
        expect(" 0 broken" in answer, f"spill check: {answer!r}")


def visible(vm):
    """Tasks that run leave nothing behind while others type; a task that is there is seen, and gone when it is gone."""
    answer = vm.command("spill spin 2 3")
    expect(re.search(r"^tasks: numbers\+0x0: was 00, is 03$", answer, re.M), f"two tasks were not seen: {answer!r}")
    expect(NONE.search(vm.command("spill echo")), "tasks that run are a spill")
    answer = vm.command("spill spin end")
    expect(re.search(r"^tasks: numbers\+0x0: was 03, is 00$", answer, re.M), f"two tasks have not ended: {answer!r}")


def account(vm):
    """All memory is somebody's, also now that much was taken and given back."""
    answer = vm.command("state")
    found = re.search(r"^all +(\d+)  of (\d+)$", answer, re.M)
    expect(found and found[1] == found[2], f"the parts of the memory are not all of it: {answer!r}")
    parts = answer.split("memory of")[1]
    sums = [int(size) for size in re.findall(r"^\w[\w -]*? +(\d+)  \w.*$", parts, re.M)]
    expect(sum(sums[:-1]) == sums[-1], f"the sum is none: {answer!r}")
    free = re.findall(r"(\d+)", vm.command("memory"))
    expect(free[0] == free[1], f"frames are held, and by nobody that could be: {free}")


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        vm.boot()
        asked = every_command(vm)
        wrong_use(vm)
        leak(vm)
        visible(vm)
        account(vm)
        check_all(vm)
        vm.leave()
    print(f"{asked} lines leave nothing behind; a module that keeps two bytes is found, and only that")


if __name__ == "__main__":
    run(main)
