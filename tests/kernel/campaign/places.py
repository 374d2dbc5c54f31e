#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""places.py OBJDUMP OUTPUT MODULE.o...: where each instruction of the modules begins, as C constants.

What only fills the space between two functions is left out: nothing ever comes there."""

import pathlib
import re
import subprocess
import sys

FUNCTION = re.compile(r"^[0-9a-f]+ <.*>:$")
INSTRUCTION = re.compile(r"^ +([0-9a-f]+):\t(?:[0-9a-f]{2} )+ *\t(\S.*)?$")
FILLER = re.compile(r"(data16 |cs )*nop|xchg +%ax,%ax|int3")


def instructions(objdump, path):
    """Offsets in .text; a run of fillers that ends a function is none of it."""
    text = subprocess.run([objdump, "-d", "-w", "-j", ".text", path], capture_output=True, text=True,
                          check=True).stdout
    found, fillers = [], []
    for line in text.splitlines():
        row = INSTRUCTION.match(line)
        if FUNCTION.match(line):
            fillers = []
        elif row and FILLER.match(row[2] or ""):
            fillers.append(int(row[1], 16))
        elif row:
            found += fillers + [int(row[1], 16)]
            fillers = []
    if not found or found != sorted(set(found)):
        sys.exit(f"places.py: {path}: objdump's output is not understood")
    return found


def main():
    objdump, output, *paths = sys.argv[1:]
    lines = ["/* Made by places.py. */", '#include "places.h"', ""]
    rows, total = [], 0
    for path in paths:
        name = pathlib.Path(path).stem
        offsets = instructions(objdump, path)
        lines.append(f"static const uint32_t {name}[] = {{ {', '.join(map(str, offsets))} }};")
        known = re.sub(r"^(sloppy)_\d$", r"\1", name)   # by its NANO_MODULE
        rows.append(f'\t{{ "{known}", {name}, {len(offsets)}, {total} }},')
        total += len(offsets)
    lines += ["", "const struct places places_of[] = {", *rows, "\t{ 0 },", "};", "",
              f'SFP_STATIC_ASSERT({total} <= PLACES_MAX, "there are more instructions than places");', ""]
    pathlib.Path(output).write_text("\n".join(lines))


main()
