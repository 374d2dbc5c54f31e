#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the console says stands on the screen too, as the text memory shows: lines, erasing, wrapping
and scrolling. A screen that traps, that is not there or that has no text mode takes nothing
from the serial line."""

import re
import time

from vm import PROMPT, Vm, boots, check_all, expect, modules, run

TEXT_MEMORY, WIDTH, HEIGHT = 0xB8000, 80, 25
DEVICES = (TEXT_MEMORY, 0xFEC00000, 0xFEE00000)     # and the interrupt controllers
DEVICE_WINDOW = range(0xFFFFC00000000000, 0xFFFFC00040000000)
# How QEMU's `info tlb` shows a page: its flags from X (never executable) to W (writable).
PAGE = re.compile(r"^([0-9a-f]{16}): ([0-9a-f]{16}) ([X-])[G-][P-][D-][A-]([C-])([T-])[U-]([W-])\r?$", re.M)


def monitor(vm, line):
    return vm.ask("human-monitor-command", **{"command-line": line})


def screen(vm):
    """The lines on the screen, without the blanks at their ends."""
    dump = monitor(vm, f"xp /{WIDTH * HEIGHT}hx {TEXT_MEMORY:#x}")
    cells = [int(word, 16) for line in dump.splitlines() for word in line.split(":")[1].split()]
    expect(len(cells) == WIDTH * HEIGHT, f"{len(cells)} cells were read")
    text = "".join(chr(cell & 0xFF) for cell in cells)
    return [text[at:at + WIDTH].rstrip() for at in range(0, len(text), WIDTH)]


def shows(vm, *wanted):
    """The screen's last lines, without empty ones, are these; perhaps only in a moment."""
    until = time.monotonic() + 5
    while True:
        lines = screen(vm)
        while lines and not lines[-1]:
            lines.pop()
        if lines[-len(wanted):] == list(wanted):
            return lines
        expect(time.monotonic() < until, f"the screen ends in {lines[-len(wanted):]}, not in {list(wanted)}")
        time.sleep(0.1)


def check_lines(vm):
    prompt = PROMPT.rstrip()
    vm.command("echo on the screen")
    lines = shows(vm, PROMPT + "echo on the screen", "on the screen", prompt)
    expect(lines[0].startswith(PROMPT), f"the screen begins with {lines[0]!r}: something else is on it")
    vm.command("echo hxllo\x1b[D\x1b[D\x1b[D\x7fe\x05!")
    shows(vm, PROMPT + "echo hello!", "hello!", prompt)
    vm.command("echo a\xe9b")
    shows(vm, PROMPT + "echo a\xfeb", "a\xfeb", prompt)
    vm.command("echo a\bb\tc")  # the editor takes the a back, and makes a blank of the tab
    shows(vm, PROMPT + "echo b c", "b c", prompt)
    long = "echo " + "0123456789" * 8
    vm.command(long)
    shows(vm, (PROMPT + long)[:WIDTH], (PROMPT + long)[WIDTH:], "0123456789" * 8, prompt)


def check_wrapped_editing(vm):
    """Stepping back over the end of a line comes out at the end of the one above."""
    line = "echo " + "x" * 70
    vm.command(line + "\x7f" * 60 + "y")
    shows(vm, PROMPT + "echo " + "x" * 10 + "y", "x" * 10 + "y", PROMPT.rstrip())
    vm.command("echo " + "x" * (WIDTH - 5 - len(PROMPT)) + "\x7fyz\x7f\x7fzy")
    shows(vm, PROMPT + "echo " + "x" * (WIDTH - 6 - len(PROMPT)) + "z", "y",
          "x" * (WIDTH - 6 - len(PROMPT)) + "zy", PROMPT.rstrip())


def check_scrolling(vm):
    for number in range(HEIGHT + 5):
        vm.command(f"echo line {number}")
    last = HEIGHT + 4
    wanted = [PROMPT.rstrip()]
    for number in range(last, last - 12, -1):
        wanted[:0] = [f"{PROMPT}echo line {number}", f"line {number}"]
    shows(vm, *wanted)
    expect(len(wanted) == HEIGHT, f"{len(wanted)} lines were compared")


def check_pages(vm):
    """The text memory is mapped in the devices' window, and as nothing but data that is not cached."""
    found = {}
    for address, physical, *flags in PAGE.findall(monitor(vm, "info tlb")):
        found[int(address, 16)] = int(physical, 16), "".join(flags)
    wrong = [hex(address) for address, (_, flags) in found.items() if flags[0] == "-" and flags[3] == "W"]
    expect(len(found) > 100 and not wrong, f"of {len(found)} pages, writable and executable: {wrong}")
    window = {address: page for address, page in found.items() if address in DEVICE_WINDOW}
    expect(set(window.values()) == {(physical, "XCTW") for physical in DEVICES},
           f"the devices' window has {window}")


def check_fault(vm):
    answer = vm.command("fault screen")
    expect("screen trapped (instruction) at screen:" in answer, f"fault screen: {answer!r}")
    expect(modules(vm)["screen"][2] == "1", "the screen's fault was not counted")
    expect(vm.command("echo after the fault") == "after the fault\n", "the prompt does not work")
    shows(vm, "after the fault", PROMPT.rstrip())


def check_text(vm):
    check_lines(vm)
    check_wrapped_editing(vm)
    check_scrolling(vm)
    check_pages(vm)
    check_fault(vm)
    expect(modules(vm)["screen"][0] == "started", "the screen is not started")


def check_none(vm, boot):
    why = re.findall(r"^screen: .*$", boot, re.M)
    expect(len(why) == 1 and "no text mode" in why[0], f"why there is no screen was told by {why}")
    expect(modules(vm)["screen"][0] == "failed", f"modules says of the screen: {modules(vm)['screen']}")
    expect(vm.command("echo by serial") == "by serial\n", "the prompt does not work")
    expect(vm.output.count("module screen: not started") == 1, "the start was tried again, or not told")


def main():
    args = boots(__doc__).parse_args()
    with Vm(args.image, smp=args.smp, uefi=args.uefi) as vm:
        boot = vm.boot()
        if args.uefi:
            check_none(vm, boot)
        else:
            check_text(vm)
        check_all(vm)
        vm.leave()
    print("no text mode: said once, and the serial line goes on" if args.uefi else
          f"the screen shows what the serial line says; {HEIGHT + 5} commands scrolled; a fault did no harm")


if __name__ == "__main__":
    run(main)
