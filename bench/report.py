# SPDX-License-Identifier: BSD-2-Clause
"""Run bench programs, keep their records, and show them: tables, plots, one page.

Usage: report.py PROGRAMS OUTPUT [--quick] [--rounds=N] [--list] [NAME]...
Called by bench/run, which documents the options.
"""

import html
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

import plots
import targets


def fail(text, status):
    sys.exit(print(f"bench/run: {text}", file=sys.stderr) or status)


def programs(folder):
    """The programs that were built, from the list that the build left."""
    return [folder / name for name in (folder / "benches.txt").read_text().split()]


def questions(program):
    """[(name, what it asks)] of one program."""
    lines = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [(line.split(None, 1) + [""])[:2] for line in lines]


def chosen(folder, wanted):
    """[(program, name, what)] of the questions that a wanted word begins, or all."""
    every = [(program, name, what) for program in programs(folder) for name, what in questions(program)]
    for word in wanted:
        if not any(name == word or name.startswith(word + "/") for _, name, _ in every):
            fail(f"there is no bench '{word}'; bench/run --list names them", 2)
    return [row for row in every
            if not wanted or any(row[1] == word or row[1].startswith(word + "/") for word in wanted)]


# ---- the machine ---------------------------------------------------------------------


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        return None


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def package_version(name):
    return first_line("dpkg-query", "-W", "-f", "${Version}\n", name)


