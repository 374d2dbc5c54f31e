#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""An event on which the console traps every time is given up after its attempts, as
FAILED and counted; what was typed after it arrives."""

from vm import PROMPT, Vm, boots, expect, modules, queues, run

ATTEMPTS = 3


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        vm.boot()
        before = queues(vm)["console.input"]
        typed = len("queues\r") + len("check\r") + len("echo after\r") + len("modules\r")
        vm.send("check\r")                      # the breaker's check is its trigger
        vm.until(" broken")                     # before the prompt: the breaker waits for the next event
        vm.send("x")                            # the breaker's, to its undoing
        vm.until("breaker: the console has given it up")
        vm.until("\n" + PROMPT, "the prompt")
        expect(vm.command("echo after") == "after\n", "what was typed after the poison did not arrive")
        faults = modules(vm)["console"][2]
        expect(faults == str(ATTEMPTS), f"the console trapped {faults} times, not {ATTEMPTS}")
        depth, delivered, attempts, failed, lost = queues(vm)["console.input"]
        expect((depth, failed, lost) == (0, 1, 0), f"depth {depth}, failed {failed}, lost {lost}")
        expect(delivered == before[1] + typed, f"{delivered - before[1]} delivered, {typed} typed")
        expect(attempts == before[2] + typed + ATTEMPTS,
               f"{attempts - before[2]} attempts, {typed} + {ATTEMPTS} expected")
        vm.leave()
    print(f"the poisoned event was tried {ATTEMPTS} times and failed; {typed} others were delivered")


if __name__ == "__main__":
    run(main)
