#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Are the fences that the source names in the machine's code, and in the right places?

    check_fences.py MACHINE COMPILER OBJDUMP ROOT check
    check_fences.py MACHINE COMPILER OBJDUMP ROOT selftest
    check_fences.py MACHINE COMPILER OBJDUMP ROOT refused

An emulator on a totally store ordered host cannot show a missing fence, so
fences.c is compiled and disassembled, and each ordered access is followed over
all paths: from a release backwards, a fence comes before any other access; from
an acquire forwards likewise. selftest takes fences away, one kind at a time, and
expects the check to name the functions that lost theirs, and no others. refused
expects that the ck_md.h of Debian's libck-dev, which would make all fences
vanish, does not compile, for that reason.
"""

import os
import re
import subprocess
import sys
import tempfile

FLAGS = ["-std=gnu11", "-O2", "-c", "-Wall", "-Wextra", "-Werror", '-DSFP_PORT_HEADER="sfp/port/posix.h"']


class Instruction:
    """One line of the disassembly: what it does to memory, and where control goes from it."""

    def __init__(self, address, mnemonic, operands):
        self.address = address
        self.mnemonic = mnemonic
        self.operands = operands
        self.following = []
        self.preceding = []

    def __str__(self):
        return f"{self.address:x}: {self.mnemonic} {self.operands}"


class Aarch64:
    RETURN = re.compile(r"ret|br$")
    CALL = re.compile(r"blr?$")
    JUMP = re.compile(r"b$")
    BRANCH = re.compile(r"b\.|cbn?z|tbn?z")

    @staticmethod
    def is_stack(one):
        return "[sp" in one.operands

    @staticmethod
    def is_exclusive_load(one):
        return re.match(r"ld(a)?xr", one.mnemonic) is not None

    @staticmethod
    def is_exclusive_store(one):
        return re.match(r"st(l)?xr", one.mnemonic) is not None

    @staticmethod
    def is_load(one):
        return one.mnemonic.startswith("ld")

    @staticmethod
    def is_store(one):
        return one.mnemonic.startswith("st")

    @staticmethod
    def is_store_32(one):
        return one.mnemonic in ("str", "stur", "stlr") and one.operands.startswith("w")

    @staticmethod
    def is_release(one):
        return one.mnemonic == "dmb" and one.operands.split()[0] in ("ish", "sy")

    @staticmethod
    def is_acquire(one):
        return one.mnemonic == "dmb" and one.operands.split()[0] in ("ish", "ishld", "sy", "ld")


class Riscv64:
    RETURN = re.compile(r"ret|jr$")
    CALL = re.compile(r"jalr?$|call$")
    JUMP = re.compile(r"j$")
    BRANCH = re.compile(r"b(eq|ne|lt|ge|gt|le)")

    @staticmethod
    def is_stack(one):
        return "(sp)" in one.operands

    @staticmethod
    def is_exclusive_load(one):
        return one.mnemonic.startswith("lr.")

    @staticmethod
    def is_exclusive_store(one):
        return one.mnemonic.startswith(("sc.", "amo"))

    @staticmethod
    def is_load(one):
        return re.match(r"l[bhwd]u?$|lr\.", one.mnemonic) is not None

    @staticmethod
    def is_store(one):
        return re.match(r"s[bhwd]$|sc\.|amo", one.mnemonic) is not None

    @staticmethod
    def is_store_32(one):
        return one.mnemonic == "sw"

    @staticmethod
    def sets(one):
        """What a fence waits for, and what waits for it; no operands: everything."""
        if one.mnemonic != "fence":
            return None
        before, after = one.operands.split(",") if one.operands else ("iorw", "iorw")
        return set(before), set(after)

    @staticmethod
    def is_release(one):
        sets = Riscv64.sets(one)
        return sets is not None and sets[0] >= {"r", "w"} and "w" in sets[1]

    @staticmethod
    def is_acquire(one):
        sets = Riscv64.sets(one)
        return sets is not None and "r" in sets[0] and sets[1] >= {"r", "w"}


MACHINES = {"aarch64": Aarch64, "riscv64": Riscv64}


def disassemble(objdump, file):
    """The functions of an object file: {name: [Instruction, ...]}."""
    words = [objdump, "-d", "--no-show-raw-insn", file]
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    functions = {}
    current = None
    for line in text.splitlines():
        label = re.match(r"[0-9a-f]+ <([^>]+)>:", line)
        if label and not label.group(1).startswith("."):
            current = functions.setdefault(label.group(1), [])
        found = re.match(r"\s+([0-9a-f]+):\s+(\S+)\s*([^#/]*)", line)
        if found and current is not None:
            current.append(Instruction(int(found.group(1), 16), found.group(2), found.group(3).strip()))
    return functions


def connect(machine, code):
    """Who can run after whom."""
    at = {one.address: one for one in code}
    for one, after in zip(code, code[1:] + [None]):
        target = re.search(r"\b([0-9a-f]+) <[^>]*>", one.operands)
        jumps = machine.JUMP.match(one.mnemonic)
        if target and (jumps or machine.BRANCH.match(one.mnemonic)):
            one.following.append(at[int(target.group(1), 16)])
        if after and not jumps and not machine.RETURN.match(one.mnemonic):
            one.following.append(after)
    for one in code:
        for after in one.following:
            after.preceding.append(one)


class Function:
    def __init__(self, machine, code):
        self.machine = machine
        self.code = code
        connect(machine, code)

    def access(self, one):
        machine = self.machine
        return (machine.is_load(one) or machine.is_store(one)) and not machine.is_stack(one)

    def stores(self):
        return [one for one in self.code if self.machine.is_store(one) and not self.machine.is_stack(one)]

    def loads(self):
        return [one for one in self.code if self.machine.is_load(one) and not self.machine.is_stack(one)]

    def exclusive_stores(self):
        return [one for one in self.code if self.machine.is_exclusive_store(one)]

    def of_exchange(self, one):
        return self.machine.is_exclusive_load(one) or self.machine.is_exclusive_store(one)

    def unfenced(self, start, backwards):
        """The first thing that a path from `start` meets before a fence; None: every path meets the fence."""
        is_fence = self.machine.is_release if backwards else self.machine.is_acquire
        waiting = list(start.preceding if backwards else start.following)
        seen = set()
        while waiting:
            one = waiting.pop()
            if one.address in seen or is_fence(one):
                continue
            seen.add(one.address)
            if self.access(one) and not self.of_exchange(one):
                return one
            if self.machine.CALL.match(one.mnemonic):
                return one
            onward = one.preceding if backwards else one.following
            if not onward:
                return one
            waiting += onward
        return None

    def missing(self, starts, backwards, least):
        if len(starts) < least:
            return f"{len(starts)} ordered accesses found, {least} expected"
        for start in starts:
            met = self.unfenced(start, backwards)
            if met:
                return f"no fence between '{met}' and '{start}'"
        return None


def is_word_store(function, one):
    return function.machine.is_store_32(one)


# The ordered accesses of each function of fences.c: (which, backwards for a release, how many at least).
RULES = {
    "fences_enqueue": lambda f: f.missing(f.exclusive_stores(), True, 1),
    "fences_reclaim": lambda f: f.missing(f.loads(), False, 2),
    "fences_retire": lambda f: f.missing([one for one in f.stores() if is_word_store(f, one)], True, 2),
    "fences_state": lambda f: f.missing(f.loads()[:1], False, 1),
    "fences_lock": lambda f: f.missing(f.exclusive_stores(), False, 1),
    "fences_unlock": lambda f: f.missing(f.stores()[1:2], True, 1),
}


def build_and_check(options, include, output):
    """What is wrong, by function."""
    machine, compiler, objdump, root = options
    source = os.path.join(root, "tests/ports/fences.c")
    searched = [f"-I{folder}" for folder in include]
    subprocess.run([compiler, *FLAGS, *searched, source, "-o", output], check=True)
    functions = disassemble(objdump, output)
    wrong = {}
    for name, rule in RULES.items():
        found = rule(Function(MACHINES[machine], functions[name]))
        if found:
            wrong[name] = found
    return wrong


def folders(root):
    return [os.path.join(root, "include/sfp/port/ck"), os.path.join(root, "include")]


def check(options):
    with tempfile.TemporaryDirectory() as folder:
        wrong = build_and_check(options, folders(options[3]), f"{folder}/fences.o")
    for name, what in wrong.items():
        print(f"fences: {options[0]}: {name}: {what}")
    print(f"fences: {options[0]}: {len(RULES)} functions, {len(wrong)} with a fence missing")
    return 1 if wrong else 0


def without(text, function, fence, instead=""):
    """The source of atomic.h with `fence` taken out of one function."""
    begin = text.index(f" {function}(")
    end = text.index("\n}", begin)
    body = text[begin:end]
    assert body.count(fence) == 1, (function, fence)
    return text[:begin] + body.replace(fence, instead) + text[end:]


RELEASE = "ck_pr_fence_release();"
ACQUIRE = "ck_pr_fence_acquire();"


def in_atomic(function, fence, instead=""):
    return "sfp/atomic.h", lambda text: without(text, function, fence, instead)


def trusting(text):
    """port.h without its refusal of a ck_md.h for another machine."""
    text, count = re.subn(r"#error \"this machine is weakly ordered.*", "", text)
    assert count == 1
    return text


def weaker(machine):
    """(what is taken away, (file, how), the functions that must be found wrong)."""
    swap_alone = {"aarch64": {"fences_enqueue"}, "riscv64": set()}  # there the swap itself is a full fence
    taken = [
        ("the release of a store to a word", in_atomic("sfp_store_release_u32", RELEASE), {"fences_retire"}),
        ("the release of the swap", in_atomic("sfp_cas_release_word", RELEASE), swap_alone[machine]),
        ("the acquire of a load of a word", in_atomic("sfp_load_acquire_u32", ACQUIRE),
         {"fences_reclaim", "fences_state"}),
        ("the release of a pointer", in_atomic("sfp_store_release_word", RELEASE), {"fences_unlock"}),
        ("the acquire of the lock", in_atomic("sfp_cas_acquire_word", "ck_pr_fence_lock();"),
         {"fences_lock"}),
        ("the right ck_md.h", ("sfp/port.h", trusting),
         set(RULES) - ({"fences_enqueue"} - swap_alone[machine])),
    ]
    if machine == "aarch64":  # elsewhere CK's store fence is a full one
        taken.append(("all but the store fence of a release",
                      in_atomic("sfp_store_release_u32", RELEASE, "ck_pr_fence_store();"), {"fences_retire"}))
    return taken


def found_without(options, what, file, weaken):
    """The functions that are found wrong when `file` is weakened."""
    root = options[3]
    with tempfile.TemporaryDirectory() as folder, \
            open(os.path.join(root, "include", file), encoding="utf-8") as original:
        os.mkdir(f"{folder}/sfp")
        with open(os.path.join(folder, file), "w", encoding="utf-8") as to:
            to.write(weaken(original.read()))
        include = folders(root)[1:] if "ck_md" in what else folders(root)
        return set(build_and_check(options, [folder, *include], f"{folder}/fences.o"))


def selftest(options):
    machine = options[0]
    taken = weaker(machine)
    failed = 0
    for what, (file, weaken), expected in taken:
        found = found_without(options, what, file, weaken)
        if found != expected:
            failed += 1
            print(f"fences: {machine}: without {what}: found {sorted(found)}, expected {sorted(expected)}")
    print(f"fences: {machine}: {len(taken)} kinds of fence taken away, "
          f"{failed} not noticed as they should be")
    return 1 if failed else 0


def refused(options):
    machine, compiler, _, root = options
    words = [compiler, *FLAGS, "-I", os.path.join(root, "include"), "-o", "/dev/null",
             os.path.join(root, "tests/ports/fences.c")]
    ran = subprocess.run(words, check=False, capture_output=True, text=True)
    right = ran.returncode != 0 and "ck_md.h says CK_MD_TSO" in ran.stderr
    print(f"fences: {machine}: a ck_md.h for a totally store ordered machine is "
          f"{'refused' if right else 'NOT refused, or for another reason'}")
    return 0 if right else 1


MODES = {"check": check, "selftest": selftest, "refused": refused}


def main():
    *options, mode = sys.argv[1:]
    if len(options) != 4 or options[0] not in MACHINES or mode not in MODES:
        print(__doc__, file=sys.stderr)
        return 2
    return MODES[mode](options)


if __name__ == "__main__":
    sys.exit(main())
