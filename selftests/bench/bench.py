#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What does a frame cost? Instructions per frame, contenders side by side.

Boots a Debian kernel in QEMU where one instruction takes one nanosecond, sends
fresh frames from within that kernel, and counts. Everything is run twice; a
figure whose repeats differ by more than 0.5 % is refused. "net" is less the
limit, what generator and sink cost with nothing between them, and "of it" the
fraction of in-tree's net.

  bench.py [run]              measure, print the table, write build/bench/
  bench.py guard              compare with baseline.json; more than 3 % worse
                              fails; --update writes it anew
  bench.py profile            where the instructions of one contender's frame
                              go, function by function
"""
import argparse
import sys

sys.dont_write_bytecode = True

import figures                                              # noqa: E402
import guard                                                # noqa: E402
import machine                                              # noqa: E402
import profiler                                             # noqa: E402

SUITES = {"6.1": "bookworm", "6.12": "trixie", "7.2": "forky"}
CONTENDERS = "limit,in-tree,ovs,vnetbr"
SCENARIOS = "a,b,c,c64,d,e,f,g,h"
QUICK = "a,b,c"
NS = "a,b,c,c64,d,e"
CPUS = 1, 2
HELP = """\
scenarios: a container to container; b container to VXLAN to wire; c wire to
VXLAN to container (c64: 64 frames at a time); d NIC to NIC; e broadcast
to 2, 16, 128 remotes, per copy; f TCP, per megabyte and per transaction;
g a, b, c with 512, 1500, 9000 bytes; h a, b, c with 16, 1000, 100000 flows.
Not by default, for it takes long: s, how it grows with addresses (s-addresses:
100, 10000, 1000000), ports (s-ports: 10, 1000, 10000), tunnels (s-networks: 1,
1000, 16000), and what it takes to remove pairs (s-teardown: 1000) and namespaces
of containers (s-namespaces: 10, 1000, 10000). Contenders not by default:
in-tree-vlan and vnetbr-vlan, whose bridges have VLANs.
"""


def measure(kind, suite, contenders, scenarios, repeats, rounds):
    """Return figures of a suite, from @repeats machines of a @kind, each the
    median of @rounds."""
    guest = kind(suite)
    guest.prepare(contenders)
    runs = [guest.run(contenders, scenarios, str(rounds),
                      label=f"run {number + 1} of {repeats}")
            for number in range(repeats)]
    return figures.join(runs, guest.unit, suite=suite, kernel=guest.kernel)


def throughput(args):
    """Measure with one CPU and with two, and report."""
    done = []
    for suite in args.suite.split(","):
        for cpus in CPUS:
            done += measure(lambda suite, cpus=cpus: machine.Smp(suite, cpus),
                            SUITES.get(suite, suite), args.contender,
                            args.scenario or "u", 1, args.rounds)
    print("\n".join(figures.rates(done, args.contender.split(","))),
          flush=True)
    environment = machine.environment(machine.Smp)
    results = machine.BUILD / (args.output or "results-cpus.json")
    figures.save(results, [one | environment for one in done])
    print(f"\nMbit/s; all of it: {results}", flush=True)
    return True


def run(args):
    """Measure and report; return whether nothing was refused."""
    kind = machine.Uml if args.ns else machine.Machine
    scenarios = args.scenario or (QUICK if args.quick else
                                  NS if args.ns else SCENARIOS)
    done = []
    for suite in args.suite.split(","):
        suite = SUITES.get(suite, suite)
        found = measure(kind, suite, args.contender, scenarios,
                        1 if args.ns else args.repeats, args.rounds)
        print(f"\n{suite}, {found[0]['kernel']}: {kind.unit}\n")
        print("\n".join(figures.table(found, args.contender.split(","))),
              flush=True)
        done += found
    environment = machine.environment(kind)
    results = machine.BUILD / (args.output or f"results{'-ns' * args.ns}.json")
    figures.save(results, [one | environment for one in done])
    print(f"\n{environment['commit']}, {environment['guest']}\n"
          f"all of it: {results}", flush=True)
    machine.pictures(results)
    return not any(one.get("refused") for one in done)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", default="run",
                        choices=["run", "guard", "profile"])
    parser.add_argument("--suite", default="trixie",
                        help="kernels, with commas: bookworm or 6.1, trixie "
                        "or 6.12 (default), forky or 7.2")
    parser.add_argument("--scenario", help="scenarios, with commas (all)")
    parser.add_argument("--contender", default=CONTENDERS,
                        help=f"contenders, with commas ({CONTENDERS})")
    parser.add_argument("--repeats", type=int, default=2,
                        help="virtual machines, one after the other (2)")
    parser.add_argument("--rounds", type=int, default=5,
                        help="in each, of which the median counts (5)")
    parser.add_argument("--output", help="file in build/bench/ (results.json)")
    parser.add_argument("--ns", action="store_true",
                        help="time instead of instructions, under User-mode "
                        f"Linux, in one machine; by default {NS}")
    parser.add_argument("--cpus", action="store_true",
                        help="what goes through in a second, with one CPU and "
                        "with two: TCP and UDP, on one host, two, a tunnel")
    parser.add_argument("--quick", action="store_true",
                        help=f"only the scenarios {QUICK}")
    parser.add_argument("--update", action="store_true",
                        help="guard: these figures are the new baseline")
    parser.add_argument("--top", type=int, default=30,
                        help="profile: that many functions (30)")
    args = parser.parse_args()
    if args.what == "run":
        fine = throughput(args) if args.cpus else run(args)
    elif args.what == "guard":
        fine = guard.guard(measure(machine.Machine, guard.SUITE,
                                   guard.CONTENDERS, QUICK, args.repeats,
                                   args.rounds), args.update)
    else:
        suite = SUITES.get(args.suite, args.suite)
        fine = profiler.profile(suite, args.scenario or "b",
                                args.contender if args.contender != CONTENDERS
                                else "vnetbr", args.top)
    sys.exit(not fine)


if __name__ == "__main__":
    main()
