#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A module keeps the processor while input arrives. Keys that find no free event are
counted and shown, every one; the serial line is held, and loses nothing."""

import re

from vm import PROMPT, Vm, boots, expect, queues, run

KEYS = 400          # the hog lets go after as many presses and releases
AT_ONCE = 4         # three bytes each; QEMU's keyboard has room for 16, and drops the rest
POOL = 128          # events that the keyboard has
TEXT = "".join(chr(ord("a") + i * 7 % 26) for i in range(3000))


def begin(vm):
    vm.send("check\r")     # the hog's check is its trigger
    vm.until(" 0 broken")
    vm.until("hog: begins")


def keys_are_counted(vm):
    before = queues(vm)
    begin(vm)
    for _ in range(KEYS // AT_ONCE):
        vm.keys(*[("a", True), ("a", False)] * AT_ONCE)
        vm.until("hog: more")
    vm.until("hog: ends")
    seen = vm.until(" lost before this point: no room]\r\n" + PROMPT, "the loss to be shown")
    lost = int(re.search(r"\[(\d+)$", seen)[1])
    expect(lost == KEYS - POOL, f"{KEYS} keys, {POOL} places, and {lost} are said to be lost")
    vm.until_length(POOL, "the line to be shown again")
    vm.send("\r")
    answer = vm.answer()
    expect(answer == f"Input was lost while you typed that line ({lost}). Nothing was run.\n",
           f"the line was answered with {answer!r}")
    after = queues(vm)
    arrived = after["from keyboard"][0] - before["from keyboard"][0]
    expect(arrived == POOL + 1, f"{POOL} keys and the news of the loss, but {arrived} were delivered")
    expect(after["from keyboard"][3] == lost == after["console.input"][4], f"queues shows {after}")
    return lost


def serial_is_held(vm):
    before = queues(vm)
    begin(vm)
    vm.send("echo " + TEXT + "\r")
    vm.until("hog: ends")
    vm.until(PROMPT + "echo " + TEXT)
    answer = vm.answer()
    expect(answer == TEXT + "\n", f"{len(TEXT)} characters went in, {len(answer) - 1} came out")
    expect(queues(vm)["from serial"][3] == before["from serial"][3] == 0, "the serial line has a loss")


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi, limit=100) as vm:
        vm.boot()
        serial_is_held(vm)
        lost = keys_are_counted(vm)
        vm.leave()
    print(f"{KEYS} keys, {POOL} events: {lost} lost, counted and shown; "
          f"{len(TEXT)} bytes of serial line held, none lost")


if __name__ == "__main__":
    run(main)
