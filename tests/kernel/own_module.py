#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""docs/kernel/write-a-module.md holds: with what it has typed in a copy of the tree, its module is built,
booted, and what is typed at the prompt is answered as it says.

    own_module.py --extract FOLDER   what the page has typed, done in a copy of refkernel's rooms, for the build;
                                     prints the module's name
    own_module.py IMAGE              boots what the build made of that, and compares
    own_module.py --whole            all of it with the page's own means: a copy of the whole tree, and ./run
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from vm import PROMPT, Vm, boots, expect, run

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/kernel/write-a-module.md"
MANIFEST = "refkernel/image/manifest"
LEFT_OUT = "..."
RUN_LIMIT = 1200        # for all of a build, on a machine that does other things too


def blocks(text, kind):
    """The fenced blocks of a kind: (its text, the number of its first line)."""
    for found in re.finditer(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield found[1], text.count("\n", 0, found.start(1)) + 1


def type_in(tree, text):
    """Do in `tree` what the page has typed; compilers' messages name the page. The files that were written."""
    (commands, _), = blocks(text, "sh")
    subprocess.run(["sh", "-euc", commands], cwd=tree, check=True)
    (source, line), = blocks(text, "c")
    name = re.search(r"^And this, as `(\w+/\w+\.c)`:$", text, re.MULTILINE)[1]
    file = tree / "refkernel/modules" / name
    file.write_text(f'#line {line} "{PAGE}"\n{source}')
    return [file, tree / MANIFEST]


def extract(folder):
    """Only what has changed is written, so that nothing else is built anew."""
    with tempfile.TemporaryDirectory() as made:
        tree = pathlib.Path(made)
        (tree / "refkernel/modules").mkdir(parents=True)
        (tree / "refkernel/image").mkdir()
        shutil.copy(ROOT / MANIFEST, tree / MANIFEST)
        files = {file.relative_to(tree): file.read_text() for file in type_in(tree, PAGE.read_text())}
    for old in [path for path in folder.rglob("*") if path.is_file()]:
        if old.relative_to(folder) not in files:
            old.unlink()
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
    print(next(iter(files)).stem, end="")


def session(text):
    """What is typed at the prompt, and the lines of its answer."""
    typed = []
    for block, _ in blocks(text, "text"):
        for line in block.splitlines():
            if line.startswith(PROMPT):
                typed.append((line.removeprefix(PROMPT), []))
            else:
                typed[-1][1].append(line)
    return typed


def fits(told, answer):
    """Is `answer` what the page tells, whatever it left out: lines, or a part of one?"""
    pattern = "".join(r"(?:.*\n)*?" if line == LEFT_OUT else
                      ".*".join(re.escape(part) for part in line.split(LEFT_OUT)) + r"\n" for line in told)
    return re.fullmatch(pattern, answer) is not None


def compare(typed, answers):
    lines = 0
    for (line, told), answer in zip(typed, answers, strict=True):
        expect(fits(told, answer), f"{line!r} was answered with {answer!r}, not {told}")
        for i in range(len(told)):          # a line that is wrong, or missing, is not overlooked
            if told[i] != LEFT_OUT:
                lines += 1
                wrong = told[:i] + ["?" + told[i]] + told[i + 1:]
                expect(not fits(wrong, answer), f"{wrong} fits {answer!r}, too")
    print(f"{len(typed)} lines typed, {lines} lines of answers are those of {PAGE.name}")


def boot(image):
    typed = session(PAGE.read_text())
    with Vm(image) as vm:
        vm.boot()
        answers = [vm.command(line) for line, _ in typed]
        vm.leave()
    compare(typed, answers)


def whole():
    """A copy of all that is no build, and what the page says, in it."""
    text = PAGE.read_text()
    typed = session(text)
    with tempfile.TemporaryDirectory() as made:
        tree = pathlib.Path(made) / "tree"
        shutil.copytree(ROOT, tree, ignore=lambda folder, _: {"build", ".git"} if folder == str(ROOT) else set())
        type_in(tree, text)
        lines = "".join(line + "\n" for line, _ in typed) + "exit\n"
        done = subprocess.run(["./run"], cwd=tree, input=lines, capture_output=True, text=True, timeout=RUN_LIMIT)
        expect(done.returncode == 0, f"./run ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr}")
    parts = re.split(rf"^{PROMPT}", done.stdout.replace("\r", ""), flags=re.MULTILINE)[1:-1]
    compare(typed, [part.split("\n", 1)[1] for part in parts])


def main():
    if sys.argv[1] == "--extract":
        extract(pathlib.Path(sys.argv[2]))
    elif sys.argv[1] == "--whole":
        whole()
    else:
        boot(boots(__doc__).parse_args().image)


if __name__ == "__main__":
    run(main)
