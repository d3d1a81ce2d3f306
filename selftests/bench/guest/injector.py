# SPDX-License-Identifier: GPL-2.0
"""The injector module, and where its frames end."""
import json
import statistics
import subprocess

import vnb

PARAMETERS = "/sys/module/vnb_inject/parameters"
MODULE = "/usr/lib/vnetbr-bench/vnb_inject.ko"
DEFAULTS = {
    "dst": "02:00:00:00:00:02", "src": "own", "vni": -1, "len": 64,
    "outer_src": "192.0.2.2", "outer_dst": "192.0.2.1",
    "flows": 1, "dsts": 1, "srcs": 1, "burst": 1, "count": 1000, "batches": 9,
}


# How many frames were sent until now.
sent = 0


class Refused(Exception):
    """A figure that would say something else than it seems to."""


def run(*words, ns=None, text=None):
    """Run a program, in the namespace @ns, with @text as its input, and return
    what it printed."""
    if ns:
        words = ("ip", "netns", "exec", ns) + words
    done = subprocess.run(words, input=text, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)[:200]}: "
                           f"{done.stderr.strip()[:200]}")
    return done.stdout


def load():
    """Load the injector."""
    run("insmod", MODULE)


def put(name, value):
    """Set a parameter of the injector."""
    with open(f"{PARAMETERS}/{name}", "w") as f:
        f.write(str(value))


def send(ns, dev, way, **options):
    """Let frames in at @dev in one of the @way s of the injector; return the
    nanoseconds that each batch took."""
    global sent
    options = DEFAULTS | options | {"dev": dev}
    sent += options["count"] * (options["batches"] + 1)
    for name, value in options.items():
        put(name, value)
    with vnb.netns(ns):
        put("run", way)
    with open(f"{PARAMETERS}/run") as f:
        return [int(line) for line in f]


class Drop:
    """Frames end when a device has received them, at its tc ingress.

    Not clsact: a single one of it makes every transmission on the machine look
    for filters.
    """

    def __init__(self, ns, dev="eth0"):
        self.ns, self.dev = ns, dev
        run("tc", "-n", ns, "-batch", "-", text=f"""
            qdisc add dev {dev} ingress
            filter add dev {dev} ingress matchall action drop""")

    def count(self):
        """Return how many frames have come so far."""
        shown = json.loads(run("tc", "-n", self.ns, "-s", "-j", "filter",
                               "show", "dev", self.dev, "ingress"))
        return sum(action["stats"]["packets"] for line in shown
                   for action in line.get("options", {}).get("actions", []))


class Wire:
    """Frames end when a dummy device has sent them."""

    def __init__(self, ns, dev):
        self.ns, self.dev = ns, dev

    def count(self):
        """Return how many frames have come so far."""
        shown = json.loads(run("ip", "-n", self.ns, "-j", "-s", "link", "show",
                               "dev", self.dev))
        return shown[0]["stats64"]["tx"]["packets"]


class Nowhere:
    """Frames that the injector frees by itself."""

    def count(self):
        """Return None: nobody counts them."""
        return None


def measure(ns, dev, way, sink, copies=1, **options):
    """Return the nanoseconds that one frame takes; raise Refused if they did
    not all arrive at @sink, @copies times each.

    A few more are let pass: bridges have something to say too.
    """
    options = DEFAULTS | options
    before = sink.count()
    batches = send(ns, dev, way, **options)
    expected = options["count"] * (options["batches"] + 1) * copies
    if before is not None:
        came = sink.count() - before
        if not expected <= came <= expected * 1.01:
            raise Refused(f"{came} frames arrived of {expected}")
    return statistics.median(batches) / options["count"]
