#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Check the pin's model: it holds as it is, and is violated with each order taken away.

  run.py CC [DEFINE VIOLATION]      with a define, a violation that says so is what is wanted
"""

import pathlib
import re
import subprocess
import sys
import tempfile

MODEL = pathlib.Path(__file__).resolve().parent / "pin.pml"
FEWEST = 10000  # states; fewer are not the whole model


def run(words, folder):
    done = subprocess.run(words, cwd=folder, check=False, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def explore(compiler, define, folder):
    """What the verifier says of the model."""
    for words in (["spin", "-a", *([f"-D{define}"] if define else []), str(MODEL)],
                  [compiler, "-O2", "-w", "-DSAFETY", "-o", "pan", "pan.c"]):
        status, said = run(words, folder)
        if status:
            sys.exit(f"{words[0]}: {said}")
    return run(["./pan", "-m100000"], folder)[1]


def main():
    compiler, define, violation = (sys.argv[1:] + [None, None])[:3]
    with tempfile.TemporaryDirectory() as folder:
        said = explore(compiler, define, folder)
    states = re.search(r"(\d+) states, stored", said)
    errors = re.search(r"errors: (\d+)", said)
    if not states or not errors or "max search depth too small" in said:
        sys.exit(f"the verifier did not get through:\n{said}")
    found = re.search(r"assertion violated (.*) \(at", said)
    if define:
        print(f"-D{define}: {found[1] if found else 'NOT FOUND'} after {states[1]} states")
        return 0 if found and violation in found[1] else 1
    print(f"{states[1]} states, {errors[1]} errors")
    return 0 if errors[1] == "0" and int(states[1]) > FEWEST else 1


if __name__ == "__main__":
    sys.exit(main())
