#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Draw figures: plot.py RESULTS.json DIRECTORY

Bars for what a frame costs on each way, with a line for the limit, which is
generator and sink alone; curves for what grows with something. Needs Debian's
python3-matplotlib.
"""
import json
import pathlib
import re
import sys

import matplotlib
matplotlib.use("svg")
import matplotlib.pyplot as plt                             # noqa: E402

COLORS = {"in-tree": "#8c96a3", "ovs": "#e08a3c", "vnetbr": "#2468b0"}
MARKS = {"in-tree": "s", "ovs": "^", "vnetbr": "o"}
WAYS = {
    "a": "a: container\nto container", "b": "b: container\nto VXLAN",
    "c": "c: VXLAN\nto container", "c64": "c, 64 at\na time",
    "d": "d: NIC\nto NIC", "e-2": "e: to 2\nremotes",
    "e-16": "e: to 16\nremotes", "e-128": "e: to 128\nremotes",
}
TCP = {
    "f-host-bulk, a megabyte": "one host", "f-wire-bulk, a megabyte": "wire",
    "f-overlay-bulk, a megabyte": "overlay",
    "f-host-rr, a transaction": "one host",
    "f-wire-rr, a transaction": "wire",
    "f-overlay-rr, a transaction": "overlay",
}
LETTERS = {"a": "container to container", "b": "container to VXLAN",
           "c": "VXLAN to container"}
plt.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "vnetbr", "font.size": 10,
    "font.family": "sans-serif", "axes.spines.top": False,
    "axes.spines.right": False, "axes.grid": True, "axes.grid.axis": "y",
    "grid.color": "#e4e7eb", "axes.axisbelow": True,
})


class Figures:
    """What was measured, of one suite."""

    def __init__(self, figures, suite):
        self.all = [one for one in figures if one["suite"] == suite]
        self.value = {(one["scenario"], one["contender"]): one["value"]
                      for one in self.all}
        first = self.all[0]
        self.unit = first["unit"]
        self.caption = f"Linux {first['kernel']}, commit {first['commit']}, " \
            f"{first['date']}"

    def of(self, scenario, contender):
        """Return a figure or None."""
        return self.value.get((scenario, contender))

    def curve(self, prefix, contender, suffix=""):
        """Return x and y of the scenarios "PREFIX-x"."""
        points = sorted(
            (int(match.group(1)), value)
            for (scenario, name), value in self.value.items()
            if name == contender and value is not None
            and (match := re.fullmatch(rf"{prefix}-(\d+){suffix}", scenario)))
        return [x for x, _ in points], [y for _, y in points]


def save(fig, path, caption):
    """Write a picture, with its licence in front and its origin below."""
    fig.supxlabel(caption, x=0.99, ha="right", fontsize=7, color="#66707c")
    fig.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(fig)
    lines = [line.rstrip() for line in path.read_text().splitlines()]
    lines[1:1] = ["<!--", "SPDX-License-Identifier: GPL-2.0", "-->"]
    path.write_text("\n".join(lines) + "\n")
    print(path)


def short(value, unit):
    """Return what is written on a bar: thousands of instructions."""
    if not value:
        return "-"
    if unit != "instructions":
        return f"{value:.0f}"
    return f"{value / 1000:.{int(value < 1e5)}f}"


def bars(axes, figures, scenarios):
    """Draw a group of bars for each scenario, and its limit as a line."""
    width = 0.8 / len(COLORS)
    for number, (contender, color) in enumerate(COLORS.items()):
        at = [i + (number - 1) * width for i in range(len(scenarios))]
        values = [figures.of(one, contender) or 0 for one in scenarios]
        drawn = axes.bar(at, values, width * 0.92, color=color,
                         label=contender)
        axes.bar_label(drawn, [short(value, figures.unit)
                               for value in values], fontsize=7, padding=1)
    for i, one in enumerate(scenarios):
        limit = figures.of(one, "limit")
        if limit is not None:
            axes.plot([i - 0.46, i + 0.46], [limit, limit], color="black",
                      linewidth=1.4, label="" if i else
                      "limit: generator and sink alone")
    axes.set_xticks(range(len(scenarios)), list(scenarios.values()),
                    fontsize=8)
    axes.tick_params(axis="x", length=0)
    if figures.unit == "instructions":
        axes.yaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}k")


def draw_ways(figures, path):
    """What a frame costs on each way."""
    ways = {name: label for name, label in WAYS.items()
            if figures.of(name, "limit") is not None}
    if not ways:
        return
    fig, axes = plt.subplots(figsize=(10, 4.2), layout="constrained")
    bars(axes, figures, ways)
    axes.set_ylabel(f"{figures.unit} per frame (e: per copy)")
    axes.legend(frameon=False, ncols=4, fontsize=8, loc="upper center",
                bbox_to_anchor=(0.5, 1.12))
    save(fig, path, figures.caption)


def draw_tcp(figures, path):
    """What TCP costs."""
    if figures.of("f-host-rr, a transaction", "limit") is None:
        return
    fig, pair = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    for axes, what, label in zip(
            pair, ("bulk", "rr"), ("instructions per megabyte",
                                   "instructions per transaction")):
        bars(axes, figures, {name: text for name, text in TCP.items()
                             if f"-{what}," in name})
        axes.set_ylabel(label)
    pair[0].legend(frameon=False, fontsize=7, loc="upper left")
    save(fig, path, figures.caption)


def curves(axes, figures, prefix, label, suffix=""):
    """Draw a curve for each contender."""
    for contender, color in COLORS.items():
        x, y = figures.curve(prefix, contender, suffix)
        if x:
            axes.plot(x, y, color=color, marker=MARKS[contender], markersize=4,
                      label=contender)
    x, y = figures.curve(prefix, "limit", suffix)
    if x:
        axes.plot(x, y, color="black", linewidth=1, label="limit")
    axes.set_xscale("log")
    axes.set_xlabel(label, fontsize=8)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}k")


def draw_curves(figures, path, letters, label, first):
    """What a frame costs on ways a, b and c, by size or by flows; @first is
    where the curve begins: the plain scenario."""
    if not figures.curve(f"{letters}-a", "vnetbr")[0]:
        return
    fig, row = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained",
                            sharey=True)
    for axes, (way, text) in zip(row, LETTERS.items()):
        for contender in [*COLORS, "limit"]:
            figures.value[f"{letters}-{way}-{first}", contender] = \
                figures.of(way, contender)
        curves(axes, figures, f"{letters}-{way}", label)
        axes.set_title(text, fontsize=9)
    row[0].set_ylim(bottom=0)
    row[0].set_ylabel("instructions per frame")
    row[0].legend(frameon=False, fontsize=7)
    save(fig, path, figures.caption)


def draw_scale(figures, path):
    """What grows with addresses, ports and networks."""
    if not figures.curve("s-addresses", "vnetbr")[0]:
        return
    fig, grid = plt.subplots(2, 3, figsize=(10, 6), layout="constrained")
    for axes, (what, label) in zip(grid[0], (
            ("addresses", "addresses known"), ("ports", "ports"),
            ("networks", "tunnels"))):
        curves(axes, figures, f"s-{what}", label)
        axes.set_ylim(bottom=0)
        axes.set_title(f"a frame, by {what}", fontsize=9)
    for axes, (what, suffix, title) in zip(grid[1], (
            ("addresses", ", an address", "to learn an address"),
            ("ports", ", a port", "to make a pair a port"),
            ("namespaces", ", a deletion", "to delete a namespace"))):
        curves(axes, figures, f"s-{what}", what, suffix)
        axes.set_yscale("log")
        axes.set_title(title, fontsize=9)
    for axes in grid[:, 0]:
        axes.set_ylabel("instructions")
    grid[0][0].legend(frameon=False, fontsize=7)
    save(fig, path, figures.caption)


def main(argv):
    found = json.loads(pathlib.Path(argv[1]).read_text())
    directory = pathlib.Path(argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    for suite in dict.fromkeys(one["suite"] for one in found):
        figures = Figures(found, suite)
        if figures.unit == "ns":
            draw_ways(figures, directory / f"time-{suite}.svg")
            continue
        draw_ways(figures, directory / f"frame-{suite}.svg")
        draw_tcp(figures, directory / f"tcp-{suite}.svg")
        draw_curves(figures, directory / f"size-{suite}.svg", "g",
                    "bytes of a frame", 64)
        draw_curves(figures, directory / f"flows-{suite}.svg", "h", "flows", 1)
        draw_scale(figures, directory / f"scale-{suite}.svg")


if __name__ == "__main__":
    main(sys.argv)
