#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boot the reference kernel's image in QEMU with the serial line on standard
input and output. ./run builds the image and calls this."""

import argparse
import os
import selectors
import signal
import subprocess
import sys
import termios
import time

import machine

# Exit statuses of ./run; its --help lists them.
PANICKED, TIMED_OUT, MACHINE_DIED = 4, 5, 6
KERNEL_STATUS_BASE = 16

PIPED_LIMIT = 60
INTERACTIVE_LIMIT = 8 * 3600
CHUNK = 16          # what the serial port's buffer holds
CHUNK_PAUSE = 0.02  # without an echo in this time, send the next chunk anyway
QUIET = 0.3         # at the end of the input: how long nothing may come


def say(text):
    print(f"run: {text}", file=sys.stderr)


def verdict(status):
    """./run's exit status for QEMU's, with one line that says what happened."""
    kind, value = machine.outcome(status)
    if kind in ("exit", "quit") and value == 0:
        return 0
    if kind == "exit":
        say(f"the kernel ended with status {value}")
        return min(KERNEL_STATUS_BASE + value, 125)
    if kind == "panic":
        say("the kernel panicked; its report is above")
        return PANICKED
    say(f"QEMU ended by signal {-value}" if value < 0 else f"QEMU ended with status {value}")
    return MACHINE_DIED


def end(process):
    """Stop QEMU. It keeps nothing that a kill could spoil, and so says nothing."""
    process.kill()
    process.wait()


def interactive(words, limit):
    """QEMU has the terminal to itself; we keep the time and mend the terminal."""
    saved = termios.tcgetattr(0)
    process = machine.start(words)
    try:
        status = process.wait(limit)
    except subprocess.TimeoutExpired:
        end(process)
        status = None
    finally:
        if process.poll() is None:
            end(process)
        termios.tcsetattr(0, termios.TCSANOW, saved)
        os.set_blocking(0, True)
    if status is None:
        say(f"the time limit of {limit:g} s is over; the machine was switched off")
        return TIMED_OUT
    return verdict(status)


class Piped:
    """Feeds standard input to the serial line, no faster than the kernel takes it:
    nothing before the first prompt (firmware and boot loader would swallow it), a
    line only at a prompt, and within a line as much as the serial port buffers."""

    def __init__(self, words, limit):
        self.limit = limit
        self.deadline = time.monotonic() + limit
        self.process = machine.start(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.watch_input()
        self.waiting = b""      # read from standard input, not yet sent
        self.line_open = False  # something of an unfinished line was sent
        self.ended = False      # standard input is at its end
        self.at_prompt = False
        self.tail = b"\n"       # the latest output
        self.sent_at = 0.0
        self.heard_at = time.monotonic()
        self.echoed = True      # anything came since the last chunk

    def watch_input(self):
        try:
            self.selector.register(0, selectors.EVENT_READ)
            self.poll_input = False
        except PermissionError:  # a regular file or /dev/null is always ready
            self.poll_input = True

    def read_input(self):
        data = os.read(0, 4096)
        if data:
            self.waiting += data.replace(b"\r\n", b"\n")
            return
        self.ended = True
        if not self.poll_input:
            self.selector.unregister(0)
        if (self.waiting and not self.waiting.endswith(b"\n")) or (not self.waiting and self.line_open):
            self.waiting += b"\n"

    def read_output(self):
        data = os.read(self.process.stdout.fileno(), 65536)
        if not data:
            return False
        os.write(1, data)
        self.tail = (self.tail + data)[-256:]
        self.heard_at = time.monotonic()
        self.echoed = True
        if self.tail.endswith((b"\n" + machine.PROMPT, b"\r" + machine.PROMPT)):
            self.at_prompt = True
        return True

    def send(self):
        if not self.waiting or not self.at_prompt:
            return
        if not self.echoed and time.monotonic() - self.sent_at < CHUNK_PAUSE:
            return
        chunk = self.waiting[:CHUNK]
        newline = chunk.find(b"\n")
        if newline >= 0:
            chunk = chunk[:newline + 1]
            self.at_prompt = False
            self.tail = b""
        self.line_open = newline < 0
        self.waiting = self.waiting[len(chunk):]
        self.echoed = False
        self.sent_at = time.monotonic()
        try:
            os.write(self.process.stdin.fileno(), chunk.replace(b"\n", b"\r"))
        except BrokenPipeError:
            self.waiting = b""  # it has ended; its status tells how

    def finished(self):
        return (self.ended and not self.waiting and self.at_prompt
                and time.monotonic() - max(self.heard_at, self.sent_at) > QUIET)

    def pause(self):
        """How long to sleep if nothing comes."""
        return CHUNK_PAUSE if self.waiting and self.at_prompt else 0.1

    def turn(self):
        """One round; False when the machine has closed its output."""
        if self.poll_input and not self.ended and len(self.waiting) < 4096:
            self.read_input()
        for key, _ in self.selector.select(self.pause()):
            if key.fd == 0:
                self.read_input()
            elif not self.read_output():
                return False
        self.send()
        return True

    def run(self):
        try:
            while self.turn():
                if self.finished():
                    end(self.process)
                    if not self.tail.endswith(b"\n"):
                        os.write(1, b"\n")
                    return 0
                if time.monotonic() > self.deadline:
                    end(self.process)
                    where = "at a prompt" if self.at_prompt else "not at a prompt"
                    say(f"the time limit of {self.limit:g} s is over ({where}); the machine was switched off")
                    return TIMED_OUT
            return verdict(self.process.wait())
        finally:
            if self.process.poll() is None:
                end(self.process)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image")
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--uefi", action="store_true")
    parser.add_argument("--kvm", action="store_true")
    parser.add_argument("--display", action="store_true")
    parser.add_argument("--gdb", action="store_true")
    parser.add_argument("--timeout", type=float)
    return parser.parse_args()


def main():
    args = arguments()
    on_terminal = os.isatty(0)
    limit = args.timeout or (INTERACTIVE_LIMIT if on_terminal else PIPED_LIMIT)
    words = machine.command(args.image, smp=args.smp, uefi=args.uefi, kvm=args.kvm, gdb=args.gdb,
                            display="gtk" if args.display else "none",
                            serial="terminal" if on_terminal else "stdio")
    if args.gdb:
        say("the machine waits for a debugger: gdb -ex 'target remote :1234'")
    # A terminated ./run must not leave a machine behind.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _: sys.exit(128 + got))
    try:
        if on_terminal:
            say("leave with the command exit, or with Ctrl-A X")
            return interactive(words, limit)
        return Piped(words, limit).run()
    except FileNotFoundError as missing:
        say(f"cannot start {missing.filename}")
        return MACHINE_DIED
    except BrokenPipeError:
        return MACHINE_DIED
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
