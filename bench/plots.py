# SPDX-License-Identifier: BSD-2-Clause
"""Draw the records by gnuplot, one SVG a bench: lines over a point, or bars where there is none."""

import math
import subprocess

# A family keeps its colour in every plot; its variants differ by dashes. What is not here is ours.
FAMILIES = {
    "rust": "#b5482a",
    "ck_": "#3a7d44",
    "wfcqueue": "#8a5aa8",
    "moodycamel": "#a8810c",
    "pthread": "#8a5aa8",
    "memory": "#8a8f94",
    "two_lines": "#8a8f94",
    "bare_cas": "#8a8f94",
    "direct_call": "#8a8f94",
    "indirect_call": "#8a8f94",
}
OURS = ("#1b3a6b", "#2a8f9e", "#5b7fb8", "#0f5c66", "#7a9cc6")
DASHES = {"_scattered": 2, "_splice": 2, "_sync": 2}

UNITS = {
    "ns/item": "time an item (ns)",
    "ns/enqueue": "time an enqueue (ns)",
    "ns/call": "longest call (ns)",
    "ns/round-trip": "time a round trip (ns)",
    "ns": "time (ns)",
    "ticks": "ticks of the time stamp counter",
}
POINTS = {
    "producers": "producers",
    "queued": "items queued when the first is taken",
    "bytes": "bytes",
}

HEAD = """
set terminal svg size 860,{height} font 'Helvetica,14' background '#ffffff' noenhanced
set output '{file}'
set border {border} lc rgb '#9a9a9a'
set tics nomirror scale 0.5 textcolor rgb '#333333'
set xlabel textcolor rgb '#333333'
set ylabel textcolor rgb '#333333'
unset key
"""


def point(record):
    for name in record:
        if name not in ("bench", "variant", "unit", "median", "samples"):
            return name, record[name]
    return None


def quoted(text):
    return "'" + str(text).replace("'", "''") + "'"


def words(variant):
    return variant.replace("_", " ")


def is_peer(variant):
    return any(variant.startswith(family) for family in FAMILIES)


def colour(variant, ours):
    """`ours` is a list of the variants of ours that were met, which this may extend."""
    for family, value in FAMILIES.items():
        if variant.startswith(family):
            return value
    base = variant
    for suffix in DASHES:
        base = base.removesuffix(suffix)
    if base not in ours:
        ours.append(base)
    return OURS[ours.index(base) % len(OURS)]


def dashes(variant):
    return next((dash for suffix, dash in DASHES.items() if variant.endswith(suffix)), 1)


