#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Does tools/readme-table see what it should? Each way in which the README's table can be stale, made here."""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import sys
import tempfile


def load(path):
    loader = importlib.machinery.SourceFileLoader("readme_table", path)
    spec = importlib.util.spec_from_loader("readme_table", loader)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


tool = load(sys.argv[1])

ROW = {"headers": ["queue"], "instead": "a", "get": "b", "cost": "one {queue/cycles put}, all {queue/all q 64}",
       "sweeps": ["queue/stops", "queue/small"]}
TABLE = {"row": [ROW], "others": {"port": "the contract"}}
FIGURES = {
    "machine": {"processor": "X", "processors": 2, "compiler": "gcc 12"},
    "costs": {"queue/cycles put": {"median": 4.26, "unit": "ticks"},
              "queue/all q 64": {"median": 1234.5, "unit": "ns/item"}},
    "crash points": {"compiler": "GNU 12", "sweeps": {"queue/stops": {"points": 1000, "situations": 3},
                                                      "queue/small": {"points": 234, "situations": 4}}},
}
README = tool.with_table(f"before\n{tool.BEGIN}old\n{tool.END}after\n", TABLE, FIGURES)
SOURCES = 'x = { "queue/cycles", "put" }; "queue/all" "q"'
TREE = (["queue", "port"], SOURCES, ["queue"])


def changed(of, *path, to):
    """A copy of a tree of dictionaries and lists, with one place changed."""
    copy = json.loads(json.dumps(of))
    at = copy
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = to
    return copy


def stale(readme=README, table=None, figures=None, headers=TREE[0], sources=SOURCES, folders=TREE[2]):
    return list(tool.stale(readme, table or TABLE, figures or FIGURES, headers, sources, folders))


CASES = {
    "what is fresh": (stale(), None),
    "a word edited in README": (stale(readme=README.replace("| b |", "| c |")), "is not what"),
    "a figure edited in README": (stale(readme=README.replace("4.3 ticks", "4.2 ticks")), "is not what"),
    "a new figure": (stale(figures=changed(FIGURES, "costs", "queue/cycles put", "median", to=5.5)), "is not what"),
    "a new count": (stale(figures=changed(FIGURES, "crash points", "sweeps", "queue/small", "points", to=235)),
                    "is not what"),
    "a row with other words": (stale(table=changed(TABLE, "row", 0, "get", to="c")), "is not what"),
    "a header without a row": (stale(headers=["queue", "port", "mux"]), "mux.h has no row"),
    "a row without a header": (stale(headers=["port"]), "no include/sfp/queue.h"),
    "a bench that is gone": (stale(sources=SOURCES.replace("queue/all", "queue/some")), "has no \"queue/all\""),
    "a variant that is gone": (stale(sources=SOURCES.replace('"put"', '"push"')), "has no \"put\""),
    "a figure that no row shows": (stale(figures=changed(FIGURES, "costs", "queue/cycles q",
                                                         to={"median": 1, "unit": "ns"})), "no row shows"),
    "a sweep that is gone": (stale(folders=[]), "no such folder"),
}
COUNTED = FIGURES["crash points"]["sweeps"]
POINTS = {
    "the same counts": (tool.differing(FIGURES, "GNU 12", COUNTED), ([], 2)),
    "another compiler's": (tool.differing(FIGURES, "GNU 13", {}), ([], 0)),
    "one of them": (tool.differing(FIGURES, "GNU 12", {"queue/small": COUNTED["queue/small"]}), ([], 1)),
}


def check_counts():
    """Counts are kept of good runs, and believed until the program is built again."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        program, file = folder / "sweep", folder / "counts/queue/small.json"
        program.write_text("#!/bin/sh\necho \"$1 crash points in 4 situations, 0 failures\"\nexit $2\n")
        program.chmod(0o755)
        if tool.record(file, [str(program), "234", "1"]) != 1 or file.exists():
            yield "the counts of a sweep that failed are kept"
        if tool.record(file, [str(program), "234", "0"]) != 0:
            yield "the program's status is not passed on"
        if tool.read_counts(folder / "counts") != {"queue/small": COUNTED["queue/small"]}:
            yield f"kept: {tool.read_counts(folder / 'counts')}"
        at = file.stat().st_mtime + 10
        os.utime(program, (at, at))
        if tool.read_counts(folder / "counts"):
            yield "counts of a program that was built again are believed"


def main():
    wrong = []
    for name, (said, expected) in CASES.items():
        if (expected is None and said) or (expected and not any(expected in line for line in said)):
            wrong.append(f"{name}: said {said}")
    for name, (said, expected) in POINTS.items():
        if said != expected:
            wrong.append(f"{name}: said {said}")
    other = changed(COUNTED, "queue/stops", "points", to=1001)
    if len(tool.differing(FIGURES, "GNU 12", other)[0]) != 1:
        wrong.append("a count that differs is not seen")
    for text in ("one 4.3 ticks, all 1,234 ns", "[1,234](tests/crash/queue)"):
        if text not in README:
            wrong.append(f"the table has no {text!r}:\n{README}")
    wrong += list(check_counts())
    for text in wrong:
        print(f"WRONG: {text}")
    print(f"{len(CASES) + len(POINTS)} tables of known freshness judged")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
