# SPDX-License-Identifier: BSD-2-Clause
"""Draw the records by gnuplot, one SVG a bench: lines over a point, or bars where there is none."""

import subprocess

# Ours is drawn first and darkest; peers keep their colour in every plot.
COLOURS = ("#1b3a6b", "#c2571a", "#3a7d44", "#8a5aa8", "#9a7b0c", "#5f6b73", "#b03060", "#2a8f9e")

HEAD = """
set terminal svg size 860,440 font 'Helvetica,14' background '#ffffff'
set output '{file}'
set border 3 lc rgb '#888888'
set tics nomirror textcolor rgb '#444444'
set grid ytics lc rgb '#e4e4e4' lt 1
unset key
set yrange [0:*]
"""


def point(record):
    for name in record:
        if name not in ("bench", "variant", "unit", "median", "samples"):
            return name, record[name]
    return None


def quoted(text):
    return "'" + str(text).replace("'", "''").replace("_", "\\_") + "'"


def quartiles(record):
    ordered = sorted(record["samples"])
    return ordered[len(ordered) // 4], ordered[(3 * len(ordered)) // 4]


def spread_labels(ends, span):
    """Heights for the lines' names, apart from each other by some of the span."""
    gap = span * 0.055
    placed = []
    for height, name in sorted(ends):
        if placed and height < placed[-1][0] + gap:
            height = placed[-1][0] + gap
        placed.append((height, name))
    return placed


def lines(records):
    """A line a variant over the points, with its name at its right end and quartiles at each point."""
    variants = list(dict.fromkeys(record["variant"] for record in records))
    places = sorted({point(record)[1] for record in records})
    top = max(quartiles(record)[1] for record in records)
    log_y = top > 40 * max(1e-9, min(record["median"] for record in records))
    script, plots, data, ends = [], [], [], []
    for number, variant in enumerate(variants):
        colour = COLOURS[number % len(COLOURS)]
        mine = sorted((point(record)[1], record) for record in records if record["variant"] == variant)
        width = 3 if number == 0 else 1.6
        plots.append(f"'-' using 1:2:3:4 with yerrorlines pt 7 ps 0.5 lw {width} lc rgb '{colour}'")
        data.append("".join(f"{places.index(at)} {record['median']} {quartiles(record)[0]} {quartiles(record)[1]}\n"
                            for at, record in mine) + "e\n")
        ends.append((mine[-1][1]["median"], (variant, colour)))
    if log_y:
        script.append("set logscale y\nset yrange [*:*]")
    elif records:
        script.append(f"set yrange [0:{top * 1.08}]")
    if not log_y:
        for height, (variant, colour) in spread_labels(ends, top):
            script.append(f"set label {quoted(variant)} at {len(places) - 1 + 0.06},{height} tc rgb '{colour}'")
        script.append("set rmargin 20")
    else:
        for height, (variant, colour) in ends:
            script.append(f"set label {quoted(variant)} at {len(places) - 1 + 0.06},{height} tc rgb '{colour}'")
        script.append("set rmargin 20")
    tics = ", ".join(f"'{place:,}' {number}" for number, place in enumerate(places))
    script.append(f"set xtics ({tics})\nset xrange [-0.15:{len(places) - 0.85}]")
    script.append(f"set xlabel {quoted(point(records[0])[0])}\nset ylabel {quoted(records[0]['unit'])}")
    return "\n".join(script) + "\nplot " + ", ".join(plots) + "\n" + "".join(data)


def bars(records):
    """A bar a variant, its median written beside it."""
    script = ["set style fill solid 1.0", "set boxwidth 0.6", "set ytics", "set xtics scale 0",
              f"set ylabel {quoted(records[0]['unit'])}", f"set xrange [-0.6:{len(records) - 0.4}]"]
    tops = [quartiles(record)[1] for record in records]
    if max(tops) > 100 * max(1e-9, min(tops)):
        script.append("set logscale y\nset yrange [1:*]")
    tics = ", ".join(f"{quoted(record['variant'])} {number}" for number, record in enumerate(records))
    script.append(f"set xtics ({tics})" + (" rotate by -20" if len(records) > 5 else ""))
    data = "".join(f"{number} {record['median']}\n" for number, record in enumerate(records)) + "e\n"
    colours = f"'-' using 1:2 with boxes lc rgb '{COLOURS[0]}', '-' using 1:2:(sprintf('%.1f', $2)) " \
              "with labels offset 0,0.8 tc rgb '#222222'"
    return "\n".join(script) + "\nplot " + colours + "\n" + data + data


def draw(records, output):
    """{bench: inline SVG}, each also left in `output` as a file of its own."""
    drawn = {}
    for name in dict.fromkeys(record["bench"] for record in records):
        mine = [record for record in records if record["bench"] == name]
        file = output / (name.replace("/", "-") + ".svg")
        body = lines(mine) if point(mine[0]) else bars(mine)
        run = subprocess.run(["gnuplot"], input=HEAD.format(file=file) + body + "\nset output\n", text=True,
                             capture_output=True)
        if run.returncode != 0 or not file.exists():
            print(f"bench/run: no plot of {name}: {run.stderr.strip().splitlines()[-1:]}")
            continue
        svg = file.read_text()
        drawn[name] = svg[svg.index("<svg"):].replace("gnuplot_plot_", f"{file.stem}_plot_")
    return drawn
