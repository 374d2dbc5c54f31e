#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boots the image of modules that try what they must not and judge what comes of
it, and sees that no promise was broken and that enough of them were tried."""

import argparse
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tools"))
sys.dont_write_bytecode = True
import machine  # noqa: E402

LIMIT = 60  # seconds
PAGING = r"paging: \d+ pages, 0 writable and executable, 0 writable aliases of code$"


def complaints(outcome, output, least):
    """What is not as it should be, a line each."""
    if outcome != ("exit", 0):
        yield f"the machine ended with {outcome}"
    yield from re.findall(r"^judge: FAILED.*", output, re.MULTILINE)
    kept = re.search(r"^judge: (\d+) promises kept, 0 broken$", output, re.MULTILINE)
    if not kept or int(kept[1]) < least:
        yield f"fewer than {least} promises were kept"
    if not re.search(PAGING, output, re.MULTILINE):
        yield "the page tables were not found sound"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image")
    parser.add_argument("least", type=int, help="promises that the judge must have tried")
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--uefi", action="store_true")
    parser.add_argument("--machine", default="q35")
    parser.add_argument("--processor", default="qemu64")
    arguments = parser.parse_args()

    words = machine.command(arguments.image, smp=arguments.smp, uefi=arguments.uefi,
                            extra=["-machine", arguments.machine, "-cpu", arguments.processor, "-no-reboot"])
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT, check=False)
        outcome, output = machine.outcome(done.returncode), done.stdout
    except subprocess.TimeoutExpired as late:
        outcome, output = ("hang", LIMIT), late.stdout or b""
    output = output.decode("latin-1").replace("\r", "")
    found = list(complaints(outcome, output, arguments.least))
    if found:
        print(output[-8000:])
        sys.exit("\n".join(found))
    contained = len(re.findall(r"^fault: .*; contained$", output, re.MULTILINE))
    print(f"{re.search('judge: (.* kept)', output)[1]}, {contained} faults contained")


main()
