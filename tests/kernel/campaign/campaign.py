#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Modules trap at random instructions under load, and after each fault all that must hold does.

    campaign.py IMAGE --faults N [--seed S] [--smp N] [--vga none] [--find WHAT]

Prints what was injected, contained and recovered, by module and by class, and which part of each
module's instructions was hit. Each failure is a line with what repeats it: the seed, the number of
the fault, the instruction. With --find the campaign must fail, and say that: tests of the test."""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools"))
sys.dont_write_bytecode = True
import machine  # noqa: E402

SAID = re.compile(r"chaos: (.*)")
END = re.compile(r"seed \d+: (\d+) injected, (\d+) contained, (\d+) recovered, (\d+) failed")


def said(path, begin=0):
    """What the campaign has said, line by line; prompts and output of commands are around it."""
    with open(path, "rb") as file:
        file.seek(begin)
        return SAID.findall(file.read().decode("latin-1").replace("\r", ""))


def run(arguments, path):
    extra = ["-machine", "q35", "-no-reboot", "-fw_cfg", f"name=opt/campaign,string={arguments.seed} {arguments.faults}"]
    words = machine.command(arguments.image, smp=arguments.smp, serial=f"file:{path}", memory=64, extra=extra)
    if arguments.vga == "none":
        words[words.index("-vga") + 1] = "none"
    process = machine.start(words, stdin=subprocess.DEVNULL)
    limit = time.monotonic() + arguments.limit
    told = 0
    try:
        while process.poll() is None and time.monotonic() < limit:
            time.sleep(0.2)
            if arguments.progress and os.path.exists(path):
                lines = [line for line in said(path, max(0, os.path.getsize(path) - 1000000)) if " faults, " in line]
                if lines and lines[-1] != told:
                    told = lines[-1]
                    print(told, flush=True)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
            return "hang", arguments.limit
    return machine.outcome(process.returncode)


def complaints(arguments, outcome, lines):
    end = END.match(lines[-1]) if lines else None
    failures = [line for line in lines if line.startswith("FAILED")]
    if arguments.find:
        if not any(re.search(arguments.find, line) for line in failures):
            yield f"nobody found: {arguments.find}"
        return
    yield from failures[:20]
    if outcome != ("exit", 0):
        yield f"the machine ended with {outcome}"
    if not end or [int(n) for n in end.groups()] != [arguments.faults] * 3 + [0]:
        yield f"not all of {arguments.faults} faults were contained and recovered"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image")
    parser.add_argument("--faults", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--vga", default="std")
    parser.add_argument("--find")
    parser.add_argument("--progress", action="store_true")
    parser.add_argument("--limit", type=float, default=380)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="campaign") as folder:
        path = os.path.join(folder, "serial")
        outcome = run(arguments, path)
        lines = said(path)
        found = list(complaints(arguments, outcome, lines))
        if found:
            with open(path, "rb") as file:
                print(file.read()[-3000:].decode("latin-1").replace("\r", ""))
            sys.exit("\n".join(found))
    if arguments.find:
        print("found: " + next(line for line in lines if re.search(arguments.find, line)))
        return
    begin = next(i for i, line in enumerate(lines) if line.startswith("module "))
    print("\n".join(lines[begin:]))


main()