def machine():
    """What the figures were measured on and with."""
    facts = {
        "processor": processor(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "compiler": first_line("gcc", "--version"),
        "rustc": first_line("rustc", "--version") or "none: Rust's queue was left out",
        "concurrency kit": package_version("libck-dev"),
        "userspace-rcu": package_version("liburcu-dev"),
        "moodycamel": package_version("libconcurrentqueue-dev"),
        "date": time.strftime("%Y-%m-%d"),
    }
    return {name: value for name, value in facts.items() if value}


# ---- running -------------------------------------------------------------------------------


def ask_for_priority():
    """In the program, before it starts: where this is allowed, less of what else the machine does is measured."""
    os.setsid()  # a scheduling group of its own, where Linux makes one a session
    try:
        os.nice(-15)
        pathlib.Path("/proc/self/autogroup").write_text("-15")
    except OSError:
        pass


def run_question(program, name, options):
    """The records of one question; its progress goes to standard error as it comes."""
    run = subprocess.run([program, *options, name], stdout=subprocess.PIPE, text=True,
                         preexec_fn=ask_for_priority)
    if run.returncode != 0:
        print(f"bench/run: {name} failed with status {run.returncode}", file=sys.stderr)
        return None
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def keep(output, name, records):
    """Put the records of a question into its program's file, in the place of older ones."""
    path = output / (name.split("/")[0] + ".jsonl")
    older = []
    if path.exists():
        older = [json.loads(line) for line in path.read_text().splitlines()]
    rest = [record for record in older if record["bench"] != name]
    path.write_text("".join(json.dumps(record) + "\n" for record in rest + records))


def kept(output):
    """All records, the latest of each."""
    return [json.loads(line) for path in sorted(output.glob("*.jsonl")) for line in path.read_text().splitlines()]


# ---- tables ---------------------------------------------------------------------------------------


def point(record):
    """(name, value) of what the record was measured at, or None."""
    for name in record:
        if name not in ("bench", "variant", "unit", "median", "samples"):
            return name, record[name]
    return None


def spread(record):
    return min(record["samples"]), max(record["samples"])


def print_table(name, records):
    print(f"\n{name}  [{records[0]['unit']}]")
    points = list(dict.fromkeys(point(record) for record in records))
    for at in points:
        if at:
            print(f"  {at[1]} {at[0]}")
        rows = [record for record in records if point(record) == at]
        best = rows[0]["median"]
        for record in rows:
            low, high = spread(record)
            print(f"    {record['variant']:<24} {record['median']:>12.2f}   {low:>10.2f} .. {high:<12.2f}"
                  f" {record['median'] / best if best else 0:>6.2f} x {rows[0]['variant']}")


def judge(records):
    """[(text, figure, limit, met)] for the targets of the benches whose records are there."""
    medians = {(record["bench"], record["variant"], (point(record) or (None, None))[1]): record["median"]
               for record in records}
    present = {record["bench"] for record in records}
    verdicts = []
    for text, bench, variant, at, peer, limit in targets.targets():
        if bench not in present:
            continue
        figure = medians[bench, variant, at]
        against = 1.0
        if peer is not None:
            other = (bench, variant, peer) if isinstance(peer, int) else (bench, peer, at)
            if other not in medians and str(peer).startswith("rust"):
                continue  # no rustc here
            against = medians[other]
        verdicts.append((text, figure / against, limit, figure / against <= limit))
    return verdicts


def print_machine(facts):
    for name, value in facts.items():
        print(f"{name:<16} {value}")


def print_targets(verdicts):
    if not verdicts:
        return
    print("\ntargets")
    for text, figure, limit, met in verdicts:
        print(f"  {'met   ' if met else 'missed'}  {text:<46} {figure:>8.2f}  (at most {limit:.2f})")


# ---- the page ------------------------------------------------------------------------------------------

STYLE = """
body { font: 16px/1.5 Georgia, serif; max-width: 54rem; margin: 3rem auto; padding: 0 1rem; color: #222; }
h1, h2 { font-weight: normal; } h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; font: 14px/1.6 Helvetica, Arial, sans-serif; }
th, td { text-align: left; padding: 0 1rem 0 0; border-bottom: 1px solid #ddd; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
.missed { color: #a40; } svg { width: 100%; height: auto; }
"""


def row(cells, tag="td"):
    def cell(value):
        number = isinstance(value, float)
        text = f"{value:.2f}" if number else html.escape(str(value))
        return f"<{tag}{' class=n' if number else ''}>{text}</{tag}>"
    return "<tr>" + "".join(cell(value) for value in cells) + "</tr>"


def table(head, rows):
    return "<table>" + row(head, "th") + "".join(row(cells) for cells in rows) + "</table>"


def page(facts, records, what, drawn):
    parts = ["<!doctype html><meta charset=utf-8><title>libpatterns: figures</title><style>", STYLE, "</style>",
             "<h1>libpatterns: figures</h1>",
             "<p>Medians; each variant was measured in turn, round by round, beside its peers.</p>",
             table(("measured on", ""), facts.items())]
    verdicts = judge(records)
    if verdicts:
        parts += ["<h2>Targets</h2>", table(("target", "figure", "at most", ""),
                  [(text, figure, limit, "met" if met else "missed") for text, figure, limit, met in verdicts])]
    for name in dict.fromkeys(record["bench"] for record in records):
        mine = [record for record in records if record["bench"] == name]
        parts += [f"<h2>{html.escape(name)}</h2>", f"<p>{html.escape(what.get(name, ''))}</p>", drawn.get(name, "")]
        parts.append(table(("variant", "at", f"median, {mine[0]['unit']}", "lowest", "highest"),
                           [(record["variant"], "" if not point(record) else f"{point(record)[1]} {point(record)[0]}",
                             float(record["median"]), *map(float, spread(record))) for record in mine]))
    return "\n".join(parts)


def main():
    folder, output = map(pathlib.Path, sys.argv[1:3])
    words = sys.argv[3:]
    options = [word for word in words if word.startswith("--") and word != "--list"]
    rows = chosen(folder, [word for word in words if not word.startswith("-")])
    if "--list" in words:
        for _, name, what in rows:
            print(f"{name:<24} {what}")
        return 0
    facts = machine()
    print_machine(facts)
    failed = 0
    began = time.monotonic()
    for number, (program, name, text) in enumerate(rows, 1):
        print(f"[{number}/{len(rows)}] {name}: {text}", file=sys.stderr, flush=True)
        records = run_question(program, name, options)
        if records:
            keep(output, name, records)
            print_table(name, records)
            sys.stdout.flush()
        else:
            failed += 1
    records = kept(output)
    asked = {name for _, name, _ in rows}
    print_targets(judge([record for record in records if record["bench"] in asked]))
    (output / "machine.json").write_text(json.dumps(facts, indent=1) + "\n")
    drawn = plots.draw(records, output) if shutil.which("gnuplot") else {}
    what = {name: text for _, name, text in chosen(folder, [])}
    (output / "index.html").write_text(page(facts, records, what, drawn))
    print(f"\n{len(rows) - failed} benches in {time.monotonic() - began:.0f} s; "
          f"records and plots: {output}/index.html")
    return 1 if failed else 0


sys.exit(main())
