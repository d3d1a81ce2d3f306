# SPDX-License-Identifier: GPL-2.0
"""How costs grow with the number of addresses, ports and networks."""
import time

from contenders import LOCAL, Ovs, ip, namespace
from injector import Drop, Refused
from scenario import (FAR, REMOTE, STATION, Scenario, limit_drop, underlay)

ENTRIES = 100, 10000, 1000000
PORTS = 10, 1000, 10000
NETWORKS = 1, 1000, 16000


def memory():
    """Return the bytes that the kernel has taken for itself."""
    time.sleep(0.2)         # what waits for RCU goes, tables have grown
    with open("/proc/meminfo") as f:
        kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in f}
    return 1024 * sum(kilobytes[name] for name in
                      ("Slab", "Percpu", "VmallocUsed", "KernelStack"))


def rounds(count):
    """Return in how many rounds that many of something are measured."""
    return 5 if count <= 1000 else 1


class Spent:
    """The time and the memory that a block took, for each of @count."""

    def __init__(self, what, count):
        self.what, self.count = what, count

    def __enter__(self):
        self.memory = memory()
        self.time = time.monotonic_ns()
        return self

    def __exit__(self, *_):
        spent = time.monotonic_ns() - self.time
        self.figures = {self.what: spent / self.count}
        if self.count >= 1000:      # else it is lost in what others do
            self.figures[f"{self.what}'s memory"] = \
                (memory() - self.memory) / self.count


class Addresses(Scenario):
    """Container to container; each frame is for another address."""

    def __init__(self, entries):
        super().__init__(dsts=entries)
        self.entries, self.rounds = entries, rounds(entries)

    def cost(self, kind, prefix):
        host, a, b = prefix + "h", prefix + "a", prefix + "b"
        kind.host(host)
        kind.container(host, "p1", a)
        kind.container(host, "p2", b, STATION)
        sink = Drop(b)
        with Spent("an address", self.entries) as spent:
            kind.at_container(host, "p2", b, STATION, self.entries)
        frame = self.measure(a, "eth0", "xmit", sink)
        return {"frame": frame} | spent.figures

    def limit(self, prefix):
        return limit_drop(prefix, **self.options)


class Ports(Scenario):
    """Container to container, in a switch with many ports."""

    def __init__(self, ports):
        super().__init__()
        self.ports, self.rounds = ports, rounds(ports)

    def cost(self, kind, prefix):
        kind.check_ports(self.ports)
        host, a, b, rest = (prefix + name for name in "habr")
        kind.host(host)
        kind.container(host, "p1", a)
        kind.container(host, "p2", b, STATION)
        namespace(rest)
        sink = Drop(b)
        with Spent("a port", self.ports) as spent:
            kind.ports_more(host, rest, self.ports - 2)
        kind.at_container(host, "p2", b, STATION)
        return {"frame": self.measure(a, "eth0", "xmit", sink)} | spent.figures

    def limit(self, prefix):
        return limit_drop(prefix, **self.options)


class Networks(Scenario):
    """Wire to container through one of many tunnels."""

    def __init__(self, networks):
        super().__init__()
        self.networks, self.rounds = networks, rounds(networks)

    def cost(self, kind, prefix):
        if isinstance(kind, Ovs) and self.networks > 1:
            raise Refused("one tunnel device has all networks")
        host, b = prefix + "h", prefix + "b"
        kind.host(host)
        kind.container(host, "p1", b, STATION)
        underlay(host)
        kind.tunnel(host, "vx0", LOCAL, REMOTE)
        with Spent("a tunnel", self.networks) as spent:
            ip(host, *[line for n in range(1, self.networks) for line in (
                f"link add t{n} {kind.tunnel_type} id {100 + n} local {LOCAL} "
                f"remote {REMOTE} dstport 4789", f"link set t{n} up")])
        sink = Drop(b)
        kind.at_container(host, "p1", b, STATION)
        self.options.update(vni=100, src=FAR)
        return {"frame": self.measure(host, "u0", "receive", sink)} | \
            (spent.figures if self.networks > 1 else {})

    def limit(self, prefix):
        return limit_drop(prefix, vni=100, **self.options)


def scenarios():
    """Return the scenarios by name, a function that makes each."""
    return {f"s-{name}-{count}": lambda kind=kind, count=count: kind(count)
            for name, kind, counts in (
                ("addresses", Addresses, ENTRIES), ("ports", Ports, PORTS),
                ("networks", Networks, NETWORKS))
            for count in counts}
