#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Does the documentation lead somewhere? Checks, in every Markdown file:
relative links, anchors inside of them, and names in `code` that look like paths
of this project; that a `function()` named in docs/kernel is in the file linked last before it; that the table of what survives what has a row a pattern and
names a test in each cell; that decisions have numbers; and that every option that `./run --help` and
`./test --help` tell of is one, the other way round too."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
TOP = {entry.name for entry in ROOT.iterdir() if entry.is_dir()} - {"build", ".git"}


def documents():
    """Every Markdown file that is not in a build folder."""
    return [path for path in sorted(ROOT.rglob("*.md")) if "build" not in path.relative_to(ROOT).parts]


def prose(text):
    """The text without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(path):
    heads = re.findall(r"^#+ +(.*)$", prose(path.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def check_links(path, text):
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target) if target else path
        if not file.exists():
            yield f"link to {link}, which is not there"
        elif anchor and anchor not in anchors(file):
            yield f"link to {link}, which has no such heading"


def check_names(path, text):
    """`tools/setup` in backquotes must be a file, unless it is a pattern, or made by a build."""
    for name in CODE.findall(text):
        if not re.fullmatch(r"(\./)?[\w.][\w./-]*", name) or "NNNN" in name:
            continue
        first = name.removeprefix("./").split("/")[0]
        if name.startswith("./") or ("/" in name and first in TOP):
            if not (ROOT / name).exists() and not (path.parent / name).exists():
                yield f"`{name}` is named, but is not there"


def check_functions():
    """Pages on the kernel name functions behind the file that has them."""
    count = 0
    for path in sorted((ROOT / "docs/kernel").glob("*.md")):
        source = None
        for link, name in re.findall(r"\]\(([^)\s]+)\)|`(\w+)\(\)`", prose(path.read_text())):
            if link:
                source = path.parent / link.partition("#")[0]
                continue
            count += 1
            if not (source and source.is_file() and re.search(rf"\b{name}\b", source.read_text())):
                yield f"{path.relative_to(ROOT)}: `{name}()` is not in {source.name if source else 'any file'}"
    if count < 50:
        yield f"docs/kernel: only {count} functions named; the walk has more"
    print(f"docs/kernel: {count} functions named with their files")


def check_survival():
    """The table of what survives what: a row a page of a pattern, and in each cell the test that shows it."""
    folder = ROOT / "docs/patterns"
    text = (folder / "README.md").read_text()
    table = text.split("## What survives what")[1]
    rows = [row.strip("|").split("|") for row in re.findall(r"^\|.*\|$", table, re.MULTILINE)]
    heads, rows = rows[0], rows[2:]
    for name, *cells in rows:
        if len(cells) != len(heads) - 1:
            yield f"docs/patterns/README.md: the row of {name.strip()} has {len(cells)} cells"
        for head, cell in zip(heads[1:], cells):
            if not re.search(r"\]\(\.\./\.\./tests/|\[counter-example\]", cell):
                yield f"docs/patterns/README.md: {name.strip()}, {head.strip()}: no test, no counter-example"
    for page in sorted(folder.glob("*.md")):
        if page.name != "README.md" and not any(f"[{page.stem}]" in row[0] for row in rows):
            yield f"docs/patterns/README.md: no row for {page.name}"
    print(f"{len(rows)} patterns: what each survives, and what shows it")


def check_decisions():
    """Each decision has a number of its own, the one in its heading."""
    numbers = {}
    for page in sorted((ROOT / "docs/decisions").glob("[0-9]*.md")):
        number = page.name.split("-")[0]
        if number in numbers:
            yield f"docs/decisions: {page.name} and {numbers[number]} have one number"
        if not page.read_text().startswith(f"# {int(number)}. "):
            yield f"docs/decisions/{page.name}: its heading does not begin with its number"
        numbers[number] = page.name
    print(f"{len(numbers)} decisions")


def check_markdown():
    files = documents()
    if len(files) < 3:
        yield f"only {len(files)} Markdown files found in {ROOT}"
    for path in files:
        text = prose(path.read_text())
        for wrong in [*check_links(path, text), *check_names(path, text)]:
            yield f"{path.relative_to(ROOT)}: {wrong}"
    print(f"{len(files)} Markdown files: links and names of files")
    yield from check_functions()
    yield from check_survival()
    yield from check_decisions()


def check_options(command):
    """What --help tells against what the script's case labels know."""
    told = subprocess.run([str(ROOT / command), "--help"], check=True, capture_output=True, text=True).stdout
    told = set(re.findall(r"^  (--[a-z]+)", told, re.MULTILINE))
    script = (ROOT / command).read_text().split("\nEND\n")[-1]
    labels = re.findall(r"^\t(-[-a-z|]+)\)", script, re.MULTILINE)
    known = {word for label in labels for word in label.split("|") if word.startswith("--")}
    print(f"./{command}: {len(told)} options told, {len(known)} known")
    for option in sorted(told ^ known):
        how = "told of, but not known" if option in told else "known, but not told of"
        yield f"./{command}: {option} is {how}"


def main():
    checks = {"links": check_markdown, "help": lambda: [*check_options("run"), *check_options("test")]}
    wrong = list(checks[sys.argv[1]]())
    for text in wrong:
        print(f"WRONG: {text}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
