#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Measure, in the guest: one JSON object per line for each figure.

    main.py CONTENDERS SCENARIOS [ROUNDS [SYMBOLS]]

The first two are lists with commas between; a scenario also stands for all whose name
begins with it and "-". The contender "limit" is generator and sink alone.
A figure is the median of ROUNDS, each with devices of its own: tables of the
kernel are hashed with random numbers, and now and then there is a collision.
The addresses of the kernel's functions go to the serial port named SYMBOLS.
"""
import functools
import glob
import json
import os
import statistics
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../py"))

import contenders                                           # noqa: E402
import injector                                             # noqa: E402
import scenario                                             # noqa: E402
import scenarios                                            # noqa: E402

PIECES = {
    "make and free a frame": scenario.limit_free,
    "into tc ingress": scenario.limit_drop,
    "into a dummy": scenario.limit_wire,
    "netif_rx, into tc ingress": scenario.limit_netif_rx,
}


def report(name, contender, values=(), absent=None, metric="frame"):
    """Print a figure, or why there is none."""
    line = {"scenario": name, "contender": contender, "metric": metric}
    line |= {"absent": absent} if absent else \
        {"value": statistics.median(values), "rounds": values}
    print(json.dumps(line), flush=True)


def wanted(names, all_names):
    """Return those of @all_names that one of @names stands for."""
    return [one for one in all_names
            if any(one == name or one.startswith(name + "-")
                   for name in names)]


class Meter:
    """Takes figures, each in @rounds rounds."""

    def __init__(self, rounds):
        self.rounds, self.serial = rounds, 0

    def take(self, name, functions, most=100):
        """Report the medians of what @functions, by contender, return, in turns
        and @most times; their argument is what the names of their namespaces
        are to begin with."""
        values, absent = {}, {}
        for _ in range(min(self.rounds, most)):
            for contender, function in functions.items():
                if contender in absent:
                    continue
                print(f"# {name} {contender}", flush=True)
                self.serial += 1
                prefix = f"n{self.serial}x"
                try:
                    found = function(prefix)
                    contenders.clean(prefix)
                except (injector.Refused, RuntimeError, OSError) as error:
                    absent[contender] = str(error)
                    continue
                if not isinstance(found, dict):
                    found = {"frame": found}
                for metric, value in found.items():
                    values.setdefault((contender, metric), []).append(value)
        for contender, cause in absent.items():
            report(name, contender, absent=cause)
        for (contender, metric), several in values.items():
            if contender not in absent:
                report(name if metric == "frame" else f"{name}, {metric}",
                       contender, several, metric=metric)


def write_symbols(name):
    """Write the addresses of the kernel's functions to a serial port."""
    for port in glob.glob("/sys/class/virtio-ports/*/name"):
        with open(port) as f:
            if f.read().strip() != name:
                continue
        with open("/dev/" + port.split("/")[-2], "wb") as out, \
                open("/proc/kallsyms", "rb") as symbols:
            for line in symbols:
                if line.split()[1] in b"tTwW":
                    out.write(line)


def cost(make, kind, prefix):
    """Return what a contender costs in a scenario, which @make makes."""
    if kind == "limit":
        return make().limit(prefix)
    return make().cost(contenders.CONTENDERS[kind](), prefix)


def main(argv):
    kinds = argv[1].split(",")
    for module in ["dummy", "sch_ingress", "cls_matchall", "act_gact"] + [
            module for kind in kinds if kind != "limit"
            for module in contenders.CONTENDERS[kind].modules]:
        injector.run("modprobe", module)
    injector.load()
    print(json.dumps({"kernel": os.uname().release}), flush=True)
    rounds = int(argv[3]) if argv[3:] else 1
    symbols = argv[4] if argv[4:] else None
    meter = Meter(rounds)
    # from the first tc ingress on the kernel looks for it everywhere
    contenders.namespace("tc")
    contenders.dummy("tc", "d0")
    injector.Drop("tc", "d0")
    table = scenarios.scenarios()
    for name in wanted(argv[2].split(","), table):
        meter.take(name, {kind: functools.partial(cost, table[name], kind)
                          for kind in kinds}, table[name]().rounds)
    if symbols:
        write_symbols(symbols)
        print(json.dumps({"frames": injector.sent}), flush=True)
    elif "limit" in kinds:
        for piece, function in PIECES.items():
            meter.take(piece, {"limit": function})


if __name__ == "__main__":
    main(sys.argv)
