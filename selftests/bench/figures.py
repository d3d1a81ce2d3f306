# SPDX-License-Identifier: GPL-2.0
"""What is done with figures: repeats agree or are refused, tables, files."""
import json

# Two runs of the same thing: they agree to this part, or to so many
# instructions where the figure is small.
AGREE, AGREE_MIN = 0.005, 5
# How much worse than the baseline fails.
WORSE = 0.03


def join(runs, unit, **common):
    """Make one list of figures, in @unit, out of those of several @runs; add
    what all of them have in @common."""
    joined = {}
    for run in runs:
        for line in run:
            if "scenario" not in line:
                continue
            key = line["scenario"], line["contender"], line["metric"]
            joined.setdefault(key, []).append(line)
    return [figure(lines, len(runs), unit) | common
            for lines in joined.values()]


def figure(lines, runs, unit):
    """Return one figure out of the @lines about it, one of each of @runs."""
    first = lines[0]
    result = {key: first[key] for key in ("scenario", "contender", "metric")}
    result["unit"] = "bytes" if first["metric"].endswith("memory") else unit
    causes = [line["absent"] for line in lines if "absent" in line]
    values = [line["value"] for line in lines if "value" in line]
    result["repeats"] = values if runs > 1 else first.get("rounds", values)
    if causes or len(values) < runs:
        result["value"] = None
        result["absent"] = causes[0] if causes else "one run did without"
    elif max(values) - min(values) > max(AGREE * min(values), AGREE_MIN):
        result["value"] = None
        result["absent"] = "refused: the repeats differ"
        result["refused"] = True
    else:
        result["value"] = round(sum(values) / len(values), 1)
    return result


def index(figures):
    """Return the figures by scenario and contender."""
    return {(one["scenario"], one["contender"]): one for one in figures}


def net(by_name, scenario, contender):
    """Return a figure less the limit, or None."""
    whole = by_name.get((scenario, contender), {}).get("value")
    limit = by_name.get((scenario, "limit"), {}).get("value")
    return None if whole is None or limit is None else whole - limit


def table(figures, contenders):
    """Return the lines of a table: what each way costs each contender."""
    by_name = index(figures)
    names = list(dict.fromkeys(one["scenario"] for one in figures))
    others = [name for name in contenders if name != "limit"]
    width = max(map(len, names), default=8)
    lines = [f"{'':{width}} {'limit':>8}" + "".join(
        f" {name:>8} {'net':>7} {'of it':>5}" for name in others)]
    notes = []
    for scenario in names:
        row = f"{scenario:{width}} {number(by_name, scenario, 'limit'):>8}"
        base = net(by_name, scenario, "in-tree")
        for contender in others:
            if (scenario, contender) not in by_name:
                continue
            own = net(by_name, scenario, contender)
            part = f"{own / base:.2f}" if own is not None and base else ""
            rest = "" if own is None else f"{own:.0f}"
            row += f" {number(by_name, scenario, contender):>8} {rest:>7}" \
                f" {part:>5}"
        lines.append(row)
        notes += [f"{scenario}, {one['contender']}: {one['absent']}"
                  for one in figures
                  if one["scenario"] == scenario and "absent" in one]
    notes += overlay(by_name, others)
    return lines + [""] * bool(notes) + notes


def rates(figures, contenders):
    """Return the lines of a table of rates: more is better, and no limit."""
    by_name = index(figures)
    names = sorted({one["scenario"] for one in figures})
    others = [name for name in contenders if name != "limit"]
    width = max(map(len, names), default=8)
    return [f"{'':{width}}" + "".join(f" {name:>8}" for name in others)] + [
        f"{name:{width}}" + "".join(f" {number(by_name, name, other):>8}"
                                    for other in others) for name in names]


def overlay(by_name, contenders):
    """Yield lines: how fast TCP is through a tunnel, 1 being the speed of the
    same way without it."""
    for what, unit in ("bulk", "a megabyte"), ("rr", "a transaction"):
        parts = []
        for contender in contenders:
            wire, tunnel = (by_name.get((f"f-{way}-{what}, {unit}", contender),
                                        {}).get("value")
                            for way in ("wire", "overlay"))
            if wire and tunnel:
                parts.append(f"{contender} {wire / tunnel:.3f}")
        if parts:
            yield f"f-overlay-{what} at f-wire-{what}'s speed times: " + \
                ", ".join(parts)


def number(by_name, scenario, contender):
    """Return a cell of the table."""
    value = by_name.get((scenario, contender), {}).get("value")
    return "-" if value is None else f"{value:.0f}"


def save(path, figures):
    """Write figures to a file, one to a line."""
    path.write_text("[\n" + ",\n".join(map(json.dumps, figures)) + "\n]\n")


def load(path):
    """Read figures from a file."""
    return json.loads(path.read_text())


def compare(now, baseline):
    """Yield (name, text, fine) for each figure of ours in @baseline."""
    now, before = index(now), index(baseline)
    for scenario, contender in before:
        if contender != "vnetbr":
            continue
        old, new = (net(figures, scenario, contender)
                    for figures in (before, now))
        if new is None or old is None:
            cause = now.get((scenario, contender), {}).get("absent", "?")
            yield scenario, f"no figure: {cause}", False
            continue
        yield scenario, f"{new:.0f} instructions, {old:.0f} in the " \
            f"baseline: {new / old - 1:+.1%}", new <= old * (1 + WORSE)
