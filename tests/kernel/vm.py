# SPDX-License-Identifier: BSD-2-Clause
"""A virtual machine with the reference kernel in it, for the tests: its serial
line and its keyboard are in the test's hands, and every wait has a limit.

    with Vm(image, uefi=True) as vm:
        vm.boot()
        print(vm.command("help"))
        vm.leave()
"""

import argparse
import json
import os
import pathlib
import select
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
sys.dont_write_bytecode = True
import machine  # noqa: E402

PROMPT = machine.PROMPT.decode()


class Failed(Exception):
    """What the test expected did not happen."""


def expect(condition, text):
    if not condition:
        raise Failed(text)


class Vm:
    """Everything that came on the serial line is in `self.output`, as text."""

    def __init__(self, image, *, smp=1, uefi=False, extra=(), limit=60):
        self.deadline = time.monotonic() + limit
        self.output = ""
        self.mark = 0           # where in the output the next wait begins
        self.status = None
        self.folder = tempfile.TemporaryDirectory(prefix="vm")
        serial_path = os.path.join(self.folder.name, "serial")
        monitor_path = os.path.join(self.folder.name, "monitor")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(serial_path)
        listener.listen(1)
        words = machine.command(image, smp=smp, uefi=uefi, serial=f"unix:{serial_path}",
                                monitor=monitor_path, extra=list(extra))
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            listener.settimeout(10)
            self.serial = listener.accept()[0]
            self.serial.setblocking(False)
            self.monitor = self.connect_monitor(monitor_path)
        except OSError as error:
            self.stop()
            raise Failed(f"QEMU did not start: {error}: {self.process.stderr.read().decode()}") from error
        finally:
            listener.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.stop()
        if kind is not None:
            tail = self.output[-4000:].replace("\r", "")
            print(f"---- the serial line, to its end ----\n{tail}\n----", file=sys.stderr)

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    # ---- the keyboard, through QEMU's monitor --------------------------------

    def connect_monitor(self, path):
        for _ in range(200):
            try:
                link = socket.socket(socket.AF_UNIX)
                link.connect(path)
                break
            except OSError:
                link.close()
                time.sleep(0.02)
        else:
            raise OSError("no monitor")
        link.settimeout(10)
        self.monitor_lines = link.makefile("r")
        self.monitor_lines.readline()
        self.monitor = link
        self.ask("qmp_capabilities")
        return link

    def ask(self, command, **arguments):
        """A QMP command; its answer."""
        self.monitor.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            line = self.monitor_lines.readline()
            expect(line, f"the monitor ended while it was asked {command}")
            answer = json.loads(line)
            expect("error" not in answer, f"QMP {command}: {answer}")
            if "return" in answer:
                return answer["return"]

    def keys(self, *moves):
        """Press and release: ("a", True) is down, ("a", False) is up."""
        self.ask("input-send-event", events=[
            {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}}
            for name, down in moves])

    # ---- the serial line -----------------------------------------------------------

    def read(self, wait):
        """Take in what has come. False: the line has ended."""
        ready, _, _ = select.select([self.serial], [], [], wait)
        if not ready:
            return True
        try:
            data = self.serial.recv(65536)
        except ConnectionResetError:
            data = b""
        self.output += data.decode("latin-1")
        return bool(data)

    def in_time(self, what):
        expect(time.monotonic() < self.deadline, f"time is over while waiting for {what}")

    def until(self, text, what=None):
        """Wait until the output has `text` after the mark; what came before it. The mark moves past it."""
        while (at := self.output.find(text, self.mark)) < 0:
            self.in_time(what or repr(text))
            if not self.read(0.2) and self.output.find(text, self.mark) < 0:
                raise Failed(f"the machine ended before {what or repr(text)}")
        before = self.output[self.mark:at]
        self.mark = at + len(text)
        return before

    def until_length(self, length, what):
        """Wait until that much came after the mark."""
        while len(self.output) - self.mark < length:
            self.in_time(what)
            if not self.read(0.2):
                raise Failed(f"the machine ended before {what}")

    def send(self, text):
        """Put text on the serial line, as fast as the machine takes it."""
        data = text.encode("latin-1")
        while data:
            self.in_time(f"the serial line to take {len(data)} more bytes")
            self.read(0)
            if select.select([], [self.serial], [], 0.2)[1]:
                data = data[self.serial.send(data):]

    def boot(self):
        """Wait for the first prompt; the lines of the boot."""
        return self.until("\n" + PROMPT, "the first prompt").replace("\r", "")

    def answer(self):
        """What is printed up to the next prompt, without the echo of the line."""
        text = self.until("\n" + PROMPT, "the next prompt").replace("\r", "") + "\n"
        return text.split("\n", 1)[1]

    def command(self, line):
        """Type a line on the serial line; what it prints."""
        self.send(line + "\r")
        return self.answer()

    # ---- its end --------------------------------------------------------------------

    def ended(self):
        """Wait for the machine's end; ("exit", n), ("panic", 0), ("died", n) as machine.outcome()."""
        while self.read(0.2):
            self.in_time("the machine's end")
        try:
            self.status = self.process.wait(max(1, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Failed("the serial line ended, and the machine goes on") from None
        return machine.outcome(self.status)

    def leave(self, status=0):
        """Type exit; the machine must end with that status."""
        self.send(f"exit {status}\r")
        outcome = self.ended()
        expect(outcome == ("exit", status), f"exit {status} ended the machine with {outcome}")


def modules(vm):
    """The table that `modules` prints: name -> [phase, version, faults, text, state, about, restarts]."""
    table = {}
    for row in vm.command("modules").strip("\n").split("\n")[1:]:
        name, phase, version, faults, restarts, text, state, about = row.split(None, 7)
        table[name] = [phase, version, faults, text, state, about, restarts]
    return table


def queues(vm):
    """The table that `queues` prints: row's name -> numbers in its order (the queue: depth first)."""
    rows = vm.command("queues").strip("\n").split("\n")[1:]
    return {row[:18].strip(): [int(word) for word in row[18:].split()] for row in rows if row[:1] != "o"}


def check_all(vm):
    """Every module's state must be sound."""
    text = vm.command("check")
    expect(text.rstrip().endswith(" 0 broken"), f"check: {text}")


def boots(description):
    """The arguments that all tests have in common."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("image")
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--uefi", action="store_true")
    return parser


def run(test):
    """Run a test's main; its failures become one line and a status."""
    try:
        test()
    except Failed as failure:
        print(f"FAILED: {failure}", file=sys.stderr)
        sys.exit(1)
