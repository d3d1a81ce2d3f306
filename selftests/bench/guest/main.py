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


def report(name, contender, value=None, absent=None, metric="frame"):
    """Print a figure, or why there is none."""
    line = {"scenario": name, "contender": contender, "metric": metric,
            "unit": "bytes" if metric.endswith("memory") else "instructions"}
    line |= {"absent": absent} if absent else {"value": value}
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

    def take(self, name, contender, function, most=100):
        """Report the median of what @function returns, @most times; its
        argument is what the names of its namespaces are to begin with."""
        print(f"# {name} {contender}", flush=True)
        values = {}
        try:
            for _ in range(min(self.rounds, most)):
                self.serial += 1
                found = function(f"n{self.serial}")
                if not isinstance(found, dict):
                    found = {"frame": found}
                for metric, value in found.items():
                    values.setdefault(metric, []).append(value)
        except (injector.Refused, RuntimeError, OSError) as error:
            report(name, contender, absent=str(error))
            return
        for metric, several in values.items():
            report(name if metric == "frame" else f"{name}, {metric}",
                   contender, statistics.median(several), metric=metric)


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
        for kind in kinds:
            def cost(prefix, make=table[name], kind=kind):
                if kind == "limit":
                    return make().limit(prefix)
                return make().cost(contenders.CONTENDERS[kind](), prefix)
            meter.take(name, kind, cost, table[name]().rounds)
    if symbols:
        write_symbols(symbols)
        print(json.dumps({"frames": injector.sent}), flush=True)
    elif "limit" in kinds:
        for piece, function in PIECES.items():
            meter.take(piece, "limit", function)


if __name__ == "__main__":
    main(sys.argv)
