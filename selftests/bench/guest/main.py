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
import scenarios                                            # noqa: E402

PIECES = {
    "make and free a frame": scenarios.limit_free,
    "into tc ingress": scenarios.limit_drop,
    "into a dummy": scenarios.limit_wire,
    "netif_rx, into tc ingress": scenarios.limit_netif_rx,
}


def report(scenario, contender, value=None, absent=None, metric="frame"):
    """Print a figure, or why there is none."""
    line = {"scenario": scenario, "contender": contender, "metric": metric,
            "unit": "instructions"}
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

    def take(self, name, contender, function, *args):
        """Report the median of what @function returns; its last argument is
        what the names of its namespaces are to begin with."""
        print(f"# {name} {contender}", flush=True)
        values = []
        try:
            for _ in range(self.rounds):
                self.serial += 1
                values.append(function(*args, f"n{self.serial}"))
        except (injector.Refused, RuntimeError, OSError) as error:
            report(name, contender, absent=str(error))
        else:
            report(name, contender, statistics.median(values))


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
    table = scenarios.scenarios()
    for name in wanted(argv[2].split(","), table):
        for kind in kinds:
            if kind == "limit":
                meter.take(name, kind, lambda prefix, make=table[name]:
                           make().limit(prefix))
            else:
                meter.take(name, kind, lambda prefix, make=table[name],
                           kind=contenders.CONTENDERS[kind]:
                           make().cost(kind(), prefix))
    if symbols:
        write_symbols(symbols)
        print(json.dumps({"frames": injector.sent}), flush=True)
    elif "limit" in kinds:
        for piece, function in PIECES.items():
            meter.take(piece, "limit", function)


if __name__ == "__main__":
    main(sys.argv)
