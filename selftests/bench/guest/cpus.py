# SPDX-License-Identifier: GPL-2.0
"""How much goes through in a second, with as many streams as there are CPUs."""
import json
import os
import subprocess

import injector
import tcp
from contenders import run

SECONDS = "2"
WORDS = {"tcp": (), "udp": ("-u", "-b", "0", "-l", "1400")}


def iperf(server, client, what, streams):
    """Return the megabits that arrive in a second."""
    with subprocess.Popen(["ip", "netns", "exec", server, "iperf3", "-s", "-1",
                           "-J"], stdout=subprocess.PIPE) as listening:
        while listening.poll() is None and \
                "5201" not in run("ss", "-Hltn", ns=server):
            pass
        run("iperf3", "-c", tcp.ADDRESS["b"], "-P", str(streams), "-t",
            SECONDS, *WORDS[what], ns=client)
        found = json.loads(listening.communicate()[0])
    if "error" in found:
        raise injector.Refused(found["error"])
    return {plural(streams):
            found["end"]["sum_received"]["bits_per_second"] / 1e6}


def plural(cpus):
    """How a number of CPUs is written."""
    return f"{cpus} CPU{'s' * (cpus > 1)}"


def loaded(kind):
    """Return @kind, a scenario of TCP, with this load in place of its own."""
    class Loaded(kind):
        rounds = 5

        def load(self, server, client):
            return iperf(server, client, self.what, os.cpu_count())
    return Loaded


def scenarios():
    """Return the scenarios by name, a function that makes each."""
    return {f"u-{name}-{what}": lambda kind=kind, what=what: loaded(kind)(what)
            for name, kind in (("host", tcp.OneHost), ("wire", tcp.Plain),
                               ("overlay", tcp.Overlay))
            for what in WORDS}
