# SPDX-License-Identifier: BSD-2-Clause
"""Copies of sources with one bug in them, for a sweep to find.

A bug is a list of (file, text, replacement); the text must stand in the file exactly once, so that a
change of the sources that a bug depends on is an error of the build, not a bug that is not there any more.
"""

import os
import sys


def replace_once(text, old, new, where):
    if text.count(old) != 1:
        sys.exit(f"seed: {where}: this stands there {text.count(old)} times, not once:\n{old}")
    return text.replace(old, new)


def seed(bug, changes, files, root, folder):
    texts = {}
    for name in files:
        with open(os.path.join(root, name), encoding="utf-8") as source:
            texts[name] = source.read()
    for name, old, new in changes:
        texts[name] = replace_once(texts[name], old, new, f"{bug}: {name}")
    for name, text in texts.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as target:
            target.write(text)


def main(bugs, files):
    """--bugs and --files print lists for CMake; BUG ROOT FOLDER copies `files` from ROOT to FOLDER."""
    if sys.argv[1:] == ["--bugs"]:
        print(";".join(bugs), end="")
    elif sys.argv[1:] == ["--files"]:
        print(";".join(files), end="")
    elif len(sys.argv) == 4 and sys.argv[1] in bugs:
        seed(sys.argv[1], bugs[sys.argv[1]], files, *sys.argv[2:])
    else:
        sys.exit(f"usage: {sys.argv[0]} --bugs | --files | BUG ROOT FOLDER")
