#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""2,000 random characters on the serial line and 2,000 on the PS/2 keyboard arrive
whole: with shift, caps lock, mistakes and backspace, as `echo` prints them."""

import random

from vm import Vm, boots, check_all, expect, queues, run

CHARACTERS = 2000
LINE = 250
MISTAKE = 0.05
PRINTABLE = "".join(chr(c) for c in range(0x20, 0x7f))

# An American keyboard in QEMU's names: what a key types, alone and with shift.
KEYS = {name: (name, name.upper()) for name in "abcdefghijklmnopqrstuvwxyz"}
KEYS |= {digit: (digit, shifted) for digit, shifted in zip("1234567890", "!@#$%^&*()")}
KEYS |= {"minus": "-_", "equal": "=+", "bracket_left": "[{", "bracket_right": "]}", "semicolon": ";:",
         "apostrophe": "'\"", "grave_accent": "`~", "backslash": "\\|", "comma": ",<", "dot": ".>",
         "slash": "/?", "spc": "  "}
KEY_OF = {typed[shift]: (name, bool(shift)) for name, typed in KEYS.items() for shift in (1, 0)}

ERASED = "\b \b"        # how the console shows a backspace at the end of a line


def lines(chance):
    """Random lines that make up CHARACTERS, as lists of (character, is a mistake)."""
    left = CHARACTERS
    while left > 0:
        count = min(left, LINE)
        left -= count
        line = []
        for _ in range(count):
            line += [(chance.choice(PRINTABLE), False)]
            line += [(chance.choice(PRINTABLE), True)] * (chance.random() < MISTAKE)
        yield line


def intended(line):
    return "".join(c for c, mistake in line if not mistake)


def compare(answer, wanted, how):
    if answer == wanted + "\n":
        return
    at = next((i for i, (a, b) in enumerate(zip(answer, wanted)) if a != b), min(len(answer), len(wanted)))
    expect(False, f"{how}: {len(wanted)} characters typed, {len(answer) - 1} came, different from {at} on: "
                  f"{wanted[at:at + 20]!r} became {answer[at:at + 20]!r}")


def by_serial(vm, chance):
    mistakes = 0
    for line in lines(chance):
        text = "".join(c + ("\x7f" if mistake else "") for c, mistake in line)
        mistakes += sum(mistake for _, mistake in line)
        compare(vm.command("echo " + text), intended(line), "serial line")
    return mistakes


class Keyboard:
    """Presses keys, one character at a time: QEMU's keyboard holds 16 bytes and drops the rest."""

    def __init__(self, vm, chance):
        self.vm, self.chance = vm, chance
        self.caps = self.shift = False
        self.held = None        # which shift key
        self.switched = self.shifted = self.erased = 0

    def press(self, name, shown):
        self.vm.keys((name, True), (name, False))
        self.wait(shown)

    def wait(self, shown):
        self.vm.until_length(len(shown), f"the echo {shown!r} of a key")
        echo = self.vm.output[self.vm.mark:self.vm.mark + len(shown)]
        expect(echo == shown, f"a key that types {shown!r} was shown as {echo!r}")
        self.vm.mark += len(shown)

    def set_shift(self, down):
        if down == self.shift:
            return
        if down:
            self.held = self.chance.choice(("shift", "shift_r"))
            self.shifted += 1
        self.vm.keys((self.held, down))
        self.shift = down

    def type(self, c):
        name, shift = KEY_OF[c]
        if c.isalpha() and self.chance.random() < 0.1:
            self.vm.keys(("caps_lock", True), ("caps_lock", False))
            self.caps = not self.caps
            self.switched += 1
        if name == "spc":
            shift = self.shift
        self.set_shift(shift != (self.caps and c.isalpha()))
        self.press(name, c)

    def erase(self):
        self.press("backspace", ERASED)
        self.erased += 1

    def enter(self):
        self.set_shift(False)
        self.vm.keys(("ret", True), ("ret", False))


def by_keyboard(vm, chance):
    keyboard = Keyboard(vm, chance)
    for line in lines(chance):
        for c in "echo ":
            keyboard.type(c)
        for c, mistake in line:
            keyboard.type(c)
            if mistake:
                keyboard.erase()
        keyboard.enter()
        compare(vm.answer(), intended(line), "keyboard")
    expect(keyboard.shifted and keyboard.switched and keyboard.erased,
           "the random text has used no shift, caps lock or backspace")
    return keyboard


def main():
    parser = boots(__doc__)
    parser.add_argument("--seed", type=int, default=20170928)
    args = parser.parse_args()
    print(f"seed {args.seed}", flush=True)
    chance = random.Random(args.seed)
    with Vm(args.image, smp=args.smp, uefi=args.uefi, limit=100) as vm:
        vm.boot()
        mistakes = by_serial(vm, chance)
        keyboard = by_keyboard(vm, chance)
        counted = queues(vm)
        expect(counted["console.input"][3:] == [0, 0], f"failed or lost: {counted}")
        expect(counted["from keyboard"][0] >= CHARACTERS, f"they did not come from the keyboard: {counted}")
        check_all(vm)
        vm.leave()
    print(f"{CHARACTERS} characters by serial line, {mistakes} mistakes taken back; "
          f"{CHARACTERS} by keyboard, {keyboard.erased} taken back, "
          f"shift {keyboard.shifted} times, caps lock {keyboard.switched} times")


if __name__ == "__main__":
    run(main)