def quartiles(record):
    ordered = sorted(record["samples"])
    return ordered[len(ordered) // 4], ordered[(3 * len(ordered)) // 4]


def round_tics(low, high):
    """1, 2, 5, 10 ... between the two where they are close, else the powers of ten."""
    steps = (1, 2, 5) if high / low < 300 else (1,)
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [step * 10.0 ** exponent for exponent in exponents for step in steps]
    return ", ".join(f"'{value:,g}' {value:g}" for value in values if low <= value <= high)


def apart(ends, low, high, log):
    """[(height, end)]: each label near the end of its line, no two on top of each other."""
    def at(value):
        return math.log10(value / low) / math.log10(high / low) if log else (value - low) / (high - low)

    gap = 0.052
    placed = []
    for value, end in sorted(ends, key=lambda pair: pair[0]):
        place = at(value)
        if placed:
            place = max(place, placed[-1][0] + gap)
        placed.append((place, end))
    over = max(0, placed[-1][0] - 1.0)
    return [(place - over, end) for place, end in placed]


def place_text(number):
    for size, letter in ((1000000, " M"), (1000, " k")):
        if number >= size and number % size == 0:
            return f"{number // size}{letter}"
    return str(number)


def vertical(records):
    """(low, high, log) of the axis."""
    bottom = min(quartiles(record)[0] for record in records)
    top = max(record["median"] for record in records)
    if top > 12 * bottom > 0:
        return bottom / 1.4, top * 1.4, True
    return 0, top * 1.12, False


def lines(records):
    """A line a variant over the points, its name at the right end, its quartiles a stroke at each point."""
    variants = list(dict.fromkeys(record["variant"] for record in records))
    places = sorted({point(record)[1] for record in records})
    low, high, log = vertical(records)
    ours, plots, data, ends = [], [], [], []
    for variant in variants:
        shade = colour(variant, ours)
        mine = sorted((point(record)[1], record) for record in records if record["variant"] == variant)
        style = f"lc rgb '{shade}' lw {1.6 if is_peer(variant) else 3} dt {dashes(variant)}"
        plots += [f"'-' using 1:2:3:4 with yerrorbars pt 7 ps 0.01 lw 1 lc rgb '{shade}'",
                  f"'-' using 1:2 with linespoints pt 7 ps 0.45 {style}"]
        rows = [(places.index(at), record["median"], *quartiles(record)) for at, record in mine]
        data += ["".join(" ".join(map(str, row)) + "\n" for row in rows) + "e\n"] * 2
        ends.append((mine[-1][1]["median"], (variant, shade)))
    script = ["set grid ytics lc rgb '#e6e6e6' lt 1 lw 1", "set errorbars 0",
              f"set yrange [{low}:{high}]", f"set xrange [-0.2:{len(places) - 0.9}]",
              f"set rmargin {max(len(variant) for variant in variants) + 2}",
              "set xtics (" + ", ".join(f"'{place_text(place)}' {n}" for n, place in enumerate(places)) + ")",
              f"set xlabel {quoted(POINTS.get(point(records[0])[0], point(records[0])[0]))}",
              f"set ylabel {quoted(UNITS.get(records[0]['unit'], records[0]['unit']))}"]
    if log:
        script += ["set logscale y", f"set ytics ({round_tics(low, high)})"]
    for place, (variant, shade) in apart(ends, low, high, log):
        script.append(f"set label {quoted(words(variant))} at graph 1.015, graph {place} tc rgb '{shade}'")
    return "\n".join(script) + "\nplot " + ", ".join(plots) + "\n" + "".join(data)


def bars(records):
    """A bar a variant from the left, its median at its end, its quartiles as a stroke."""
    rows = list(enumerate(reversed(records)))
    medians = [record["median"] for record in records]
    log = max(medians) > 60 * min(medians) > 0
    start = 10 ** math.floor(math.log10(min(medians) / 2)) if log else 0
    end = max(quartiles(record)[1] for record in records) * (3 if log else 1.12)
    script = ["set style fill solid 1.0 noborder", "set grid xtics lc rgb '#e6e6e6' lt 1 lw 1", "set errorbars 0",
              f"set xrange [{start}:{end}]", f"set yrange [-0.6:{len(rows) - 0.4}]",
              f"set lmargin {max(len(record['variant']) for record in records) + 3}", "set rmargin 6",
              "set ytics scale 0 (" + ", ".join(f"{quoted(words(record['variant']))} {n}" for n, record in rows) + ")",
              f"set xlabel {quoted(UNITS.get(records[0]['unit'], records[0]['unit']))}"]
    if log:
        script.append("set logscale x")
    plots, data = [], []
    for number, record in rows:
        shade = "#9aa3ad" if is_peer(record["variant"]) else OURS[0]
        low, high = quartiles(record)
        plots += [f"'-' using 1:2:3:4:5:6 with boxxyerror lc rgb '{shade}'",
                  "'-' using 1:2:3:4 with xerrorbars pt 7 ps 0.01 lw 1.5 lc rgb '#d08a00'",
                  "'-' using 1:2:3 with labels left offset 0.6,0 tc rgb '#333333'"]
        figure = f"{record['median']:.1f}" if record["median"] < 1000 else f"{record['median']:,.0f}"
        data += [f"{start} {number} {start} {record['median']} {number - 0.32} {number + 0.32}\ne\n",
                 f"{record['median']} {number} {low} {high}\ne\n",
                 f"{max(record['median'], high)} {number} {figure}\ne\n"]
    return "\n".join(script) + "\nplot " + ", ".join(plots) + "\n" + "".join(data)


def script(records, file):
    if point(records[0]):
        return HEAD.format(file=file, height=460, border=3) + lines(records) + "\nset output\n"
    return HEAD.format(file=file, height=90 + 34 * len(records), border=1) + bars(records) + "\nset output\n"


def draw(records, output):
    """{bench: inline SVG}, each also left in `output` as a file of its own."""
    drawn = {}
    for name in dict.fromkeys(record["bench"] for record in records):
        file = output / (name.replace("/", "-") + ".svg")
        run = subprocess.run(["gnuplot"], input=script([r for r in records if r["bench"] == name], file),
                             text=True, capture_output=True)
        if run.returncode != 0 or not file.exists():
            print(f"bench/run: no plot of {name}: {run.stderr.strip().splitlines()[-1:]}")
            continue
        svg = file.read_text()
        drawn[name] = svg[svg.index("<svg"):].replace("gnuplot_plot_", f"{file.stem}_plot_")
    return drawn
