#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The command sfp-sweep as a user meets it: what it finds, what it says, how it ends.

usage: command.py SFP-SWEEP FOLDER     (FOLDER has the example programs, sound and broken)
"""

import os
import re
import subprocess
import sys
import tempfile

SWEEP, FOLDER = sys.argv[1:3]
failures = []
checked = 0


def program(name):
    return os.path.join(FOLDER, "sweep_" + name)


def sweep(*words):
    return subprocess.run([SWEEP, *words], capture_output=True, text=True, timeout=300, check=False)


def expect(what, words, status, out="", err=""):
    """The command ends with `status`; its outputs match the expressions ("": nothing is printed)."""
    global checked
    checked += 1
    done = sweep(*words)
    wrong = []
    if done.returncode != status:
        wrong.append(f"status {done.returncode}, not {status}")
    for name, text, expected in (("stdout", done.stdout, out), ("stderr", done.stderr, err)):
        if not (re.search(expected, text) if expected else not text):
            wrong.append(f"{name} is not like '{expected}': {text!r}")
    if wrong:
        failures.append(what)
        print(f"FAIL {what}: {'; '.join(wrong)}")


def good(count, what):
    return rf"^sfp-sweep: {count} {what}, 0 failures\n$"


MANY = r"[1-9][0-9]+"
KILL = ["--check", "recover_and_check"]

expect("a sound transfer survives stops", [*KILL, program("ledger"), "transfer"], 0,
       good(MANY, "stops in transfer"))
expect("its second call as well", [*KILL, "--call", "2", program("ledger"), "transfer"], 0,
       good(MANY, "stops in transfer"))
expect("a broken one does not; instruction, function and output are named",
       [*KILL, program("ledger-broken"), "transfer"], 1,
       r"FAIL stopped before instruction \d+, "
       r"transfer\+0x[0-9a-f]+: recover_and_check says 1\n    \| 50 and 30\n")
with tempfile.TemporaryDirectory() as folder:
    left = os.path.join(folder, "left")
    for name, status in (("ledger", 0), ("ledger-broken", 1)):
        expect(f"a command judges the file that a killed {name} left",
               ["--after", f"{program(name)} --check {left}", program(name), "transfer", left], status,
               rf"sfp-sweep: {MANY} stops in transfer, {'0' if status == 0 else '[1-9]'}")
expect("other threads go on without the stopped one", [program("mailbox"), "put"], 0,
       r"^sfp-sweep: \d+ stops in put, 0 failures\n$")
expect("other threads that wait for it hang",
       ["--timeout", "2", "--to", "6", program("mailbox-broken"), "put"], 1,
       r"FAIL stopped before instruction \d+, put\+0x[0-9a-f]+: it hangs")
for fault in ("--fault", "--fault=ILL", "--fault=SIGBUS"):
    expect(f"a guarded section survives {fault}", [fault, program("contained"), "section"], 0,
           good(MANY, "faults in section"))
expect("an unguarded one does not", ["--fault", program("contained-broken"), "section"], 1,
       r"FAIL trap at instruction \d+, section\+0x[0-9a-f]+: the program ends with status 1")
expect("a fault that nobody handles ends the program",
       ["--fault", "--only", "3", program("ledger"), "transfer"], 1,
       r"ended by signal 11")
expect("one instruction can be tried alone", [*KILL, "--only", "3", program("ledger"), "transfer"], 0,
       good("1", "stops in transfer"))
expect("a part can be tried", [*KILL, "--from", "2", "--to", "5", program("ledger"), "transfer"], 0,
       good("4", "stops in transfer"))
expect("a check that does not come back is told",
       ["--check", "never_done", "--timeout", "1", "--only", "0", program("ledger"), "transfer"], 1,
       r"never_done: it hangs")
expect("output is shown where asked for",
       [*KILL, "--verbose", "--only", "0", program("ledger"), "transfer"], 0,
       r"70 and 30\n")

# What cannot be tried.
expect("a lone thread has nobody to look", [program("ledger"), "transfer"], 3, err=r"who is to look")
expect("no such function", [*KILL, program("ledger"), "transfr"], 3, err=r"has no function transfr\n")
expect("no such check", ["--check", "chek", program("ledger"), "transfer"], 3, err=r"has no function chek\n")
expect("no such call", [*KILL, "--call", "3", program("ledger"), "transfer"], 3,
       err=r"was not called 3 times")
expect("no such instruction", [*KILL, "--from", "10000", program("ledger"), "transfer"], 3,
       err=r"has returned before instruction 10000")
expect("no such program", [os.path.join(FOLDER, "nothing"), "transfer"], 3, err=r"No such file")
expect("no program at all", [__file__, "transfer"], 3, err=r"no ELF file")
expect("a program that fails by itself", [*KILL, program("ledger"), "transfer", FOLDER], 3,
       err=r"was not called 1 times \(the program ends with status 2\)")

# What is not understood.
expect("nothing to do", [], 2, err=r"PROGRAM and FUNCTION are needed.*--help")
expect("half of it", [program("ledger")], 2, err=r"PROGRAM and FUNCTION are needed")
expect("an unknown option", ["--frob", program("ledger"), "transfer"], 2, err=r"wrong option '--frob'")
expect("an unknown fault", ["--fault=FROB", program("ledger"), "transfer"], 2,
       err=r"there is no fault 'FROB'")
expect("a number that is none", ["--only", "x1", program("ledger"), "transfer"], 2, err=r"'x1' is no number")
expect("call 0", ["--call", "0", program("ledger"), "transfer"], 2, err=r"'0' is no number that fits")
expect("two that look", [*KILL, "--after", "true", program("ledger"), "transfer"], 2, err=r"not both")
expect("a fault with a check", [*KILL, "--fault", program("ledger"), "transfer"], 2, err=r"must go on")
expect("an end before the beginning", ["--from", "3", "--to", "2", *KILL, program("ledger"), "transfer"], 2,
       err=r"--to lies before --from")
expect("help", ["--help"], 0, r"^Usage: sfp-sweep (.|\n)*Exit status")

print(f"sfp-sweep: {checked} uses, {len(failures)} not as they should be")
sys.exit(1 if failures else 0)
